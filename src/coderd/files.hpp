// files.hpp: whole files in one call; errors throw std::system_error that names the path.

#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace service {

[[nodiscard]] std::string read_file(std::filesystem::path const& path);

/// Replaces the file. The folder must exist.
void write_file(std::filesystem::path const& path, std::string_view bytes);

/// A folder of its own below the system's temporary folder, removed with the object.
class temporary_folder {
 public:
  temporary_folder();
  ~temporary_folder();
  temporary_folder(temporary_folder const&) = delete;
  temporary_folder& operator=(temporary_folder const&) = delete;

  [[nodiscard]] std::filesystem::path const& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace service
