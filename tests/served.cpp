// served: fills the table of tests/data/judged.md, and serves or writes it, for the judges.
//
//   served serve                                   # prints `port 40123`, and goes on until a
//   signal served dump text|openmetrics|openmetrics-created|protobuf [SEED] [NAME=VALUE]
//
// Without a seed the values are those that tests/judges_*_test.py expect; with one they are random,
// and the same for the same seed. NAME=VALUE is a constant label.

#include <judged.hpp>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

using judged::metric;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

void count() {
  metric<"judged_jobs_total">.inc(2);
  metric<"judged_jobs_total">.inc(5, {{"trace_id", "of a counter"}, {"span_id", "\"7\"\\\n"}});
  metric<"judged_cpu_seconds_total">.inc(1.25);
  metric<"judged_events">.inc(3);
  metric<"judged_alloc_bytes_total">.inc((std::uint64_t{1} << 53) + 1);
  std::uint64_t amount = 1;
  for (std::string_view const path : {"/", "", "a\"b", "a\\b", "a\nb", "a\\nb", "\\", "\"",
                                      ",x=\"y\"", "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", "{}#= "})
    metric<"judged_paths_total">.with({.path = path, .kind = judged::kind::a}).inc(amount++);
  metric<"judged_paths_total">.with({.path = std::string(1000, 'x'), .kind = judged::kind::b}).inc(amount);
}

void set() {
  metric<"judged_alloc_bytes">.set(4096);
  metric<"judged_queue_length">.set(-17);
  metric<"judged_celsius">.with({.place = "a third"}).set(1.0 / 3);
  metric<"judged_celsius">.with({.place = "small"}).set(5e-324);
  metric<"judged_celsius">.with({.place = "large"}).set(-1.7976931348623157e308);
  metric<"judged_celsius">.with({.place = "infinity"}).set(infinity);
  metric<"judged_celsius">.with({.place = "nan"}).set(not_a_number);
  metric<"judged_state">.switch_to(judged::judged_state::on);
  metric<"judged_build_info">.set({.version = "1.2.3"});
}

void observe() {
  auto const get = metric<"judged_classic_seconds">.with({.method = judged::method::GET});
  for (double const value : {0.05, 0.1, 0.5, 5.0}) get.observe(value);
  get.observe(0.75, {{"trace_id", "of a bucket"}});
  get.observe(50, {{"trace_id", "of +Inf"}});
  for (int i = 1; i <= 100; ++i) metric<"judged_both_seconds">.observe(i * 0.01);
  metric<"judged_both_seconds">.observe(0.5, {{"trace_id", "of both"}});
  auto const native = metric<"judged_native_seconds">.with({.path = "/"});
  for (int i = 1; i <= 1000; ++i) native.observe(i * 0.001);
  native.observe(0.25, {{"trace_id", "of a native"}});
  for (double const value : {-2.0, -1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 4.0, 4.1, 1000.0})
    metric<"judged_signed_celsius">.observe(value);
  for (int i = 1; i <= 100; ++i) metric<"judged_pause_seconds">.with({.cause = "gc"}).observe(i);
  stele::use_row<judged::rows::judged_unused_seconds>();
}

/// Anything that the rows take, in a row or in none.
void update_at_random(std::mt19937_64& random) {
  constexpr std::string_view hostile = "\\\"\n,={} ab\xC3\xA4";
  auto const text = [&] {
    std::string made;
    // Whole characters: what is not UTF-8 would be replaced, the same in every format.
    for (auto size = random() % 140 * (random() % 4 == 0); size-- > 0;)
      made += hostile[random() % (hostile.size() - 2)];
    return random() % 8 == 0 ? made + "\xC3\xA4" : made;
  };
  auto const magnitude = [&] {
    return std::ldexp(1.0 + static_cast<double>(random() % 1000) / 1000,
                      static_cast<int>(random() % 40) - 20);
  };
  switch (random() % 12) {
    case 0: return metric<"judged_jobs_total">.inc(random());
    case 1: return metric<"judged_cpu_seconds_total">.inc(magnitude());
    case 2:
      return metric<"judged_paths_total">
          .with({.path = text(), .kind = random() % 2 == 0 ? judged::kind::a : judged::kind::b})
          .inc(random() % 1000);
    case 3: return metric<"judged_queue_length">.set(static_cast<std::int64_t>(random()));
    case 4: return metric<"judged_celsius">.with({.place = text()}).set(-magnitude());
    case 5:
      return metric<"judged_classic_seconds">.with({.method = judged::method::POST}).observe(magnitude());
    case 6: return metric<"judged_both_seconds">.observe(magnitude());
    case 7:
      return metric<"judged_native_seconds">.with({.path = text()}).observe(random() % 20 == 0 ? infinity : magnitude());
    case 8:
      return metric<"judged_signed_celsius">.observe(random() % 5 == 0   ? 0.0
                                                     : random() % 3 == 0 ? magnitude()
                                                                         : -magnitude());
    case 9: return metric<"judged_pause_seconds">.with({.cause = text()}).observe(magnitude());
    case 10: return metric<"judged_build_info">.add({.version = text()});
    default: return metric<"judged_state">.switch_to(judged::judged_state::off);
  }
}

void fill(std::uint64_t seed) {
  if (seed == 0) {
    count();
    set();
    observe();
    return;
  }
  std::mt19937_64 random(seed);
  for (auto updates = random() % 400; updates-- > 0;) update_at_random(random);
}

int dump(std::string_view form) {
  stele::expose_options options;
  auto format = stele::format::text;
  if (form == "protobuf") {
    format = stele::format::protobuf;
  } else if (form != "text") {
    format = stele::format::openmetrics;
    options.created = form == "openmetrics-created";
  }
  stele::expose(
      stele::gather<judged::table>(), format,
      [](std::string_view chunk) { std::fwrite(chunk.data(), 1, chunk.size(), stdout); }, options);
  return 0;
}

int serve() {
  auto endpoint = stele::serve<judged::table>({.port = 0});
  if (!endpoint) {
    std::fprintf(stderr, "served: %s\n", endpoint.error().message.c_str());
    return 1;
  }
  std::printf("port %d\n", endpoint->port());
  std::fflush(stdout);
  while (true) pause();
}

}  // namespace

int main(int count, char** arguments) {
  std::vector<std::string_view> rest(arguments + 1, arguments + count);
  if (rest.empty() || (rest[0] != "serve" && (rest[0] != "dump" || rest.size() < 2))) {
    std::fprintf(stderr, "served: expected `serve`, or `dump` with a format\n");
    return 2;
  }
  std::uint64_t seed = 0;
  for (std::size_t i = 2; i < rest.size(); ++i) {
    auto const equals = rest[i].find('=');
    if (equals == rest[i].npos) {
      seed = std::strtoull(rest[i].data(), nullptr, 10);
    } else if (auto const set = stele::set_constant_labels<judged::table>(
                   {{rest[i].substr(0, equals), rest[i].substr(equals + 1)}});
               !set) {
      std::fprintf(stderr, "served: %s\n", set.error().message.c_str());
      return 1;
    }
  }
  fill(seed);
  return rest[0] == "serve" ? serve() : dump(rest[1]);
}
