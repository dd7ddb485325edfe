// landing_server.cpp: a program whose labels mean harm, for the tests of the landing page. It
// prints the address of its metrics, and ends when its stdin does.

#include <sample.hpp>

#include <cstdio>
#include <string>

using sample::metric;

int main() {
  for (std::string const& value : {
           std::string("<img src=x onerror=\"window.harmed=1\">"),
           std::string("</td></table><script>window.harmed=1</script>"),
           std::string("\"quoted\" \\ and\nbroken"),
           std::string("\u202Eright to left \u05D0\u05D1\u05D2"),
           std::string("🪨 \u2028\u2029 \x01"),
           std::string(10 * 1024, 'x'),
       })
    metric<"sample_sessions">.with({.user = value}).set(1);
  for (int i = 0; i < 500; ++i) metric<"sample_rooms">.with({.house = std::to_string(i)}).set(i);
  metric<"sample_temperature_celsius">.set(std::stod("nan"));
  metric<"sample_alloc_bytes">.set(9007199254740993);
  metric<"sample_switch">.switch_to(sample::sample_switch::on);
  metric<"sample_licensed_seconds_info">.set({});
  metric<"sample_pause_seconds">.observe(2);
  for (double const seconds : {0.0001, 0.2, 0.3, 0.7})
    metric<"sample_hold_seconds">.observe(seconds);

  constexpr stele::view views[]{{.path = "/metrics/rooms", .names = {"sample_rooms"}}};
  auto endpoint = stele::serve<sample::table>({.port = 0, .views = views});
  if (!endpoint) {
    std::fprintf(stderr, "%s\n", endpoint.error().message.c_str());
    return 1;
  }
  std::printf("http://127.0.0.1:%d/metrics\n", endpoint->port());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
}
