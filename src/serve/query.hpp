// query.hpp: what stands behind the `?`: the names that a scrape asks for, as
// `name[]=up&name[]=jobs_total`, and lists, as `series=up,jobs_total`.
//
//   name_query asked;
//   if (auto const wrong = asked.parse("name%5B%5D=jobs_total"); !wrong.empty()) refuse(wrong);
//   asked.has("jobs", "_total") == true
//   is_listed("series=up,jobs_total", "series", "up") == true
//
// Other parameters are ignored, and so are names that are empty. Threads: values. Nothing
// allocates; the query, which is not decoded but compared as it stands, must outlive this.

#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace stele::serving {

class name_query {
 public:
  static constexpr std::size_t names_max = 64;
  static constexpr std::size_t name_bytes_max = 512;  // as written, percent-encoding and all

  /// Takes what stands behind the `?`. Returns what is wrong with it, for its sender; empty where
  /// nothing is. What was taken before is forgotten.
  std::string_view parse(std::string_view query) noexcept;

  /// Whether no name is asked for, so that there is nothing to leave out.
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  /// Whether one of the names is `stem` and `suffix`, one behind the other.
  [[nodiscard]] bool has(std::string_view stem, std::string_view suffix = {}) const noexcept;

 private:
  std::array<std::string_view, names_max> names_{};  // percent-encoded
  std::size_t size_ = 0;
};

/// Whether a list, with commas, that the query has under this key has the item. As written, for
/// what needs no percent-encoding.
bool is_listed(std::string_view query, std::string_view key, std::string_view item) noexcept;

}  // namespace stele::serving
