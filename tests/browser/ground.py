"""The ground the browser tests stand on: the running service with a pulled inventory, judged alerts and people; chromium."""

import json
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from end_to_end_program import ROOT, RULES, alert, run
from pulled_subscription import add_device
from served import log_in, visitor

CHROMIUM = Path("/usr/bin/chromium")
PASSWORD = "a staple and a horse 17"
ROLES = ("admin", "analyst", "operator", "notified")
_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
_OURS = re.compile(r"(https?|wss?)://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/|$)|(data|blob|about):")
_PAGES = """
import json, sys
from pathlib import Path
from vatriage.config import read_config
from vatriage.wiring.opening import open_web
open_web(read_config(Path(sys.argv[1])))
from vatriage.web import urls
from vatriage.web.page import PAGES
print(json.dumps({name: [page.route, page.right, "GET" in page.methods] for name, page in PAGES.items()}))
"""


def fill(home, simulator):
    """Pull a device's inventory and judge two alerts, by the command line."""
    add_device(home, simulator)
    done = run(home, "pull")
    assert done.returncode == 0, done.stderr
    files = home.parent
    (files / "r.rules").write_text(RULES)
    (files / "eve.json").write_text("".join(line + "\n" for line in (alert(1), alert(2, destination="10.1.0.8"))))
    done = run(home, "triage", files / "eve.json", "--rules", files / "r.rules", "--output", "jsonl")
    assert done.returncode == 0, done.stderr


def add_people(home, service):
    """Make a user of each role, whose first password is changed; the login is the role's name."""
    for role in ROLES:
        done = run(home, "user", "add", f"{role}1", "--role", role, "--json")
        assert done.returncode == 0, done.stderr
        with visitor(service) as client:
            first = json.loads(done.stdout)["one_time_password"]
            log_in(client, f"{role}1", first)
            page = client.get("/account/password/")
            token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]
            form = {"old_password": first, "new_password1": PASSWORD, "new_password2": PASSWORD}
            answer = client.post("/account/password/", data=form | {"csrfmiddlewaretoken": token})
            assert answer.status_code == 302, answer.text


def declared_pages(home):
    """Return every declared page: name -> (route, right, is read by GET)."""
    done = subprocess.run(
        [sys.executable, "-c", _PAGES, str(home)], check=True, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}/src:{ROOT}/simulator"},
    )  # fmt: skip
    return {name: tuple(values) for name, values in json.loads(done.stdout).items()}


class Surroundings:
    """Contexts of one chromium that never leave this machine.

    Args:
        browser: playwright's.
        service: the running service.
        folder: where screenshots go.
    """

    def __init__(self, browser, service, folder):
        self._browser, self._service, self.folder = browser, service, folder
        self.left, self.broken, self._cookies = [], [], {}

    @contextmanager
    def page(self, role=None, **values):
        """Yield a page, logged in with a role; `values` are playwright's for the context (viewport, color_scheme, ...)."""
        state = {"storage_state": self._cookies[role]} if role in self._cookies else {}
        context = self._browser.new_context(base_url=self._service.url, **state, **values)
        context.set_default_timeout(15_000)
        context.route("**/*", self._watch)
        page = context.new_page()
        page.on("pageerror", lambda error: self.broken.append(f"{page.url}: {error}"))
        page.on("console", self._overheard)
        try:
            if role is not None and not state:
                page.goto("/login/")
                page.get_by_label("Username").fill(f"{role}1")
                page.get_by_label("Password").fill(PASSWORD)
                page.get_by_role("button", name="Log in").click()
                page.wait_for_url(lambda url: "/login" not in url)
                self._cookies[role] = context.storage_state()
            yield page
        finally:
            context.close()

    def shot(self, page, name, *, full=True):
        """Write a screenshot; return its path."""
        path = self.folder / f"{name}.png"
        page.screenshot(path=path, full_page=full)
        return path

    def _watch(self, route):
        if _OURS.match(route.request.url):
            route.continue_()
        else:
            self.left.append(route.request.url)
            route.abort()

    def _overheard(self, message):
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.broken.append(message.text)


@contextmanager
def chromium():
    """Yield a browser; skip the test where there is none."""
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM}: tests/install_packages.sh installs it as root")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - it costs a second

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()
