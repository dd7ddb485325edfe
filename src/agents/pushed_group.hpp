// pushed_group.hpp: what one grouping key of a workspace has pushed, bound to the cells of
// families.
//
// A PUT leaves a group one part. Each POST of other families adds one, and takes its families from
// those before.
//
// Threads: one; gathers find a part's record alone.

#pragma once

#include <boost/intrusive/list_hook.hpp>

#include <cstdint>
#include <memory>
#include <vector>

#include "agents/pushed_family.hpp"
#include "agents/store.hpp"

namespace stele::pushing {

struct pushed_group;

/// A family of a part's shape that the store refused.
struct kept_refusal {
  std::uint32_t family;  // its place in the shape
  bool is_final;         // no other agent's end changes it
  family_refusal what;
};

struct pushed_part {
  pushed_group* of = nullptr;
  std::uint32_t record = 0;
  std::shared_ptr<shape const> what;
  list<pushed_family*> families;  // as the shape's; null: dropped, refused, or taken over
  list<cell> cells;               // as the shape's series
  std::vector<kept_refusal> refused;
  std::uint32_t series = 0;  // that it has
  bool is_whole = true;      // nothing was taken over
  bool is_dated = false;     // a series says when it began
  bool has_lists = false;    // a series has native buckets
};

/// Linked while it is among those that are gone.
struct pushed_workspace : boost::intrusive::list_base_hook<> {
  text id;
  epoch since = 0;
  bool is_elsewhere = false;  // a peer has it since then
  std::uint32_t number = 0;
  list<owned<pushed_group>> groups;  // that were not ended; those that expired may be among them
  list<owned<pushed_group>> ended;   // that are not reclaimed
  store_time gone_at = never;        // when the last of them ended
};

/// Linked while it has ended and is not reclaimed.
struct pushed_group : boost::intrusive::list_base_hook<> {
  pushed_workspace* of = nullptr;
  store_time ended_at = never;
  text key;
  text labels;
  list<owned<pushed_part>> parts;
  std::shared_ptr<shape const> last;
};

}  // namespace stele::pushing
