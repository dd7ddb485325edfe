// The queue of pushes: its bounds, its order, and what each outcome is answered with. Reader and
// store are stand-ins here, so that both can be told what to do.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agents/push_desk.hpp"
#include "core/pushes.hpp"

namespace stele::pushing {

namespace {

/// What the stand-ins have seen, and what they say.
struct script {
  std::vector<std::string> applied;
  outcome says;
  std::optional<body_fault> fault;
  std::shared_ptr<shape const> of;  // of all that is read
  std::size_t reads = 0;
} now;

}  // namespace

// A body is a number: of values that the bundle has.
class body_reader::impl {};
body_reader::body_reader(push_limits const&, std::shared_ptr<shape_cache>) {}
body_reader::~body_reader() = default;
std::variant<bundle, body_fault> body_reader::read(std::string_view body, body_description const&,
                                                   std::shared_ptr<shape const> const&) {
  ++now.reads;
  if (now.fault) return *now.fault;
  std::size_t values = 0;
  std::from_chars(body.data(), body.data() + body.size(), values);
  bundle made;
  made.of = now.of;
  made.values.resize(values);
  return made;
}
body_type body_type_of(std::string_view) noexcept { return body_type::text; }
std::string body_fault::text() const { return what; }

store_time steady_milliseconds() noexcept { return 0; }

class store::impl {};
store::store(store_settings) {}
store::~store() = default;
std::shared_ptr<shape const> store::last_shape(std::string_view, std::string_view) const {
  return nullptr;
}
outcome store::apply(push const& what, store_time) noexcept {
  now.applied.push_back(std::string(what.workspace_id) + ":" +
                        std::to_string(what.what.values.size()));
  return now.says;
}
bool store::remove_group(std::string_view workspace, std::string_view) noexcept {
  now.applied.push_back(std::string(workspace) + ":removed");
  return false;
}
bool store::reclaim(store_time, std::size_t) noexcept { return false; }
void store::read(core::row_filter const*, core::snapshot_data&) {}

}  // namespace stele::pushing

namespace {

using namespace stele::pushing;
using stele::core::pushes::counted;
using result = stele::core::pushes::result;
using testing::ElementsAre;
using testing::HasSubstr;
using status = stele::serving::http::status;

struct claims_heard final : claim_sender {
  void claim(std::string_view workspace, epoch at, bool stated) noexcept override {
    all.push_back(std::string(workspace) + "@" + std::to_string(at) + (stated ? " stated" : ""));
  }
  std::vector<std::string> all;
};

class AgentsQueue : public testing::Test {
 protected:
  AgentsQueue() { now = {}; }

  static agents_settings settings(std::size_t bundles_max,
                                  std::size_t bytes_max = std::size_t{1} << 30) {
    agents_settings made;
    made.queue = {bundles_max, bytes_max};
    return made;
  }
  void push(push_desk& to, std::string const& workspace, std::string_view body = "1",
            std::optional<epoch> stated = std::nullopt) {
    push_head head;
    head.who = {"u", workspace};
    head.agents_epoch = stated;
    to.take(std::move(head), body, "", false, [this](answer said) { answers.push_back(said); });
  }
  std::uint64_t more(result what) {
    auto const index = static_cast<std::size_t>(what);
    return counted(index) - before[index];
  }
  std::string last() {
    return answers.empty() ? "none"
                           : std::to_string(static_cast<int>(answers.back().status)) + " " +
                                 answers.back().fields + answers.back().body;
  }

  int wakes = 0;
  std::function<void()> wake = [this] { ++wakes; };
  std::vector<answer> answers;
  std::vector<std::uint64_t> before = [] {
    std::vector<std::uint64_t> all;
    for (std::size_t i = 0; i <= static_cast<std::size_t>(result::unsupported); ++i)
      all.push_back(counted(i));
    return all;
  }();
};

// "200 means applied"
TEST_F(AgentsQueue, APushIsAnsweredWhenItIsApplied) {
  push_desk desk(settings(10), {}, wake);
  push(desk, "a");
  push(desk, "b", "3");
  EXPECT_EQ(desk.queue().size(), 2U);
  EXPECT_EQ(wakes, 1);  // once, however many wait
  EXPECT_EQ(last(), "none");
  EXPECT_THAT(now.applied, ElementsAre());
  EXPECT_FALSE(desk.drain());
  EXPECT_THAT(now.applied, ElementsAre("a:1", "b:3"));
  EXPECT_EQ(answers.size(), 2U);
  EXPECT_EQ(last(), "200 ");
  EXPECT_EQ(desk.queue().size(), 0U);
  EXPECT_EQ(desk.queue().bytes(), 0U);
  EXPECT_EQ(more(result::applied), 2U);
  push(desk, "c");
  EXPECT_EQ(wakes, 2);
}

// "Queue full: 503 with Retry-After, nothing taken"
TEST_F(AgentsQueue, AFullQueueTakesNothing) {
  push_desk desk(settings(2), {}, wake);
  push(desk, "a");
  push(desk, "b");
  auto const reads = now.reads;
  push(desk, "c");
  EXPECT_EQ(last(), "503 Retry-After: 1\r\nthe queue of pushes is full; push again\n");
  EXPECT_EQ(now.reads, reads);  // not read either
  EXPECT_EQ(more(result::queue_full), 1U);
  desk.drain();
  EXPECT_THAT(now.applied, ElementsAre("a:1", "b:1"));
  push(desk, "c");
  desk.drain();
  EXPECT_EQ(last(), "200 ");
}

// A push that nobody could be told of is not queued: those behind it would wait for ever.
TEST_F(AgentsQueue, WhatCannotWakeIsNotQueued) {
  bool is_short = true;
  push_desk desk(settings(10), {}, [&] {
    if (is_short) throw std::bad_alloc();
    wake();
  });
  EXPECT_THROW(push(desk, "a"), std::bad_alloc);
  EXPECT_EQ(desk.queue().size(), 0U);
  is_short = false;
  push(desk, "b");
  EXPECT_EQ(wakes, 1);
  desk.drain();
  EXPECT_THAT(now.applied, ElementsAre("b:1"));
}

// "bounded, in bundles and bytes"
TEST_F(AgentsQueue, IsBoundedInBytes) {
  push_desk desk(settings(1000, 100'000), {}, wake);
  push(desk, "a", "20000");  // 160 kB: alone it is taken, since a body has a bound of its own
  EXPECT_EQ(desk.queue().size(), 1U);
  EXPECT_GT(desk.queue().bytes(), 160'000U);
  push(desk, "b");
  EXPECT_EQ(last().substr(0, 3), "503");
  desk.drain();
  push(desk, "a", "6000");
  push(desk, "b", "6000");
  push(desk, "c", "6000");  // 48 kB each
  EXPECT_EQ(desk.queue().size(), 2U);
  EXPECT_EQ(more(result::queue_full), 2U);
}

// The same: labels are bytes, too. What many have is there once.
TEST_F(AgentsQueue, CountsAShapeOnce) {
  auto const labelled = [] {
    auto made = std::make_shared<shape>();
    made->label_text.assign(30'000, 'x');
    made->families.emplace_back().help.assign(10'000, 'h');
    return made;
  };
  push_desk desk(settings(1000, 100'000), {}, wake);
  now.of = labelled();
  for (int i = 0; i < 20; ++i) push(desk, "a");
  EXPECT_EQ(desk.queue().size(), 20U);
  EXPECT_GT(desk.queue().bytes(), 40'000U);
  now.of = labelled();
  push(desk, "b");
  EXPECT_EQ(desk.queue().size(), 21U);
  EXPECT_GT(desk.queue().bytes(), 80'000U);
  now.of = labelled();
  push(desk, "c");
  EXPECT_EQ(desk.queue().size(), 21U);
  EXPECT_EQ(last().substr(0, 3), "503");
  EXPECT_EQ(more(result::queue_full), 1U);
  desk.drain();
  EXPECT_EQ(desk.queue().bytes(), 0U);
  push(desk, "c");
  EXPECT_EQ(desk.queue().size(), 1U);
}

// "drained by a task on the same strand, up to 64 bundles a turn"
TEST_F(AgentsQueue, ATurnIsBounded) {
  push_desk desk(settings(1000), {}, wake);
  for (int i = 0; i < 130; ++i) push(desk, "w");
  EXPECT_TRUE(desk.drain());
  EXPECT_EQ(answers.size(), 64U);
  EXPECT_TRUE(desk.drain());
  EXPECT_FALSE(desk.drain());
  EXPECT_EQ(answers.size(), 130U);
}

// "PUT/POST and DELETE from one client keep their order."
TEST_F(AgentsQueue, ARemovalWaitsForThePushesBeforeIt) {
  push_desk desk(settings(10), {}, wake);
  push(desk, "a");
  push_head head;
  head.who = {"u", "a"};
  desk.remove(head, [this](answer said) { answers.push_back(said); });
  push(desk, "a", "2");
  desk.drain();
  EXPECT_THAT(now.applied, ElementsAre("a:1", "a:removed", "a:2"));
  EXPECT_EQ(answers.at(1).status, status::accepted);  // 202, also where there was none
  EXPECT_EQ(more(result::deleted), 1U);
}

TEST_F(AgentsQueue, EachOutcomeHasItsStatus) {
  push_desk desk(settings(10), {}, wake);
  now.says.is = outcome::kind::stale;
  now.says.why = "another instance has it";
  push(desk, "a");
  desk.drain();
  EXPECT_EQ(last(), "409 another instance has it\n");
  now.says.is = outcome::kind::limit;
  now.says.why = "too many series";
  push(desk, "a");
  desk.drain();
  EXPECT_EQ(last(), "429 too many series\n");
  now.says.is = outcome::kind::no_memory;
  push(desk, "a");
  desk.drain();
  EXPECT_EQ(last().substr(0, 20), "503 Retry-After: 1\r\n");
  now.fault = body_fault{body_fault::kind::syntax, 0, 0, "3:4: expected a value"};
  push(desk, "a");
  EXPECT_EQ(last(), "400 3:4: expected a value\n");  // at once: it is not queued
  now.fault->is = body_fault::kind::too_large;
  push(desk, "a");
  EXPECT_EQ(last().substr(0, 3), "413");
  now.fault->is = body_fault::kind::too_many;
  push(desk, "a");
  EXPECT_EQ(last().substr(0, 3), "429");
  for (result const each : {result::stale, result::no_memory, result::malformed, result::too_large})
    EXPECT_EQ(more(each), 1U) << static_cast<int>(each);
  EXPECT_EQ(more(result::limit), 2U);
}

// "200 with a body that names what was refused and why, and counts it by reason"
TEST_F(AgentsQueue, ARefusedFamilyIsNamed) {
  push_desk desk(settings(10), {}, wake);
  now.says.refused = {{"jobs_created", refusal_reason::suffix, "it clashes"},
                      {"cpu", refusal_reason::type, "expected gauge, saw counter"}};
  auto const before_type = stele::core::pushes::counted_refused(2);
  push(desk, "a");
  desk.drain();
  EXPECT_EQ(last(),
            "200 jobs_created: refused [suffix]: it clashes\n"
            "cpu: refused [type]: expected gauge, saw counter\n");
  EXPECT_EQ(stele::core::pushes::counted_refused(2), before_type + 1);
}

// "An instance that gets a workspace's push without owning it … tells its configured peers"
TEST_F(AgentsQueue, AWorkspaceThatIsTakenOverIsClaimed) {
  push_desk desk(settings(10), {}, wake);
  now.says.claimed = 17;
  push(desk, "a");
  desk.drain();  // there are no peers
  claims_heard heard;
  desk.tell(&heard);
  push(desk, "b");
  push(desk, "c", "1", 17);
  desk.drain();
  EXPECT_THAT(heard.all, ElementsAre("b@17", "c@17 stated"));
}

}  // namespace
