#include "push/http_client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <new>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "push/sockets.hpp"
#include "push/threads.hpp"
#include "stele/clock.hpp"
#include "stele/version.hpp"

namespace stele::sending {

namespace {

struct fault {
  CURLcode code;
  std::errc is;
  char const* fix;
  bool is_lasting = false;
};

constexpr fault faults[]{
    {CURLE_COULDNT_RESOLVE_HOST, std::errc::host_unreachable,
     "see whether the URL's host is right"},
    {CURLE_COULDNT_RESOLVE_PROXY, std::errc::host_unreachable,
     "see whether the proxy of the environment (https_proxy, …) is right"},
    {CURLE_COULDNT_CONNECT, std::errc::connection_refused,
     "see whether it runs, at this address and port"},
    {CURLE_OPERATION_TIMEDOUT, std::errc::timed_out, "see what keeps it, or give it more time"},
    {CURLE_PEER_FAILED_VERIFICATION, std::errc::permission_denied,
     "see whether its certificate is for this host and has not expired, and name in ca_file who "
     "signed it",
     true},
    {CURLE_SSL_CACERT_BADFILE, std::errc::invalid_argument,
     "name in ca_file a readable file of PEM certificates", true},
    {CURLE_SSL_CONNECT_ERROR, std::errc::protocol_error, "see whether it speaks TLS on this port"},
    {CURLE_GOT_NOTHING, std::errc::connection_reset, "see why it closed the connection"},
    {CURLE_RECV_ERROR, std::errc::connection_reset, "see why it closed the connection"},
    {CURLE_SEND_ERROR, std::errc::connection_reset, "see why it closed the connection"},
    {CURLE_UNSUPPORTED_PROTOCOL, std::errc::protocol_not_supported,
     "begin the URL with http:// or https://", true},
};
constexpr fault other{CURLE_OK, std::errc::io_error, "see whether a server of HTTP is there"};

fault const& fault_of(CURLcode code) noexcept {
  auto const* found = std::ranges::find(faults, code, &fault::code);
  return found != std::end(faults) ? *found : other;
}

void start_libcurl() {
  static CURLcode const started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK)
    throw std::runtime_error(std::string("push: expected libcurl to start, saw '") +
                             curl_easy_strerror(started) + "'");
}

struct delete_list {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using field_list = std::unique_ptr<curl_slist, delete_list>;

void append(field_list& to, char const* field) {
  curl_slist* const longer = curl_slist_append(to.get(), field);
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(to.release());
  to.reset(longer);
}

struct delete_easy {
  void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};

/// A request under way. libcurl points into it.
class transfer {
 public:
  transfer(std::uint64_t tag, http_request request)
      : tag_(tag), request_(std::move(request)), easy_(curl_easy_init()) {
    if (!easy_) throw std::bad_alloc();
    for (std::string const& each : request_.fields) append(fields_, each.c_str());
    append(fields_, "Expect:");  // no 100 is waited for
    what_to_send();
    how_to_send();
  }

  [[nodiscard]] CURL* easy() const noexcept { return easy_.get(); }
  [[nodiscard]] std::uint64_t tag() const noexcept { return tag_; }

  http_answer end(CURLcode code) {
    if (code != CURLE_OK) {
      fault const& seen = fault_of(code);
      answer_.code = std::make_error_code(seen.is);
      answer_.saw = error_[0] != '\0' ? error_.data() : curl_easy_strerror(code);
      answer_.fix = seen.fix;
      answer_.is_lasting = seen.is_lasting;
      return std::move(answer_);
    }
    long status = 0;
    curl_easy_getinfo(easy(), CURLINFO_RESPONSE_CODE, &status);
    answer_.status = static_cast<unsigned>(status);
    curl_off_t seconds = 0;
    curl_easy_getinfo(easy(), CURLINFO_RETRY_AFTER, &seconds);
    answer_.retry_after_ms =
        std::clamp<std::int64_t>(seconds, 0, std::int64_t{365} * 86'400) * 1'000;
    return std::move(answer_);
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    if (CURLcode const done = curl_easy_setopt(easy(), option, value); done != CURLE_OK) {
      if (done == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
      throw std::runtime_error(std::string("push: expected libcurl to take option ") +
                               std::to_string(option) + ", saw '" + curl_easy_strerror(done) + "'");
    }
  }

  void what_to_send() {
    set(CURLOPT_URL, request_.url.c_str());
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    if (request_.method != "DELETE" && request_.method != "GET") {
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
      set(CURLOPT_POSTFIELDS, request_.body.c_str());
    }
    set(CURLOPT_HTTPHEADER, fields_.get());
    set(CURLOPT_USERAGENT, "stele/" STELE_VERSION_STRING);
    if (request_.user.empty()) return;
    set(CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    set(CURLOPT_USERNAME, request_.user.c_str());
    set(CURLOPT_PASSWORD, request_.password.c_str());
  }

  void how_to_send() {
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L);  // a look-up of a name that hangs is left to its thread
    if (request_.no_proxy) set(CURLOPT_PROXY, "");
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request_.connect_ms_max));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(request_.request_ms_max));
    set(CURLOPT_MAXAGE_CONN, 60L);
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_CA_CACHE_TIMEOUT, 60L);  // a changed file is seen by the next connection after it
    if (!request_.ca_file.empty()) {
      set(CURLOPT_CAINFO, request_.ca_file.c_str());
      set(CURLOPT_CAPATH, nullptr_path);
    }
    set(CURLOPT_ERRORBUFFER, error_.data());
    set(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    set(CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    set(CURLOPT_WRITEFUNCTION, take);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_PRIVATE, this);
  }

  static std::size_t take(char* bytes, std::size_t one, std::size_t count, void* self) noexcept
      try {
    transfer& of = *static_cast<transfer*>(self);
    std::string& body = of.answer_.body;
    std::size_t const kept = std::min(count * one, of.request_.answer_bytes_max - body.size());
    body.append(bytes, kept);
    if (kept < count * one) of.answer_.is_whole = false;
    return count * one;
  } catch (std::bad_alloc const&) {
    return 0;  // libcurl breaks off
  }

  static constexpr char const* nullptr_path = nullptr;

  std::uint64_t tag_;
  http_request request_;
  field_list fields_;
  http_answer answer_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::unique_ptr<CURL, delete_easy> easy_;  // the first to go
};

}  // namespace

class [[gnu::visibility("hidden")]] http_client::impl {
 public:
  impl() : multi_((start_libcurl(), curl_multi_init())) {
    if (multi_ == nullptr) throw std::bad_alloc();
  }
  ~impl() {
    no_sigpipe const meanwhile;
    for (auto const& each : running_) curl_multi_remove_handle(multi_, each->easy());
    running_.clear();
    curl_multi_cleanup(multi_);
  }
  impl(impl const&) = delete;
  impl& operator=(impl const&) = delete;

  void start(std::uint64_t tag, http_request request) {
    running_.push_back(std::make_unique<transfer>(tag, std::move(request)));
    if (curl_multi_add_handle(multi_, running_.back()->easy()) == CURLM_OK) return;
    running_.pop_back();
    throw std::bad_alloc();
  }

  std::optional<ended> wait(std::int64_t until) {
    no_sigpipe const meanwhile;
    for (;;) {
      int still = 0;
      curl_multi_perform(multi_, &still);
      if (auto found = next_ended()) return found;
      if (woken_.exchange(false)) return std::nullopt;
      std::int64_t const left = until == forever ? most_ns : until - core::steady_now();
      if (left <= 0) return std::nullopt;
      int const ms = static_cast<int>((std::min(left, most_ns) + 999'999) / 1'000'000);
      curl_multi_poll(multi_, nullptr, 0, ms, nullptr);
    }
  }

  void wake() noexcept {
    woken_ = true;
    curl_multi_wakeup(multi_);
  }

 private:
  static constexpr std::int64_t most_ns = 60'000'000'000;

  std::optional<ended> next_ended() {
    int left = 0;
    CURLMsg const* const seen = curl_multi_info_read(multi_, &left);
    if (seen == nullptr || seen->msg != CURLMSG_DONE) return std::nullopt;
    CURLcode const code = seen->data.result;  // `seen` goes with its handle
    auto const found = std::ranges::find(running_, seen->easy_handle,
                                         [](auto const& each) { return each->easy(); });
    auto const one = std::move(*found);
    running_.erase(found);
    curl_multi_remove_handle(multi_, one->easy());
    ended made{one->tag(), {}};
    try {
      made.answer = one->end(code);
    } catch (std::bad_alloc const&) {  // it has ended all the same
      made.answer = {};
      made.answer.code = std::make_error_code(std::errc::not_enough_memory);
    }
    return made;
  }

  CURLM* multi_;
  std::vector<std::unique_ptr<transfer>> running_;
  std::atomic<bool> woken_{false};
};

http_client::http_client() : impl_(std::make_unique<impl>()) {}
http_client::~http_client() = default;
void http_client::start(std::uint64_t tag, http_request request) {
  impl_->start(tag, std::move(request));
}
std::optional<http_client::ended> http_client::wait(std::int64_t until) {
  return impl_->wait(until);
}
void http_client::wake() noexcept { impl_->wake(); }

bool leads_to_this_machine(std::string const& url) noexcept {
  struct free_url {
    void operator()(CURLU* parts) const noexcept { curl_url_cleanup(parts); }
  };
  std::unique_ptr<CURLU, free_url> const parts(curl_url());
  char* text = nullptr;
  if (!parts || curl_url_set(parts.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK ||
      curl_url_get(parts.get(), CURLUPART_HOST, &text, 0) != CURLUE_OK)
    return false;
  std::unique_ptr<char, decltype(&curl_free)> const owned(text, curl_free);
  std::string_view const host(text);
  return host == "localhost" || host == "[::1]" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos);
}

}  // namespace stele::sending
