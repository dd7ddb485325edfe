// What an endpoint with a receiver does when time runs out, and when something ends.

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "receiver_case.hpp"

using namespace stele::serving;
using namespace stele::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

// ---- Time ---------------------------------------------------------------------------------------

// "The whole request including its body has to come within a bound": each byte does not renew it.
TEST_F(EndpointReceiver, CutsABodyThatComesTooSlowly) {
  for (auto const& begins :
       {head_of("PUT", "/a", "Content-Length: 1000\r\n"), put_chunked("/a", "3e8\r\n"),
        head_of("PUT", "/a", "Content-Length: 1000\r\nExpect: 100-continue\r\n")}) {
    auto endpoint = start_receiver(receives, {.body_time_max = 300ms});
    client slow(endpoint.port());
    auto const before = std::chrono::steady_clock::now();
    slow.send(begins);
    bool const told = begins.find("Expect") != std::string::npos;
    if (told) {
      EXPECT_EQ(slow.read().result_int(), 100U);
    }
    for (int i = 0; i < 100 && !slow.hears_within(10ms); ++i) slow.send("x");
    EXPECT_EQ(slow.read().result_int(), 408U);
    EXPECT_GE(std::chrono::steady_clock::now() - before, 290ms);
    EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
    EXPECT_EQ(slow.rest(), "");
  }
  EXPECT_EQ(receives->taken, 0);
}

TEST_F(EndpointReceiver, GivesABodyMoreTimeThanAHeaderOrAnAnswer) {
  auto endpoint = start_receiver(receives, {.header_time_max = 100ms, .request_time_max = 200ms});
  client slow(endpoint.port());
  slow.send(head_of("PUT", "/a", "Content-Length: 2\r\n") + "x");
  std::this_thread::sleep_for(400ms);
  slow.send("y");
  EXPECT_EQ(slow.read().body(), "/a:xy");
}

TEST_F(EndpointReceiver, AnswersInTimeForAReceiverThatDoesNot) {
  std::vector<body_reply> replies;
  receives->takes = [&](auto const&, auto, auto reply) { replies.push_back(std::move(reply)); };
  auto endpoint = start_receiver(receives, {.request_time_max = 100ms});
  client connection(endpoint.port());
  connection.send(put("/a", "x"));
  auto const late = connection.read();
  EXPECT_EQ(late.result_int(), 503U);
  EXPECT_EQ(late["Retry-After"], "1");
  EXPECT_TRUE(receives->all_have_ended());
  connection.send(put("/a", "y"));
  EXPECT_TRUE(soon([&] { return receives->taken == 2; }));
  replies[0]({http::status::ok, {}, "the first one's, too late"});
  EXPECT_EQ(connection.read().result_int(), 503U);
}

// ---- Threads and ends ---------------------------------------------------------------------------

TEST_F(EndpointReceiver, MayReplyOnAnotherThread) {
  std::vector<std::thread> threads;
  receives->takes = [&](auto const& path, std::string_view body, auto reply) {
    threads.emplace_back([path, copy = std::string(body), reply] {
      reply({http::status::accepted, {}, path + "=" + copy});
      reply({http::status::ok, {}, "the first one counts"});
    });
  };
  auto endpoint = start_receiver(receives);
  client connection(endpoint.port());
  for (int i = 0; i < 20; ++i) {
    std::string const body = letters(static_cast<std::size_t>(i) * 1'000);
    connection.send(put("/t", body));
    auto const answer = connection.read();
    EXPECT_EQ(answer.result_int(), 202U);
    EXPECT_TRUE(answer.body() == "/t=" + body);
  }
  endpoint.stop();
  for (auto& each : threads) each.join();
}

TEST_F(EndpointReceiver, MayReplyWhenTheClientOrTheEndpointIsGone) {
  std::mutex mutex;
  std::vector<body_reply> replies;
  receives->takes = [&](auto const&, auto, auto reply) {
    std::lock_guard const lock(mutex);
    replies.push_back(std::move(reply));
  };
  auto const wait_for = [&](int count) {
    for (int i = 0; i < 3'000 && receives->taken < count; ++i) std::this_thread::sleep_for(1ms);
    ASSERT_EQ(receives->taken, count);
  };
  {
    auto endpoint = start_receiver(receives, {.drain_time_max = 50ms});
    client(endpoint.port()).send(put("/a", "x"));
    wait_for(1);
    {
      std::lock_guard const lock(mutex);
      for (auto const& each : replies) each({http::status::ok, {}, "to nobody"});
    }
    client waits(endpoint.port());
    waits.send(put("/a", "x"));
    wait_for(2);
  }
  for (auto const& each : replies) each({http::status::ok, {}, "to nobody"});
}

TEST_F(EndpointReceiver, ForgetsABodyWhoseClientVanishes) {
  auto endpoint = start_receiver(receives);
  for (bool const resets : {false, true})
    for (auto const& begins :
         {head_of("PUT", "/a", "Content-Length: 1000000\r\n") + letters(50'000),
          put_chunked("/a", "fffff\r\n" + letters(50'000))}) {
      int const before = receives->begun;
      client vanishes(endpoint.port());
      vanishes.send(begins);
      for (int i = 0; i < 3'000 && receives->begun == before; ++i) std::this_thread::sleep_for(1ms);
      EXPECT_EQ(receives->begun, before + 1);
      if (resets)
        vanishes.reset();
      else
        vanishes.end_sending();
      EXPECT_TRUE(receives->all_have_ended());
    }
  EXPECT_EQ(receives->taken, 0);
  EXPECT_EQ(client(endpoint.port()).get("/a").body(), "/a:");
}

// A body that is under way is no answer that is: who sends it sends it again, elsewhere.
TEST_F(EndpointReceiver, StopsWhileABodyIsUnderWay) {
  auto endpoint = start_receiver(receives);
  client sends(endpoint.port());
  sends.send(head_of("PUT", "/a", "Content-Length: 1000000\r\n") + letters(50'000));
  for (int i = 0; i < 3'000 && receives->begun == 0; ++i) std::this_thread::sleep_for(1ms);
  auto const before = std::chrono::steady_clock::now();
  endpoint.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, 2s);
  EXPECT_TRUE(sends.closed());
  EXPECT_EQ(receives->taken, 0);
}

// "Lets running responses end": one whose body has come is answered.
TEST_F(EndpointReceiver, AnswersWhatItHasTakenBeforeItStops) {
  std::promise<body_reply> taken;
  receives->takes = [&](auto const&, auto, auto reply) { taken.set_value(std::move(reply)); };
  auto endpoint = start_receiver(receives);
  client waits(endpoint.port());
  waits.send(put("/a", "x"));
  auto const reply = taken.get_future().get();
  std::thread later([&] {
    std::this_thread::sleep_for(100ms);
    reply({http::status::ok, {}, "done"});
  });
  endpoint.stop();
  EXPECT_EQ(waits.read().body(), "done");
  EXPECT_EQ(waits.rest(), "");
  later.join();
}

TEST_F(EndpointReceiver, ReceivesOnAUsersContext) {
  boost::asio::io_context io;
  auto endpoint = start_receiver(receives, {}, nullptr, &io);
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back([&] { io.run(); });
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i)
    clients.emplace_back([&, i] {
      client connection(endpoint.port());
      for (int j = 0; j < 50; ++j) {
        std::string const body = letters(static_cast<std::size_t>(i * 100 + j));
        connection.send(put("/u", body));
        EXPECT_TRUE(connection.read().body() == "/u:" + body);
      }
    });
  for (auto& each : clients) each.join();
  endpoint.stop();
  for (auto& each : threads) each.join();
}
