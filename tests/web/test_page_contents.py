"""What the pages of alerts, hosts and figures say, held against small stores whose every number is known."""

import re
from html import unescape

import msgspec
import pytest

from end_to_end_program import DETECTIONS, HOSTS, KNOWLEDGE, RULES, alert
from integration_store import report
from stored_alerts import Judged, store_alerts
from vatriage.model.verdict import Verdict
from vatriage.model.viewer import Role
from web.api_client import furnish
from web.test_devices import text_of

NOTHING = "–"  # noqa: RUF001 - the dash that pages show for nothing


def facts_of(answer):
    """Return the facts that a page shows, by their names."""
    pairs = re.findall(r"<dt>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", answer.text, re.DOTALL)
    return {_plain(name): _plain(value) for name, value in pairs}


def rows_of(answer, heading):
    """Return the rows of the first table under a heading, each as the texts of its cells."""
    table = answer.text.split(heading, 1)[1].split("<tbody>", 1)[1].split("</tbody>", 1)[0]
    return [
        [_plain(cell) for cell in re.findall(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", row, re.DOTALL)]
        for row in table.split("<tr>")[1:]
    ]


def _plain(html):
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


@pytest.fixture
def judged(store):
    """An alert judged against a scanned host that has the vulnerability, and one against the same host that has not."""
    values = furnish(store)
    return values["alert"]


def test_the_chain_of_evidence_names_every_step_of_the_record_and_each_can_be_checked(browser, judged):
    from vatriage.usecases.lookups import stored_verdicts

    client = browser(Role.ANALYST)
    answer = client.get(f"/alerts/{judged}/")
    (record,) = stored_verdicts(judged)
    rows = rows_of(answer, "The same as a table")
    steps = {row[0] for row in rows}
    links = re.findall(r'<a href="([^"]+)"><g class="box', answer.text)

    assert steps >= {"Alert", "Signature", "Claim", "Target", "Host", "Test", "Decision"}
    assert [row[1] for row in rows if row[0] == "Claim"] == [claim.id for claim in record.claims]
    assert sum(row[0] == "Test" for row in rows) == len(record.evidence)
    assert all(f"QID {item.qid}" in " ".join(row[2] for row in rows) for item in record.evidence if item.qid)
    assert rows[-1][1] == record.verdict == "AFFECTED"
    assert all(row[3] for row in rows if row[0] != "Alert")
    assert answer.text.count('class="box box-') == len(rows)
    assert len(links) >= 3
    assert {client.get(unescape(link)).status_code for link in links} == {200}


def test_the_alert_is_shown_with_what_the_sensor_and_the_judge_said(browser, judged):
    client = browser(Role.ANALYST)
    answer = client.get(f"/alerts/{judged}/")
    told = facts_of(answer)
    event = client.get(f"/alerts/{judged}/event/")

    assert told["Signature"] == "1:1:1"
    assert (told["From"], told["To"]) == ("203.0.113.9 port 999", "10.1.0.7 port 443 tcp")
    assert (told["Target"], told["Zone, sensor"], told["Group"]) == (
        "10.1.0.7", "default", "1 alert of this signature between the two",
    )  # fmt: skip
    assert "It was judged once." in text_of(answer)
    assert "Nobody has reviewed it yet." in text_of(answer)
    assert event.content == alert(1).encode()
    assert msgspec.json.decode(_shown_event(answer)) == msgspec.json.decode(event.content)


def _shown_event(answer):
    return unescape(
        answer.text.split("As the sensor wrote it", 1)[1].split("<pre", 1)[1].split(">", 1)[1].split("</pre>")[0]
    )


def test_what_was_judged_before_and_every_review_stand_on_the_alerts_page(browser, store):
    first = Judged(1, Verdict.UNKNOWN, reasons=("stale",))
    store_alerts([first])
    store_alerts([Judged(1, Verdict.NOT_AFFECTED, reasons=("tested_absent",), judged=9, inputs="later")])
    client = browser(Role.ANALYST)
    for decision, reason in (("noise", "first word"), ("withdrawn", "a mistake")):
        seen = re.findall(r'name="seen" value="(\d+)"', client.get(f"/alerts/{first.id}/").text)
        said = {"decision": decision, "reason": reason, "scope": "alert", "seen": seen, "expires_at": ""}
        assert client.post(f"/alerts/{first.id}/", said).status_code == 302
    said = text_of(client.get(f"/alerts/{first.id}/"))

    assert "NOT AFFECTED" in said
    assert "UNKNOWN" in said.partition("Earlier verdicts ")[2][:80]
    assert "first word" in said
    assert "a mistake" in said
    assert "analyst said" not in said


def test_a_host_is_shown_with_services_coverage_detections_and_history(browser, store):
    extra = "<SERVICE>https</SERVICE>"
    store.take(report(9, {1: [(99000, "Active")]}, extra=extra), KNOWLEDGE, zone="east")
    store.take(report(12, {1: [(99000, "Fixed"), (99001, "Active")]}, extra=extra), zone="east")
    client = browser(Role.OPERATOR)
    now, then = client.get("/hosts/10.2.0.1/"), client.get("/hosts/10.2.0.1/?as_of=2026-11-10")
    before = client.get("/hosts/10.2.0.1/?as_of=2026-10-01")

    assert facts_of(now)["Operating system"] == "Linux"
    assert [row[:2] for row in rows_of(now, "Services")] == [["443/tcp", "https"]]
    assert [row[:2] for row in rows_of(now, "Coverage")] == [
        ["2026-11-12 01:00:00 UTC", "authenticated"], ["2026-11-12 01:00:00 UTC", "remote"],
        ["2026-11-09 01:00:00 UTC", "authenticated"], ["2026-11-09 01:00:00 UTC", "remote"],
    ]  # fmt: skip
    assert [(row[0], row[2], row[5]) for row in rows_of(now, "<h2>Detections")] == [
        ("99000", "443", "fixed"), ("99001", "443", "active"),
    ]  # fmt: skip
    assert rows_of(now, "<h2>Detections")[0][7] == "2026-11-12 01:00:00 UTC"
    assert "text of 99001" in text_of(now)
    assert [(row[0], row[5], row[7]) for row in rows_of(then, "<h2>Detections")] == [
        ("99000", "active", NOTHING), ("99001", "active", NOTHING),
    ]  # fmt: skip
    assert len(rows_of(then, "Coverage")) == 2
    assert "2026-11-12" not in then.text
    assert _events(now)[0].startswith("2026-11-12")
    assert any("Fixed QID 99000" in event for event in _events(now))
    assert before.status_code == 404


def _events(answer):
    items = re.findall(r"<li>(.*?)</li>", answer.text.split('class="events"', 1)[1].split("</ol>")[0], re.DOTALL)
    return [_plain(item) for item in items]


@pytest.fixture
def figures(store):
    """Seven alerts of two zones, a review, hosts in both zones, loaded rules, and a pull of each zone."""
    store.take(report(23, {1: [(99000, "Active")], 2: []}), KNOWLEDGE, zone="east")
    store.take(report(2, {3: []}), zone="west")
    store_alerts([
        Judged(1, Verdict.AFFECTED, zone="east", sid=11), Judged(2, Verdict.AFFECTED, zone="east", sid=11),
        Judged(3, Verdict.COMPROMISE_INDICATED, zone="east", sid=12),
        Judged(4, Verdict.NOT_AFFECTED, zone="east", sid=13, reasons=("tested_absent",), disposition="blocked"),
        Judged(5, Verdict.NOT_AFFECTED, zone="east", sid=14, reasons=("fixed",)),
        Judged(6, Verdict.UNVERIFIABLE, zone="west", sid=15, reasons=("no_claim",)),
        Judged(7, Verdict.UNKNOWN, zone="west", sid=16, reasons=("signature_not_loaded",)),
    ])  # fmt: skip
    rules = store.folder / "r.rules"
    rules.write_text(RULES + '\nalert tcp any any -> any any (msg:"naming nothing"; sid:9; rev:1;)\n')
    from vatriage.usecases.signatures import load_signatures

    load_signatures([rules], store.config.signatures)
    return store


def test_each_figure_of_the_dashboard_is_that_of_the_store(browser, figures):
    client = browser(Role.ANALYST)
    client.post(
        f"/alerts/{Judged(5).id}/",
        {"decision": "confirmed_false_positive", "reason": "ours", "scope": "alert", "seen": "0", "expires_at": ""},
    )
    answer = client.get("/dashboard/")
    said = text_of(answer)
    lists = {name: int(number) for name, number in facts_of(answer).items() if number.isdigit()}

    assert (
        "7 alerts 1 COMPROMISE INDICATED 2 AFFECTED 0 POSSIBLY AFFECTED 1 UNKNOWN 1 UNVERIFIABLE 2 NOT AFFECTED" in said
    )
    assert "VA data decided 5 of 7. For 1 the signature names no vulnerability" in said
    assert "For 1 the signature is not loaded." in said
    assert lists == {
        "Unconfirmed false positives": 1, "System determined false positives": 1, "User confirmed false positives": 1,
        "User confirmed positives": 0, "Noise": 0,
    }  # fmt: skip
    assert [row[:2] for row in rows_of(answer, "Age of the data")] == [["east", "2"], ["west", "1"]]
    assert [row[2].split(" UTC")[0] for row in rows_of(answer, "Age of the data")] == [
        "2026-11-23 01:00:00", "2026-11-02 01:00:00",
    ]  # fmt: skip
    assert rows_of(answer, "Age of the data")[1][4] == "1"
    assert said.count("files east complete") == said.count("files west complete") == 1
    table = rows_of(answer, "The numbers as a table")
    assert sum(int(cell) for row in table for cell in row[1:] if cell.isdigit()) in (7, 14)


def test_who_sees_one_zone_sees_the_figures_of_that_zone_alone(browser, figures):
    client = browser(Role.OPERATOR, zones=("west",))
    board, covered = client.get("/dashboard/"), client.get("/signatures/")

    assert "2 alerts 0 COMPROMISE INDICATED 0 AFFECTED" in text_of(board)
    assert "VA data decided 0 of 2." in text_of(board)
    assert [row[:2] for row in rows_of(board, "Age of the data")] == [["west", "1"]]
    assert facts_of(covered)["Alerts"] == "2"
    assert "east" not in text_of(board) + text_of(covered)


def test_the_coverage_of_signatures_says_what_can_be_tested_and_what_that_means(browser, figures):
    answer = browser(Role.OPERATOR).get("/signatures/")
    told = facts_of(answer)

    assert {row[0]: row[1] for row in rows_of(answer, "What signatures claim")} == {
        "with a CVE in a reference or in metadata": "2", "with a CVE in the message only": "0",
        "with a Bugtraq id only": "0", "naming no vulnerability": "1", "all": "3",
    }  # fmt: skip
    assert "2 of 2 claims that the KnowledgeBase has a QID for" in text_of(answer)
    assert (told["Enabled"], told["Contradicting themselves"].split()[0]) == ("3", "0")
    assert (told["Alerts"], told["Signature names nothing"], told["Signature not loaded"]) == ("7", "1", "1")


def test_a_qid_is_shown_with_its_claims_and_when_its_silence_counts(browser, store):
    store.take(HOSTS, DETECTIONS, KNOWLEDGE)
    client = browser(Role.OPERATOR)
    told = facts_of(client.get("/knowledge/99000/"))
    listed = rows_of(client.get("/knowledge/?text=cve-2026-20000"), "table-wrap")

    assert (told["Kind"], told["Severity"], told["Claims"]) == ("confirmed", "5 of 5 (5 worst)", "CVE-2026-10000")
    assert (told["Tested remotely"], told["Tested with a login"]) == ("yes", "Unix")
    assert told["Published"] == "2020-01-01 00:00:00 UTC"
    assert [row[0] for row in listed] == ["99001"]
    assert "Nothing matches" in text_of(client.get("/knowledge/?kind=information"))
    assert "Nothing matches" in text_of(client.get("/knowledge/?severity=1"))


def test_each_list_of_marss_holds_its_groups_and_no_others(browser, figures):
    client = browser(Role.ANALYST)
    for number, decision in ((2, "confirmed_positive"), (5, "confirmed_false_positive"), (7, "noise")):
        said = {"decision": decision, "reason": "known", "scope": "group", "seen_group": "0", "expires_at": ""}
        assert client.post(f"/alerts/{Judged(number).id}/", said).status_code == 302
    found = {
        name: re.findall(r"1:(1\d), zone", text_of(client.get(f"/false-positives/?list={name}")))
        for name in ("unconfirmed", "system", "confirmed", "positive", "noise")
    }

    assert found == {"unconfirmed": ["13"], "system": ["13"], "confirmed": ["14"], "positive": ["11"], "noise": ["16"]}
    said = text_of(client.get("/false-positives/"))
    assert "User confirmed positives (2)" in said
    assert "Noise (1)" in said


def test_lists_that_nothing_is_in_say_why_and_what_to_do(browser, figures):
    client = browser(Role.ANALYST)

    assert "Nothing in this list" in text_of(client.get("/false-positives/?list=noise"))
    for address in (
        "/alerts/?signature=none",
        "/alert-groups/?begin=2031-01-01",
        "/hosts/?text=none",
        "/pulls/?state=failed",
    ):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "Nothing matches" in text_of(answer), address
    assert "No detections" in text_of(client.get("/hosts/10.2.0.3/"))


def test_groups_follow_each_other_by_key_and_lead_to_their_alerts(browser, store):
    store_alerts([Judged(number, Verdict.UNKNOWN, sid=number, message=f"no. {number}") for number in range(100, 170)])
    store_alerts([Judged(number, Verdict.UNKNOWN, sid=100, message="no. 100") for number in range(1_000, 1_060)])
    client = browser(Role.OPERATOR)
    groups, address = _walked(client, "/alert-groups/", r'href="(/alert-groups/[0-9a-f]+/)"')
    largest = next(one for one in groups if "61" in facts_of(client.get(one))["Alerts"])
    alerts, _ = _walked(client, largest, r'href="/alerts/([0-9a-f]{32})/"')

    assert len(set(groups)) == 70
    assert address is None
    assert len(alerts) == len(set(alerts)) == 61


def _walked(client, address, pattern):
    """Return what every page of a list names, and where it ended."""
    base, found = address, []
    while address:
        answer = client.get(address)
        assert answer.status_code == 200
        found += list(dict.fromkeys(re.findall(pattern, answer.text)))
        following = re.search(r'href="([^"]*)" rel="next"', answer.text)
        address = following and base + unescape(following[1])
    return found, address
