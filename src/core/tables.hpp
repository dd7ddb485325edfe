// tables.hpp: the tables of the process.
//
//   table_state& state = find_or_make_table(*link.info);
//
// Threads: any.

#pragma once

#include <mutex>

#include "core/table_state.hpp"

namespace stele::core {

/// Never removed from. The mutex is taken before that of a table.
struct tables {
  std::mutex mutex;
  vector<table_state*> all;
};
tables& all_tables() noexcept;

/// Calls visit(table_state&) for every table, under its mutex.
template <class Visit>
void for_each_table(Visit visit) noexcept {
  std::lock_guard const lock(all_tables().mutex);
  for (table_state* state : all_tables().all) {
    std::lock_guard const lock_table(state->mutex);
    visit(*state);
  }
}

/// The table with this name, made at its first use. Two tables of one name and different content
/// in one process end it with a message: their offsets would not agree.
table_state& find_or_make_table(table_info const& table) noexcept;

/// Keeps the shared object that holds an address loaded until the process ends. Takes the loader's
/// lock, which is held while the static constructors of an object run that is being loaded.
void pin_object_at(void const* address) noexcept;

/// The same of a link. Tables refer to their constants, and threads to their cached pointers, in
/// the object that was the first to use them; a plugin that is closed would take them away. Called
/// by registrars, which run in static constructors, and by gathers, but not by updates.
void pin_object_of(table_link& link) noexcept;

}  // namespace stele::core
