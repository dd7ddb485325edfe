#include "push/target.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <string_view>
#include <system_error>
#include <vector>

#include "expose/gzip.hpp"
#include "push/base64.hpp"
#include "push/http_client.hpp"
#include "push/percent.hpp"
#include "stele/naming.hpp"

namespace stele::sending {

namespace {

error wrong(std::string_view option, std::string_view expected, std::string_view saw,
            std::string_view fix) {
  std::string text("push: expected .");
  text.append(option).append(" to be ").append(expected).append(", saw ").append(saw);
  return {std::make_error_code(std::errc::invalid_argument), text.append("; ").append(fix)};
}

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

struct free_url {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
using url_parts = std::unique_ptr<CURLU, free_url>;

std::string part(url_parts const& of, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(of.get(), which, &text, 0) != CURLUE_OK) return {};
  std::unique_ptr<char, decltype(&curl_free)> const owned(text, curl_free);
  return text;
}

/// What a path's component cannot carry: nothing, slashes that proxies unescape, and the two names
/// that they take away.
bool wants_base64(std::string_view value) noexcept {
  return value.empty() || value == "." || value == ".." ||
         value.find('/') != std::string_view::npos;
}

void append_label(std::string& path, std::string_view name, std::string_view value) {
  path.append("/").append(name);
  if (!wants_base64(value)) {
    append_percent_encoded(path += '/', value);
    return;
  }
  path.append("@base64/").append(base64(value));
}

std::optional<error> objection_to_labels(push_labels const& labels) {
  std::optional<error> found;
  std::vector<std::string_view> names;
  labels.for_each([&](push_label const& each) {
    if (found) return;
    if (!naming::valid_label_name(each.name) || each.name.starts_with("__"))
      found = wrong("grouping", "of label names that do not begin with __", quoted(each.name),
                    "choose a name of letters, digits and _");
    else if (each.name == "job")
      found = wrong("grouping", "without the label 'job'", quoted(each.name), "use .job");
    else if (std::ranges::find(names, each.name) != names.end())
      found = wrong("grouping", "of labels of different names", quoted(each.name) + " twice",
                    "leave one out");
    names.push_back(each.name);
  });
  return found;
}

/// A secret that stands in a header is of one line.
bool fits_in_a_field(std::string_view text) noexcept {
  return std::ranges::none_of(
      text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

}  // namespace

result<target> target_of(push_options const& options) {
  url_parts const url(curl_url());
  if (!url) throw std::bad_alloc();
  std::string const given(options.url);
  CURLUcode const read = curl_url_set(url.get(), CURLUPART_URL, given.c_str(), CURLU_PATH_AS_IS);
  std::string const scheme = read == CURLUE_OK ? part(url, CURLUPART_SCHEME) : "";
  // Not shown: what of it is a password cannot be known.
  if (read == CURLUE_OK && !(part(url, CURLUPART_USER) + part(url, CURLUPART_PASSWORD)).empty())
    return wrong("url", "without user and password", "some in it", "use .user and .token_file");
  if (scheme != "http" && scheme != "https")
    return wrong(
        "url", "http://HOST:PORT or https://HOST:PORT", quoted(given),
        read == CURLUE_OK ? "correct it" : std::string("correct it: ") + curl_url_strerror(read));
  if (!(part(url, CURLUPART_QUERY) + part(url, CURLUPART_FRAGMENT)).empty())
    return wrong("url", "without query and fragment", quoted(given), "leave them out");
  std::string const path = part(url, CURLUPART_PATH);
  if (path.find("/metrics/job") != std::string::npos)
    return wrong("url", "without /metrics/job, which is added", quoted(given),
                 "use .job and .grouping for the labels");
  if (options.job.empty())
    return wrong("job", "the name of what pushes", "none", "set it, as .job = \"backup\"");
  if (auto objection = objection_to_labels(options.grouping)) return *std::move(objection);

  std::string const host = part(url, CURLUPART_HOST);
  target made{.is_local = leads_to_this_machine(given), .is_tls = scheme == "https"};
  std::string const port = part(url, CURLUPART_PORT);
  made.url = scheme + "://" + host + (port.empty() ? "" : ":" + port) + path;
  while (made.url.ends_with('/')) made.url.pop_back();
  append_label(made.url += "/metrics", "job", options.job);
  options.grouping.for_each(
      [&](push_label const& each) { append_label(made.url, each.name, each.value); });
  return made;
}

std::optional<error> objection_to(push_options const& options) {
  if (!options.token.empty() && !options.token_file.empty())
    return wrong("token", "left out where there is a .token_file", "both", "leave one out");
  if (!fits_in_a_field(options.token))
    return wrong("token", "of one line", "a control character in it", "leave it out");
  if (options.user.find(':') != std::string_view::npos || !fits_in_a_field(options.user))
    return wrong("user", "of one line and without ':'", quoted(options.user), "correct it");
  if (!options.user.empty() && options.token.empty() && options.token_file.empty())
    return wrong("token_file", "the file of the user's password", "none",
                 "set it, or .token, or leave .user out");
  if (options.epoch < 0)
    return wrong("epoch", "milliseconds since 1970, or 0", std::to_string(options.epoch),
                 "leave it out");
  if (options.gzip && !exposition::gzip_encoder::available())
    return wrong("gzip", "false where Stele was built without gzip", "true",
                 "leave it out, or configure Stele with -Dgzip=zlib");
  struct time {
    std::string_view name;
    whole_milliseconds is;
    std::int64_t least = 1;
  };
  constexpr std::int64_t most = std::int64_t{7} * 86'400 * 1'000;
  for (time const& each : {
           time{"interval", options.interval, 10},
           time{"callback_time_max", options.callback_time_max, 0},
           time{"connect_time_max", options.connect_time_max},
           time{"request_time_max", options.request_time_max},
           time{"stop_time_max", options.stop_time_max, 0},
       })
    if (each.is.count() < each.least || each.is.count() > most)
      return wrong(each.name, "from " + std::to_string(each.least) + " ms to 7 days",
                   std::to_string(each.is.count()) + " ms", "leave it out for the default");
  return std::nullopt;
}

}  // namespace stele::sending
