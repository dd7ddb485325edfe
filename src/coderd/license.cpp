// license.cpp: the evaluation licence, and the strict reading of a licence file.

#include "license.hpp"

#include <fmt/format.h>

#include <system_error>

#include "clock.hpp"
#include "failure.hpp"
#include "files.hpp"
#include "json.hpp"

namespace service {

namespace {

constexpr std::chrono::days evaluation_period{30};
constexpr std::int64_t evaluation_users = 25;
constexpr std::int64_t users_max = 1'000'000'000;

std::chrono::sys_seconds time_field(json_fields& fields, std::string_view name) {
  auto const text = fields.text(name);
  if (auto const when = parse_time(text)) return *when;
  throw failure{
      reason::bad_input,
      fmt::format("{}: expected a time in UTC such as \"2026-03-31T12:00:00Z\", saw \"{}\"", name,
                  text)};
}

license read_license(std::string_view text) {
  auto const object = parse_object(text);
  json_fields fields{object};
  license read{.issued_at = time_field(fields, "issued_at"),
               .expires_at = time_field(fields, "expires_at"),
               .user_limit = fields.integer("user_limit", 1, users_max)};
  fields.refuse_others();
  if (read.expires_at <= read.issued_at)
    throw failure{reason::bad_input,
                  fmt::format("expires_at: expected a time after issued_at ({}), saw \"{}\"",
                              to_text(read.issued_at), to_text(read.expires_at))};
  return read;
}

}  // namespace

license evaluation_license() {
  auto const start = now();
  return {
      .issued_at = start, .expires_at = start + evaluation_period, .user_limit = evaluation_users};
}

license load_license(std::string const& path) {
  try {
    return read_license(read_file(path));
  } catch (std::system_error const& unreadable) {
    throw failure{reason::bad_input,
                  fmt::format("--license: {}; name a readable JSON file", unreadable.what())};
  } catch (failure const& wrong) {
    throw failure{wrong.why(), fmt::format("--license: {}: {}", path, wrong.what())};
  }
}

}  // namespace service
