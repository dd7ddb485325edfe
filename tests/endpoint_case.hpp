// endpoint_case.hpp: what the tests of the endpoint share: one that is started, and a client of it.
//
//   auto endpoint = start();
//   EXPECT_EQ(client(endpoint.port()).get("/-/healthy").body(), "OK\n");
//
// Threads: any.

#pragma once

#include <sample.hpp>

#include <gtest/gtest.h>
#include <utility>

#include "http_client.hpp"

namespace stele::test {

inline stele::endpoint start(stele::serve_options options = {}) {
  options.port = 0;
  auto made = stele::serve<sample::table>(options);
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  return std::move(*made);
}

}  // namespace stele::test
