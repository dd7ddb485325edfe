// The command `stele`: exit statuses, streams, and that an error leaves a header as it was.

#include <gtest/gtest.h>
#include <sys/stat.h>
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

  /// Runs `stele ARGUMENTS` in the test's folder; `tail` may redirect or pipe further.
  [[nodiscard]] outcome run(std::string const& arguments, std::string const& tail = "") const {
    std::string const command = "cd '" + folder_.string() + "' && '" + tool_ + "' " + arguments +
                                " >out.txt 2>err.txt " + tail;
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
                       "shop.md:4:7: error: expected counter, gauge, histogram, "
                       "summary, info or stateset, saw 'z' [type]"));
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

// A page, a device or what a link points to is never replaced by a header.
TEST_F(TableCommand, WritesOverNothingButARegularFile) {
  write("shop.md", good_page);
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  fs::create_symlink("/dev/null", path("null"));
  fs::create_symlink("round", path("round"));
  fs::create_symlink("shop.md", path("link.hpp"));
  fs::create_hard_link(path("shop.md"), path("hard.hpp"));
  struct {
    std::string output, saw;
  } const cases[]{{"pipe", "expected a regular file or none at pipe, saw a pipe; name a file"},
                  {"/dev/null", "saw a character device; name a file with -o"},
                  {"null", "saw a character device; name a file with -o"},
                  {".", "saw a folder; name a file with -o"},
                  {"round", "cannot write round: Too many levels of symbolic links"},
                  {"shop.md", "saw the page itself at shop.md; name another file with -o"},
                  {"link.hpp", "saw the page itself at link.hpp"},
                  {"hard.hpp", "saw the page itself at hard.hpp"}};
  for (auto const& [output, saw] : cases) {
    auto const refused = run("compile shop.md --namespace shop -o " + output);
    EXPECT_EQ(refused.status, 1) << output;
    EXPECT_NE(refused.err.find(saw), std::string::npos) << output << ": " << refused.err;
    EXPECT_EQ(read("shop.md"), good_page) << output;
  }
  EXPECT_TRUE(fs::is_fifo(path("pipe")));
  EXPECT_TRUE(fs::is_symlink(path("null")));
}

TEST_F(TableCommand, FollowsALinkToItsTarget) {
  write("shop.md", good_page);
  fs::create_directory(path("deep"));
  fs::create_symlink("deep/second.hpp", path("first.hpp"));
  fs::create_symlink("shop.hpp", path("deep/second.hpp"));
  for (int round = 0; round < 2; ++round) {  // the target is missing, then out of date
    EXPECT_EQ(run("compile shop.md --namespace shop -o first.hpp").status, 0);
    EXPECT_NE(read("deep/shop.hpp").find("namespace shop {"), std::string::npos);
    EXPECT_TRUE(fs::is_symlink(path("first.hpp")));
    EXPECT_TRUE(fs::is_symlink(path("deep/second.hpp")));
    write("deep/shop.hpp", "out of date");
  }
}

// What cannot be said is still in the exit status.
TEST_F(TableCommand, OutlivesAStderrThatTakesNothing) {
  write("good.md", good_page);
  write("bad.md", bad_page);
  for (std::string const stderr_is : {"2>/dev/full", "2>&-", "<&- >&- 2>&-"}) {
    EXPECT_EQ(run("check good.md", stderr_is).status, 0) << stderr_is;
    EXPECT_EQ(run("check bad.md", stderr_is).status, 1) << stderr_is;
    EXPECT_EQ(run("check missing.md", stderr_is).status, 1) << stderr_is;
    EXPECT_EQ(run("polish", stderr_is).status, 2) << stderr_is;
    EXPECT_EQ(run("compile good.md -o good.hpp", stderr_is).status, 0) << stderr_is;
    EXPECT_TRUE(read("good.hpp").starts_with("// good.hpp: ")) << stderr_is;
    fs::remove(path("good.hpp"));
  }
}

// `namespace log` beside <math.h> does not compile.
TEST_F(TableCommand, RefusesANamespaceThatTheCLibraryHas) {
  write("shop.md", good_page);
  for (std::string const stem : {"log", "time", "link", "div", "exit", "clock", "select", "read",
                                 "write", "system", "abs", "gamma", "tm", "environ"}) {
    auto const refused = run("compile shop.md -o " + stem + ".hpp");
    EXPECT_EQ(refused.status, 2) << stem;
    EXPECT_NE(refused.err.find("saw '" + stem +
                               "', a name of the C library; state one with "
                               "--namespace"),
              std::string::npos)
        << refused.err;
  }
  EXPECT_EQ(run("compile shop.md -o log.hpp --namespace shop_log").status, 0);
}

TEST_F(TableCommand, HelpsOnRequest) {
  EXPECT_EQ(run("--help").status, 0);
  EXPECT_NE(run("compile --help").out.find("--namespace"), std::string::npos);
  EXPECT_EQ(run("--version").status, 0);
}

}  // namespace
}  // namespace stele::tables::test
