#include "serve/landing.hpp"

namespace stele::serving {

namespace {

// Made by embed.py: constexpr std::string_view page and gzipped_page, and STELE_PAGE_POLICY, a
// literal.
#include "landing_page.inc"

#define STELE_FIELDS_OF_BOTH            \
  "X-Content-Type-Options: nosniff\r\n" \
  "Cross-Origin-Resource-Policy: same-origin\r\n"
#define STELE_GZIPPED "Content-Encoding: gzip\r\n"
#define STELE_FIELDS_OF_PAGE                    \
  "Content-Security-Policy: " STELE_PAGE_POLICY \
  "\r\n"                                        \
  "Referrer-Policy: no-referrer\r\n"            \
  "Cache-Control: no-cache\r\n" STELE_FIELDS_OF_BOTH
#define STELE_FIELDS_OF_DATA "Cache-Control: no-store\r\n" STELE_FIELDS_OF_BOTH

}  // namespace

std::string_view landing_page(encoding coding) noexcept {
  return coding == encoding::gzip ? gzipped_page : page;
}

std::string_view landing_page_fields(encoding coding) noexcept {
  return coding == encoding::gzip ? STELE_FIELDS_OF_PAGE STELE_GZIPPED : STELE_FIELDS_OF_PAGE;
}

std::string_view landing_data_fields(encoding coding) noexcept {
  return coding == encoding::gzip ? STELE_FIELDS_OF_DATA STELE_GZIPPED : STELE_FIELDS_OF_DATA;
}

}  // namespace stele::serving
