// merged_labels.hpp: the labels that a pushed series is exposed with: the identity, then those of
// its group and its own, sorted by name; without those that the rules take away.
//
//   label_merger merge(rules, "u1", "w1", "region=\"eu\"");
//   merge.add("pid=\"7\"", labels);    // user_id="u1",workspace_id="w1",pid="7",region="eu"
//   if (labels.taken_away) join(…);
//
// Threads: one.

#pragma once

#include <string_view>

#include "agents/cardinality.hpp"
#include "agents/pushed_memory.hpp"

namespace stele::pushing {

struct merged_labels {
  text rendered;            // of all series that were added, one behind the other
  text names;               // of the last one's labels, each behind a comma
  bool taken_away = false;  // one that the last one had
};

class label_merger {
 public:
  /// REQUIRES: `group` outlives it. Throws std::bad_alloc.
  label_merger(cardinality const& rules, std::string_view user_id, std::string_view workspace_id,
               std::string_view group);

  /// Appends those of a series with these own ones. Throws std::bad_alloc.
  void add(std::string_view own, merged_labels& to) const;

 private:
  struct label {
    std::string_view name;
    std::string_view rendered;
  };
  class reader;

  cardinality const& rules_;
  bool const keeps_all_;
  merged_labels identity_;
  std::string_view group_;
};

}  // namespace stele::pushing
