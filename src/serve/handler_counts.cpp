#include "serve/handler_counts.hpp"

#include <string>

#include "core/feed.hpp"
#include "stele/reading.hpp"
#include "stele/serve.hpp"

namespace stele::serving {

namespace {

class in_flight_reader final : public core::reader {
 public:
  void read(core::sample_list& to) override {
    core::add_number(to, nullptr, number::of(handler_counts::instance().in_flight()));
  }
};

class answered_reader final : public core::reader {
 public:
  explicit answered_reader(std::size_t code_index) noexcept : code_index_(code_index) {}
  void read(core::sample_list& to) override {
    core::add_number(to, nullptr, number::of(handler_counts::instance().answered(code_index_)));
  }

 private:
  std::size_t code_index_;
};

void feed_requests(core::table_link& table, std::size_t row) {
  auto const values = table.info->rows[row]->labels[0].values;
  for (std::size_t series = 0; series < values.size(); ++series)
    for (std::size_t i = 0; i < handler_counts::codes.size(); ++i)
      if (values[series] == std::to_string(handler_counts::codes[i]))
        core::add_reader(table, row, series, new answered_reader(i), core::asked_by::gather);
}

}  // namespace

namespace {

constinit handler_counts the_counts;

}  // namespace

handler_counts& handler_counts::instance() noexcept { return the_counts; }

void handler_counts::feed(core::table_link& table) {
  if constexpr (!instruments_enabled) return;
  core::feed_row(table, core::handler_in_flight_row, [&](std::size_t row) {
    core::add_reader(table, row, 0, new in_flight_reader, core::asked_by::gather);
  });
  core::feed_row(table, core::handler_requests_row,
                 [&](std::size_t row) { feed_requests(table, row); });
}

void handler_counts::end(int code) noexcept {
  for (std::size_t i = 0; i < codes.size(); ++i)
    if (codes[i] == code) answered_[i].fetch_add(1, std::memory_order_relaxed);
  in_flight_.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace stele::serving
