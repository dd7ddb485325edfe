#include "table/markdown_cell.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "table/text.hpp"

namespace stele::tables {

namespace {

/// What cmark-gfm reads as a cell's content: the page's text with the backslash of each `\|` taken
/// out. Its columns count in this text; `places` leads back to the page.
struct cell_source {
  std::string text;
  std::vector<std::size_t> places;

  cell_source(std::string_view page, raw_span span) {
    for (std::size_t i = span.begin; i < span.end; ++i) {
      if (page[i] == '\\' && i + 1 < span.end && page[i + 1] == '|') continue;
      text += page[i];
      places.push_back(i);
    }
  }

  [[nodiscard]] std::size_t place(std::size_t index) const noexcept {
    if (places.empty()) return 0;
    return places[std::min(index, places.size() - 1)];
  }
};

/// The text an entity such as `&lt;` stands for, or empty where it is not one.
std::string decoded_entity(std::string_view entity) {
  struct free_node {
    void operator()(cmark_node* node) const noexcept { cmark_node_free(node); }
  };
  std::unique_ptr<cmark_node, free_node> const document(
      cmark_parse_document(entity.data(), entity.size(), CMARK_OPT_DEFAULT));
  cmark_node* const paragraph = cmark_node_first_child(document.get());
  cmark_node* const text = paragraph == nullptr ? nullptr : cmark_node_first_child(paragraph);
  char const* const literal = text == nullptr ? nullptr : cmark_node_get_literal(text);
  return literal == nullptr || literal == entity ? std::string() : std::string(literal);
}

constexpr std::array<std::string_view, 10> breaking_elements{"br",  "li", "p",  "ul", "ol",
                                                             "div", "hr", "tr", "td", "table"};
constexpr std::array<std::string_view, 24> plain_elements{
    "a",      "abbr", "b",       "code", "del", "details", "em",    "i",
    "img",    "ins",  "kbd",     "mark", "s",   "samp",    "small", "span",
    "strong", "sub",  "summary", "sup",  "tt",  "u",       "var",   "wbr"};

enum class html_kind : std::uint8_t { line_break, markup, text };

/// `<br/>`, `</li>`, `<!-- … -->` are markup; `<pod-name>` is a writer's placeholder.
html_kind kind_of_html(std::string_view html) {
  if (html.starts_with("<!") || html.starts_with("<?")) return html_kind::markup;
  html.remove_prefix(html.starts_with("</") ? 2 : 1);
  std::size_t size = 0;
  while (size < html.size() && !space(html[size]) && html[size] != '>' && html[size] != '/') ++size;
  std::string const name = lowered(html.substr(0, size));
  auto const among = [&](auto const& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (among(breaking_elements)) return html_kind::line_break;
  return among(plain_elements) ? html_kind::markup : html_kind::text;
}

class cell_reader {
 public:
  cell_reader(source_text const& page, raw_span span, int first_column, bool exact)
      : source_(page.text(), span), first_column_(first_column), exact_(exact) {
    std::size_t begin = span.begin;
    while (begin < span.end && space(page.text()[begin])) ++begin;
    cell_.begin = begin < span.end ? begin : span.begin;
  }

  raw_cell read(cmark_node* cell) {
    std::unique_ptr<cmark_iter, void (*)(cmark_iter*)> const nodes(cmark_iter_new(cell),
                                                                   &cmark_iter_free);
    for (auto event = cmark_iter_next(nodes.get()); event != CMARK_EVENT_DONE;
         event = cmark_iter_next(nodes.get()))
      if (event == CMARK_EVENT_ENTER) leaf(cmark_iter_get_node(nodes.get()));
    return std::move(cell_);
  }

 private:
  void leaf(cmark_node* node) {
    cmark_node_type const type = cmark_node_get_type(node);
    if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK)
      return cell_.append(" ", source_.place(index_of(node)), false);
    char const* const literal = cmark_node_get_literal(node);
    if (literal == nullptr) return;
    if (type == CMARK_NODE_TEXT) return aligned(literal, index_of(node), false);
    if (type == CMARK_NODE_CODE) {
      std::size_t index = index_of(node);
      bool const padded = index < source_.text.size() && source_.text[index] == ' ';
      return aligned(literal, padded && literal[0] != ' ' ? index + 1 : index, true);
    }
    if (type != CMARK_NODE_HTML_INLINE) return;
    switch (kind_of_html(literal)) {
      case html_kind::line_break: return cell_.append("\n", place(index_of(node)), false);
      case html_kind::text: return aligned(literal, index_of(node), false);
      case html_kind::markup: break;
    }
  }

  [[nodiscard]] std::size_t index_of(cmark_node* node) const noexcept {
    int const column = cmark_node_get_start_column(node) - first_column_;
    return column < 0 ? 0 : static_cast<std::size_t>(column);
  }

  [[nodiscard]] std::size_t place(std::size_t index) const noexcept {
    return exact_ ? source_.place(index) : cell_.begin;
  }

  /// Walks a node's text beside the source it came from, past backslashes and through entities.
  void aligned(std::string_view literal, std::size_t index, bool in_code) {
    for (std::size_t done = 0; done < literal.size();) {
      std::string_view const rest =
          std::string_view(source_.text).substr(std::min(index, source_.text.size()));
      if (!in_code && rest.size() > 1 && rest[0] == '\\' && rest[1] == literal[done]) {
        ++index;
        continue;
      }
      if (!in_code && rest.starts_with('&')) {
        constexpr std::size_t entity_size_max = 34;
        std::size_t const end = rest.substr(0, entity_size_max).find(';');
        std::string const text =
            end == rest.npos ? std::string() : decoded_entity(rest.substr(0, end + 1));
        if (!text.empty() && literal.substr(done).starts_with(text)) {
          cell_.append(text, place(index), in_code);
          index += end + 1;
          done += text.size();
          continue;
        }
      }
      cell_.append(literal.substr(done, 1), place(index), in_code);
      ++done;
      ++index;
    }
  }

  cell_source source_;
  int first_column_;
  bool exact_;
  raw_cell cell_;
};

}  // namespace

raw_cell read_cell(cmark_node* node, source_text const& page, raw_span span, int first_column,
                   bool exact) {
  return cell_reader(page, span, first_column, exact).read(node);
}

}  // namespace stele::tables
