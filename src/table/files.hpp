// files.hpp: reading a page and writing a header, whole or not at all.
//
// The only part of the table compiler that touches files.
//
//   if (auto const why = replace_file(target, header)) return report(why->message);
//
// Threads: any; one process writes one path at a time.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace stele::tables {

/// What went wrong, as a sentence that begins with "cannot" or "expected".
struct file_error {
  std::string message;
};

/// The file's bytes, or why they cannot be read.
std::optional<file_error> read_file(std::string const& path, std::string& bytes);

/// Where the header is to be written: what `header` names, symbolic links followed. Refuses what
/// stands there and is no regular file, and the page itself; opens neither.
std::optional<file_error> find_output(std::string const& page, std::string const& header,
                                      std::string& target);

/// Replaces a file in one step: another process sees the old bytes or the new ones. A file that
/// has these bytes already is left alone, so that nothing is built again for it.
/// REQUIRES: the path is from find_output; a link would become a file.
std::optional<file_error> replace_file(std::string const& path, std::string_view bytes);

}  // namespace stele::tables
