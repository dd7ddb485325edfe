#include "agents/merged_labels.hpp"

#include "core/label_text.hpp"
#include "expose/label_pairs.hpp"

namespace stele::pushing {

/// Labels that are kept, one after the other.
class label_merger::reader {
 public:
  reader(label_merger const& rules, std::string_view rendered, bool& taken_away) noexcept
      : rules_(rules), rest_(rendered), taken_away_(taken_away) {
    advance();
  }

  [[nodiscard]] bool is_at_end() const noexcept { return at_.name.empty(); }
  [[nodiscard]] label const& at() const noexcept { return at_; }
  void advance() noexcept {
    for (exposition::label_pair pair{}; rest_.next(pair); taken_away_ = true) {
      if (!rules_.keeps_all_ && !rules_.rules_.keeps_label(pair.name)) continue;
      char const* const end = pair.value.data() + pair.value.size() + 1;  // the quote
      at_ = {pair.name, {pair.name.data(), end}};
      return;
    }
    at_ = {};
  }

 private:
  label_merger const& rules_;
  exposition::label_pairs rest_;
  bool& taken_away_;
  label at_{};
};

namespace {

void append_escaped(text& to, std::string_view name, std::string_view value) {
  std::size_t const begin = to.size();
  to.resize(begin + name.size() + 2 * value.size() + 3);
  char const* const end = core::write_label(to.data() + begin, name, value);
  to.resize(static_cast<std::size_t>(end - to.data()));
}

}  // namespace

label_merger::label_merger(cardinality const& rules, std::string_view user_id,
                           std::string_view workspace_id, std::string_view group)
    : rules_(rules),
      keeps_all_(rules.keep.is == kept_labels::which::all && rules.drop_labels.empty()),
      group_(group) {
  auto const add_identity = [&](std::string_view name, std::string_view value) {
    if (!keeps_all_ && !rules.keeps_label(name)) {
      identity_.taken_away = true;
      return;
    }
    if (!identity_.names.empty()) identity_.rendered += ',';
    append_escaped(identity_.rendered, name, value);
    identity_.names.append(",").append(name);
  };
  add_identity("user_id", user_id);
  add_identity("workspace_id", workspace_id);
}

void label_merger::add(std::string_view own, merged_labels& to) const {
  std::size_t const begin = to.rendered.size();
  to.rendered += identity_.rendered;
  to.names = identity_.names;
  to.taken_away = identity_.taken_away;
  reader group(*this, group_, to.taken_away);
  reader series(*this, own, to.taken_away);
  while (!group.is_at_end() || !series.is_at_end()) {
    bool const groups_first =
        series.is_at_end() || (!group.is_at_end() && group.at().name < series.at().name);
    reader& first = groups_first ? group : series;
    if (to.rendered.size() != begin) to.rendered += ',';
    to.rendered += first.at().rendered;
    to.names.append(",").append(first.at().name);
    first.advance();
  }
}

}  // namespace stele::pushing
