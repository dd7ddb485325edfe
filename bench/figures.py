"""What the benches' figures are: which medians a ratio is made of, and the bound it has to meet.

A figure is named as in docs/performance.md and as in the JSON file.
"""

import json
import statistics

LEAST, MOST = ">=", "<="

# Ratios: the name, what stands above, what stands below (of several the fastest), and the bound.
HOTPATH_RATIOS = {
    "counter_inc_1t_limit":
        (["counter_inc_limit_pointer 1t", "counter_inc_limit_plain 1t"], "counter_inc_stele 1t", 0.8),
    "closed_label_inc_1t_limit":
        (["counter_inc_limit_pointer 1t", "counter_inc_limit_plain 1t"],
         "closed_label_inc_stele 1t", 0.8),
    "counter_inc_1t_vs_prometheus_cpp":
        (["counter_inc_prometheus_cpp 1t"], "counter_inc_stele 1t", 3),
    "counter_inc_2t_vs_prometheus_cpp":
        (["counter_inc_prometheus_cpp 2t"], "counter_inc_stele 2t", 30),
    "histogram_observe_1t_limit":
        (["histogram_observe_limit_compare 1t", "histogram_observe_limit_halving 1t"],
         "histogram_observe_stele 1t", 0.7),
    "histogram_observe_1t_vs_prometheus_cpp":
        (["histogram_observe_prometheus_cpp 1t"], "histogram_observe_stele 1t", 2.2),
    "histogram_observe_2t_vs_prometheus_cpp":
        (["histogram_observe_prometheus_cpp 2t"], "histogram_observe_stele 2t", 20),
    "summary_observe_1t_limit": (["summary_observe_limit 1t"], "summary_observe_stele 1t", 0.5),
    "summary_observe_1t_vs_prometheus_cpp":
        (["summary_observe_prometheus_cpp 1t"], "summary_observe_stele 1t", 500),
    "open_label_64_1t_vs_prometheus_cpp":
        (["open_label_64_prometheus_cpp 1t"], "open_label_64_stele 1t", 15),
    "open_label_64_2t_vs_prometheus_cpp":
        (["open_label_64_prometheus_cpp 2t"], "open_label_64_stele 2t", 25),
    "open_label_2000_1t_vs_prometheus_cpp":
        (["open_label_2000_prometheus_cpp 1t"], "open_label_2000_stele 1t", 15),
    # Without a bound.
    "counter_inc_1t_with_exemplar_source_limit":
        (["counter_inc_limit_pointer 1t", "counter_inc_limit_plain 1t"],
         "counter_inc_with_exemplar_source_stele 1t", None),
    "counter_inc_1t_sampled_limit":
        (["counter_inc_limit_pointer 1t", "counter_inc_limit_plain 1t"],
         "counter_inc_sampled_stele 1t", None),
    "summary_observe_1t_limit_with_sum":
        (["summary_observe_limit_with_sum 1t"], "summary_observe_stele 1t", None),
    "closed_label_inc_from_array_1t_limit":
        (["closed_label_inc_from_array_limit 1t"], "closed_label_inc_from_array_stele 1t", None),
    "summary_observe_2t_vs_prometheus_cpp":
        (["summary_observe_prometheus_cpp 2t"], "summary_observe_stele 2t", None),
    "open_label_handle_1t_vs_prometheus_cpp":
        (["open_label_handle_prometheus_cpp 1t"], "open_label_handle_stele 1t", None),
}

# Of whole scrapes.
SCRAPE_RATIOS = {
    "expose_100k_text_limit": (["expose_100k_limit 1t"], "expose_100k_text_stele 1t", 0.6),
    "expose_100k_text_vs_prometheus_cpp":
        (["expose_100k_text_prometheus_cpp 1t"], "expose_100k_text_stele 1t", 20),
    "expose_100k_openmetrics_limit":
        (["expose_100k_limit 1t"], "expose_100k_openmetrics_stele 1t", 0.5),
    "expose_100k_protobuf_limit":
        (["expose_100k_limit 1t"], "expose_100k_protobuf_stele 1t", 0.5),
    "scrape_100k_gzip_vs_prometheus_cpp_exposer":
        (["scrape_100k_gzip_prometheus_cpp 1t"], "scrape_100k_gzip_stele 1t", 20),
    # Without a bound.
    "expose_1m_text_limit": (["expose_1m_limit 1t"], "expose_1m_text_stele 1t", None),
}

# The same, but what is a cost here: it may be at most so much.
SCRAPE_COSTS = {
    "expose_1m_over_100k":
        (["expose_1m_streamed_stele 1t"], "expose_100k_streamed_stele 1t", 12),
    # Without a bound: the same where all of the text is kept, which memory bounds, as the limit
    # shows.
    "expose_1m_over_100k_kept": (["expose_1m_text_stele 1t"], "expose_100k_text_stele 1t", None),
    "expose_1m_over_100k_kept_limit": (["expose_1m_limit 1t"], "expose_100k_limit 1t", None),
    "inc_slowdown_while_scraping":
        (["inc_beside_scrapes 1t"], "inc_beside_other_work 1t", 1.2),
    "inc_slowdown_while_scraping_http":
        (["inc_beside_http_scrapes 1t"], "inc_beside_other_work 1t", None),
}

# Of workspace agents; each name says its unit.
AGENTS_RATIOS = {
    "push_bundles_per_second_vs_victoria_metrics":
        (["push_stele_bundles_per_second"], "push_victoria_metrics_bundles_per_second", 1.5),
    "scrape_100k_pushed_vs_pushgateway":
        (["scrape_100k_pushgateway_ms"], "scrape_100k_stele_ms", 25),
    "memory_100k_pushed_vs_pushgateway":
        (["memory_100k_pushgateway_bytes"], "memory_100k_stele_bytes", 6),
}
AGENTS_COSTS = {
    "scrape_1m_over_100k": (["scrape_1m_stele_ms"], "scrape_100k_one_label_stele_ms", 12),
    "push_p99_while_scraping_1m_over_idle":
        (["push_while_scraping_1m_p99_us"], "push_idle_p99_us", 3),
}


def bounds(ratios, sign):
    return {name: (sign, bound) for name, (_, _, bound) in ratios.items() if bound is not None}


# By question.
BOUNDS = {
    "hotpath": bounds(HOTPATH_RATIOS, LEAST) | {
        "scrape_under_writers_ms_max": (MOST, 2),
        "counter_inc_instructions": (MOST, 8),
    },
    "scrape": bounds(SCRAPE_RATIOS, LEAST) | bounds(SCRAPE_COSTS, MOST) | {
        "peak_render_bytes": (MOST, 1024 * 1024),
    },
    "agents": bounds(AGENTS_RATIOS, LEAST) | bounds(AGENTS_COSTS, MOST) | {
        "bytes_per_series_at_1m": (MOST, 400),
    },
}
EVERY_BOUND = {name: bound for each in BOUNDS.values() for name, bound in each.items()}

# What an update adds to the work around it.
WORK = ("hash", "walk")


def repetitions(path):
    """Of a Google Benchmark report: bench -> its repetitions."""
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    found = {}
    for run in report["benchmarks"]:
        if run.get("run_type", "iteration") != "iteration" or run.get("error_occurred"):
            continue
        name = run.get("run_name", run["name"]).split("/")[0]
        found.setdefault(f"{name} {run.get('threads', 1)}t", []).append(run)
    # As they stand in the sources, not as chance had them run.
    return dict(sorted(found.items(), key=lambda item: item[1][0].get("family_index", 0)))


def medians_ns(runs):
    """The median time of an operation: of one thread processor time, of two the wall's."""
    return {name: statistics.median(1e9 / run["items_per_second"] for run in each)
            for name, each in runs.items()}


def ratios(table, medians):
    """Those of a table that these medians allow."""
    figures = {}
    for name, (above, below, _) in table.items():
        known = [medians[each] for each in above if each in medians]
        if len(known) == len(above) and below in medians:
            figures[name] = min(known) / medians[below]
    return figures


def hotpath(medians):
    """The figures that these medians allow."""
    figures = ratios(HOTPATH_RATIOS, medians)
    for name, ns in medians.items():
        work = name.split("_")[0]
        if work in WORK and f"{work}_alone 1t" in medians and "_alone" not in name:
            added = ns - medians[f"{work}_alone 1t"]
            figures[name.removesuffix(" 1t") + "_adds_ns"] = added
    return figures


def scrape(medians):
    """The figures that these medians allow."""
    return ratios(SCRAPE_RATIOS | SCRAPE_COSTS, medians)


def agents(medians):
    """The figures that these medians allow."""
    figures = ratios(AGENTS_RATIOS | AGENTS_COSTS, medians)
    if "memory_1m_stele_bytes" in medians:
        figures["bytes_per_series_at_1m"] = medians["memory_1m_stele_bytes"] / 1_000_000
    return figures


def writers(runs):
    """The worst over all kinds of writers; the median and p99 of the worst kind."""
    every = [run for each in runs.values() for run in each]
    if not every:
        return {}
    return {
        "scrape_under_writers_ms_max": max(run["max"] for run in every),
        "scrape_under_writers_ms_p99": max(run["p99"] for run in every),
        "scrape_under_writers_ms_median": max(run["median"] for run in every),
        "scrape_under_writers_cpu_ms_max": max(run["cpu_max"] for run in every),
        "scrape_under_writers_gathers": sum(run["gathers"] for run in every),
    }


def verdict(name, value):
    """The bound of a figure and whether it is met, as columns of a table."""
    if name not in EVERY_BOUND:
        return ("", "")
    sign, bound = EVERY_BOUND[name]
    met = value >= bound if sign == LEAST else value <= bound
    return (f"{sign} {bound}", "met" if met else "MISSED")
