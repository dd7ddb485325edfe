// peer_tokens.hpp: what instances tell one another with that they are peers.
//
//   peer_tokens tokens(file, loaded, std::chrono::seconds(1));
//   tokens.has(sent);            // any of the file
//   tokens.first();              // what is sent
//
// A token a line, or its SHA-256, as tokens.hpp has them; the first one is sent to peers, so it is
// no hash where there are any. To change the token of a fleet without a gap, a new one is first
// added to all files, and then put first.
//
// Threads: any.

#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "secure/file_follower.hpp"
#include "secure/tokens.hpp"

namespace stele::pushing {

class peer_tokens {
 public:
  struct table {
    securing::token_set all;
    std::string first;  // empty where it is a hash
  };
  struct loaded {
    std::shared_ptr<table const> made;  // null where something is wrong
    std::string fault;
    securing::file_set files;
  };
  /// `sends`: there are peers to tell.
  static loaded load(std::string const& file, bool sends);

  /// REQUIRES: `first` has a table. Throws as file_follower does.
  peer_tokens(std::string file, bool sends, loaded first, std::chrono::milliseconds interval);
  ~peer_tokens();

  [[nodiscard]] bool has(std::string_view token) const;
  [[nodiscard]] std::string first() const;

 private:
  struct state;
  std::shared_ptr<state> state_;
  securing::file_follower follows_;
};

}  // namespace stele::pushing
