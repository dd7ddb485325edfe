#include "core/tables.hpp"

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

#include "core/fork.hpp"
#include "core/one_copy.hpp"

namespace stele::core {

namespace {

[[noreturn]] void refuse_two_versions(std::string_view table, std::uint64_t first,
                                      std::uint64_t second) noexcept {
  std::fprintf(stderr,
               "stele: error: expected one version of the metric table '%.*s' in a process, saw "
               "two (content hashes %016llx and %016llx): build every library of this program "
               "with the same generated header and the same Stele\n",
               static_cast<int>(table.size()), table.data(), static_cast<unsigned long long>(first),
               static_cast<unsigned long long>(second));
  std::abort();
}

bool same_layout(table_info const& a, table_info const& b) noexcept {
  return a.content_hash == b.content_hash && a.slab_bytes == b.slab_bytes &&
         a.shared_bytes == b.shared_bytes;
}

/// There before the first static constructor counts, and after the last destructor.
constinit immortal<tables> the_tables;

}  // namespace

tables& all_tables() noexcept { return the_tables.value; }

table_state& find_or_make_table(table_info const& table) noexcept {
  require_one_copy();
  // Where symbols are visible the loader may have given this object the constants of another
  // version, which do not go together with its own.
  if (*table.linked_hash != table.content_hash)
    refuse_two_versions(table.name, *table.linked_hash, table.content_hash);
  std::lock_guard const lock(the_tables.value.mutex);
  for (table_state* state : the_tables.value.all) {
    if (state->info.name != table.name) continue;
    if (same_layout(state->info, table)) return *state;
    refuse_two_versions(table.name, state->info.content_hash, table.content_hash);
  }
  if (the_tables.value.all.empty()) survive_forks();
  return *the_tables.value.all.emplace_back(make<table_state>(table));
}

void pin_object_at(void const* address) noexcept {
  Dl_info object{};
  if (::dladdr(address, &object) == 0 || object.dli_fname == nullptr) return;
  // Null for the program itself, which is never unloaded. The handle is kept on purpose.
  static_cast<void>(::dlopen(object.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE));
}

void pin_object_of(table_link& link) noexcept {
  if (!link.pinned.exchange(true)) pin_object_at(&link);
}

table_state& state_of(table_link& link) noexcept {
  if (table_state* state = link.state.load(std::memory_order_acquire)) return *state;
  table_state& state = find_or_make_table(*link.info);
  link.state.store(&state, std::memory_order_release);
  return state;
}

}  // namespace stele::core
