"""Killed at any step (SIGKILL at the n-th SQL statement or file change), nothing is half-committed.

The suite takes a few steps spread over the run; `make soak` takes every one of them.
"""

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from urllib.parse import parse_qsl

import pytest

from end_to_end_program import DETECTIONS, ROOT, alert, run, take, verdicts, write_files
from kept_home import KeptHome
from pulled_subscription import NOW, add_device, make_subscription
from soak import SOAK
from vatriage_simulator.generated import LOGIN, PASSWORD, generate
from vatriage_simulator.server import SimulatorServer

SAMPLES = 5

FIXED = "<STATUS>Fixed</STATUS><LAST_FIXED_DATETIME>2026-11-20T11:00:00Z</LAST_FIXED_DATETIME>"
OTHER = (
    "<DETECTION><QID>99001</QID><TYPE>Confirmed</TYPE><SEVERITY>5</SEVERITY><PORT>443</PORT><PROTOCOL>tcp</PROTOCOL>"
    "<STATUS>New</STATUS><FIRST_FOUND_DATETIME>2026-11-20T12:00:00Z</FIRST_FOUND_DATETIME><LAST_FOUND_DATETIME>"
    "2026-11-20T12:00:00Z</LAST_FOUND_DATETIME><LAST_TEST_DATETIME>2026-11-20T12:00:00Z</LAST_TEST_DATETIME></DETECTION>"
)
BEFORE, AFTER = ["AFFECTED", "NOT_AFFECTED"], ["NOT_AFFECTED", "AFFECTED"]


def killed(home, step, *arguments):
    """Run the program until a step; return how many steps there were, None if it was killed."""
    told = home.parent / "steps"
    told.unlink(missing_ok=True)
    environment = {
        **os.environ, "VATRIAGE_HOME": str(home), "PYTHONPATH": f"{ROOT}/src:{ROOT}/simulator",
        "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    command = [sys.executable, f"{ROOT}/tests/killed_program.py", step, told, *arguments]
    done = subprocess.run(
        [str(part) for part in command], check=False, env=environment, cwd=home.parent, capture_output=True, text=True
    )
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return int(told.read_text()) if told.exists() else None


def steps_to_die_at(total):
    if SOAK:
        return range(1, total + 1)
    return [1 + (total - 1) * number // (SAMPLES - 1) for number in range(SAMPLES)]


def levels(files):
    return [record["verdict"] for record in verdicts(files, alert(1), alert(2))]


@pytest.fixture
def kept(database, request, tmp_path):
    """The home of the test, on one database after the other."""
    server = request.getfixturevalue("postgresql_server") if database == "postgresql" else None
    home = KeptHome(tmp_path, server)
    yield home
    home.forget()


def test_an_import_killed_at_any_step_is_there_wholly_or_not_at_all(tmp_path, kept):
    write_files(tmp_path)
    take(tmp_path, "h.xml", "d.xml", "k.xml")
    kept.keep()
    newer = DETECTIONS.replace("2026-11-20T0", "2026-11-20T1").replace("<STATUS>Active</STATUS>", FIXED)
    (tmp_path / "d2.xml").write_text(newer.replace("</DETECTION_LIST>", OTHER + "</DETECTION_LIST>"))
    arguments = ("import", tmp_path / "d2.xml", "--complete")
    total = killed(kept.put_back(), 0, *arguments)
    assert levels(tmp_path) == AFTER

    for step in steps_to_die_at(total):
        home = kept.put_back()
        assert killed(home, step, *arguments) is None, step
        assert levels(tmp_path) in (BEFORE, AFTER), step
        assert kept.is_sound(), step
        assert killed(home, 0, *arguments) is not None, step
        assert levels(tmp_path) == AFTER, step


def test_a_pull_killed_at_any_step_goes_on_where_it_stopped(tmp_path, kept, monkeypatch):
    monkeypatch.setenv("VATRIAGE_PAGE_HOSTS", "2")
    write_files(tmp_path)
    with SimulatorServer(make_subscription()) as server:
        add_device(tmp_path / "home", server)
        kept.keep()
        total = killed(kept.put_back(), 0, "pull", "d")
        assert levels(tmp_path) == BEFORE

        for step in steps_to_die_at(total):
            home = kept.put_back()
            assert killed(home, step, "pull", "d") is None, step
            committed = {row[0] for row in kept.rows("SELECT request FROM pull_pages")}
            whole = kept.rows("SELECT 1 FROM pulls WHERE whole")
            expected = "NOT_AFFECTED" if whole else "UNKNOWN"
            assert levels(tmp_path)[1] == expected, step
            asked_before = len(server.requests)
            assert killed(home, 0, "pull", "d") is not None, step
            assert levels(tmp_path) == BEFORE, step
            if not whole:
                again = {parameters_of(item) for item in server.requests[asked_before:]}
                assert not again & {parameters_of_text(text) for text in committed}, step
            assert leftovers(kept) == [], step
            assert kept.is_sound(), step
        assert server.failures == []


def parameters_of(logged):
    return logged.path, tuple(sorted(logged.parameters.items()))


def parameters_of_text(text):
    path, _, query = text.partition("?")
    return path, tuple(sorted(parse_qsl(query)))


def leftovers(kept):
    """Return the raw pages that no ledger line names, and spools."""
    named = {row[0] for row in kept.rows("SELECT raw_file FROM pull_pages")}
    return sorted(path.name for path in (kept.home / "pages").iterdir() if path.name not in named)


def test_a_pull_that_was_interrupted_goes_on_too_and_the_ledger_counts_all_its_pages(tmp_path, monkeypatch):
    monkeypatch.setenv("VATRIAGE_PAGE_HOSTS", "1")
    write_files(tmp_path)
    with SimulatorServer(make_subscription()) as server:
        add_device(tmp_path / "home", server)
        server.subscription.break_next("knowledge_base", "maintenance", times=3)
        failed = run(tmp_path / "home", "pull", "d", "--json")
        done = run(tmp_path / "home", "pull", "d", "--json")

    assert failed.returncode == 4
    (pull,) = json.loads(done.stdout)["pulls"]
    assert (pull["resumed"], pull["state"], pull["hosts_expected"], pull["detections"]) == (True, "complete", 3, 3)
    assert pull["changes"]["hosts_new"] == 3
    assert levels(tmp_path) == BEFORE


INSTANTS = 100 if SOAK else 10


def test_killed_at_random_instants_a_pull_repeats_one_page_at_most_and_ends_as_if_nothing_had_been(
    tmp_path, monkeypatch
):
    monkeypatch.delenv("VATRIAGE_DATABASE", raising=False)
    monkeypatch.setenv("VATRIAGE_PAGE_HOSTS", "4")
    home, sim = KeptHome(tmp_path), generate(5, 14, now=NOW)
    sim.limit(rate=1_000_000, concurrency=100)
    with SimulatorServer(sim) as server:
        added = run(
            home.home, "device", "add", "d", "--url", server.address, "--login", LOGIN, "--password-stdin", "--ca-file",
            server.ca_file, "--complete-checks", "yes", "--activate", stdin=PASSWORD + "\n",
        )  # fmt: skip
        assert added.returncode == 0, added.stderr
        home.keep()
        total = killed(home.put_back(), 0, "pull", "d")
        undisturbed, calls = inventory_of(home), [parameters_of(item) for item in server.requests]
        dice = random.Random(5)  # noqa: S311 - seeded on purpose

        for step in sorted(dice.sample(range(1, total + 1), INSTANTS)):
            # With other sizes the pages after the kill are others: hosts count, not pages.
            monkeypatch.setenv("VATRIAGE_PAGE_HOSTS", "4")
            place, before = home.put_back(), len(server.requests)
            assert killed(place, step, "pull", "d") is None, step
            monkeypatch.setenv("VATRIAGE_PAGE_HOSTS", str(dice.choice((1, 3, 4, 9))))
            whole = home.rows("SELECT 1 FROM pulls WHERE whole")
            committed = committed_ids(home)
            at_kill = len(server.requests)
            assert killed(place, 0, "pull", "d", *([] if not whole else ["--full"])) is not None, step
            if not whole:
                again = ids_asked(server.requests[at_kill:])
                assert not again & committed, step
                assert len(ids_twice(server.requests[before:])) <= 4, step
            assert inventory_of(home) == undisturbed, step
            assert leftovers(home) == [], step
        assert len(calls) == len(set(calls))
        assert server.failures == []


def committed_ids(home):
    """Return the hosts whose findings a killed pull has committed."""
    rows = home.rows("SELECT asked FROM pull_pages WHERE step = 'findings'")
    return {number for (text,) in rows for number in text.split(",") if number}


def ids_asked(requests):
    """Return the hosts whose findings were asked for."""
    return {number for item in requests if "/detection/" in item.path for number in item.parameters["ids"].split(",")}


def ids_twice(requests):
    """Return the hosts whose findings were asked for more than once."""
    asked = Counter(
        number for item in requests if "/detection/" in item.path for number in item.parameters["ids"].split(",")
    )
    return {number for number, times in asked.items() if times > 1}


def inventory_of(home):
    """Return what the inventory holds, without numbers and instants that the database or our clock gave."""
    queries = (
        "SELECT vendor_id, address, os, dns, first_seen, last_seen, gone_at FROM hosts",
        "SELECT h.vendor_id, t.at, t.kind, t.whole, t.check_set FROM host_scans t JOIN hosts h ON h.id = t.host_id",
        (
            "SELECT h.vendor_id, t.qid, t.port, t.status, t.last_found, t.gone_at FROM detections t JOIN hosts h "
            "ON h.id = t.host_id"
        ),
        "SELECT h.vendor_id, t.kind, t.at, t.qid, t.port FROM host_changes t JOIN hosts h ON h.id = t.host_id",
        "SELECT qid, claim FROM knowledge_pairs",
    )
    return [sorted(home.rows(sql)) for sql in queries]
