// Families beside those of a table.

#include "core/family_source.hpp"

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <new>
#include <span>
#include <thread>
#include <vector>

#include "core/label_text.hpp"

using namespace stele;

namespace {

core::table_link& link() { return link_of<sample::table>; }

/// Gives one family, of a descriptor that the snapshot keeps.
struct one_family : core::family_source {
  explicit one_family(std::string_view its_name) : name(its_name) {}

  void read(core::row_filter const*, core::snapshot_data& out) override {
    auto const about = std::make_shared<descriptor const>(
        descriptor{.name = name, .type = metric_type::gauge, .help = "H."});
    if (while_read) while_read();
    std::size_t const run = out.runs.size();
    out.runs.push_back({{}, nullptr, out.values.size(), 1, number::kind::unsigned_integer});
    std::uint32_t const ends[]{0, 0};
    out.runs.back().labels = {out.arena.keep(std::span<char const>()),
                              out.arena.keep(std::span<std::uint32_t const>(ends))};
    out.values.push_back(7);
    out.families.push_back({about.get(), run, run + 1});
    out.kept.push_back(about);
  }

  std::string_view name;
  std::function<void()> while_read;
};

std::string text() { return stele::testing::exposition<sample::table>(); }

}  // namespace

// Families are sorted by name among those of the rows.
TEST(FamilySource, IsGatheredWithItsTable) {
  sample::metric<"sample_jobs_total">.inc(0);
  one_family before("a_family");
  one_family behind("z_family");
  std::string const rows = text();
  ASSERT_TRUE(core::add_family_source(link(), behind));
  EXPECT_EQ(text(), rows + "# HELP z_family H.\n# TYPE z_family gauge\nz_family 7\n");
  core::remove_family_source(link(), behind);
  core::remove_family_source(link(), behind);  // nothing
  ASSERT_TRUE(core::add_family_source(link(), before));
  EXPECT_EQ(text(), "# HELP a_family H.\n# TYPE a_family gauge\na_family 7\n" + rows);
  core::remove_family_source(link(), before);
  EXPECT_EQ(text(), rows);
}

// It is read without the table's mutex: an update that needs that does not wait.
TEST(FamilySource, IsReadWithoutTheTablesMutex) {
  one_family source("a_family");
  source.while_read = [] {
    std::thread([] {
      sample::metric<"sample_requests_total">.with({.code = "200", .path = "/a_new_one"}).inc();
    }).join();
  };
  ASSERT_TRUE(core::add_family_source(link(), source));
  EXPECT_NE(text().find("a_family"), std::string::npos);
  core::remove_family_source(link(), source);
}

// Removing waits for a gather that reads it.
TEST(FamilySource, IsReadNoMoreWhenItIsRemoved) {
  one_family source("a_family");
  std::atomic<bool> inside{false};
  std::atomic<bool> ended{false};
  source.while_read = [&] {
    inside = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    ended = true;
  };
  ASSERT_TRUE(core::add_family_source(link(), source));
  std::thread gatherer([] { static_cast<void>(text()); });
  while (!inside) std::this_thread::yield();
  core::remove_family_source(link(), source);
  EXPECT_TRUE(ended);
  gatherer.join();
}

// A source that throws ends that gather alone.
TEST(FamilySource, MayBeRemovedAfterItThrew) {
  one_family source("a_family");
  source.while_read = [] { throw std::bad_alloc(); };
  ASSERT_TRUE(core::add_family_source(link(), source));
  EXPECT_THROW(static_cast<void>(text()), std::bad_alloc);
  core::remove_family_source(link(), source);
  EXPECT_EQ(text().find("a_family"), std::string::npos);
}

// Two might have families of one name.
TEST(FamilySource, IsTheOnlyOneOfItsTable) {
  one_family source("a_family");
  one_family other("b_family");
  ASSERT_TRUE(core::add_family_source(link(), source));
  EXPECT_FALSE(core::add_family_source(link(), other));
  core::remove_family_source(link(), other);
  EXPECT_NE(text().find("a_family"), std::string::npos);
  core::remove_family_source(link(), source);
  ASSERT_TRUE(core::add_family_source(link(), other));
  core::remove_family_source(link(), other);
}

// In the child of a fork there are none: their locks may be held by threads that are not there.
TEST(FamilySource, StaysInTheParentOfAFork) {
  one_family source("a_family");
  ASSERT_TRUE(core::add_family_source(link(), source));
  pid_t const child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::alarm(20);
    bool const none = text().find("a_family") == std::string::npos;
    core::remove_family_source(link(), source);
    bool const one =
        core::add_family_source(link(), source) && text().find("a_family") != std::string::npos;
    core::remove_family_source(link(), source);
    ::_exit(none && one ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_NE(text().find("a_family"), std::string::npos);
  core::remove_family_source(link(), source);
}
