// agents_http_case.hpp: what the tests of the agents' address share: agents that run, and a client.
//
//   agents_case given;                                  // tokens of u1/w1, u1/w2 and u2/w3
//   auto agents = given.start<sample::table>();
//   EXPECT_EQ(given.put(agents, "w1", "cpu 1\n").result_int(), 200U);
//
// Threads: one.

#pragma once

#include <stele/testing.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "endpoint_case.hpp"
#include "secure_case.hpp"

namespace stele::test {

inline std::string token_of(std::string_view workspace) {
  return "token-of-the-agent-of-" + std::string(workspace);
}

inline std::string path_of(std::string_view workspace, std::string_view user = "u1",
                           std::string_view job = "agent") {
  return "/metrics/job/" + std::string(job) + "/user_id/" + std::string(user) + "/workspace_id/" +
         std::string(workspace);
}

class agents_case {
 public:
  agents_case()
      : tokens_(folder.write("tokens", token_of("w1") + " u1 w1\n" + token_of("w2") + " u1 w2\n" +
                                           token_of("w3") + " u2 w3\n")) {}

  template <class... Tables>
  stele::agents start(stele::agents_options options = {}) {
    if (options.port == stele::agents_options{}.port) options.port = 0;
    if (options.directory == nullptr) options.tokens_file = tokens_;
    auto made = stele::serve_agents<Tables...>(options);
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    return std::move(*made);
  }

  static response ask(stele::agents const& of, std::string_view method, std::string const& target,
                      std::string const& body = {}, header_fields const& fields = {}) {
    return client(of.port()).ask(method, target, fields, body);
  }

  /// As the agent of a workspace.
  static response put(stele::agents const& of, std::string_view workspace, std::string const& body,
                      header_fields fields = {}, std::string_view method = "PUT") {
    fields.emplace_back("Authorization", "Bearer " + token_of(workspace));
    return ask(of, method, path_of(workspace, workspace == "w3" ? "u2" : "u1"), body, fields);
  }

  temporary_folder folder;

 private:
  std::string tokens_;
};

}  // namespace stele::test
