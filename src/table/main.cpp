// The command `stele`: metric tables from documentation pages.
//
//   stele compile docs/coderd.md -o generated/coderd.hpp
//   stele check docs/coderd.md
//
// Exit status: 0 done (warnings included), 1 the page or a file is at fault, 2 the command line is.

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "stele/version.hpp"
#include "table/compile.hpp"
#include "table/emit.hpp"
#include "table/files.hpp"
#include "table/system_names.hpp"
#include "table/text.hpp"

namespace {

namespace tables = stele::tables;

enum exit_status : int { done = 0, faulty_page = 1, faulty_command = 2 };

/// Never throws: where stderr is full or closed, the exit status says what there is to say.
void say(std::string_view text) noexcept {
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), stderr));
}

int complain(std::string_view message, exit_status status) noexcept {
  say("stele: error: ");
  say(message);
  say("\n");
  return status;
}

/// A file that is opened while a standard stream is closed would get its number, and then what is
/// said on that stream.
void open_standard_streams() noexcept {
  int number = ::open("/dev/null", O_RDWR);
  while (number >= 0 && number <= STDERR_FILENO) number = ::dup(number);
  if (number > STDERR_FILENO) ::close(number);
}

struct compile_command {
  std::string page;
  std::string header;
  std::string namespace_name;

  /// A banner names files as seen from here: an absolute path would differ between machines.
  static std::string banner_path(std::string const& path) {
    std::filesystem::path const given(path);
    return given.is_absolute() ? given.lexically_proximate(std::filesystem::current_path()).string()
                               : path;
  }

  int run() const {
    tables::emit_options options{.namespace_name = namespace_name,
                                 .input = banner_path(page),
                                 .output = banner_path(header),
                                 .namespace_is_stated = !namespace_name.empty()};
    if (namespace_name.empty())
      options.namespace_name = std::filesystem::path(header).stem().string();
    if (!tables::valid_namespace(options.namespace_name))
      return complain(
          fmt::format("expected a C++ namespace, saw {}{}; state one with --namespace",
                      tables::in_quotes(options.namespace_name),
                      tables::is_global(options.namespace_name) ? ", a name of the C library" : ""),
          faulty_command);

    std::string target;
    if (auto const error = tables::find_output(page, header, target))
      return complain(error->message, faulty_page);
    std::string text;
    if (auto const error = tables::read_file(page, text))
      return complain(error->message, faulty_page);
    auto const result = tables::compile_page(text);
    say(result.report(page));
    if (!result.good()) return faulty_page;
    if (auto const error = tables::replace_file(target, emit_header(result.table, options)))
      return complain(error->message, faulty_page);
    return done;
  }
};

struct check_command {
  std::string page;

  int run() const {
    std::string text;
    if (auto const error = tables::read_file(page, text))
      return complain(error->message, faulty_page);
    auto const result = tables::compile_page(text);
    say(result.report(page));
    return result.good() ? done : faulty_page;
  }
};

int run(int count, char** arguments) {
  CLI::App app("Metric tables from documentation pages", "stele");
  app.set_version_flag("--version", STELE_VERSION_STRING);
  app.require_subcommand(1);

  compile_command compile;
  auto* const compile_app = app.add_subcommand("compile", "Compile a page's metric table");
  compile_app->add_option("FILE", compile.page, "Page with the metric table")->required();
  compile_app->add_option("-o,--output", compile.header, "Header to write")->required();
  compile_app->add_option("--namespace", compile.namespace_name,
                          "Namespace of the header; else the header's name without its ending");

  check_command check;
  auto* const check_app = app.add_subcommand("check", "Report faults of a page's metric table");
  check_app->add_option("FILE", check.page, "Page with the metric table")->required();

  try {
    app.parse(count, arguments);
  } catch (CLI::ParseError const& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    return complain(fmt::format("{}; see stele --help", error.what()), faulty_command);
  }
  return compile_app->parsed() ? compile.run() : check.run();
}

}  // namespace

int main(int count, char** arguments) {
  open_standard_streams();
  try {
    return run(count, arguments);
  } catch (std::exception const& error) {
    return complain(error.what(), faulty_page);
  }
}
