// serve_on.hpp: the endpoint on a service's own io_context, without a thread of its own.
//
//   boost::asio::io_context io;
//   auto endpoint = stele::serve_on<coderd::table>(io, {.port = 2112});
//   if (!endpoint) return report(endpoint.error());
//   io.run();                    // does not return before endpoint->stop()
//
// Threads: any number may run the context; all that the endpoint does there is on one strand. A
// scrape's callbacks run on Stele's thread as ever, so that none delays the context, and rendering
// is done in parts of 64 KiB.
//
// The context outlives the endpoint. It may be stopped before, and run again. stop(), and the end
// of the endpoint, close the port at once, and then
//   - on a thread that does not run the context: wait for running responses within drain_time_max,
//     as those of serve() do;
//   - on one that does, which would wait for itself, or where the context is stopped: do not wait.
//     Running responses end while the context runs, within drain_time_max.
// What waits for a request is not waited for. When the last response has ended, nothing of the
// endpoint keeps io.run() from returning.
//
// This header shows nothing of Asio but the name of io_context; the service includes Boost's own,
// of the version that Stele was built with.

#pragma once

#include <span>

#include "serve.hpp"

namespace boost::asio {
class io_context;
}

namespace stele {

namespace core {

STELE_API result<endpoint> serve_on(boost::asio::io_context& io,
                                    std::span<table_link* const> tables,
                                    serve_options const& options);

}  // namespace core

/// As serve(), on the caller's context. REQUIRES: `io` outlives the endpoint.
template <class... Tables>
result<endpoint> serve_on(boost::asio::io_context& io, serve_options const& options = {}) {
  return core::serve_on(io, core::served<Tables...>(), options);
}

}  // namespace stele
