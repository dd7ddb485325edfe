// own_io_context.cpp: a service that has an io_context of its own, on which its endpoint runs too.
//
//   own_io_context 2112      # or 0, for a free port; ends with SIGTERM or Ctrl-C
//
// Two threads run the context. The endpoint starts no thread, and what it does is on one strand.

#include <shop.hpp>
#include <stele/serve_on.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <thread>

namespace {

using namespace std::chrono_literals;
using shop::metric;

/// The service's own work, on the same context.
class work {
 public:
  explicit work(boost::asio::io_context& io) : timer_(io) { next(); }
  void end() { timer_.cancel(); }

 private:
  void next() {
    timer_.expires_after(10ms);
    timer_.async_wait([this](boost::system::error_code ended) {
      if (ended) return;
      metric<"shop_carts">.inc();
      next();
    });
  }

  boost::asio::steady_timer timer_;
};

}  // namespace

int main(int argc, char** argv) {
  auto const port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 2112);
  boost::asio::io_context io;
  auto endpoint = stele::serve_on<shop::table>(io, {.port = port});
  if (!endpoint) {
    std::cerr << endpoint.error().message << '\n';
    return 1;
  }
  std::cout << "http://127.0.0.1:" << endpoint->port() << "/metrics" << std::endl;

  work orders(io);
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](boost::system::error_code, int) {
    orders.end();
    endpoint->stop();  // on a thread that runs the context: it does not wait, run() does
  });

  std::thread second([&] { io.run(); });
  io.run();
  second.join();
}
