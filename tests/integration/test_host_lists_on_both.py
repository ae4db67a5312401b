"""Hosts and the KnowledgeBase page by page, one host with its services, and the age of the data behind verdicts."""

import pytest

from end_to_end_program import KNOWLEDGE
from integration_store import report
from vatriage.errors import NotFoundError, UsageError

NOW = 1_794_272_400
"""2026-11-10 01:00 UTC."""
DAY = 86_400
EVERYWHERE = frozenset({"default", "east", "west"})


def _hosts(**values):
    from vatriage.usecases.host_lists import host_page

    return host_page(**({"zones": None, "now": NOW} | values))


def _walk(listing, **values):
    rows, after = [], None
    while True:
        page = listing(after=after, **values)
        rows += page.rows
        after = page.following
        if after is None:
            return rows


def test_pages_give_each_host_once_in_order_of_zone_and_address(store):
    store.take(report(10, {number: [] for number in range(1, 30)}), zone="west")
    store.take(report(10, {number: [] for number in range(1, 30)}), zone="east")
    rows = _walk(_hosts, size=7)

    assert [(zone, f"10.2.0.{number}") for zone in ("east", "west") for number in range(1, 30)] == [
        (row["zone"], row["address"]) for row in rows
    ]


@pytest.mark.parametrize("zones", [frozenset({"east"}), frozenset({"nowhere"}), frozenset()])
def test_nobody_lists_hosts_of_a_zone_that_is_not_theirs(store, zones):
    for zone in ("east", "west"):
        store.take(report(10, {number: [] for number in range(1, 9)}), zone=zone)

    assert {row["zone"] for row in _walk(_hosts, zones=zones, size=3)} == zones & EVERYWHERE


def test_a_host_is_found_by_the_beginning_of_its_address_or_a_part_of_its_os(store):
    store.take(report(10, {1: [], 12: [], 21: []}))
    found = {
        text: [row["address"] for row in _hosts(text=text).rows] for text in ("10.2.0.1", "LINU", "%", "_", "~", "0.21")
    }

    assert found == {
        "10.2.0.1": ["10.2.0.1", "10.2.0.12"], "LINU": ["10.2.0.1", "10.2.0.12", "10.2.0.21"], "%": [], "_": [],
        "~": [], "0.21": [],
    }  # fmt: skip


def test_hosts_without_a_scan_that_counts_now_are_listed_apart(store):
    store.take(report(10, {1: [(5, "Active"), (6, "Fixed")]}), zone="east")
    store.take(report(1, {2: []}), zone="east")
    stale = _hosts(stale=True).rows
    (fresh,) = [row for row in _hosts().rows if row["address"] == "10.2.0.1"]

    assert [row["address"] for row in stale] == ["10.2.0.2"]
    assert (fresh["detections"], fresh["scans"]["authenticated"]) == (1, NOW)
    assert (len(_hosts(scanned="authenticated").rows), _hosts(scanned="never").rows) == (2, [])
    with pytest.raises(UsageError, match="Choose one of"):
        _hosts(scanned="somehow")


def test_a_page_whose_key_was_changed_is_refused(store):
    for after in ("x", "1" * 30 + "/a/b"):
        with pytest.raises(UsageError, match="page cannot be found"):
            _hosts(after=after)


def test_a_host_shows_its_services_and_what_happened_newest_first(store):
    from vatriage.usecases.host_lists import show_hosts

    store.take(report(9, {1: [(5, "Active")]}))
    store.take(report(10, {1: [(5, "Fixed"), (6, "Active")]}))
    (host,) = show_hosts("10.2.0.1", zones=None)
    instants = [event["at"] for event in host["timeline"]]

    assert [(one["protocol"], one["port"], one["seen"]) for one in host["services"]] == [
        ("tcp", 443, "2026-11-10T01:00:00Z")
    ]
    assert instants == sorted(instants, reverse=True)
    assert {"authenticated scan", "fixed"} <= {event["kind"] for event in host["timeline"]}


def test_a_host_as_of_an_instant_shows_nothing_that_came_later(store):
    from vatriage.usecases.host_lists import show_hosts

    store.take(report(9, {1: [(5, "Active")]}))
    store.take(report(10, {1: [(5, "Fixed")]}))
    (host,) = show_hosts("10.2.0.1", zones=None, as_of_us=(NOW - DAY // 2) * 1_000_000)

    assert {one["seen"] for one in host["services"]} == {"2026-11-09T01:00:00Z"}
    assert max(event["at"] for event in host["timeline"]) <= "2026-11-09T13:00:00Z"


def test_nobody_sees_a_host_of_a_zone_that_is_not_theirs(store):
    from vatriage.usecases.host_lists import show_hosts

    store.take(report(10, {1: []}), zone="east")

    assert len(show_hosts("10.2.0.1", zones=frozenset({"east"}))) == 1
    with pytest.raises(NotFoundError):
        show_hosts("10.2.0.1", zones=frozenset({"west"}))


def test_the_knowledge_base_is_listed_and_searched(store):
    from vatriage.usecases.host_lists import knowledge_page

    store.take(report(10, {1: [(5, "Active")]}), KNOWLEDGE)
    rows = _walk(knowledge_page, size=1)
    first = rows[0]
    by_claim = [row["qid"] for row in knowledge_page(text=next(iter(first["claims"])).lower()).rows]

    assert [row["qid"] for row in rows] == sorted({row["qid"] for row in rows})
    assert [first] == knowledge_page(text=str(first["qid"])).rows
    assert first["qid"] in by_claim
    assert first["qid"] in [row["qid"] for row in knowledge_page(text=first["title"][3:9].upper()).rows]
    assert knowledge_page(severities=[6]).rows == []
    assert {row["kind"] for row in knowledge_page(kind="confirmed").rows} <= {"confirmed"}
    with pytest.raises(UsageError):
        knowledge_page(kind="x")
    with pytest.raises(UsageError):
        knowledge_page(after="x")


def test_the_age_of_data_counts_hosts_by_zone(store):
    from vatriage.usecases.dashboard import data_age

    store.take(report(10, {1: [(5, "Active")], 2: []}), zone="east")
    store.take(report(1, {3: []}), zone="east")
    store.take(report(2, {4: []}), zone="west")
    east, west = (line for line in data_age(store.config.snapshots, EVERYWHERE - {"default"}, NOW))

    assert (east.zone, east.hosts, east.fresh, east.not_fresh, east.authenticated, east.never) == (
        "east",
        3,
        2,
        1,
        3,
        0,
    )
    assert (east.newest_scan, east.oldest_scan) == (NOW, NOW - 9 * DAY)
    assert (west.zone, west.fresh) == ("west", 0)
    assert [line.zone for line in data_age(store.config.snapshots, frozenset({"west"}), NOW)] == ["west"]


def test_the_coverage_of_signatures_counts_claims_that_a_qid_tests(store, tmp_path):
    from vatriage.usecases.host_lists import knowledge_page
    from vatriage.usecases.signatures import load_signatures, signature_coverage

    store.take(report(10, {1: []}), KNOWLEDGE)
    (known, *_) = (claim for row in knowledge_page().rows for claim in row["claims"] if claim.startswith("CVE-"))
    rules = tmp_path / "local.rules"
    rules.write_text(
        f'alert tcp any any -> any any (msg:"a"; reference:cve,{known[4:]}; sid:1; rev:1;)\n'
        'alert tcp any any -> any any (msg:"b"; reference:cve,1999-99999; sid:2; rev:1;)\n'
        'alert tcp any any -> any any (msg:"c"; sid:3; rev:1;)\n'
    )
    load_signatures([rules], store.config.signatures)
    covered = signature_coverage(store.config.signatures, store.config.snapshots)

    assert (covered.claims, covered.tested) == (2, 1)
    assert (covered.counts["signatures"], covered.counts["with_cve"], covered.counts["no_claim"]) == (3, 2, 1)
