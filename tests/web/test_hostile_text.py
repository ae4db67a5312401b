"""Whatever sensors, scanners and people write is text on a page, never a part of it."""

import re
from html.parser import HTMLParser

import pytest

from end_to_end_program import KNOWLEDGE
from integration_store import report
from stored_alerts import Judged, store_alerts
from vatriage.model.verdict import Verdict
from vatriage.model.viewer import Role

SCRIPT = "<script>alert('vt')</script>\"><img src=x onerror=alert(1)>"
ENCODED = SCRIPT.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


class Reader(HTMLParser):
    """Reads a page as a browser does, and keeps what it would run."""

    def __init__(self):
        super().__init__()
        self.runs = []

    def handle_starttag(self, tag, attrs):
        """See HTMLParser.handle_starttag."""
        told = {name: value or "" for name, value in attrs}
        ours = tag == "script" and told.get("src", "").startswith("/static/")
        if tag in ("script", "img", "iframe", "object", "base") and not ours:
            self.runs.append(self.get_starttag_text())
        self.runs += [name for name in told if name.startswith("on") or name == "style"]
        self.runs += [value for value in told.values() if value.strip().lower().startswith("javascript:")]


def unsafe(answer):
    """Return what of a page a browser would run."""
    reader = Reader()
    reader.feed(answer.text)
    reader.close()
    return reader.runs


@pytest.fixture
def hostile(store):
    """A store in which everything that others write is a script."""
    extra = f"<SERVICE>{ENCODED}</SERVICE>"
    detections = report(20, {1: [(99000, "Active")]}, extra=extra)
    detections = detections.replace(
        "<OS>Linux</OS>", f"<OS>{ENCODED}</OS><DNS>{ENCODED}</DNS><NETBIOS>{ENCODED}</NETBIOS>"
    )
    detections = detections.replace("text of 99000", ENCODED)
    store.take(
        detections, KNOWLEDGE.replace("<TITLE>t</TITLE>", f"<TITLE>{ENCODED}</TITLE><SOLUTION>{ENCODED}</SOLUTION>")
    )
    store_alerts([Judged(1, Verdict.NOT_AFFECTED, message=SCRIPT), Judged(2, Verdict.AFFECTED, sid=2, message=SCRIPT)])
    return store


def test_a_script_of_a_sensor_or_scanner_runs_on_no_page(browser, hostile):
    client = browser(Role.ADMIN)
    said = {"decision": "noise", "reason": SCRIPT, "scope": "group", "seen_group": "0", "expires_at": ""}
    assert client.post(f"/alerts/{Judged(1).id}/", said).status_code == 302
    group = re.search(r"/alert-groups/[0-9a-f]+/", client.get("/alert-groups/").text)[0]
    shown = {}
    for address in (
        "/dashboard/", "/alerts/", "/alert-groups/", group, f"/alerts/{Judged(1).id}/", "/false-positives/?list=noise",
        "/hosts/", "/hosts/10.2.0.1/", "/knowledge/", "/knowledge/99000/", "/audit/", "/signatures/",
    ):  # fmt: skip
        answer = client.get(address)
        assert answer.status_code == 200, address
        shown[address] = (unsafe(answer), "&lt;script&gt;" in answer.text)

    assert {address: found for address, (found, _) in shown.items() if found} == {}
    without = {address for address, (_, is_shown) in shown.items() if not is_shown}
    assert without == {"/dashboard/", "/signatures/"}


def test_every_text_of_a_hostile_host_is_shown_as_it_is(browser, hostile):
    text = browser(Role.OPERATOR).get("/hosts/10.2.0.1/").text

    assert (
        text.count("&lt;script&gt;alert(&#x27;vt&#x27;)&lt;/script&gt;") >= 5
    )  # name twice, OS, service, title, results


def test_an_event_is_sent_as_a_file_that_no_browser_runs(browser, hostile):
    answer = browser(Role.OPERATOR).get(f"/alerts/{Judged(1).id}/event/")

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "address",
    [
        "/alerts/?signature={}", "/alert-groups/?address={}", "/hosts/?text={}", "/hosts/?scanned={}", "/knowledge/?text={}",
        "/pulls/?device={}", "/audit/?text={}", "/zones/?address={}", "/false-positives/?list={}", "/hosts/{}/",
        "/devices/url/?url={}", "/versions/?kind=device&subject={}",
    ],
)  # fmt: skip
def test_what_stands_in_an_address_is_text_too(browser, hostile, address):
    from urllib.parse import quote

    answer = browser(Role.ADMIN).get(address.format(quote(SCRIPT, safe="")))

    assert answer.status_code in (200, 400, 404)
    assert unsafe(answer) == []


def test_names_that_people_give_are_text(browser, store):
    client = browser(Role.ANALYST)
    name = "<img src=x onerror=alert(1)>"
    saved = client.post(
        "/alert-filters/", {"deed": "save", "name": name, "query": "verdict=AFFECTED", "here": "alerts"}
    )
    page = client.get("/alerts/")

    assert saved.status_code == 302
    assert unsafe(page) == []
    assert "&lt;img src=x onerror=alert(1)&gt;" in page.text


def test_no_page_may_run_a_script_that_is_not_a_file_of_ours(browser, hostile):
    answer = browser(Role.ADMIN).get(f"/alerts/{Judged(1).id}/")

    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert re.findall(r"<script(?![^>]*src=\"/static/)", answer.text) == []
    assert re.findall(r"\sstyle=", answer.text) == []
