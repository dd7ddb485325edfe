// pages.cpp: what an endpoint has for a browser: the landing page and its data.

#include "serve/pages.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

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
               landing_facts const& facts) {
    data_.start(values.data(), tables, facts);
  }

  bool prepare() override { return data_.add_up_some(); }
  std::string_view next() override {
    std::string_view const chunk = data_.next();
    ended_ = chunk.size() < landing_data::chunk_bytes_max;
    return chunk;
  }
  [[nodiscard]] bool ended() const noexcept override { return ended_; }

 private:
  landing_data data_;
  bool ended_ = false;
};

class landing_pages final : public pages {
 public:
  landing_pages(std::span<core::table_link* const> tables, std::span<view const> views)
      : tables_(tables.begin(), tables.end()) {
    for (view const& each : views) kept_paths_.emplace_back(each.path);
    paths_.assign(kept_paths_.begin(), kept_paths_.end());
  }

  page front(answer const&) override {
    return {landing_page_type, landing_page(), landing_page_fields()};
  }

  page_rows data(answer const& asked, snapshot const& values) override {
    landing_facts const facts{
        .views = paths_,
        .query = asked.query,
        .now_ms = to_milliseconds(std::chrono::system_clock::now().time_since_epoch()),
        .uptime_ms = to_milliseconds(std::chrono::steady_clock::now() - began_)};
    return {landing_data_type, landing_data_fields(),
            std::make_unique<landing_rows>(values, tables_, facts)};
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
