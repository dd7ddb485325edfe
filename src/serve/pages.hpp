// pages.hpp: what answers a browser, where routes.hpp says that one asks.
//
//   if (page const found = pages->front(asked); !found.text.empty()) send(found);
//   auto const rows = pages->data(asked, values);           // of a gather, made as for a scrape
//
// Threads: the endpoint's strand.

#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "serve/body.hpp"
#include "serve/routes.hpp"
#include "stele/slab.hpp"
#include "stele/snapshot.hpp"
#include "stele/view.hpp"

namespace stele::serving {

/// All of it lives as long as the pages do.
struct page {
  std::string_view type;    // of the content; its charset too
  std::string_view text;    // empty: there is none, which is answered with 404
  std::string_view fields;  // further ones, each `name: value\r\n`
};

/// A page's values, as a body that is sent in chunks.
struct page_rows {
  std::string_view type;
  std::string_view fields;
  std::unique_ptr<body> rows;  // null: there are none, which is answered with 404
};

class pages {
 public:
  virtual ~pages() = default;

  [[nodiscard]] virtual page front(answer const& asked) = 0;
  /// What is given outlives the body. Throws std::bad_alloc.
  [[nodiscard]] virtual page_rows data(answer const& asked, snapshot const& values) = 0;
};

/// Those of an endpoint. The views are copied. Throws std::bad_alloc.
std::unique_ptr<pages> make_pages(std::span<core::table_link* const> tables,
                                  std::span<view const> views);

}  // namespace stele::serving
