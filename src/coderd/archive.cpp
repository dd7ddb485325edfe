// archive.cpp: packing with Beast's deflate and a CRC-32 a file.

#include "archive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/zlib/deflate_stream.hpp>
#include <boost/beast/zlib/inflate_stream.hpp>
#include <boost/crc.hpp>
#include <charconv>
#include <string>
#include <vector>

#include "failure.hpp"
#include "files.hpp"

namespace service {

namespace {

namespace fs = std::filesystem;
namespace zlib = boost::beast::zlib;

std::uint32_t checksum(std::string_view bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

std::string deflate(std::string const& bytes) {
  zlib::deflate_stream stream;
  std::string packed(stream.upper_bound(bytes.size()), '\0');
  zlib::z_params io;
  io.next_in = bytes.data();
  io.avail_in = bytes.size();
  io.next_out = packed.data();
  io.avail_out = packed.size();
  boost::system::error_code error;
  stream.write(io, zlib::Flush::finish, error);
  if (error != zlib::error::end_of_stream) throw std::system_error{error, "cannot compress"};
  packed.resize(io.total_out);
  return packed;
}

/// `size` bytes from `packed`; fewer when it is damaged, which the checksum then shows.
std::string inflate(std::string_view packed, std::size_t size) {
  std::string bytes(size, '\0');
  zlib::z_params io;
  io.next_in = packed.data();
  io.avail_in = packed.size();
  io.next_out = bytes.data();
  io.avail_out = bytes.size();
  boost::system::error_code error;
  zlib::inflate_stream{}.write(io, zlib::Flush::finish, error);
  bytes.resize(io.total_out);
  return bytes;
}

/// The header line of one file: `path size packed-size checksum`, sizes in bytes, decimal.
struct entry {
  std::string path;
  std::uint64_t numbers[3]{};  // size, packed size, checksum
};

/// Takes a header line off the front of `rest`; false when there is none.
bool take_entry(std::string_view& rest, entry& read) {
  auto const end = rest.find('\n');
  if (end == std::string_view::npos) return false;
  auto line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  for (auto number = std::rbegin(read.numbers); number != std::rend(read.numbers); ++number) {
    auto const space = line.rfind(' ');
    if (space == std::string_view::npos) return false;
    auto const* const last = line.data() + line.size();
    auto const [stop, error] = std::from_chars(line.data() + space + 1, last, *number);
    if (error != std::errc{} || stop != last) return false;
    line = line.substr(0, space);
  }
  read.path = line;
  return read.numbers[1] <= rest.size();
}

}  // namespace

archive_totals pack(fs::path const& folder, fs::path const& archive) {
  std::vector<fs::path> paths;
  for (auto const& found : fs::recursive_directory_iterator{folder})
    if (found.is_regular_file()) paths.push_back(found.path());
  std::sort(paths.begin(), paths.end());  // the same folder gives the same archive

  archive_totals totals;
  std::string all;
  for (auto const& path : paths) {
    auto const bytes = read_file(path);
    auto const packed = deflate(bytes);
    fmt::format_to(std::back_inserter(all), "{} {} {} {}\n", fs::relative(path, folder).string(),
                   bytes.size(), packed.size(), checksum(bytes));
    all += packed;
    ++totals.files;
    totals.bytes += bytes.size();
    totals.packed_bytes += packed.size();
  }
  auto const unfinished = fs::path{archive}.concat(".new");
  write_file(unfinished, all);
  fs::rename(unfinished, archive);
  return totals;
}

archive_totals unpack(fs::path const& archive, fs::path const& folder) {
  auto const all = read_file(archive);
  fs::remove_all(folder);
  fs::create_directories(folder);

  archive_totals totals;
  for (std::string_view rest = all; !rest.empty();) {
    entry next;
    if (!take_entry(rest, next))
      throw failure{reason::bad_input,
                    fmt::format("archive: byte {}: expected a file's header; the archive is "
                                "damaged",
                                all.size() - rest.size())};
    auto const bytes = inflate(rest.substr(0, next.numbers[1]), next.numbers[0]);
    if (bytes.size() != next.numbers[0] || checksum(bytes) != next.numbers[2])
      throw failure{reason::bad_input,
                    fmt::format("archive: '{}' does not have the checksum it was stored with; "
                                "the archive is damaged",
                                next.path)};
    auto const path = folder / next.path;
    fs::create_directories(path.parent_path());
    write_file(path, bytes);
    rest.remove_prefix(next.numbers[1]);
    ++totals.files;
    totals.bytes += bytes.size();
    totals.packed_bytes += next.numbers[1];
  }
  return totals;
}

}  // namespace service
