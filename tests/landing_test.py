#!/usr/bin/python3
"""The landing page in a real browser, served by real programs. "the documented table as it lives
now", search, sorting, the coverage view, light and dark, the keyboard alone."""

import http.server
import itertools
import json
import threading
import unittest

from coderd_case import SOURCE_ROOT
from landing_case import Keys, LandingCase
import client
from client import Api

PROCESSED = "coderd_api_requests_processed_total"
LATENCY = "coderd_api_request_latencies_ms"


class Page(LandingCase):
    def setUp(self):
        super().setUp()
        api = self.start_api()
        user = api.create_user("ada")
        api.build(api.create_workspace(user, "dev"), "start")
        self.call = lambda: api.call(200, "GET", Api.USER, user["id"])
        self.open(self.service.metrics)

    def test_shows_every_documented_row_and_at_first_those_that_are_alive(self):
        table = client.read_table(SOURCE_ROOT / "docs/coderd.md")
        silent = {row.split()[0] for row in self.script(
            "[...document.querySelectorAll('.row')].filter(row => row.textContent"
            ".includes('no series yet')).map(row => row.dataset.name)")}
        self.assertEqual(set(self.shown()) - silent, set(self.page().families))
        self.show("all")
        self.assertEqual(self.shown(), sorted(table))
        rows = dict(zip(self.shown(), zip(self.texts("#rows .type"), self.texts("#rows .help"))))
        self.assertEqual(rows, table)
        self.assertIn("105", self.text("#lede"))
        self.assertEqual(self.texts("nav a")[0], "/metrics")
        self.assertRegex(self.text("#facts"), r"^Stele \d+\.\d+\.\d+ · up \S+ s$")

    def test_search_narrows_the_rows_by_every_word(self):
        self.show("all")
        self.search("latenc summary")
        self.assertEqual(self.shown(), [])
        self.search("latenc ms request")
        self.assertEqual(self.shown(), [LATENCY])
        self.search("type:summary")
        self.assertEqual(self.shown(),
                         ["coderd_agent_aggregator_collect_nanoseconds", "go_gc_duration_seconds"])
        self.press(Keys.ESCAPE)
        self.assertEqual(len(self.shown()), 105)

    def test_a_search_that_finds_nothing_alive_says_what_it_would_find(self):
        self.search("go_memstats")
        self.assertRegex(self.text("#none"),
                         r"^Nothing that is alive matches; .* \d+ do\. Show all$")
        self.find("#none button").click()
        self.assertGreater(len(self.shown()), 20)

    def test_sorts_by_every_column_in_both_directions(self):
        self.wait_for_sparkline(PROCESSED)
        self.show("all")
        for column in ("type", "help", "labels", "series", "value", "moved", "name"):
            orders = []
            for _ in range(2):
                self.find(f"[data-sort={column}] button").click()
                states = self.script("[...document.querySelectorAll('th[data-sort]')]"
                                     ".map(th => th.getAttribute('aria-sort')).filter(Boolean)")
                orders.append((states, self.shown()))
            with self.subTest(column=column):
                self.assertEqual({state for states, _ in orders for state in states},
                                 {"ascending", "descending"})
                self.assertTrue(orders[0][1] != orders[1][1], "the same order in both directions")

    def test_follows_the_service_without_a_reload(self):
        self.script("(window.untouched = true)")
        before = self.wait_for("a value", lambda: self.value(PROCESSED))
        for _ in range(7):
            self.call()
        self.wait_for("7 more requests", lambda: self.value(PROCESSED) == before + 7)
        self.assertTrue(self.script("window.untouched"))

    def test_draws_the_last_minute(self):
        self.wait_for_sparkline(PROCESSED)
        said = self.script("document.querySelector(arguments[0]).getAttribute('aria-label')",
                           f"[data-name={PROCESSED}] .spark")
        self.assertRegex(said, r"^from .* to .* per second$")
        # The first seconds are not a dot at the end of a minute.
        width = self.script("document.querySelector(arguments[0]).getBBox().width",
                            f"[data-name={PROCESSED}] .line")
        self.assertTrue(15 <= width <= 100, width)
        self.assertRegex(self.text(f"[data-name={PROCESSED}] .value small"), r"^\+.*/s$")

    def test_a_row_shows_its_series_and_its_buckets(self):
        self.find(f"[data-name={LATENCY}]").click()
        self.wait_for("series", lambda: self.texts(".detail tr"))
        series = {text.split("p50")[0] for text in self.texts(".sheet td:first-child code")}
        self.assertIn(f"method=GET, path={Api.BUILD}", series)
        self.assertEqual(len(series), len([each for each in self.page().labels
                                           if each.startswith(LATENCY + "_count")]))
        self.assertIn("≤ 1 ms", self.texts(".buckets span"))
        self.assertIn("histogram_quantile(0.9", self.text(".query"))
        self.find(f"[data-name={LATENCY}]").click()
        self.assertEqual(self.texts(".detail"), [])

    def test_what_is_looked_at_is_in_the_address(self):
        self.search("type:gauge")
        self.find("[data-sort=series] button").click()
        self.show("all")
        address = self.browser.current_url
        before = self.shown()
        self.browser.get("about:blank")
        self.open(self.service.metrics, address.removeprefix(self.origin))
        self.assertEqual(self.shown(), before)
        self.assertEqual(self.text("[aria-sort=descending]"), "Series")


class Coverage(LandingCase):
    def test_says_what_is_silent_what_is_absent_and_who_feeds_the_rest(self):
        api = self.start_api()
        workspace = api.create_workspace(api.create_user("ada"), "dev")
        api.build(workspace, "start")
        with api.watch(workspace) as next_message:
            next_message()
        self.wait_for_value(1, "coderd_api_websocket_durations_ms_count")
        self.open(self.service.metrics)
        self.show("coverage")
        sections = {}
        for number, title in enumerate(self.texts("#coverage h2")):
            cells = f"#coverage .cover:nth-child({number + 1}) tbody tr > td:nth-child"
            sections[title.split(" (")[0]] = dict(zip(self.texts(f"{cells}(1)"), zip(
                self.texts(f"{cells}(2)"), self.texts(f"{cells}(3)"))))
        sources = self.sources()
        exposed = set(self.page().families)
        absent = {name for name, source in sources.items() if source.startswith("absent")}
        self.assertEqual(set(sections["Documented, and silent"]), set(sources) - exposed - absent)
        self.assertEqual({f"{source}: {reason}" for source, reason
                          in sections["Absent on purpose"].values()},
                         {sources[name] for name in absent})
        self.assertEqual(set(sections["Fed by Stele or by the caller"]),
                         {name for name in exposed if sources[name] == "sdk"})
        self.assertEqual(sections["Who feeds the table"]["absent"],
                         ("nobody, on purpose", str(len(absent))))
        self.assertFalse(self.find("#table").is_displayed())

    def sources(self):
        """{name: Source} of the page's table."""
        rows, heading = {}, None
        for line in (SOURCE_ROOT / "docs/coderd.md").read_text(encoding="utf-8").splitlines():
            cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
            if line.startswith("| Metric"):
                heading = cells
            elif heading and line.startswith("| `"):
                rows[cells[0]] = dict(zip(heading, cells))["Source"].replace("`", "")
        return rows


class Look(LandingCase):
    def setUp(self):
        super().setUp()
        self.api = self.start_api()
        user = self.api.create_user("ada")
        self.api.build(self.api.create_workspace(user, "dev"), "start")
        self.open(self.service.metrics)
        self.addCleanup(self.prefer, "light")

    def is_dark(self):
        colour = self.script("getComputedStyle(document.documentElement).backgroundColor")
        return sum(int(part) for part in colour.strip("rgb()").split(",")) < 3 * 128

    def test_is_light_or_dark_as_the_reader_prefers_or_chooses(self):
        self.wait_for_sparkline(PROCESSED)
        for scheme in ("light", "dark"):
            self.prefer(scheme)
            self.wait_for(scheme, lambda: self.is_dark() == (scheme == "dark"))
            self.screenshot(f"landing-{scheme}")
        theme = self.find("#theme")
        theme.click()
        self.assertEqual((self.is_dark(), self.texts("#theme")), (False, ["◐ light"]))
        self.browser.refresh()
        self.wait_for("the page", lambda: self.text("#status") == "live")
        self.assertFalse(self.is_dark())
        self.prefer("light")
        self.find("#theme").click()
        self.assertTrue(self.is_dark())
        self.find("#theme").click()
        self.assertFalse(self.is_dark())

    def test_fits_on_a_phone(self):
        self.size(390, 844, mobile=True)
        self.find(f"[data-name={PROCESSED}] .name").click()
        self.wait_for("detail", lambda: self.texts(".detail"))
        self.assertLessEqual(self.script("document.documentElement.scrollWidth"), 390)
        self.assertEqual(self.script("document.querySelector('.detail td').colSpan"), 3)
        self.screenshot("landing-phone")
        self.show("coverage")
        self.assertLessEqual(self.script("document.documentElement.scrollWidth"), 390)


class Keyboard(LandingCase):
    def test_reaches_everything(self):
        self.start_api()
        self.open(self.service.metrics)
        stops = []
        for _ in range(20):
            self.press(Keys.TAB)
            stops.append(self.focused())
        self.assertEqual(stops[0], "Skip to the table")
        self.assertEqual(stops[1:5], ["/metrics", "/-/healthy", "theme", "search"])
        first = self.shown()[0]
        self.assertEqual(stops[6:14], ["Metric", "Type", "Help", "Labels", "Series", "Value",
                                       "Last minute", first])
        self.assertFalse({first, *self.shown()[1:]} & set(stops[14:]), "rows are one stop")

    def test_searches_sorts_opens_and_closes(self):
        self.start_api()
        self.open(self.service.metrics)
        self.press("/")
        self.assertEqual(self.focused(), "search")
        self.press("type:counter", Keys.ARROW_DOWN)
        names = self.shown()
        self.assertEqual(self.focused(), names[0])
        self.press(Keys.ARROW_DOWN)
        self.assertEqual(self.focused(), names[1])
        self.press(Keys.ENTER)
        self.assertEqual(self.script("document.activeElement.ariaExpanded"), "true")
        self.wait_for("its detail", lambda: self.texts(".detail"))
        self.press(Keys.ENTER)
        self.assertEqual(self.texts(".detail"), [])
        self.press(Keys.END)
        self.assertEqual(self.focused(), names[-1])
        self.press(Keys.HOME, Keys.ARROW_UP)
        self.assertEqual(self.focused(), "search")
        self.press("/")
        self.assertEqual(self.script("document.activeElement.value"), "type:counter/")
        self.press(Keys.ESCAPE, *[Keys.TAB] * 2, Keys.ENTER)
        self.assertEqual(self.script("document.querySelector('[data-sort=name]').ariaSort"),
                         "descending")


class Safety(LandingCase):
    def test_hostile_labels_are_text(self):
        self.open(self.start_server())
        self.find("[data-name=sample_sessions]").click()
        self.wait_for("series", lambda: len(self.texts(".detail tr")) == 6)
        shown = self.texts(".sheet td:first-child")
        self.assertIn('user=<img src=x onerror=\\"window.harmed=1\\">', shown)
        self.assertIn("user=</td></table><script>window.harmed=1</script>", shown)
        self.assertIn('user=\\"quoted\\" \\\\ and\\nbroken', shown)
        self.assertIn("user=\u202eright to left \u05d0\u05d1\u05d2", shown)
        self.assertIn("user=🪨 \u2028\u2029 \x01", shown)
        long = [text for text in shown if "xxxx" in text]
        self.assertTrue(long and long[0].endswith("… cut") and len(long[0]) < 1100, long)
        self.assertEqual(self.texts("#rows img, #rows script"), [])
        self.assertIsNone(self.script("window.harmed"))
        self.assertLessEqual(self.script("document.documentElement.scrollWidth"), 1360)
        self.screenshot("landing-hostile")

    def test_shows_numbers_that_json_lacks_and_bounds_the_series(self):
        self.open(self.start_server())
        self.assertEqual(self.text("[data-name=sample_temperature_celsius] .value span"), "NaN")
        self.assertEqual(self.script("document.querySelector(arguments[0]).title",
                                     "[data-name=sample_alloc_bytes] .value"),
                         "9007199254740993 bytes")
        self.assertEqual(self.text("[data-name=sample_switch] .value span"), "on")
        self.assertIn("; 1 is absent on purpose.", self.text("#lede"))
        self.assertEqual(self.text("[data-name=sample_rooms] .value span"), "0 … 499")
        self.find("[data-name=sample_rooms]").click()
        self.wait_for("series", lambda: self.texts(".detail tr"))
        self.assertEqual(len(self.texts(".detail tr")), 20)
        self.assertIn("The first 20 of 500 series", self.text(".detail"))
        self.assertIn("480 more are on /metrics", self.text(".detail"))

    def test_leads_to_the_metrics_and_to_their_views(self):
        self.open(self.start_server())
        self.assertEqual(self.texts("nav a"), ["/metrics", "/metrics/rooms", "/-/healthy"])
        links = self.script("[...document.querySelectorAll('nav a')].map(each => each.href)")
        answers = [client.fetch(link)[2] for link in links]
        self.assertTrue(answers[0].startswith("# HELP process_cpu_seconds_total"), answers[0][:99])
        self.assertTrue(answers[1].startswith("# HELP sample_rooms "), answers[1][:99])
        self.assertEqual(answers[2], "OK\n")

    def test_its_policy_stops_what_is_not_its_own(self):
        metrics = self.start_server()
        status, headers, text = client.fetch(metrics.removesuffix("metrics"),
                                             headers={"Accept": "text/html"})
        self.assertEqual((status, headers["Content-Type"]), (200, "text/html; charset=utf-8"))
        policy = headers["Content-Security-Policy"]
        self.assertIn("default-src 'none'", policy)
        self.assertIn("connect-src 'self'", policy)
        self.assertNotIn("unsafe", policy)
        self.assertLessEqual(len(text.encode()), 48 * 1024)
        self.assertNotIn("http", text.replace("http://www.w3.org/2000/svg", ""))
        self.open(metrics)
        self.may_complain = True
        self.script("""(() => {
            const script = document.createElement('script');
            try { script.textContent = 'window.harmed = 1'; } catch {}
            document.head.append(script);
            try { document.body.setAttribute('onclick', 'window.harmed = 1'); } catch {}
            document.body.click();
        })()""")
        self.assertIsNone(self.script("window.harmed"))
        self.assertEqual(self.script("(() => { try { document.body.innerHTML = 'x'; return 1 }"
                                     " catch { return 0 } })()"), 0)

    def test_says_when_nobody_answers(self):
        self.start_api()
        self.open(self.service.metrics)
        self.may_complain = True
        self.service.stop()
        self.wait_for("the loss", lambda: self.text("#status").startswith("no answer since"))


class Large(LandingCase):
    """A table of 1,000 rows, whose values change with each answer."""

    def serve(self):
        page = self.html(self.start_server())
        asked = itertools.count()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body, kind = page, "text/html; charset=utf-8"
                if self.path.startswith("/-/table"):
                    body, kind = json.dumps(large_table(next(asked))).encode(), "application/json"
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}/metrics"

    def test_a_thousand_rows_are_searched_and_sorted_at_once(self):
        self.open(self.serve())
        self.assertEqual(len(self.shown()), 1000)
        took = self.script("""(() => {
            const begin = performance.now();
            for (const query of ['9', '99', '999', '']) {
                document.querySelector('#search').value = query;
                document.querySelector('#search').dispatchEvent(new Event('input'));
            }
            for (const head of document.querySelectorAll('[data-sort] button')) head.click();
            document.body.offsetHeight;
            return performance.now() - begin;
        })()""")
        print(f"4 searches and 7 sorts of 1,000 rows: {took:.0f} ms", flush=True)
        self.assertLess(took, 4000)
        self.assertEqual(len(self.shown()), 1000)
        drawn = self.script("[...document.querySelectorAll('#rows .value span')]"
                            ".filter(each => each.textContent).length")
        self.assertLess(drawn, 200, "rows out of sight are not drawn")


    def test_sorts_values_and_series_as_numbers(self):
        self.open(self.serve())
        for column in ("value", "series"):
            self.find(f"[data-sort={column}] button").click()
            names = [f"large_part_{i:03}_total" for i in range(1, 1001)]
            self.assertEqual(self.shown(), names[::-1])
            self.find(f"[data-sort={column}] button").click()
            self.assertEqual(self.shown(), names)


def large_table(asked):
    rows = [{"table": 0, "name": f"large_part_{i:03}_total", "type": "counter",
             "help": f"Events of part {i}.", "unit": "", "source": "service",
             "labels": [{"name": "code", "values": []}], "exposed": True, "series": i,
             "value": i * (asked + 1)} for i in range(1, 1001)]
    return {"version": "1.2.3", "now_ms": 0, "uptime_ms": asked, "tables": ["large"],
            "views": ["/metrics/part"], "rows": rows}


if __name__ == "__main__":
    unittest.main()
