#include "core/one_copy.hpp"

#include <elf.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

// Owner "Stele", type 1, no content. Written in assembly, where a sanitizer does not pad it and no
// compiler decides on the section's type; linkers keep notes, also with --gc-sections.
asm(R"(
  .pushsection .note.stele, "a", %note
  .balign 4
  .long 6, 0, 1
  .asciz "Stele"
  .balign 4
  .popsection
)");

namespace stele::core {

namespace {

constexpr std::string_view note_owner("Stele", 6);  // notes count the zero
constexpr ElfW(Word) note_type = 1;

constexpr std::size_t rounded_up(std::size_t bytes, std::size_t to) noexcept {
  return (bytes + to - 1) / to * to;
}

/// Whether a segment of notes holds one of ours.
bool has_our_note(std::byte const* at, std::size_t bytes, std::size_t alignment) noexcept {
  while (bytes >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) note;
    std::memcpy(&note, at, sizeof note);
    std::size_t const content_at = rounded_up(sizeof note + note.n_namesz, alignment);
    std::size_t const size = rounded_up(content_at + note.n_descsz, alignment);
    if (sizeof note + note.n_namesz > bytes) return false;  // not a note
    std::string_view const owner(reinterpret_cast<char const*>(at) + sizeof note, note.n_namesz);
    if (note.n_type == note_type && owner == note_owner) return true;
    if (size >= bytes) return false;
    at += size;
    bytes -= size;
  }
  return false;
}

bool carries_a_copy(dl_phdr_info const& object) noexcept {
  for (std::size_t i = 0; i < object.dlpi_phnum; ++i) {
    ElfW(Phdr) const& segment = object.dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    auto const* const notes =
        reinterpret_cast<std::byte const*>(object.dlpi_addr + segment.p_vaddr);
    std::size_t const alignment = segment.p_align == 8 ? 8 : 4;
    if (has_our_note(notes, segment.p_memsz, alignment)) return true;
  }
  return false;
}

/// The objects that carry a copy. Nothing is allocated while the loader's lock is held.
struct copies {
  std::array<char const*, 16> names{};  // of the first ones; the program's own is empty
  std::size_t count = 0;
};

int add_if_copy(dl_phdr_info* object, std::size_t, void* found) {
  auto& all = *static_cast<copies*>(found);
  if (!carries_a_copy(*object)) return 0;
  if (all.count < all.names.size()) all.names[all.count] = object->dlpi_name;
  ++all.count;
  return 0;
}

std::string shown_name(char const* name) {
  if (name != nullptr && *name != '\0') return name;
  std::array<char, 4096> path{};
  ssize_t const size = ::readlink("/proc/self/exe", path.data(), path.size());
  return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : "the program";
}

void look_for_copies() noexcept {
  copies found;
  ::dl_iterate_phdr(add_if_copy, &found);
  if (found.count < 2) return;
  std::string shown;
  for (std::size_t i = 0; i < std::min(found.count, found.names.size()); ++i)
    shown += (i == 0 ? "'" : ", '") + shown_name(found.names[i]) + "'";
  std::fprintf(stderr,
               "stele: error: expected one copy of Stele in a process, saw %zu (in %s): link the "
               "program and all of its libraries against one shared libstele "
               "(-Ddefault_library=shared), instead of a static one into each\n",
               found.count, shown.c_str());
  std::abort();
}

constinit std::atomic<bool> looked{false};

/// When the object that carries this copy is loaded: where symbols are visible, the first copy may
/// serve the second one's tables, which then are not made here.
[[maybe_unused]] bool const looked_at_loading = (look_for_copies(), looked = true);

}  // namespace

void require_one_copy() noexcept {
  if (!looked.exchange(true)) look_for_copies();
}

}  // namespace stele::core
