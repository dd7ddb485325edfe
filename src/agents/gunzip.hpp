// gunzip.hpp: gzip bodies, unpacked within a bound.
//
//   gunzip unpacks(16 << 20);
//   if (auto fault = unpacks.unpack(body)) return *fault;
//   parse(unpacks.text());
//
// Several members one behind the other are one text, as RFC 1952 has it. Threads: one; its memory
// is used again.

#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "agents/bundle.hpp"

namespace stele::pushing {

class gunzip {
 public:
  explicit gunzip(std::size_t bytes_max);
  ~gunzip();
  gunzip(gunzip const&) = delete;
  gunzip& operator=(gunzip const&) = delete;

  /// Throws std::bad_alloc.
  std::optional<body_fault> unpack(std::string_view body);
  /// What the last call unpacked; until the next one, or forget().
  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  /// That, but for the memory that usual bodies need.
  void forget() noexcept;

 private:
  struct state;
  std::optional<body_fault> unpack_member(std::string_view& rest, std::size_t& size);
  [[nodiscard]] body_fault too_large() const;

  std::size_t const bytes_max_;
  std::string memory_;
  std::string_view text_;
  std::unique_ptr<state> state_;
};

}  // namespace stele::pushing
