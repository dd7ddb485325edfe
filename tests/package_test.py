#!/usr/bin/python3
"""An installed Stele is found by pkg-config, by CMake and by Meson, and a service built against it
runs; so does one that has it as a subproject."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

BUILD = os.environ["STELE_BUILD_ROOT"]

SERVICE = """
#include "coderd.hpp"
#include <stele_self.hpp>
#include <cstdio>

// The library's own, here for the linker's sake: what it compresses with must be found as well.
namespace stele::exposition {
struct STELE_API gzip_encoder {
  static bool available() noexcept;
};
}  // namespace stele::exposition

int main() {
  if (stele::exposition::gzip_encoder::available() != GZIP) return 2;
  coderd::metric<"coderd_rtc_client_connections_total">.inc(3);
  auto endpoint = stele::serve<coderd::table>({.port = 0});
  if (!endpoint) return 1;
  stele::expose(stele::gather<coderd::table>(), stele::format::text,
                [](std::string_view chunk) { std::fwrite(chunk.data(), 1, chunk.size(), stdout); });
}
"""

CMAKE = """
cmake_minimum_required(VERSION 3.20)
project(service CXX)
find_package(stele 0.1 REQUIRED)
add_executable(service service.cpp)
target_link_libraries(service PRIVATE stele::serve)
if(TARGET stele::secure)
  add_executable(secure_service secure_service.cpp)
  target_link_libraries(secure_service PRIVATE stele::secure)
endif()
"""

CMAKE += """
if(TARGET stele::push)
  add_executable(push_service push_service.cpp)
  target_link_libraries(push_service PRIVATE stele::push)
endif()
"""

CMAKE += """
if(TARGET stele::agents)
  add_executable(agents_service agents_service.cpp)
  target_link_libraries(agents_service PRIVATE stele::agents)
endif()
"""

MESON = """
project('service', 'cpp', default_options: ['cpp_std=c++20'])
executable('service', 'service.cpp', dependencies: dependency('stele-serve', fallback: 'stele'))
secure = dependency('stele-secure', required: false)
if secure.found()
  executable('secure_service', 'secure_service.cpp', dependencies: secure)
endif
push = dependency('stele-push', required: false)
if push.found()
  executable('push_service', 'push_service.cpp', dependencies: push)
endif
agents = dependency('stele-agents', required: false)
if agents.found()
  executable('agents_service', 'agents_service.cpp', dependencies: agents)
endif
"""

SECURE_SERVICE = SERVICE.replace(
    "stele::serve<coderd::table>({.port = 0})",
    'stele::serve_secure<coderd::table>({.port = 0}, {.web_config_file = "/dev/null/none"})',
).replace("if (!endpoint) return 1;", "if (endpoint) return 1;")

PUSH_SERVICE = SERVICE.replace(
    "stele::serve<coderd::table>({.port = 0})",
    'stele::push<coderd::table>({.url = "nowhere", .job = "j"})',
).replace("if (!endpoint) return 1;", "if (endpoint) return 1;")

AGENTS_SERVICE = SERVICE.replace(
    "stele::serve<coderd::table>({.port = 0})",
    'stele::serve_agents<coderd::table>({.port = 0, .tokens_file = "/dev/null/none"})',
).replace("if (!endpoint) return 1;", "if (endpoint) return 1;")


def run(*command, **options):
    result = subprocess.run(command, capture_output=True, text=True, timeout=900, **options)
    if result.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}\n{result.stdout}{result.stderr}")
    return result.stdout


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="stele-package-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.root = cls.folder / "root"
        run("meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", str(cls.root))
        cls.prefix = next(path.parent for path in cls.root.rglob("include") if path.is_dir())
        gzip = "true" if os.environ["STELE_GZIP"] != "disabled" else "false"
        (cls.folder / "service.cpp").write_text(SERVICE.replace("GZIP", gzip), encoding="utf-8")
        (cls.folder / "secure_service.cpp").write_text(
            SECURE_SERVICE.replace("GZIP", gzip), encoding="utf-8")
        (cls.folder / "push_service.cpp").write_text(
            PUSH_SERVICE.replace("GZIP", gzip), encoding="utf-8")
        (cls.folder / "agents_service.cpp").write_text(
            AGENTS_SERVICE.replace("GZIP", gzip), encoding="utf-8")
        (cls.folder / "meson.build").write_text(MESON, encoding="utf-8")
        (cls.folder / "CMakeLists.txt").write_text(CMAKE, encoding="utf-8")
        header = pathlib.Path(os.environ["STELE_SOURCE_ROOT"]) / "generated/coderd.hpp"
        shutil.copy(header, cls.folder)

    def check(self, program):
        self.assertIn("\ncoderd_rtc_client_connections_total 3\n", run(program))

    def build_with_pkg_config(self, package, source):
        folder = next(self.prefix.rglob(f"{package}.pc")).parent
        environment = {
            **os.environ,
            "PKG_CONFIG_PATH": str(folder),
            "PKG_CONFIG_SYSROOT_DIR": str(self.root),
        }
        flags = run(
            "pkg-config", "--cflags", "--libs", package, env=environment
        ).split()
        program = self.folder / f"{package}_with_pkg_config"
        run("g++", "-std=c++20", source, "-o", program, *flags)
        self.check(program)

    def test_pkg_config_finds_it(self):
        self.build_with_pkg_config("stele-serve", self.folder / "service.cpp")

    def test_pkg_config_finds_the_secure_library(self):
        if not any(self.prefix.rglob("stele-secure.pc")):
            self.skipTest("stele-secure was not built")
        self.build_with_pkg_config("stele-secure", self.folder / "secure_service.cpp")

    def test_pkg_config_finds_the_push_client(self):
        if not any(self.prefix.rglob("stele-push.pc")):
            self.skipTest("stele-push was not built")
        self.build_with_pkg_config("stele-push", self.folder / "push_service.cpp")

    def test_pkg_config_finds_the_agents_library(self):
        if not any(self.prefix.rglob("stele-agents.pc")):
            self.skipTest("stele-agents was not built")
        self.build_with_pkg_config("stele-agents", self.folder / "agents_service.cpp")

    def test_cmake_finds_it(self):
        if shutil.which("cmake") is None:
            self.skipTest("cmake is not installed")
        build = self.folder / "with_cmake"
        run("cmake", "-S", self.folder, "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}")
        run("cmake", "--build", build)
        self.check(build / "service")
        if any(self.prefix.rglob("stele-secure.pc")):
            self.check(build / "secure_service")
        for name in ("push", "agents"):
            if any(self.prefix.rglob(f"stele-{name}.pc")):
                self.check(build / f"{name}_service")

    def build_with_meson(self, build, *arguments, **options):
        run("meson", "setup", self.folder / build, self.folder, *arguments, **options)
        run("ninja", "-C", self.folder / build, "-j2", "service")
        self.check(self.folder / build / "service")

    def test_meson_finds_it(self):
        folder = next(self.prefix.rglob("stele.pc")).parent
        environment = {
            **os.environ,
            "PKG_CONFIG_PATH": str(folder),
            "PKG_CONFIG_SYSROOT_DIR": str(self.root),
        }
        self.build_with_meson("with_meson", env=environment)
        for name in ("secure", "push", "agents"):
            if any(self.prefix.rglob(f"stele-{name}.pc")):
                run("ninja", "-C", self.folder / "with_meson", f"{name}_service")
                self.check(self.folder / f"with_meson/{name}_service")

    def test_meson_has_it_as_a_subproject(self):
        (self.folder / "subprojects").mkdir()
        (self.folder / "subprojects/stele").symlink_to(os.environ["STELE_SOURCE_ROOT"])
        self.build_with_meson("as_subproject", "--force-fallback-for=stele")


if __name__ == "__main__":
    unittest.main()
