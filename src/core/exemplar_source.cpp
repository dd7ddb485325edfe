// exemplar_source.cpp: how an exemplar gets to its place: stated at a call, or as a sample from the
// program's source.

#include "core/exemplar_source.hpp"

#include <atomic>
#include <utility>

#include "core/exemplars.hpp"
#include "core/table_state.hpp"
#include "core/tables.hpp"
#include "stele/exemplar.hpp"

namespace stele::core {

exemplar_source::~exemplar_source() = default;

namespace {

constinit std::atomic<exemplar_source*> the_source{nullptr};
constinit std::atomic<exemplar_source*> all_sources{nullptr};

/// Whether this thread is in the source, whose own updates take no exemplars.
constinit thread_local bool in_source = false;

void refuse_exemplar(table_link& link, std::size_t row) noexcept {
  refuse(link, row,
         "an exemplar was refused, and its update counted: label names must be valid, each once, "
         "names and values have at most 128 code points, NaN has no bucket to be an example of, "
         "and the source must not throw");
}

/// A bucket has none that is NaN, which Prometheus would take for a new one at each scrape.
bool is_in_a_bucket(exemplar_point at) noexcept { return at.value == at.value; }

/// Asks the source; false where it gives nothing, or something that breaks a rule.
bool ask_source(table_link& link, std::size_t row, exemplar_writer& labels) noexcept {
  exemplar_source* const source = the_source.load(std::memory_order_acquire);
  if (source == nullptr || std::exchange(in_source, true)) return false;
  try {
    source->write(labels);
  } catch (...) {
    labels.add("", "");  // spoils it
  }
  in_source = false;
  if (labels.spoiled()) refuse_exemplar(link, row);
  return labels.complete();
}

bool write_labels(table_link& link, std::size_t row, exemplar_labels from,
                  exemplar_writer& labels) noexcept {
  for (exemplar_label const& each : from) labels.add(each.name, each.value);
  if (labels.spoiled()) refuse_exemplar(link, row);
  return labels.complete();
}

void put(table_link& link, std::size_t row, exemplar_table* into, exemplar_point at,
         exemplar_labels labels) noexcept {
  if (!is_in_a_bucket(at)) return refuse_exemplar(link, row);
  exemplar_writer written;
  if (write_labels(link, row, labels, written) && into != nullptr) into->put(at, written.text());
}

void sample(table_link& link, std::size_t row, exemplar_table* into, exemplar_point at) noexcept {
  if (!is_in_a_bucket(at) || into == nullptr ||
      into->is_fresh(at.bucket, gather_number.load(std::memory_order_relaxed)))
    return;
  exemplar_writer labels;
  if (ask_source(link, row, labels)) into->put(at, labels.text());
}

/// The place in the one table that a closed row has for all its series.
exemplar_point in_row(table_link& link, std::size_t row, std::size_t series,
                      exemplar_point at) noexcept {
  return {series * exemplar_places(*link.info->rows[row]) + at.bucket, at.value};
}

}  // namespace

void put_exemplar(table_link& link, std::size_t row, std::size_t series, exemplar_point at,
                  exemplar_labels labels) noexcept {
  put(link, row, state_of(link).exemplars_of(row), in_row(link, row, series, at), labels);
}

void put_exemplar(table_link& link, open_block& block, exemplar_point at,
                  exemplar_labels labels) noexcept {
  put(link, block.row, state_of(link).exemplars_of(block), at, labels);
}

void sample_exemplar(table_link& link, std::size_t row, std::size_t series,
                     exemplar_point at) noexcept {
  if (has_exemplar_source())
    sample(link, row, state_of(link).exemplars_of(row), in_row(link, row, series, at));
}

void sample_exemplar(table_link& link, open_block& block, exemplar_point at) noexcept {
  if (has_exemplar_source()) sample(link, block.row, state_of(link).exemplars_of(block), at);
}

bool has_exemplar_source() noexcept {
  return the_source.load(std::memory_order_relaxed) != nullptr;
}

void use_exemplar_source(exemplar_source* source) noexcept {
  the_source.store(source, std::memory_order_release);
  if (source == nullptr) return;
  source->earlier = all_sources.load(std::memory_order_relaxed);
  while (!all_sources.compare_exchange_weak(source->earlier, source)) {
  }
  for_each_table([](table_state& table) { table.ask_for_samples(); });
}

}  // namespace stele::core
