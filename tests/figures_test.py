#!/usr/bin/python3
"""What the benches' figures are made of: bench/figures.py."""

import json
import pathlib
import sys
import tempfile
import unittest
import unittest.mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "bench"))
import figures  # noqa: E402
import scrape_memory  # noqa: E402


def run(name, ns, threads=1, family=0, **more):
    return {"name": name, "run_name": name, "run_type": "iteration", "threads": threads,
            "family_index": family, "items_per_second": 1e9 / ns} | more


def read(*runs):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"benchmarks": runs}, file)
        file.flush()
        return figures.repetitions(file.name)


class Figures(unittest.TestCase):
    # "Every figure is a ratio of medians taken in one run": a repetition that was disturbed does
    # not move it, and an aggregate is no repetition.
    def test_are_ratios_of_medians(self):
        medians = figures.medians_ns(read(
            *(run("counter_inc_prometheus_cpp", ns) for ns in (9, 9, 500)),
            run("counter_inc_prometheus_cpp", 77) | {"run_type": "aggregate"},
            *(run("counter_inc_stele", ns) for ns in (0.3, 0.1, 0.3))))
        self.assertAlmostEqual(figures.hotpath(medians)["counter_inc_1t_vs_prometheus_cpp"], 30)

    # "the faster of it and the plain `++` form"
    def test_take_the_faster_limit(self):
        medians = figures.medians_ns(read(
            run("counter_inc_limit_pointer", 0.5), run("counter_inc_limit_plain", 0.25),
            run("counter_inc_stele", 0.5)))
        self.assertAlmostEqual(figures.hotpath(medians)["counter_inc_1t_limit"], 0.5)

    def test_tell_one_thread_from_two(self):
        medians = figures.medians_ns(read(
            run("counter_inc_stele", 1), run("counter_inc_stele/real_time/threads:2", 0.5, threads=2),
            run("counter_inc_prometheus_cpp", 5),
            run("counter_inc_prometheus_cpp/real_time/threads:2", 20, threads=2)))
        found = figures.hotpath(medians)
        self.assertAlmostEqual(found["counter_inc_1t_vs_prometheus_cpp"], 5)
        self.assertAlmostEqual(found["counter_inc_2t_vs_prometheus_cpp"], 40)

    # "only measured numbers; a missing one is left out"
    def test_leave_out_what_was_not_measured(self):
        medians = figures.medians_ns(read(run("counter_inc_limit_pointer", 1),
                                          run("counter_inc_stele", 1)))
        self.assertEqual(figures.hotpath(medians), {})
        self.assertEqual(figures.writers({}), {})
        self.assertEqual(figures.scrape(medians), {})
        self.assertEqual(figures.agents({"memory_100k_stele_bytes": 1}), {})

    def test_say_whether_the_bound_is_met(self):
        self.assertEqual(figures.verdict("counter_inc_1t_limit", 0.81), (">= 0.8", "met"))
        self.assertEqual(figures.verdict("counter_inc_1t_limit", 0.79), (">= 0.8", "MISSED"))
        self.assertEqual(figures.verdict("scrape_under_writers_ms_max", 2.1), ("<= 2", "MISSED"))
        self.assertEqual(figures.verdict("expose_1m_over_100k", 12.1), ("<= 12", "MISSED"))
        self.assertEqual(figures.verdict("expose_100k_text_limit", 0.61), (">= 0.6", "met"))
        self.assertEqual(figures.verdict("bytes_per_series_at_1m", 400), ("<= 400", "met"))
        self.assertEqual(figures.verdict("scrape_100k_pushed_vs_pushgateway", 24.9),
                         (">= 25", "MISSED"))
        self.assertEqual(figures.verdict("a_figure_without_a_bound", 1), ("", ""))

    # "limit over ours"; "its Collect + TextSerializer over ours"; "time of 1,000,000 over time of
    # 100,000"; "hot counter while the other core scrapes …, over the same with the other core busy
    # elsewhere"
    def test_of_scrapes_have_the_named_side_above(self):
        found = figures.scrape(figures.medians_ns(read(
            run("expose_100k_limit", 4e6), run("expose_100k_text_stele", 5e6),
            run("expose_100k_openmetrics_stele", 8e6), run("expose_100k_protobuf_stele", 2e6),
            run("expose_100k_text_prometheus_cpp", 400e6), run("expose_1m_streamed_stele", 44e6),
            run("expose_100k_streamed_stele", 4e6),
            run("scrape_100k_gzip_prometheus_cpp/real_time", 500e6),
            run("scrape_100k_gzip_stele/real_time", 20e6),
            run("inc_beside_other_work", 0.2), run("inc_beside_scrapes", 0.3))))
        for name, value in {
                "expose_100k_text_limit": 0.8,
                "expose_100k_openmetrics_limit": 0.5,
                "expose_100k_protobuf_limit": 2,
                "expose_100k_text_vs_prometheus_cpp": 80,
                "scrape_100k_gzip_vs_prometheus_cpp_exposer": 25,
                "expose_1m_over_100k": 11,
                "inc_slowdown_while_scraping": 1.5}.items():
            self.assertAlmostEqual(found.pop(name), value, msg=name)
        self.assertEqual(found, {})

    # "its RSS growth over ours"; "RSS growth over series"; "p99 of a push during a scrape of a
    # million series over without"
    def test_of_agents_have_the_named_side_above(self):
        found = figures.agents({
            "push_stele_bundles_per_second": 30_000,
            "push_victoria_metrics_bundles_per_second": 15_000,
            "scrape_100k_pushgateway_ms": 800, "scrape_100k_stele_ms": 16,
            "memory_100k_pushgateway_bytes": 350e6, "memory_100k_stele_bytes": 35e6,
            "memory_1m_stele_bytes": 250e6, "scrape_1m_stele_ms": 110,
            "scrape_100k_one_label_stele_ms": 10, "push_while_scraping_1m_p99_us": 600,
            "push_idle_p99_us": 300})
        for name, value in {
                "push_bundles_per_second_vs_victoria_metrics": 2,
                "scrape_100k_pushed_vs_pushgateway": 50,
                "memory_100k_pushed_vs_pushgateway": 10,
                "bytes_per_series_at_1m": 250,
                "scrape_1m_over_100k": 11,
                "push_p99_while_scraping_1m_over_idle": 2}.items():
            self.assertAlmostEqual(found.pop(name), value, msg=name)
        self.assertEqual(found, {})

    # "the larger of identity and gzip": it takes both, and one is not the figure.
    def test_of_memory_take_the_worse_encoding(self):
        def measured(peaks):
            def peak(program, encoding):
                if encoding not in peaks:
                    raise scrape_memory.Failed("none")
                return peaks[encoding], 50
            with unittest.mock.patch.object(scrape_memory, "peak", peak):
                return scrape_memory.measure("program", lambda text: None)
        self.assertEqual(measured({"identity": 7, "gzip": 9})["peak_render_bytes"], 9)
        self.assertEqual(measured({"identity": 9, "gzip": 7})["peak_render_bytes"], 9)
        self.assertEqual(measured({"identity": 9}),
                         {"peak_render_bytes_identity": 9, "snapshot_1m_bytes": 50})

    # A question has the bounds of its own figures, so that only these are missed when absent.
    def test_belong_to_one_question(self):
        self.assertFalse(figures.BOUNDS["hotpath"].keys() & figures.BOUNDS["scrape"].keys())
        self.assertIn("peak_render_bytes", figures.BOUNDS["scrape"])

    def test_show_what_an_update_adds_to_the_work_around_it(self):
        medians = figures.medians_ns(read(run("hash_alone", 10), run("hash_counter_stele", 12)))
        self.assertAlmostEqual(figures.hotpath(medians)["hash_counter_stele_adds_ns"], 2)

    def test_of_a_scrape_take_the_worst_writers(self):
        found = figures.writers(read(
            run("writers_mixed", 1, max=0.4, p99=0.3, median=0.2, cpu_max=0.3, gathers=500),
            run("writers_summary", 1, max=0.9, p99=0.1, median=0.1, cpu_max=0.2, gathers=500)))
        self.assertEqual(found["scrape_under_writers_ms_max"], 0.9)
        self.assertEqual(found["scrape_under_writers_ms_p99"], 0.3)
        self.assertEqual(found["scrape_under_writers_gathers"], 1000)


if __name__ == "__main__":
    unittest.main()
