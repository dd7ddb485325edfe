#include "secure/problems.hpp"

#include <algorithm>
#include <utility>

#include "stele/closest_name.hpp"

namespace stele::securing {

static bool is_control(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

static std::string lower_case(std::string_view text) {
  std::string made(text);
  for (char& c : made)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return made;
}

void problems::add(std::string_view file, place where, std::string_view what) {
  std::string line(what);
  for (char& c : line)
    if (is_control(c)) c = ' ';
  all_.push_back({std::string(file), where, std::move(line)});
}

std::string problems::text() const {
  constexpr std::size_t said_max = 50;
  std::vector<problem const*> sorted;
  for (problem const& each : all_) sorted.push_back(&each);
  std::stable_sort(sorted.begin(), sorted.end(), [](problem const* a, problem const* b) {
    return std::pair(a->where.line, a->where.column) < std::pair(b->where.line, b->where.column);
  });
  std::string text;
  for (std::size_t i = 0; i < std::min(sorted.size(), said_max); ++i) {
    problem const& each = *sorted[i];
    text.append(text.empty() ? "" : "\n").append(each.file).append(":");
    if (each.where.line != 0)
      text.append(std::to_string(each.where.line))
          .append(":")
          .append(std::to_string(each.where.column))
          .append(":");
    text.append(" error: ").append(each.what);
  }
  if (all_.size() > said_max)
    text.append("\nand ").append(std::to_string(all_.size() - said_max)).append(" more");
  return text;
}

bool may_be_secret(std::string_view seen) {
  constexpr int run_min = 40;
  if (seen.starts_with('$') || seen.find("-----BEGIN") != std::string_view::npos) return true;
  int run = 0;
  return std::any_of(seen.begin(), seen.end(), [&run](char c) {
    bool const base64 = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                        (c >= 'a' && c <= 'z') || c == '+' || c == '/' || c == '=';
    run = base64 ? run + 1 : 0;
    return run == run_min;
  });
}

std::string shown(std::string_view seen) {
  if (may_be_secret(seen)) return "what looks like a hash or a key";
  constexpr std::size_t bytes_max = 60;
  std::string text = "'";
  std::size_t end = std::min(seen.size(), bytes_max);
  // Not in the middle of a character: the bytes that continue one are 10xxxxxx.
  while (end < seen.size() && end > 0 && (static_cast<unsigned char>(seen[end]) & 0xC0) == 0x80)
    --end;
  for (char const c : seen.substr(0, end)) text.push_back(is_control(c) ? ' ' : c);
  return text.append(end < seen.size() ? "…'" : "'");
}

std::string one_of(std::vector<std::string_view> const& choices) {
  std::string text;
  for (std::size_t i = 0; i < choices.size(); ++i)
    text.append(i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ").append(choices[i]);
  return text;
}

std::string suggestion(std::vector<std::string_view> const& choices, std::string_view seen) {
  std::string_view best;
  std::size_t least = std::min<std::size_t>(seen.size() / 3 + 1, 6) + 1;
  bool clear = false;
  for (std::string_view const each : choices) {
    std::size_t const distance = naming::edit_distance(lower_case(each), lower_case(seen));
    if (distance > least) continue;
    clear = distance < least;
    least = distance;
    best = each;
  }
  if (!clear) return {};
  return std::string("; did you mean '").append(best).append("'?");
}

}  // namespace stele::securing
