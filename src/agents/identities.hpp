// identities.hpp: whose token it is.
//
//   # one a line: a token, or its SHA-256; a user; a workspace
//   sha256:5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8 alice build-7
//
//   identity_file tokens("tokens", loaded, std::chrono::seconds(1));
//   agent_identity who;
//   if (!tokens.find(token, who)) return unauthorized();
//
// A look-up takes SHA-256 of the token, the first bytes of which choose a few digests, which are
// compared in constant time: what is learnt from its time is of a digest, not of a token.
//
// Threads: a table does not change; a file's find() is called on any.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "secure/file_follower.hpp"
#include "secure/files.hpp"
#include "secure/problems.hpp"
#include "stele/agent_options.hpp"

namespace stele::pushing {

/// Of some 400,000 tokens.
inline constexpr std::size_t tokens_bytes_max = std::size_t{64} << 20;
inline constexpr std::size_t identity_bytes_max = 256;  // of a user's or a workspace's name

class identity_table {
 public:
  [[nodiscard]] bool find(securing::digest const& of_token, agent_identity& to) const;
  [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }

 private:
  friend class identity_reader;
  struct entry {
    securing::digest token;
    std::uint32_t text;  // where its user's name begins; its workspace's follows
    std::uint16_t user_bytes;
    std::uint16_t workspace_bytes;
  };

  void sort();
  [[nodiscard]] std::size_t bucket_of(securing::digest const& of) const noexcept;

  std::vector<entry> all_;             // by digest
  std::vector<std::uint32_t> starts_;  // of each bucket, and the end: a power of 2 buckets
  std::string text_;
  int shift_ = 32;
};

/// Of a file's text; `seen` gets what is wrong in it, without any token.
identity_table read_identities(std::string_view file, std::string_view text,
                               securing::problems& seen);

/// A file of tokens that is followed.
class identity_file final : public agent_directory {
 public:
  struct loaded {
    std::shared_ptr<identity_table const> made;  // null where something is wrong
    std::string fault;
    securing::file_set files;
  };
  static loaded load(std::string const& file);

  /// REQUIRES: `first` has a table. Throws as file_follower does.
  identity_file(std::string file, loaded first, std::chrono::milliseconds interval);
  ~identity_file() override;

  bool find(std::string_view token, agent_identity& to) override;

 private:
  struct state;
  std::shared_ptr<state> state_;
  securing::file_follower follows_;
};

}  // namespace stele::pushing
