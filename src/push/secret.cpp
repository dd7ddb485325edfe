#include "push/secret.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string_view>
#include <system_error>

namespace stele::sending {

namespace {

constexpr std::size_t bytes_max = 16 * 1024;

error wrong(std::error_code code, std::string const& file, std::string_view saw) {
  return {code, "push: expected a token of one line in " + file + ", saw " + std::string(saw) +
                    "; see whether .token_file is right, and who may read it"};
}

}  // namespace

result<std::string> read_secret(std::string const& file) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> const opened(std::fopen(file.c_str(), "re"),
                                                               std::fclose);
  auto const failed = [&] {
    std::error_code const code(errno, std::generic_category());
    return wrong(code, file, "'" + code.message() + "'");
  };
  if (!opened) return failed();
  std::string text(bytes_max + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), opened.get()));
  if (std::ferror(opened.get()) != 0) return failed();

  auto const invalid = std::make_error_code(std::errc::invalid_argument);
  if (text.size() > bytes_max)
    return wrong(invalid, file, "more than " + std::to_string(bytes_max) + " bytes");
  constexpr std::string_view white = " \t\r\n";
  text.erase(text.find_last_not_of(white) + 1);
  text.erase(0, std::min(text.find_first_not_of(white), text.size()));
  if (text.empty()) return wrong(invalid, file, "none");
  if (std::ranges::any_of(
          text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }))
    return wrong(invalid, file, "several lines, or a control character");
  return text;
}

}  // namespace stele::sending
