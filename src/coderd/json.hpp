// json.hpp: reading JSON strictly and saying exactly what is wrong with it.
//
//   auto const body = parse_object(request.body());
//   json_fields fields{body};
//   auto const name = fields.text("name");
//   fields.refuse_others();                       // a misspelt optional field is not ignored

#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace service {

/// Throws a `failure` that names line and column where `text` is not one JSON object.
[[nodiscard]] boost::json::object parse_object(std::string_view text);

/// Reads the fields of an object that outlives it. What is missing or of another kind throws.
class json_fields {
 public:
  explicit json_fields(boost::json::object const& object) : object_{object} {}

  [[nodiscard]] std::string text(std::string_view name);
  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t min, std::int64_t max);
  [[nodiscard]] std::int64_t integer_or(std::string_view name, std::int64_t fallback,
                                        std::int64_t min, std::int64_t max);
  /// {"a": "b"}; absent: empty.
  [[nodiscard]] std::map<std::string, std::string, std::less<>> texts(std::string_view name);

  /// Throws when the object has a field that was not asked for above.
  void refuse_others() const;

 private:
  boost::json::value const* find(std::string_view name);
  boost::json::value const& require(std::string_view name, std::string_view expected);

  boost::json::object const& object_;
  std::vector<std::string_view> asked_;
};

}  // namespace service
