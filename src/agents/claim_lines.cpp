#include "agents/claim_lines.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

#include "push/percent.hpp"

namespace stele::pushing {

namespace {

/// The beginning of a line, as a part of a sentence of one line.
std::string shown(std::string_view line) {
  constexpr std::size_t bytes_max = 80;
  std::string made(line.substr(0, bytes_max));
  std::ranges::replace_if(made, [](char c) { return c < ' ' || c > '~'; }, '?');
  return "'" + made + (line.size() > bytes_max ? "…'" : "'");
}

std::optional<claim_line> read_line(std::string_view line) {
  claim_line made;
  char const* const end = line.data() + line.size();
  auto const [behind, failed] = std::from_chars(line.data(), end, made.since);
  if (failed != std::errc() || behind == end || *behind != ' ') return std::nullopt;
  if (made.since <= 0 || made.since > epoch_max) return std::nullopt;
  std::string_view const encoded(behind + 1, end);
  // What is not encoded of what must be, such as a second blank, is a fault of the writer.
  bool const is_encoded = std::ranges::all_of(encoded, [](char c) { return c > ' ' && c <= '~'; });
  auto id = is_encoded ? sending::percent_decoded(encoded) : std::nullopt;
  if (!id || id->empty()) return std::nullopt;
  made.workspace_id = *std::move(id);
  return made;
}

}  // namespace

result<std::vector<claim_line>> read_claims(std::string_view body) {
  std::vector<claim_line> made;
  for (std::size_t number = 1; !body.empty(); ++number) {
    std::string_view const line = body.substr(0, body.find('\n'));
    body.remove_prefix(std::min(body.size(), line.size() + 1));
    auto read = read_line(line);
    if (!read)
      return error{
          std::make_error_code(std::errc::invalid_argument),
          "line " + std::to_string(number) +
              ": expected an epoch in milliseconds, up to the end of the year 9999, a blank "
              "and a workspace, percent-encoded, saw " +
              shown(line) + "; send claims as '1700000000000 w1'"};
    made.push_back(*std::move(read));
  }
  return made;
}

void append_claim(std::string& body, epoch since, std::string_view workspace_id) {
  body.append(std::to_string(since)).append(" ");
  sending::append_percent_encoded(body, workspace_id);
  body += '\n';
}

std::string write_refusals(std::span<claim_line const> later) {
  std::string made;
  for (claim_line const& each : later) append_claim(made, each.since, each.workspace_id);
  return made;
}

}  // namespace stele::pushing
