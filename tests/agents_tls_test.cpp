// The agents' address over TLS, by the web configuration file that exporters take.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "agents_http_case.hpp"
#include "heard.hpp"
#include "sample.hpp"
#include "soon.hpp"
#include "stele/agents.hpp"
#include "stele/diagnostics.hpp"
#include "tls_client.hpp"

using stele::test::agents_case;
using stele::test::heard;
using stele::test::soon;
using stele::test::tls_client;
using testing::HasSubstr;

namespace {

class AgentsTls : public testing::Test {
 protected:
  AgentsTls() {
    auto const server = stele::test::make_identity();
    given.folder.write("server.crt", server.certificate_pem());
    given.folder.write("server.key", server.key_pem());
  }

  std::string config(std::string const& more = {}) const {
    return given.folder.write(
        "web.yml", "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n" + more);
  }

  static std::string push_of(std::string const& workspace, std::string const& body) {
    return "PUT " + stele::test::path_of(workspace) +
           " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " +
           stele::test::token_of(workspace) + "\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }

  agents_case given;
  heard said;
};

TEST_F(AgentsTls, TakesPushesOverTlsAlone) {
  std::string const web = config();
  auto agents = given.start<sample::table>({.web_config_file = web});
  tls_client agent(agents.port());
  ASSERT_TRUE(agent.connected());
  for (int i = 0; i < 2; ++i) {
    agent.send(push_of("w1", "cpu " + std::to_string(i) + "\n"));
    EXPECT_EQ(agent.read().status, 200);
  }
  EXPECT_THAT(stele::testing::exposition<sample::table>(),
              HasSubstr("coderd_workspace_cpu{user_id=\"u1\",workspace_id=\"w1\"} 1\n"));
  tls_client plain(agents.port(), {.is = tls_client::kind::plain});
  plain.send(push_of("w1", "cpu 7\n"));
  EXPECT_NE(plain.read().status, 200);
  EXPECT_THAT(stele::testing::exposition<sample::table>(), HasSubstr("} 1\n"));
}

TEST_F(AgentsTls, SaysWhatHasNoEffect) {
  std::string const web = config(
      "http_server_config:\n  headers: {X-Frame-Options: deny}\n"
      "rate_limit: {interval: 1s, burst: 1}\n");
  auto agents = given.start<sample::table>({.web_config_file = web});
  for (auto const* key : {"http_server_config.headers", "rate_limit"})
    EXPECT_THAT(said.text(),
                HasSubstr(web + ": note: " + key + " has no effect at the agents' address\n"));
  tls_client agent(agents.port());
  for (int i = 0; i < 3; ++i) {
    agent.send(push_of("w1", "cpu 1\n"));
    auto const answer = agent.read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.head.find("X-Frame-Options"), std::string::npos);
  }
}

// Agents have tokens: users would be a second way in, which nobody may use.
TEST_F(AgentsTls, RefusesUsersAtTheStartAndLater) {
  std::string const users =
      "basic_auth_users: {alice: $2y$04$abcdefghijklmnopqrstuuFGZfWzQ1sVEcdvGWqNbMM5t7IXZz0Ty}\n";
  std::string const tokens = given.folder.write("other", "token-of-some-other-agent u1 w1\n");
  auto const refused = stele::serve_agents<sample::table>(
      {.port = 0, .tokens_file = tokens, .web_config_file = config(users)});
  ASSERT_FALSE(refused);
  std::string const expected =
      "web.yml: error: basic_auth_users: expected none, since agents have "
      "tokens, saw some; remove the key";
  EXPECT_THAT(refused.error().message, HasSubstr(expected));

  auto agents = given.start<sample::table>(
      {.web_config_file = config(), .reload_check_time = stele::whole_milliseconds(10)});
  config(users);
  EXPECT_TRUE(soon([&] { return said.text().find(expected) != std::string::npos; }));
  tls_client agent(agents.port());
  agent.send(push_of("w1", "cpu 1\n"));
  EXPECT_EQ(agent.read().status, 200);
}

}  // namespace
