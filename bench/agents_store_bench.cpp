// agents_store_bench: what a million pushed series cost: 10,000 workspaces with 100 series each.
// Says bytes a series, nanoseconds a sample that is applied, milliseconds a read.
//
//   bench/agents_store_bench [WORKSPACES [FAMILIES]]
//
// Identities have 36 bytes, and each series one more label.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agents/store.hpp"
#include "core/memory.hpp"
#include "core/snapshot_data.hpp"

using namespace stele;
using namespace stele::pushing;

namespace {

using clock_type = std::chrono::steady_clock;

double milliseconds_since(clock_type::time_point begin) {
  return std::chrono::duration<double, std::milli>(clock_type::now() - begin).count();
}

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t all = 0;
  std::size_t resident = 0;
  file >> all >> resident;
  return resident * 4096;
}

std::string identity(std::uint64_t number) {
  char text[40];
  std::snprintf(text, sizeof text, "%08x-%04x-4%03x-8%03x-%012llx",
                static_cast<unsigned>(number * 2'654'435'761U),
                static_cast<unsigned>(number & 0xffff), static_cast<unsigned>(number & 0xfff),
                static_cast<unsigned>(number & 0xfff), static_cast<unsigned long long>(number));
  return text;
}

/// One series a family, as agents of one version have it.
std::shared_ptr<shape const> shape_of(std::size_t families) {
  auto made = std::make_shared<shape>();
  made->layouts.emplace_back();
  for (std::size_t i = 0; i < families; ++i) {
    auto const begin = static_cast<std::uint32_t>(made->label_text.size());
    made->label_text += "agent_name=\"main\"";
    auto const at = static_cast<std::uint32_t>(i);
    made->families.push_back({"agent_metric_" + std::to_string(i),
                              i % 2 == 0 ? metric_type::gauge : metric_type::unknown, "Help.", "",
                              at, at + 1});
    made->series.push_back({begin, static_cast<std::uint32_t>(made->label_text.size()), 0});
  }
  return made;
}

}  // namespace

int main(int count, char** arguments) {
  auto const number = [&](int at, std::size_t otherwise) {
    return count > at ? std::strtoul(arguments[at], nullptr, 10) : otherwise;
  };
  std::size_t const workspaces = number(1, 10'000);
  std::size_t const families = number(2, 100);
  auto const series = static_cast<double>(workspaces * families);
  std::size_t const before = resident_bytes();
  store all({});
  auto const of = shape_of(families);
  auto const push_all = [&] {
    auto const begin = clock_type::now();
    for (std::size_t i = 0; i < workspaces; ++i) {
      std::string const user = identity(i / 4);
      std::string const workspace = identity(i);
      push what{user, workspace, "job=agent", {}, replace::all, {of, {}, {}}, {}, 1};
      what.what.values.assign(families, i);
      if (all.apply(what, steady_milliseconds()).is != outcome::kind::applied) std::abort();
    }
    return milliseconds_since(begin) * 1e6 / series;
  };
  double const bound = push_all();
  std::printf("bound: %.0f ns a sample\n", bound);
  double applied = push_all();
  for (int i = 0; i < 4; ++i) applied = std::min(applied, push_all());
  std::printf("applied again: %.1f ns a sample\n", applied);
  std::printf("store: %.1f bytes a series, as counted\n",
              static_cast<double>(all.count(steady_milliseconds()).bytes) / series);
  std::printf("store: %.1f bytes a series, resident\n",
              static_cast<double>(resident_bytes() - before) / series);
  core::snapshot_data values;
  double read = 1e9;
  for (int i = 0; i < 20; ++i) {
    values.clear();
    auto const begin = clock_type::now();
    all.read(nullptr, values);
    read = std::min(read, milliseconds_since(begin));
  }
  std::printf("read: %.2f ms, %zu values, %zu runs\n", read, values.values.size(),
              values.runs.size());
  std::printf("with a snapshot: %.1f bytes a series, resident\n",
              static_cast<double>(resident_bytes() - before) / series);
  auto const begin = clock_type::now();
  auto const counts = all.count(steady_milliseconds());
  std::printf("count: %.3f ms, %zu series\n", milliseconds_since(begin), counts.series);
}
