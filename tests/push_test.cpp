// The push client against a server that a test tells what to answer: what it sends, and when.

#include <gtest/gtest.h>
#include <zlib.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <thread>

#include "push_case.hpp"

using namespace stele::test;
using sample::metric;

namespace {

std::string objection(stele::push_options const& options) {
  auto const made = stele::push<sample::table>(options);
  return made ? "none" : made.error().message;
}

std::string unpacked(std::string const& packed) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
  std::string made(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(made.data());
  stream.avail_out = static_cast<uInt>(made.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  made.resize(stream.total_out);
  inflateEnd(&stream);
  return made;
}

// "PUT replaces the whole group"; "Path `/metrics/job/<JOB>{/<LABEL>/<VALUE>}`".
TEST(Push, PutsTheTableIntoItsGroupAtOnce) {
  push_stub server(say_yes);
  metric<"sample_jobs_total">.inc(3);
  auto const pusher = start({.url = server.url(),
                             .job = "agent",
                             .grouping = {{"user_id", "u1"}, {"workspace_id", "w1"}},
                             .interval = 1h});
  server.wait_for(1);
  auto const asked = server.requests()[0];
  EXPECT_EQ(asked.method, "PUT");
  EXPECT_EQ(asked.path, "/metrics/job/agent/user_id/u1/workspace_id/w1");
  EXPECT_TRUE(asked.has("\r\ncontent-type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_FALSE(asked.has("authorization")) << asked.head;
  EXPECT_FALSE(asked.has("expect:")) << asked.head;
  EXPECT_NE(line_of(asked.body, "sample_jobs_total"), "");
  EXPECT_NE(line_of(asked.body, "process_open_fds"), "");  // a row that Stele feeds
}

// "an empty value is a single `=`", "`@base64` … URL-safe alphabet"; a slash would be a component.
TEST(Push, EncodesWhatAPathCannotCarry) {
  push_stub server(say_yes);
  std::map<std::string, std::string> const labels{
      {"a", "x y/?z"}, {"b", ""}, {"c", ".."}, {"d", "a b?#%é"}, {"e", "/\xff?>"}};
  {
    auto const pusher = start({.url = server.url() + "/prefix/",
                               .job = "a/b",
                               .grouping = labels,
                               .method = stele::push_method::post,
                               .interval = 1h});
    server.wait_for(1);
  }
  EXPECT_EQ(server.requests()[0].method, "POST");
  EXPECT_EQ(server.requests()[0].path,
            "/prefix/metrics/job@base64/YS9i/a@base64/eCB5Lz96/b@base64/=/c@base64/Li4"
            "/d/a%20b%3F%23%25%C3%A9/e@base64/L_8_Pg");
}

// "bad options are an error of push() that names option, expected, seen and fix".
TEST(Push, NamesTheOptionThatWillNotDo) {
  struct wrong {
    stele::push_options options;
    std::string says;
  };
  for (wrong const& each : std::initializer_list<wrong>{
           {{.job = "j"}, "expected .url to be http://HOST:PORT"},
           {{.url = "localhost:9091", .job = "j"}, "saw 'localhost:9091'; correct it"},
           {{.url = "ftp://h", .job = "j"}, "saw 'ftp://h'; correct it"},
           {{.url = "http://u:secret@h", .job = "j"}, "expected .url to be without user"},
           {{.url = "http://h/?a=b", .job = "j"}, "without query and fragment"},
           {{.url = "http://h/metrics/job/x", .job = "j"}, "without /metrics/job, which is added"},
           {{.url = "http://h"}, "expected .job to be the name of what pushes, saw none; set it"},
           {{.url = "http://h", .job = "j", .grouping = {{"job", "x"}}}, "use .job"},
           {{.url = "http://h", .job = "j", .grouping = {{"__x", "x"}}}, "saw '__x'"},
           {{.url = "http://h", .job = "j", .grouping = {{"a-b", "x"}}}, "saw 'a-b'"},
           {{.url = "http://h", .job = "j", .grouping = {{"a", "x"}, {"a", "y"}}}, "'a' twice"},
           {{.url = "http://h", .job = "j", .token = "a", .token_file = "b"}, "saw both"},
           {{.url = "http://h", .job = "j", .token = "a\r\nb"},
            "expected .token to be of one line"},
           {{.url = "http://h", .job = "j", .token_file = "/none"}, "in /none, saw 'No such file"},
           {{.url = "http://h", .job = "j", .user = "x"}, "expected .token_file to be the file of"},
           {{.url = "http://h", .job = "j", .token = "t", .user = "x:y"}, "without ':'"},
           {{.url = "http://h", .job = "j", .ca_file = "/none"}, "expected .ca_file to be a read"},
           {{.url = "http://h", .job = "j", .epoch = -1}, "expected .epoch to be milliseconds"},
           {{.url = "http://h", .job = "j", .interval = 0s}, "expected .interval to be from 10 ms"},
           {{.url = "http://h", .job = "j", .request_time_max = 0s}, ".request_time_max"},
           {{.url = "http://h", .job = "j", .stop_time_max = -1s}, ".stop_time_max"},
       }) {
    std::string const said = objection(each.options);
    EXPECT_NE(said.find(each.says), std::string::npos) << said;
    EXPECT_NE(said.find("; "), std::string::npos) << said;
    EXPECT_EQ(said.find("secret"), std::string::npos) << said;
  }
}

// "retry … on connection errors / 5xx / 429", and the interval's own push is far away.
TEST(Push, TriesAgainWhatMayGoWell) {
  for (int const status : {500, 502, 503, 429}) {
    push_stub server(in_turn({status, 200}));
    auto pusher = start({.url = server.url(), .job = "j", .interval = 1h});
    server.wait_for(2);
    EXPECT_TRUE(soon([&] { return pusher.pushed() == 1; })) << status;
    EXPECT_EQ(pusher.failed(), 1U) << status;
  }
  std::atomic<int> count{0};
  push_stub silent([&](auto const&) { return count++ == 0 ? "" : push_stub::answer(200); });
  auto pusher = start({.url = silent.url(), .job = "j", .interval = 1h});
  silent.wait_for(2);
  EXPECT_TRUE(soon([&] { return pusher.pushed() == 1; }));
}

// "with exponential back-off": four pauses of 250 ms at the beginning have 125 + 250 + 500 ms.
TEST(Push, PausesLongerAndLonger) {
  push_stub server(in_turn({500}));
  auto pusher = start({.url = server.url(), .job = "j", .interval = 1h, .stop_time_max = 0s});
  server.wait_for(4);
  auto const all = server.requests();
  EXPECT_GE(all[3].came - all[0].came, 875ms);
  EXPECT_GE(all[3].came - all[2].came, 500ms);
}

// "none on 4xx": a request that is wrong is wrong the next time, too.
TEST(Push, LeavesARefusalUntilTheNextInterval) {
  heard said;
  for (int const status : {302, 400, 401, 403, 409, 413}) {
    push_stub server(in_turn({status, 200}));
    auto pusher = start({.url = server.url(), .job = "j", .interval = 1h, .stop_time_max = 0s});
    server.wait_for(1);
    EXPECT_TRUE(soon([&] { return pusher.failed() == 1; }));
    std::this_thread::sleep_for(400ms);  // the first pause is 250 ms at most
    EXPECT_EQ(server.requests().size(), 1U) << status;
  }
  EXPECT_EQ(said.of(stele::diagnostic::kind::push).size(), 6U) << said.text();
  EXPECT_NE(said.text().find("to take it, saw 401; set .token"), std::string::npos) << said.text();
  EXPECT_NE(said.text().find("; the next try is in "), std::string::npos) << said.text();
}

// "Retry-After honoured", where it is later than the next interval, too.
TEST(Push, WaitsAsLongAsItIsTold) {
  push_stub server(in_turn({503, 200}, "Retry-After: 1\r\n"));
  auto pusher = start({.url = server.url(), .job = "j", .interval = 50ms});
  server.wait_for(2);
  auto const all = server.requests();
  EXPECT_GE(all[1].came - all[0].came, 950ms);
}

// "interval".
TEST(Push, PushesAtEachIntervalOverOneConnection) {
  push_stub server(say_yes);
  auto pusher = start({.url = server.url(), .job = "j", .interval = 100ms});
  server.wait_for(6);
  auto const all = server.requests();
  EXPECT_GE(all[5].came - all[1].came, 300ms);  // the first interval is a part of one
  EXPECT_EQ(server.connections(), 1U);
}

// "push_now(): what the other side said".
TEST(Push, TellsWhatTheOtherSideSaid) {
  std::atomic<int> status{200};
  push_stub server([&](auto const&) { return push_stub::answer(status, "families refused: x"); });
  auto pusher = start({.url = server.url(), .job = "j", .interval = 1h, .stop_time_max = 0s});
  metric<"sample_queue_length">.set(17);
  auto const taken = pusher.push_now();
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_EQ(taken->status, 200U);
  EXPECT_EQ(taken->body, "families refused: x");
  EXPECT_EQ(line_of(server.requests().back().body, "sample_queue_length"),
            "sample_queue_length 17");

  status = 409;
  auto const refused = pusher.push_now();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, std::error_code(409, stele::http_status_category()));
  EXPECT_NE(refused.error().message.find("to take it, saw 409 'families refused: x'; connect"),
            std::string::npos)
      << refused.error().message;
}

// "errors as diagnostics": a family that is refused is not lost silently.
TEST(Push, ReportsWhatWasRefusedOfAPushThatWasTaken) {
  heard said;
  push_stub server([](auto const&) { return push_stub::answer(200, "x: its type differs\n"); });
  auto pusher = start({.url = server.url(), .job = "j", .interval = 1h, .stop_time_max = 0s});
  EXPECT_TRUE(soon([&] { return said.of(stele::diagnostic::kind::push).size() == 1; }));
  EXPECT_NE(said.text().find("saw 200 'x: its type differs'"), std::string::npos) << said.text();
}

TEST(Push, SaysWhyThereWasNoAnswer) {
  std::string free;
  {
    push_stub gone(say_yes);
    free = gone.url();
  }
  auto const refused = stele::push_once<sample::table>({.url = free, .job = "j", .interval = 50ms});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, std::errc::connection_refused) << refused.error().message;
  EXPECT_NE(refused.error().message.find("; see whether it runs"), std::string::npos);

  push_stub slow([](auto const&) {
    std::this_thread::sleep_for(300ms);
    return push_stub::answer(200);
  });
  auto const late = stele::push_once<sample::table>(
      {.url = slow.url(), .job = "j", .interval = 150ms, .request_time_max = 50ms});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, std::errc::timed_out) << late.error().message;
}

// "`stele::push_once<Tables…>(options)` for batch jobs".
TEST(Push, PushesOnceWithTries) {
  push_stub server(in_turn({503, 200}));
  metric<"sample_queue_length">.set(5);
  auto const said = stele::push_once<sample::table>({.url = server.url(), .job = "batch"});
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_EQ(said->status, 200U);
  ASSERT_EQ(server.requests().size(), 2U);
  EXPECT_EQ(line_of(server.requests()[1].body, "sample_queue_length"), "sample_queue_length 5");

  push_stub wrong(in_turn({400, 200}));
  EXPECT_FALSE(stele::push_once<sample::table>({.url = wrong.url(), .job = "batch"}));
  EXPECT_EQ(wrong.requests().size(), 1U);
}

TEST(Push, SendsItsTokenAsBearerOrAsAUsersPassword) {
  push_stub server(say_yes);
  std::string const url = server.url();
  stele::push_options options{.url = url, .job = "j", .token = "t 1", .epoch = 1'700};
  ASSERT_TRUE(stele::push_once<sample::table>(options));
  options.user = "me";
  ASSERT_TRUE(stele::push_once<sample::table>(options));
  auto const all = server.requests();
  EXPECT_TRUE(all[0].has("\r\nauthorization: bearer t 1\r\n")) << all[0].head;
  EXPECT_TRUE(all[0].has("\r\nstele-epoch: 1700\r\n")) << all[0].head;
  EXPECT_TRUE(all[1].has("\r\nauthorization: basic bwu6dcax\r\n")) << all[1].head;  // me:t 1
}

// "token from … file (re-read at each push)".
TEST(Push, ReadsItsTokenAnew) {
  auto const file =
      std::filesystem::temp_directory_path() / ("stele-push-token." + std::to_string(::getpid()));
  std::ofstream(file) << "one\n";
  push_stub server(say_yes);
  std::string const name = file.string();
  auto pusher = start({.url = server.url(),
                       .job = "j",
                       .token_file = name,
                       .interval = 1h,
                       .stop_time_max = 100ms});
  server.wait_for(1);
  std::ofstream(file) << "  two\r\n";
  EXPECT_TRUE(pusher.push_now());
  std::filesystem::remove(file);
  auto const none = pusher.push_now();
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find(name), std::string::npos) << none.error().message;
  auto const all = server.requests();
  EXPECT_TRUE(all[0].has("\r\nauthorization: bearer one\r\n")) << all[0].head;
  EXPECT_TRUE(all[1].has("\r\nauthorization: bearer two\r\n")) << all[1].head;
  pusher.stop();
  EXPECT_EQ(server.requests().size(), 2U);  // none goes without its token
}

TEST(Push, SendsOtherFormatsAndGzip) {
  push_stub server(say_yes);
  ASSERT_TRUE(stele::push_once<sample::table>(
      {.url = server.url(), .job = "j", .body = stele::format::protobuf}));
  ASSERT_TRUE(stele::push_once<sample::table>({.url = server.url(), .job = "j", .gzip = true}));
  auto const all = server.requests();
  EXPECT_TRUE(
      all[0].has("\r\ncontent-type: application/vnd.google.protobuf; "
                 "proto=io.prometheus.client.metricfamily; encoding=delimited\r\n"))
      << all[0].head;
  EXPECT_TRUE(all[1].has("\r\ncontent-encoding: gzip\r\n")) << all[1].head;
  EXPECT_NE(line_of(unpacked(all[1].body), "sample_queue_length"), "");
}

}  // namespace
