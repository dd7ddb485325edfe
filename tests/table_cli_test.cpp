// The command `stele`: exit statuses, streams, and that an error leaves a header as it was.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "table_case.hpp"

namespace stele::tables::test {
namespace {

namespace fs = std::filesystem;

std::string const good_page = page_of("| Metric | Type | Help |", "| x | gauge | X |");
std::string const bad_page =
    page_of("| Metric | Type | Help |", "| x | gauge | X |\n| y | z | Y |");

struct outcome {
  int status = -1;
  std::string out;
  std::string err;
};

class TableCommand : public testing::Test {
 protected:
  void SetUp() override {
    char const* const tool = std::getenv("STELE_TOOL");
    if (tool == nullptr) GTEST_SKIP() << "STELE_TOOL does not name the stele command";
    tool_ = tool;
    std::string path = testing::TempDir() + "stele_cli_XXXXXX";
    ASSERT_NE(::mkdtemp(path.data()), nullptr);
    folder_ = path;
  }
  void TearDown() override {
    if (!folder_.empty()) fs::remove_all(folder_);
  }

  [[nodiscard]] std::string path(std::string const& name) const { return folder_ / name; }

  void write(std::string const& name, std::string_view text) const {
    std::ofstream(path(name), std::ios::binary) << text;
  }
  [[nodiscard]] std::string read(std::string const& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  /// Runs `stele ARGUMENTS` in the test's folder.
  [[nodiscard]] outcome run(std::string const& arguments) const {
    std::string const command =
        "cd '" + folder_.string() + "' && '" + tool_ + "' " + arguments + " >out.txt 2>err.txt";
    int const status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read("out.txt"), read("err.txt")};
  }

  std::string tool_;
  fs::path folder_;
};

TEST_F(TableCommand, CompilesAPage) {
  write("shop.md", good_page);
  auto const done = run("compile shop.md -o shop.hpp");
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(done.out, "");
  EXPECT_EQ(done.err, "shop.md: 1 rows: 1 compiled, 0 merged, 0 refused, 0 skipped\n");
  std::string const header = read("shop.hpp");
  EXPECT_NE(header.find("namespace shop {"), std::string::npos);
  EXPECT_NE(header.find("stele compile shop.md -o shop.hpp\n"), std::string::npos);
}

// "the namespace is from the output file's stem, --namespace overrides it"
TEST_F(TableCommand, TakesAStatedNamespace) {
  write("shop.md", good_page);
  EXPECT_EQ(run("compile shop.md -o a-b.hpp --namespace store").status, 0);
  EXPECT_NE(read("a-b.hpp").find("namespace store {"), std::string::npos);
  auto const refused = run("compile shop.md -o a-b.hpp");
  EXPECT_EQ(refused.status, 2);
  EXPECT_NE(refused.err.find("expected a C++ namespace, saw 'a-b'"), std::string::npos);
}

// "no header written", "never touch an existing output on error"
TEST_F(TableCommand, LeavesTheHeaderAloneOnAnError) {
  write("shop.md", bad_page);
  auto const refused = run("compile shop.md -o shop.hpp");
  EXPECT_EQ(refused.status, 1);
  EXPECT_TRUE(has_line(refused.err,
                       "shop.md:4:7: error: expected counter, gauge, histogram or "
                       "summary, saw 'z' [type]"));
  EXPECT_FALSE(fs::exists(path("shop.hpp")));
  write("shop.hpp", "earlier");
  EXPECT_EQ(run("compile shop.md -o shop.hpp").status, 1);
  EXPECT_EQ(read("shop.hpp"), "earlier");
}

TEST_F(TableCommand, LeavesNoTemporaryFileBehind) {
  write("shop.md", good_page);
  EXPECT_EQ(run("compile shop.md -o shop.hpp").status, 0);
  fs::create_directory(path("taken.hpp"));
  EXPECT_EQ(run("compile shop.md -o taken.hpp --namespace x").status, 1);
  for (auto const& entry : fs::directory_iterator(folder_))
    EXPECT_NE(entry.path().extension(), ".tmp") << entry.path();
}

TEST_F(TableCommand, DoesNotTouchAHeaderThatIsUpToDate) {
  write("shop.md", good_page);
  EXPECT_EQ(run("compile shop.md -o shop.hpp").status, 0);
  auto const earlier = fs::file_time_type::clock::now() - std::chrono::hours(1);
  fs::last_write_time(path("shop.hpp"), earlier);
  auto const stated = fs::last_write_time(path("shop.hpp"));
  EXPECT_EQ(run("compile shop.md -o shop.hpp").status, 0);
  EXPECT_EQ(fs::last_write_time(path("shop.hpp")), stated);
}

TEST_F(TableCommand, ChecksAPage) {
  write("good.md", good_page);
  write("bad.md", bad_page);
  EXPECT_EQ(run("check good.md").status, 0);
  auto const refused = run("check bad.md");
  EXPECT_EQ(refused.status, 1);
  EXPECT_TRUE(has_line(refused.err, "bad.md: 2 rows: 1 compiled, 0 merged, 1 refused, 0 skipped"));
}

TEST_F(TableCommand, SaysWhichFileCannotBeReadOrWritten) {
  write("shop.md", good_page);
  auto const missing = run("check missing.md");
  EXPECT_EQ(missing.status, 1);
  EXPECT_EQ(missing.err, "stele: error: cannot read missing.md: No such file or directory\n");
  auto const folder = run("compile shop.md -o shop.md/shop.hpp");
  EXPECT_EQ(folder.status, 1);
  EXPECT_NE(folder.err.find("stele: error: cannot write shop.md/shop.hpp: Not a directory"),
            std::string::npos);
  EXPECT_EQ(run("check .").status, 1);
}

TEST_F(TableCommand, MakesTheFoldersOfTheHeader) {
  write("shop.md", good_page);
  EXPECT_EQ(run("compile shop.md -o generated/deep/shop.hpp").status, 0);
  EXPECT_EQ(run("compile shop.md -o generated/deep/shop.hpp").status, 0);
}

// "Usage errors exit 2", "no usage dump"
TEST_F(TableCommand, ExitsWith2OnAWrongCommandLine) {
  write("shop.md", good_page);
  for (std::string const arguments :
       {"", "polish shop.md", "compile", "compile shop.md", "check", "check shop.md --loud",
        "compile shop.md -o shop.hpp --namespace class"}) {
    auto const refused = run(arguments);
    EXPECT_EQ(refused.status, 2) << arguments;
    EXPECT_TRUE(refused.err.starts_with("stele: error: ")) << refused.err;
    EXPECT_LE(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
  }
}

TEST_F(TableCommand, HelpsOnRequest) {
  EXPECT_EQ(run("--help").status, 0);
  EXPECT_NE(run("compile --help").out.find("--namespace"), std::string::npos);
  EXPECT_EQ(run("--version").status, 0);
}

}  // namespace
}  // namespace stele::tables::test
