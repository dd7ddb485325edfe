#include "agents/body_reader.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "agents/bundle_rules.hpp"
#include "agents/gunzip.hpp"
#include "agents/openmetrics_reader.hpp"
#include "agents/protobuf_reader.hpp"
#include "agents/raw_bundle.hpp"
#include "agents/shape_cache.hpp"
#include "agents/text_plan.hpp"
#include "agents/text_reader.hpp"
#include "expose/header_list.hpp"

namespace stele::pushing {

namespace {

/// The plan of a text; null where it would be too large for what it saves: of comments, say.
std::shared_ptr<text_plan const> plan_of(std::string_view body, body_type type,
                                         std::string const& group_names,
                                         std::span<raw_sample const> samples,
                                         bundle_rules::made&& made) {
  constexpr std::size_t bytes_max = std::size_t{1} << 20;
  if (body.size() > std::min(bytes_max, 4096 + 512 * samples.size())) return nullptr;
  text_plan::parts all{.type = type,
                       .group_names = group_names,
                       .literals = {},
                       .steps = std::move(made.steps),
                       .histograms = std::move(made.histograms),
                       .values = static_cast<std::uint32_t>(made.values.size()),
                       .counts = made.checked_counts,
                       .created = made.dated_series};
  all.literals.reserve(body.size());
  std::size_t at = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    all.steps[i].literal_bytes = static_cast<std::uint32_t>(samples[i].number_begin - at);
    all.literals += body.substr(at, all.steps[i].literal_bytes);
    at = samples[i].number_end;
  }
  all.literals += body.substr(at);
  all.literals.shrink_to_fit();
  return std::make_shared<text_plan const>(std::move(all));
}

}  // namespace

class body_reader::impl {
 public:
  impl(push_limits const& limits, std::shared_ptr<shape_cache> shapes)
      : limits_(limits),
        bytes_max_(std::min(limits.body_bytes_max,
                            std::size_t{std::numeric_limits<std::uint32_t>::max()})),
        shapes_(std::move(shapes)),
        unpacks_(bytes_max_),
        rules_(limits_) {}

  std::variant<bundle, body_fault> read(std::string_view body, body_description const& about,
                                        std::shared_ptr<shape const> const& last) {
    forgets const at_end{*this};
    if (body.size() > bytes_max_)
      return body_fault{.is = body_fault::kind::too_large,
                        .what = "expected at most " + std::to_string(bytes_max_) +
                                " bytes in a body, saw " + std::to_string(body.size()) +
                                "; push less"};
    if (about.gzip) {
      if (auto fault = unpacks_.unpack(body)) return std::move(*fault);
      body = unpacks_.text();
    }
    if (about.type != body_type::protobuf) {
      name_group(about);
      bundle by_plan;
      if (read_by_plan(body, about, last, by_plan)) return by_plan;
      // Another group's agent may be of the same version.
      if (last_of_any_ && last_of_any_ != last && read_by_plan(body, about, last_of_any_, by_plan))
        return by_plan;
    }
    return read_slowly(body, about);
  }

 private:
  /// There may be no body for a long time, so what an unusual one needed goes at once.
  struct forgets {
    impl& of;
    ~forgets() {
      of.found_.forget();
      of.rules_.forget();
      of.unpacks_.forget();
    }
  };

  void name_group(body_description const& about) {
    group_names_.clear();
    for (auto const& label : about.group_labels) group_names_.append(label.first) += ',';
  }

  bool read_by_plan(std::string_view body, body_description const& about,
                    std::shared_ptr<shape const> const& shape, bundle& read) {
    if (!shape || !shape->plan ||
        !shape->plan->read(body, about.type, group_names_, counts_, read.values, read.created))
      return false;
    read.of = shape;
    return true;
  }

  std::variant<bundle, body_fault> read_slowly(std::string_view body,
                                               body_description const& about) {
    bool const is_text = about.type != body_type::protobuf;
    found_.start(body, is_text);
    auto fault = about.type == body_type::text          ? read_text(body, limits_, found_)
                 : about.type == body_type::openmetrics ? read_openmetrics(body, limits_, found_)
                                                        : read_protobuf(body, limits_, found_);
    if (fault) return std::move(*fault);
    auto ruled = rules_.apply(found_, about.group_labels);
    if (auto* refused = std::get_if<body_fault>(&ruled)) return std::move(*refused);
    auto& made = std::get<bundle_rules::made>(ruled);
    made.values.shrink_to_fit();
    if (is_text && made.same_whatever_the_numbers)
      made.of.plan = plan_of(body, about.type, group_names_, found_.samples, std::move(made));
    bundle read{.of = shapes_->intern(std::move(made.of)),
                .values = std::move(made.values),
                .created = std::move(made.created)};
    if (read.of->plan) last_of_any_ = read.of;
    return read;
  }

  push_limits const limits_;
  std::size_t const bytes_max_;
  std::shared_ptr<shape_cache> shapes_;
  gunzip unpacks_;
  raw_bundle found_;
  bundle_rules rules_;
  std::string group_names_;
  std::vector<std::uint64_t> counts_;
  std::shared_ptr<shape const> last_of_any_;
};

body_reader::body_reader(push_limits const& limits, std::shared_ptr<shape_cache> shapes)
    : impl_(std::make_unique<impl>(limits, std::move(shapes))) {}
body_reader::~body_reader() = default;

std::variant<bundle, body_fault> body_reader::read(std::string_view body,
                                                   body_description const& about,
                                                   std::shared_ptr<shape const> const& last) {
  return impl_->read(body, about, last);
}

body_type body_type_of(std::string_view content_type) noexcept {
  using exposition::same_token;
  std::string_view const type = exposition::take_value(content_type);
  if (same_token(type, "application/openmetrics-text")) return body_type::openmetrics;
  if (!same_token(type, "application/vnd.google.protobuf")) return body_type::text;
  bool message = false;
  bool delimited = false;
  while (!content_type.empty()) {
    exposition::parameter const each = exposition::take_parameter(content_type);
    if (same_token(each.name, "proto")) message = each.is("io.prometheus.client.MetricFamily");
    if (same_token(each.name, "encoding")) delimited = each.is("delimited");
  }
  return message && delimited ? body_type::protobuf : body_type::text;
}

}  // namespace stele::pushing
