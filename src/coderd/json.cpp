// json.cpp: strict JSON reading. Boost.JSON's implementation is compiled here, once.

#include "json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/src.hpp>
#include <boost/json/stream_parser.hpp>

#include "failure.hpp"

namespace service {

namespace {

namespace json = boost::json;

constexpr std::size_t shown_max = 60;  // of a wrong value, in bytes

std::string shown(json::value const& value) {
  auto text = json::serialize(value);
  if (text.size() <= shown_max) return text;
  auto end = shown_max;
  while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // keep whole code points
  return text.substr(0, end) + "…";
}

[[noreturn]] void refuse(std::string const& message) { throw failure{reason::bad_input, message}; }

}  // namespace

json::object parse_object(std::string_view text) {
  json::stream_parser parser;
  json::error_code error;
  auto const read = parser.write_some(text.data(), text.size(), error);
  if (!error && read < text.size() &&
      text.find_first_not_of(" \t\r\n", read) != std::string_view::npos)
    error = json::error::extra_data;
  if (!error) parser.finish(error);
  if (error) {
    auto const before = text.substr(0, read);
    auto const line = 1 + std::count(before.begin(), before.end(), '\n');
    auto const column = before.size() - (before.rfind('\n') + 1) + 1;  // npos + 1 is 0
    refuse(fmt::format("line {}, column {}: expected one JSON object, saw: {}", line, column,
                       error.message()));
  }
  auto const value = parser.release();
  if (!value.is_object()) refuse(fmt::format("expected a JSON object, saw {}", shown(value)));
  return value.get_object();
}

json::value const* json_fields::find(std::string_view name) {
  asked_.push_back(name);
  return object_.if_contains(name);
}

json::value const& json_fields::require(std::string_view name, std::string_view expected) {
  auto const* value = find(name);
  if (value == nullptr) refuse(fmt::format("{}: expected {}, saw no such field", name, expected));
  return *value;
}

std::string json_fields::text(std::string_view name) {
  auto const& value = require(name, "a string");
  if (auto const* text = value.if_string()) return std::string{text->data(), text->size()};
  refuse(fmt::format("{}: expected a string, saw {}", name, shown(value)));
}

std::int64_t json_fields::integer(std::string_view name, std::int64_t min, std::int64_t max) {
  auto const expected = fmt::format("a whole number from {} to {}", min, max);
  auto const& value = require(name, expected);
  auto const* number = value.if_int64();
  if (number == nullptr || *number < min || *number > max)
    refuse(fmt::format("{}: expected {}, saw {}", name, expected, shown(value)));
  return *number;
}

std::int64_t json_fields::integer_or(std::string_view name, std::int64_t fallback, std::int64_t min,
                                     std::int64_t max) {
  if (object_.contains(name)) return integer(name, min, max);
  asked_.push_back(name);
  return fallback;
}

std::map<std::string, std::string, std::less<>> json_fields::texts(std::string_view name) {
  std::map<std::string, std::string, std::less<>> read;
  auto const* value = find(name);
  if (value == nullptr) return read;
  auto const* object = value->if_object();
  if (object == nullptr)
    refuse(fmt::format("{}: expected an object of strings, saw {}", name, shown(*value)));
  for (auto const& field : *object) {
    auto const* text = field.value().if_string();
    if (text == nullptr)
      refuse(fmt::format("{}.{}: expected a string, saw {}", name, std::string_view{field.key()},
                         shown(field.value())));
    read.emplace(std::string_view{field.key()}, std::string_view{text->data(), text->size()});
  }
  return read;
}

void json_fields::refuse_others() const {
  for (auto const& field : object_) {
    std::string_view const name = field.key();
    if (std::find(asked_.begin(), asked_.end(), name) == asked_.end())
      refuse(fmt::format("{}: no such field; expected only {}", name, fmt::join(asked_, ", ")));
  }
}

}  // namespace service
