// builder.cpp: the work of a build.

#include "builder.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "archive.hpp"
#include "failure.hpp"
#include "files.hpp"

namespace service {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t module_bytes = 8192;  // a source module ends with the line that reaches it

/// The text of a source module, about `size` bytes of it, a rendered line at a time.
std::string render_module(workspace_template const& source, variable_map variables,
                          std::uint64_t number, std::uint64_t size) {
  auto const place = fmt::format("template '{}', module", source.name);
  variables["module"] = std::to_string(number);
  std::string text;
  for (int line = 1; text.size() < size; ++line) {
    variables["line"] = std::to_string(line);
    text += render(place, source.module_text, variables);
  }
  return text;
}

/// All files of a workspace, from its template, below `folder`.
build_outcome render_workspace(workspace_spec const& spec, fs::path const& folder) {
  auto const& source = find_template(spec.template_name);
  auto variables = spec.variables;
  variables["owner"] = spec.owner_name;
  variables["workspace"] = spec.name;

  build_outcome made;
  auto const keep = [&](fs::path const& path, std::string const& text) {
    write_file(folder / path, text);
    ++made.files;
    made.bytes += text.size();
  };
  fs::create_directories(folder / "src");
  for (auto const& file : source.files)
    keep(file.path,
         render(fmt::format("template '{}', {}", source.name, file.path), file.text, variables));
  auto const size = static_cast<std::uint64_t>(spec.size_kib) * 1024;
  for (std::uint64_t done = 0, number = 1; done < size; done += module_bytes, ++number)
    keep(fmt::format("src/module-{:05}.txt", number),
         render_module(source, variables, number, std::min(module_bytes, size - done)));
  return made;
}

build_outcome restore(fs::path const& archive, fs::path const& folder) {
  auto const restored = unpack(archive, folder);
  return {.error = {}, .files = restored.files, .bytes = restored.bytes};
}

/// A folder that is gone at the end of the scope, unless it has been moved away.
struct staging_folder {
  fs::path path;

  explicit staging_folder(fs::path where) : path{std::move(where)} {}
  staging_folder(staging_folder const&) = delete;
  staging_folder& operator=(staging_folder const&) = delete;
  ~staging_folder() {
    std::error_code ignored;  // the next start of the same workspace replaces what is left
    fs::remove_all(path, ignored);
  }
};

}  // namespace

build_outcome builder::run(workspace const& target, transition what) const try {
  switch (what) {
    case transition::start: return start(target);
    case transition::stop: return stop(target);
    case transition::remove: break;
  }
  return remove(target);
} catch (std::exception const& error) {
  return {.error = error.what()};
}

build_outcome builder::start(workspace const& target) const {
  // Made beside the live folder, which it replaces when complete: a failed start changes nothing.
  staging_folder const staging{fs::path{live(target)}.concat(".new")};
  auto const made = fs::exists(packed(target)) ? restore(packed(target), staging.path)
                                               : render_workspace(target.spec, staging.path);
  fs::remove_all(live(target));
  fs::rename(staging.path, live(target));
  fs::remove(packed(target));
  return made;
}

build_outcome builder::stop(workspace const& target) const {
  if (!fs::exists(live(target)))
    return {.error = "there is nothing to stop: the workspace is not running; start it first"};
  auto const kept = pack(live(target), packed(target));
  fs::remove_all(live(target));
  return {.error = {}, .files = kept.files, .bytes = kept.bytes};
}

build_outcome builder::remove(workspace const& target) const {
  build_outcome removed;
  if (fs::exists(live(target))) {
    for (auto const& found : fs::recursive_directory_iterator{live(target)}) {
      if (!found.is_regular_file()) continue;
      ++removed.files;
      removed.bytes += found.file_size();
    }
    fs::remove_all(live(target));
  }
  if (fs::remove(packed(target))) ++removed.files;
  return removed;
}

}  // namespace service
