// loaded.hpp: a shared object that a test has loaded, with hidden symbols and RTLD_LOCAL, as hosts
// of plugins do.
//
//   loaded const plugin(path);
//   plugin.function<void(std::uint64_t)>("plugin_count")(1);

#pragma once

#include <dlfcn.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

class loaded {
 public:
  /// Stays loaded until close(). Throws where it cannot be loaded.
  explicit loaded(std::string path)
      : path_(std::move(path)), handle_(::dlopen(path_.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ == nullptr) throw std::runtime_error(::dlerror());
  }

  template <class Function>
  [[nodiscard]] Function* function(char const* name) const {
    void* const found = ::dlsym(handle_, name);
    if (found == nullptr) throw std::runtime_error(::dlerror());
    return reinterpret_cast<Function*>(found);
  }

  void close() const noexcept { ::dlclose(handle_); }

  /// Whether the object is in memory.
  [[nodiscard]] bool is_there() const noexcept {
    void* const found = ::dlopen(path_.c_str(), RTLD_LAZY | RTLD_NOLOAD);
    if (found == nullptr) return false;
    ::dlclose(found);
    return true;
  }

 private:
  std::string path_;
  void* handle_;
};

/// The path of a plugin, from the environment.
inline std::string plugin_path(char const* variable) {
  char const* const path = std::getenv(variable);
  if (path == nullptr) throw std::runtime_error(std::string(variable) + " is not set");
  return path;
}
