// What the agents' address answers, over real connections: each status, and what is exposed then.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <boost/beast/core/detail/base64.hpp>

#include <stdexcept>
#include <string>
#include <vector>

#include "agents_http_case.hpp"
#include "soon.hpp"

namespace {

using namespace stele::test;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string exposed() { return stele::testing::exposition<sample::table>(); }

std::string gzipped(std::string const& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string made(text.size() + 1000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(made.data());
  stream.avail_out = static_cast<uInt>(made.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  made.resize(stream.total_out);
  deflateEnd(&stream);
  return made;
}

std::string basic(std::string const& pair) {
  std::string made(pair.size() * 2 + 4, '\0');
  made.resize(boost::beast::detail::base64::encode(made.data(), pair.data(), pair.size()));
  return "Basic " + made;
}

class AgentsHttp : public testing::Test {
 protected:
  agents_case given;
};

// "200 means applied"
TEST_F(AgentsHttp, WhatIsPushedIsExposed) {
  auto const agents = given.start<sample::table>();
  auto const said = given.put(agents, "w1", "# TYPE cpu gauge\ncpu 0.5\ncpu{core=\"1\"} 2\n");
  EXPECT_EQ(said.result_int(), 200U) << said.body();
  EXPECT_EQ(said.body(), "");
  EXPECT_THAT(exposed(),
              AllOf(HasSubstr("\n# TYPE coderd_workspace_cpu gauge\n"),
                    HasSubstr("coderd_workspace_cpu{user_id=\"u1\",workspace_id=\"w1\"} 0.5\n"),
                    HasSubstr("workspace_id=\"w1\",core=\"1\"} 2\n")));
}

// "exposed by every endpoint and gather of the first table given, in any order"
TEST_F(AgentsHttp, EveryEndpointShowsIt) {
  auto const before = start();
  auto const agents = given.start<sample::table>();
  auto const after = start();
  ASSERT_EQ(given.put(agents, "w1", "shown 1\n").result_int(), 200U);
  EXPECT_THAT(client(before.port()).get("/metrics").body(), HasSubstr("coderd_workspace_shown{"));
  EXPECT_THAT(client(after.port()).get("/metrics").body(), HasSubstr("coderd_workspace_shown{"));
}

// "PUT replaces the whole group; POST replaces the families of the same names; DELETE removes the
// group (202, also where there was none)."
TEST_F(AgentsHttp, PutPostAndDelete) {
  auto const agents = given.start<sample::table>();
  given.put(agents, "w1", "first 1\nsecond 2\n");
  EXPECT_EQ(given.put(agents, "w1", "second 3\n", {}, "POST").result_int(), 200U);
  EXPECT_THAT(exposed(), AllOf(HasSubstr("workspace_first{"), HasSubstr("\"w1\"} 3\n")));
  EXPECT_EQ(given.put(agents, "w1", "second 4\n").result_int(), 200U);
  EXPECT_THAT(exposed(), AllOf(Not(HasSubstr("workspace_first{")), HasSubstr("\"w1\"} 4\n")));
  EXPECT_EQ(given.put(agents, "w1", "", {}, "DELETE").result_int(), 202U);
  EXPECT_THAT(exposed(), Not(HasSubstr("coderd_workspace_")));
  EXPECT_EQ(given.put(agents, "w1", "", {}, "DELETE").result_int(), 202U);
}

// "or Basic with the token as the password and any user name"
TEST_F(AgentsHttp, ATokenIsABearersOrAPassword) {
  auto const agents = given.start<sample::table>();
  auto const ask = [&](std::string const& authorization) {
    return agents_case::ask(agents, "PUT", path_of("w1"), "a 1\n",
                            {{"Authorization", authorization}});
  };
  EXPECT_EQ(ask("Bearer " + token_of("w1")).result_int(), 200U);
  EXPECT_EQ(ask(basic("anyone:" + token_of("w1"))).result_int(), 200U);
  EXPECT_EQ(ask(basic(":" + token_of("w1"))).result_int(), 200U);
  for (auto const& wrong : {std::string("Bearer no-such-token-here"), basic("x:"), basic("x"),
                            basic(token_of("w1") + ":"), std::string("Digest x"), std::string()}) {
    auto const said = ask(wrong);
    EXPECT_EQ(said.result_int(), 401U) << wrong;
    EXPECT_THAT(std::string(said["WWW-Authenticate"]), StartsWith("Bearer"));
  }
  EXPECT_EQ(agents_case::ask(agents, "PUT", path_of("w1"), "a 1\n").result_int(), 401U);
}

// "The group must carry user_id and workspace_id, and they must be the token's own: 403"
TEST_F(AgentsHttp, AGroupOfAnotherIsForbidden) {
  auto const agents = given.start<sample::table>();
  header_fields const own{{"Authorization", "Bearer " + token_of("w1")}};
  for (auto const& path :
       {path_of("w2"), path_of("w1", "u2"), std::string("/metrics/job/agent/user_id/u1"),
        std::string("/metrics/job/agent/workspace_id/w1"), std::string("/metrics/job/agent")}) {
    auto const said = agents_case::ask(agents, "PUT", path, "a 1\n", own);
    EXPECT_EQ(said.result_int(), 403U) << path;
    EXPECT_THAT(said.body(), HasSubstr("which is the token's own, saw "));
  }
  EXPECT_THAT(exposed(), Not(HasSubstr("coderd_workspace_")));
  // What is said is one line, whatever the path's bytes are.
  auto const other = agents_case::ask(agents, "PUT", path_of("w%0A1"), "a 1\n", own);
  EXPECT_THAT(other.body(), HasSubstr("saw 'w\\x0a1'\n"));
  auto const encoded = agents_case::ask(
      agents, "PUT", "/metrics/job@base64/YQ/user_id@base64/dTE/workspace_id/%771", "a 1\n", own);
  EXPECT_EQ(encoded.result_int(), 200U) << encoded.body();  // the same, written otherwise
}

TEST_F(AgentsHttp, OtherPathsAndMethods) {
  auto const agents = given.start<sample::table>();
  header_fields const own{{"Authorization", "Bearer " + token_of("w1")}};
  for (std::string const path : {"/", "/metrics", "/metrics/jobs/x", "/-/claims"}) {
    auto const said = agents_case::ask(agents, "PUT", path, "a 1\n", own);
    EXPECT_EQ(said.result_int(), 404U) << path;
    EXPECT_THAT(said.body(), HasSubstr("expected /metrics/job/<JOB>/user_id/"));
  }
  auto const said = agents_case::ask(agents, "GET", path_of("w1"), "", own);
  EXPECT_EQ(said.result_int(), 405U);
  EXPECT_EQ(said["Allow"], "PUT, POST, DELETE");
  EXPECT_EQ(client(agents.port()).get("/-/healthy").result_int(), 200U);
  auto const odd = agents_case::ask(agents, "PUT", path_of("w1") + "/odd", "a 1\n", own);
  EXPECT_EQ(odd.result_int(), 400U);
}

// "A syntax error … refuses the whole bundle: 400, with line and column where there is text"
TEST_F(AgentsHttp, AWrongBodyIsRefusedWithItsPlace) {
  auto const agents = given.start<sample::table>();
  auto const said = given.put(agents, "w1", "good 1\nbad one\n");
  EXPECT_EQ(said.result_int(), 400U);
  EXPECT_THAT(said.body(), StartsWith("2:5: "));
  EXPECT_THAT(exposed(), Not(HasSubstr("coderd_workspace_good")));
}

// "A conflict that concerns one family only refuses that family, keeps the rest, answers 200 with a
// body that names what was refused and why"
TEST_F(AgentsHttp, AFamilyAloneIsRefused) {
  auto const agents = given.start<sample::table>();
  ASSERT_EQ(given.put(agents, "w1", "# TYPE load gauge\nload 1\n").result_int(), 200U);
  auto const said = given.put(agents, "w2", "# TYPE load counter\nload 1\n# TYPE b gauge\nb 2\n");
  EXPECT_EQ(said.result_int(), 200U);
  EXPECT_THAT(said.body(), StartsWith("load: refused [type]: "));
  EXPECT_THAT(exposed(), HasSubstr("coderd_workspace_b{user_id=\"u1\",workspace_id=\"w2\"} 2\n"));
}

// "Content-Encoding: gzip; we answer 415 to others"
TEST_F(AgentsHttp, CodingsOfABody) {
  auto const agents = given.start<sample::table>();
  auto const said = given.put(agents, "w1", gzipped("packed 7\n"), {{"Content-Encoding", "gzip"}});
  EXPECT_EQ(said.result_int(), 200U) << said.body();
  EXPECT_THAT(exposed(), HasSubstr("coderd_workspace_packed{"));
  EXPECT_EQ(given.put(agents, "w1", "a 1\n", {{"Content-Encoding", "identity"}}).result_int(),
            200U);
  auto const snappy = given.put(agents, "w1", "a 1\n", {{"Content-Encoding", "snappy"}});
  EXPECT_EQ(snappy.result_int(), 415U);
  EXPECT_THAT(snappy.body(), HasSubstr("expected Content-Encoding gzip or identity"));
  EXPECT_EQ(given.put(agents, "w1", "a 1\n", {{"Content-Encoding", "gzip"}}).result_int(), 400U);
}

// "Bodies come with a Content-Length or in chunks"
TEST_F(AgentsHttp, ABodyInChunks) {
  auto const agents = given.start<sample::table>();
  client from(agents.port());
  from.send("PUT " + path_of("w1") + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
            token_of("w1") + "\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nchun\r\n6\r\nked 5\n\r\n" +
            "0\r\n\r\n");
  EXPECT_EQ(from.read().result_int(), 200U);
  EXPECT_THAT(exposed(), HasSubstr("coderd_workspace_chunked{"));
}

// "an oversize or a limit refuses the whole bundle: 413 / 429"
TEST_F(AgentsHttp, BoundsOfABody) {
  auto const agents =
      given.start<sample::table>({.limits = {.body_bytes_max = 1000, .series_per_push_max = 3}});
  auto const large = given.put(agents, "w1", std::string(1001, '\n'));
  EXPECT_EQ(large.result_int(), 413U);
  EXPECT_THAT(large.body(), HasSubstr("expected a body of at most 1000 bytes"));
  auto const unpacked = given.put(agents, "w1", gzipped("#" + std::string(5000, ' ') + "\na 1\n"),
                                  {{"Content-Encoding", "gzip"}});
  EXPECT_EQ(unpacked.result_int(), 413U);
  EXPECT_EQ(given.put(agents, "w1", "a 1\nb 1\nc 1\n").result_int(), 200U);
  auto const many = given.put(agents, "w1", "a 2\nb 2\nc 2\nd 2\n");
  EXPECT_EQ(many.result_int(), 429U);
  EXPECT_THAT(exposed(), Not(HasSubstr("\"w1\"} 2\n")));  // "nothing of it shows"
}

// As of a body's labels; by every way in.
TEST_F(AgentsHttp, BoundsOfThePathAreAnsweredAsThoseOfABody) {
  auto agents = given.start<sample::table>(
      {.limits = {.labels_per_series_max = 1, .label_value_bytes_max = 8}});
  auto const put = [&](std::string const& more) {
    return agents_case::ask(agents, "PUT", path_of("w1") + more, "a 1\n",
                            {{"Authorization", "Bearer " + token_of("w1")}})
        .result_int();
  };
  EXPECT_EQ(put("/zone/12345678"), 200U);
  EXPECT_EQ(put("/zone/123456789"), 413U);
  EXPECT_EQ(put("/zone/1/rack/2"), 429U);
  EXPECT_EQ(put("/zone"), 400U);
  EXPECT_EQ(agents.push({.user_id = "u", .workspace_id = "123456789"}, "a 1\n").status, 413U);
}

// "bytes in flight over all connections bounded (503 + Retry-After)"
TEST_F(AgentsHttp, BytesInFlightAreBounded) {
  auto const agents =
      given.start<sample::table>({.limits = {.body_bytes_max = 1000}, .receiving_bytes_max = 1500});
  std::string const head = "PUT " + path_of("w1") +
                           " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token_of("w1") +
                           "\r\nContent-Length: 1000\r\n\r\n";
  {
    client slow(agents.port());
    slow.send(head + "a 1\n");
    response said;
    EXPECT_TRUE(soon([&] {  // until the slow one is seen
      said = given.put(agents, "w2", "b" + std::string(900, '0') + " 1\n");
      return said.result_int() == 503;
    }));
    EXPECT_EQ(said["Retry-After"], "1");
    EXPECT_EQ(given.put(agents, "w2", "c 1\n").result_int(), 200U);
  }
  // "A client that vanishes in the middle of a body costs nothing but its session"
  EXPECT_TRUE(soon([&] {
    return given.put(agents, "w2", "b" + std::string(900, '0') + " 1\n").result_int() == 200;
  }));
}

// "a push with an older epoch than the one known is refused with 409"
TEST_F(AgentsHttp, AnOlderEpochIsStale) {
  auto const agents = given.start<sample::table>();
  EXPECT_EQ(given.put(agents, "w1", "a 1\n", {{"Stele-Epoch", "1600000000000"}}).result_int(),
            200U);
  EXPECT_EQ(given.put(agents, "w1", "a 2\n", {{"Stele-Epoch", "1599999999999"}}).result_int(),
            409U);
  EXPECT_THAT(exposed(), HasSubstr("\"w1\"} 1\n"));
  // One that no clock says would hold off every push that comes after.
  for (auto const* said : {"soon", "0", "-1", "2900000000000", "9223372036854775807"})
    EXPECT_EQ(given.put(agents, "w1", "a 2\n", {{"Stele-Epoch", said}}).result_int(), 400U) << said;
}

struct one_token final : stele::agent_directory {
  bool find(std::string_view token, stele::agent_identity& to) override {
    if (token == "throw") throw std::runtime_error("no directory");
    to = {"u1", "w1"};
    return token == "letmein";
  }
};

// "or a callback interface stele::agent_directory"
TEST_F(AgentsHttp, ADirectoryKnowsTheTokens) {
  one_token directory;
  auto const agents = given.start<sample::table>({.directory = &directory});
  auto const ask = [&](std::string const& token) {
    return agents_case::ask(agents, "PUT", path_of("w1"), "a 1\n",
                            {{"Authorization", "Bearer " + token}})
        .result_int();
  };
  EXPECT_EQ(ask("letmein"), 200U);
  EXPECT_EQ(ask("letmeout"), 401U);
  EXPECT_EQ(ask("throw"), 401U);
}

// One connection, many pushes: what a body was does not reach the next one.
TEST_F(AgentsHttp, AConnectionIsKept) {
  auto const agents = given.start<sample::table>();
  client from(agents.port());
  for (int i = 0; i < 50; ++i) {
    bool const wrong = i % 5 == 3;
    auto const said =
        from.ask("PUT", path_of("w1"), {{"Authorization", "Bearer " + token_of("w1")}},
                 wrong ? "kept" : "kept " + std::to_string(i) + "\n");
    EXPECT_EQ(said.result_int(), wrong ? 400U : 200U);
  }
  EXPECT_THAT(exposed(),
              HasSubstr("coderd_workspace_kept{user_id=\"u1\",workspace_id=\"w1\"} 49\n"));
}

// "Its end stops it, and what was pushed is not exposed any more."
TEST_F(AgentsHttp, AfterTheEndNothingIsExposed) {
  auto agents = given.start<sample::table>();
  given.put(agents, "w1", "a 1\n");
  EXPECT_THAT(exposed(), HasSubstr("coderd_workspace_a{"));
  agents.stop();
  EXPECT_THAT(exposed(), Not(HasSubstr("coderd_workspace_")));
  agents.stop();
  EXPECT_EQ(agents.push({.user_id = "u", .workspace_id = "w"}, "a 1\n").status, 503U);
}

// "All errors at once"
TEST_F(AgentsHttp, AllFaultsOfTheFilesAreSaidAtOnce) {
  auto const tokens = given.folder.write("wrong", "short u1 w1\n");
  auto const config =
      given.folder.write("agents.yml", "ttl: never\npeers: {token_file: nowhere}\n");
  auto const made = stele::serve_agents<sample::table>(
      {.port = 0, .tokens_file = tokens, .config_file = config, .web_config_file = "/no/web.yml"});
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message,
              AllOf(HasSubstr(tokens + ":1:1: error: expected a token of at least"),
                    HasSubstr(config + ":1:6: error: ttl: expected a duration"),
                    HasSubstr(given.folder.path("nowhere") + ": error: expected a file of peers'"),
                    HasSubstr("/no/web.yml: error: ")));
  EXPECT_THAT(stele::serve_agents<sample::table>({.port = 0}).error().message,
              HasSubstr("expected tokens_file or directory, saw neither"));
}

}  // namespace
