// pages.cpp: what an endpoint has for a browser: the landing page and its data.

#include "serve/pages.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "serve/coded_chunks.hpp"
#include "serve/landing.hpp"
#include "serve/landing_data.hpp"

namespace stele::serving {

namespace {

template <class Duration>
std::int64_t to_milliseconds(Duration time) noexcept {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

class landing_rows final : public body {
 public:
  landing_rows(snapshot const& values, std::span<core::table_link* const> tables,
               landing_facts const& facts, encoding asked) {
    chunks_.begin(asked);
    data_.start(values.data(), tables, facts);
  }
  [[nodiscard]] encoding coding() const noexcept { return chunks_.coding(); }

  bool prepare() override { return data_.add_up_some(); }
  std::string_view next() override {
    static_assert(coded_chunks::chunk_bytes_max == landing_data::chunk_bytes_max);
    return chunks_.next(data_);
  }
  [[nodiscard]] bool ended() const noexcept override { return chunks_.ended(); }

 private:
  landing_data data_;
  coded_chunks chunks_;
};

class landing_pages final : public pages {
 public:
  landing_pages(std::span<core::table_link* const> tables, std::span<view const> views)
      : tables_(tables.begin(), tables.end()) {
    for (view const& each : views) kept_paths_.emplace_back(each.path);
    paths_.assign(kept_paths_.begin(), kept_paths_.end());
  }

  page front(answer const& asked) override {
    return {landing_page_type, landing_page(asked.coding), landing_page_fields(asked.coding)};
  }

  page_rows data(answer const& asked, snapshot const& values) override {
    landing_facts const facts{
        .views = paths_,
        .query = asked.query,
        .now_ms = to_milliseconds(std::chrono::system_clock::now().time_since_epoch()),
        .uptime_ms = to_milliseconds(std::chrono::steady_clock::now() - began_)};
    auto rows = std::make_unique<landing_rows>(values, tables_, facts, asked.coding);
    auto const fields = landing_data_fields(rows->coding());
    return {landing_data_type, fields, std::move(rows)};
  }

 private:
  std::vector<core::table_link*> tables_;
  std::vector<std::string> kept_paths_;
  std::vector<std::string_view> paths_;
  std::chrono::steady_clock::time_point const began_ = std::chrono::steady_clock::now();
};

}  // namespace

std::unique_ptr<pages> make_pages(std::span<core::table_link* const> tables,
                                  std::span<view const> views) {
  return std::make_unique<landing_pages>(tables, views);
}

}  // namespace stele::serving
