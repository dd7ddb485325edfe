// An agent with prometheus-cpp: pushes what its registry has, as its documentation shows it.

#include <prometheus/counter.h>
#include <prometheus/gateway.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

int main() {
  std::string const url = std::getenv("PUSH_URL");
  std::size_t const colon = url.rfind(':');
  prometheus::Labels const key{{"user_id", std::getenv("PUSH_USER")},
                               {"workspace_id", std::getenv("PUSH_WORKSPACE")}};
  prometheus::Gateway gateway{
      url.substr(0, colon),     url.substr(colon + 1), "agent", key, "agent",
      std::getenv("PUSH_TOKEN")};

  auto const registry = std::make_shared<prometheus::Registry>();
  auto& cores =
      prometheus::BuildGauge().Name("cpu_usage_cores").Help("CPU in use.").Register(*registry);
  cores.Add({{"cpu", "0"}}).Set(0.25);
  cores.Add({{"cpu", "1"}}).Set(1.5);
  prometheus::BuildCounter()
      .Name("jobs_total")
      .Help("Jobs done.")
      .Register(*registry)
      .Add({})
      .Increment(3);
  auto& wait = prometheus::BuildHistogram()
                   .Name("wait_seconds")
                   .Help("Time in the queue.")
                   .Register(*registry)
                   .Add({}, prometheus::Histogram::BucketBoundaries{0.5, 2});
  for (double const seconds : {0.25, 1.0, 10.0}) wait.Observe(seconds);
  gateway.RegisterCollectable(registry);

  int const status = gateway.Push();
  if (status == 200) return 0;
  std::cerr << "expected 200, saw " << status << '\n';
  return 1;
}
