// files.cpp: whole files, with the C library: its errors say why.

#include "files.hpp"

#include <stdlib.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace service {

namespace {

using open_file = std::unique_ptr<std::FILE, decltype([](std::FILE* file) { std::fclose(file); })>;

[[noreturn]] void fail(char const* what, std::filesystem::path const& path) {
  throw std::system_error{errno, std::generic_category(),
                          std::string{"cannot "} + what + " '" + path.string() + "'"};
}

}  // namespace

std::string read_file(std::filesystem::path const& path) {
  open_file const file{std::fopen(path.c_str(), "rb")};
  if (!file) fail("open", path);
  std::string bytes;
  char block[16384];
  while (auto const count = std::fread(block, 1, sizeof block, file.get()))
    bytes.append(block, count);
  if (std::ferror(file.get())) fail("read", path);
  return bytes;
}

void write_file(std::filesystem::path const& path, std::string_view bytes) {
  open_file file{std::fopen(path.c_str(), "wb")};
  if (!file) fail("create", path);
  auto const written = std::fwrite(bytes.data(), 1, bytes.size(), file.get());
  // fclose writes what is buffered: its result counts as much as fwrite's.
  if (std::fclose(file.release()) != 0 || written != bytes.size()) fail("write", path);
}

temporary_folder::temporary_folder() {
  auto name = (std::filesystem::temp_directory_path() / "coderd-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) fail("make a folder", name);
  path_ = name;
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;  // nothing is left to be done about it, and destructors do not throw
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace service
