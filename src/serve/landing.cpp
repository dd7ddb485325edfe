#include "serve/landing.hpp"

namespace stele::serving {

namespace {

// Made by embed.py: constexpr std::string_view page, and STELE_PAGE_POLICY, a literal.
#include "landing_page.inc"

#define STELE_FIELDS_OF_BOTH            \
  "X-Content-Type-Options: nosniff\r\n" \
  "Cross-Origin-Resource-Policy: same-origin\r\n"

}  // namespace

std::string_view landing_page() noexcept { return page; }

std::string_view landing_page_fields() noexcept {
  return "Content-Security-Policy: " STELE_PAGE_POLICY
         "\r\n"
         "Referrer-Policy: no-referrer\r\n"
         "Cache-Control: no-cache\r\n" STELE_FIELDS_OF_BOTH;
}

std::string_view landing_data_fields() noexcept {
  return "Cache-Control: no-store\r\n" STELE_FIELDS_OF_BOTH;
}

}  // namespace stele::serving
