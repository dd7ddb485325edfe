"""What the tests of the landing page share: a headless Chromium, and the page in it."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from coderd_case import SOURCE_ROOT, CoderdCase
import client
from client import Api, wait_until

CHROMIUM = shutil.which("chromium", path="/usr/bin:/usr/local/bin")
DRIVER = shutil.which("chromedriver", path="/usr/bin:/usr/local/bin")
try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    MISSING = "" if CHROMIUM and DRIVER else "chromium and chromium-driver"
except ImportError:
    By = Keys = webdriver = None
    MISSING = "python3-selenium"

SERVER = os.environ.get("STELE_LANDING_SERVER",
                        str(SOURCE_ROOT / "build/tests/landing_server"))
# Where screenshots are kept.
ARTEFACTS = pathlib.Path(os.environ.get("STELE_ARTEFACTS", tempfile.gettempdir()))


def start_browser(folder):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--disable-dev-shm-usage", "--disable-gpu",
                     "--force-device-scale-factor=1", "--window-size=1360,900",
                     f"--user-data-dir={folder}"):
        options.add_argument(argument)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # it refuses to run as root with it
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(service=Service(DRIVER), options=options)


@unittest.skipIf(MISSING, f"needs {MISSING}; ./dev setup installs it")
class LandingCase(CoderdCase):
    """One browser for all. A test ends with no message on the console and no foreign request."""

    browser = None

    @classmethod
    def setUpClass(cls):
        if LandingCase.browser is None:
            folder = unittest.enterModuleContext(tempfile.TemporaryDirectory(
                prefix="landing-test-", ignore_cleanup_errors=True))
            LandingCase.browser = start_browser(folder)
            unittest.addModuleCleanup(LandingCase.browser.quit)

    def setUp(self):
        super().setUp()
        self.log("browser"), self.log("performance")  # those of the test before
        self.origin = "none"
        self.may_complain = False

    def tearDown(self):
        self.browser.get("about:blank")  # before the service ends
        if not self.may_complain:
            self.assertEqual(self.log("browser"), [])
        for url in self.requested():
            if url.startswith(("http", "ws", "ftp")):  # not Chromium's own pages
                self.assertTrue(url.startswith(self.origin), url)
        super().tearDown()

    def start_server(self):
        """The address of the metrics of landing_server.cpp."""
        server = subprocess.Popen([SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  text=True)
        def stop():
            server.stdin.close()
            server.stdout.close()
            self.assertEqual(server.wait(30), 0)
        self.addCleanup(stop)
        return server.stdout.readline().strip()

    def html(self, metrics_url):
        status, headers, text = client.fetch(metrics_url.removesuffix("metrics"),
                                             headers={"Accept": "text/html"})
        self.assertEqual((status, headers["Content-Type"]), (200, "text/html; charset=utf-8"))
        return text.encode()

    def log(self, which):
        return self.browser.get_log(which)

    def requested(self):
        """The addresses that the browser asked since it was last looked at."""
        events = [json.loads(entry["message"])["message"] for entry in self.log("performance")]
        return [event["params"]["request"]["url"] for event in events
                if event["method"] == "Network.requestWillBeSent"]

    def open(self, metrics_url, fragment=""):
        self.origin = metrics_url.removesuffix("metrics")
        self.size(1360, 900)
        self.browser.get(self.origin + fragment)
        self.wait_for("live", lambda: self.text("#status") == "live")

    def size(self, width, height, mobile=False):
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile})

    def prefer(self, scheme):
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def wait_for(self, what, condition):
        return wait_until(what, condition, wait_max=20)

    def find(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def script(self, code, *arguments):
        return self.browser.execute_script(f"return {code}", *arguments)

    def text(self, selector):
        return self.script("document.querySelector(arguments[0])?.textContent", selector)

    def texts(self, selector):
        return self.script(
            "[...document.querySelectorAll(arguments[0])].map(each => each.textContent)", selector)

    def shown(self):
        """The names of the rows, from top to bottom."""
        return self.script(
            "[...document.querySelectorAll('#rows > .row')].map(each => each.dataset.name)")

    def value(self, name):
        """A row's number, to the digit."""
        title = self.script("document.querySelector(arguments[0])?.title",
                            f"[data-name={name}] .value")
        return float(title.split()[0]) if title else None

    def wait_for_sparkline(self, name):
        def drawn():
            self.api.call(200, "GET", Api.USERS)
            line = self.script("document.querySelector(arguments[0]).getAttribute('d')",
                               f"[data-name={name}] .line")
            return line and line.count("L") >= 2
        self.wait_for("a sparkline", drawn)

    def show(self, which):
        self.script("document.querySelector(arguments[0]).click()", f"[value={which}]")

    def search(self, text):
        box = self.find("#search")
        box.clear()
        box.send_keys(text)

    def press(self, *keys):
        webdriver.ActionChains(self.browser).send_keys(*keys).perform()

    def focused(self):
        return self.script("document.activeElement.id || document.activeElement.textContent")

    def screenshot(self, name):
        path = ARTEFACTS / f"{name}.png"
        path.write_bytes(self.browser.get_screenshot_as_png())
        print(f"screenshot: {path}", flush=True)
