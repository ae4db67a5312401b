"""Hosts, the KnowledgeBase, signature coverage: what they show, of which zones, and as of when."""

import re

import pytest

from end_to_end_program import KNOWLEDGE
from integration_store import report
from stored_alerts import Judged, store_alerts
from vatriage.model.viewer import Role
from web.test_devices import text_of


@pytest.fixture
def taken(store):
    """Reports of two zones, and the KnowledgeBase."""
    store.take(report(9, {1: [(5, "Active")], 2: []}), KNOWLEDGE, zone="east")
    store.take(report(10, {1: [(5, "Fixed"), (6, "Active")]}), zone="east")
    store.take(report(10, {3: []}), zone="west")
    return store


@pytest.fixture
def operator(browser, taken):
    return browser(Role.OPERATOR)


def test_hosts_are_listed_and_narrowed(operator):
    assert re.findall(r'href="/hosts/([\d.]+)/"', operator.get("/hosts/").text) == ["10.2.0.1", "10.2.0.2", "10.2.0.3"]
    assert re.findall(r'href="/hosts/([\d.]+)/"', operator.get("/hosts/?zone=west").text) == ["10.2.0.3"]
    assert re.findall(r'href="/hosts/([\d.]+)/"', operator.get("/hosts/?text=10.2.0.2").text) == ["10.2.0.2"]
    assert "Nothing matches" in text_of(operator.get("/hosts/?scanned=agent"))
    assert operator.get("/hosts/?scanned=x").status_code == 400
    assert operator.get("/hosts/?after=x").status_code == 400


def test_a_host_is_shown_now_and_as_of_a_day(operator):
    now, then = (text_of(operator.get(f"/hosts/10.2.0.1/{query}")) for query in ("", "?as_of=2026-11-09"))

    assert "443/tcp" in now
    assert re.search(r"\b5 .* fixed", now)
    assert "What had been observed by 2026-11-10 00:00:00 UTC" in then
    assert "fixed" not in then
    assert operator.get("/hosts/10.2.0.1/?as_of=x").status_code == 400


def test_a_hosts_history_is_a_picture_and_a_list(operator):
    answer = operator.get("/hosts/10.2.0.1/")

    assert answer.text.count("<circle") >= 4
    assert "Authenticated scan" in text_of(answer)
    assert "As a list, newest first" in text_of(answer)


def test_a_host_shows_the_alerts_at_its_address(operator):
    store_alerts([Judged(1, zone="east", message="ET EXPLOIT here"), Judged(2, zone="east", destination="10.2.0.9")])

    assert text_of(operator.get("/hosts/10.2.0.1/")).count("ET EXPLOIT") == 1
    assert "No stored alert names it" in text_of(operator.get("/hosts/10.2.0.2/"))


def test_what_is_no_address_or_no_host_is_said(operator):
    assert operator.get("/hosts/nonsense/").status_code == 400
    assert operator.get("/hosts/10.9.9.9/").status_code == 404


def test_nobody_sees_hosts_of_a_zone_that_is_not_theirs(browser, taken):
    client = browser(Role.ADMIN, zones=("west",))

    assert re.findall(r'href="/hosts/([\d.]+)/"', client.get("/hosts/").text) == ["10.2.0.3"]
    assert re.findall(r'href="/hosts/([\d.]+)/"', client.get("/hosts/?zone=east").text) == []
    assert client.get("/hosts/10.2.0.1/").status_code == 404
    said = text_of(client.get("/dashboard/"))
    assert "west 1" in said
    assert "east" not in said


def test_the_knowledge_base_is_searched_and_a_qid_is_shown(operator):
    answer = operator.get("/knowledge/")
    first = re.search(r'href="/knowledge/(\d+)/"', answer.text)[1]
    found = operator.get(f"/knowledge/?text={first}")

    assert re.findall(r'href="/knowledge/(\d+)/"', found.text) == [first]
    assert f"QID {first}" in text_of(operator.get(f"/knowledge/{first}/"))
    assert "Nothing matches" in text_of(operator.get("/knowledge/?text=no such thing"))
    assert operator.get("/knowledge/?severity=9").status_code == 400
    assert operator.get("/knowledge/99999999/").status_code == 404


def test_the_coverage_of_signatures_is_counted(operator, taken, tmp_path):
    from vatriage.usecases.signatures import load_signatures

    rules = tmp_path / "local.rules"
    rules.write_text('alert tcp any any -> any any (msg:"a"; reference:cve,2021-44228; sid:1; rev:1;)\n')
    load_signatures([rules], taken.config.signatures)

    assert "of 1 claims that the KnowledgeBase has a QID for" in text_of(operator.get("/signatures/"))
    assert "Signatures loaded 1" in text_of(operator.get("/dashboard/signatures/"))


def test_a_damaged_index_breaks_no_dashboard(operator, taken):
    taken.config.signatures.write_bytes(b"nonsense")
    piece = operator.get("/dashboard/signatures/")

    assert piece.status_code == 200
    assert "alert" in re.findall(r'role="(\w+)"', piece.text)
    assert operator.get("/dashboard/").status_code == 200
    assert operator.get("/signatures/").status_code == 502
