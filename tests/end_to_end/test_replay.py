"""`vatriage replay`: the kept pages of a pull, read again after a reader was mended; it adds, and takes nothing back."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta

import pytest

from end_to_end_program import ROOT, run, take, write_files
from pulled_subscription import add_device, make_subscription
from running_controller import rows
from soak import SOAK
from vatriage_simulator.server import SimulatorServer

INVENTORY = (
    "hosts", "host_addresses", "host_scans", "host_changes", "detections", "detections_past", "vulnerabilities",
    "knowledge_pairs", "result_texts",
)  # fmt: skip


@pytest.fixture
def sim():
    return make_subscription()


@pytest.fixture
def server(sim):
    with SimulatorServer(sim) as running:
        yield running


@pytest.fixture
def home(tmp_path, server):
    add_device(tmp_path / "home", server)
    assert run(tmp_path / "home", "pull").returncode == 0
    return tmp_path / "home"


def held(home):
    """Return what the inventory holds; the database's own numbers are left out where rows may be made anew."""
    found = {}
    for table in INVENTORY:
        columns = [
            name for _, name, *_ in rows(home, f"PRAGMA table_info({table})") if name != "id" or table == "hosts"
        ]
        found[table] = sorted(rows(home, f"SELECT {', '.join(columns)} FROM {table}"), key=repr)  # noqa: S608 - names of our own
    return found


def forget(home, *statements):
    """Stand in for a reader that did not understand something: what it would have read is not there."""
    with closing(sqlite3.connect(home / "vatriage.sqlite3", timeout=20)) as database, database:
        for statement in statements:
            assert database.execute(statement).rowcount > 0


def replay(home, number=1):
    done = run(home, "replay", number, "--json")
    return done, json.loads(done.stdout) if done.stdout else None


def test_a_replay_of_what_was_understood_changes_nothing(home):
    before = held(home)
    done, result = replay(home)

    assert done.returncode == 0, done.stderr
    assert (result["read"], result["missing"], result["damaged"]) == (result["pages"], [], {})
    assert (result["changes"]["detections_new"], result["changes"]["detections_changed"]) == (0, 0)
    assert held(home) == before


def test_what_a_reader_missed_is_added_with_the_dates_it_came_with(home):
    before = held(home)
    forget(
        home, "DELETE FROM detections WHERE host_id = 2", "DELETE FROM knowledge_pairs WHERE qid = 99001",
        "DELETE FROM host_scans WHERE host_id = 3",
    )  # fmt: skip
    done, result = replay(home)
    after = held(home)

    assert done.returncode == 0, done.stderr
    assert result["changes"]["detections_new"] == 1
    assert {name: after[name] for name in ("detections", "knowledge_pairs")} == {
        name: before[name] for name in ("detections", "knowledge_pairs")
    }
    assert len(after["host_scans"]) == len(before["host_scans"])


def test_a_scan_that_only_a_replay_brings_is_vouched_for_by_nobody(home):
    vouched = "SELECT COUNT(*) FROM host_scans WHERE host_id = 3 AND (whole OR check_set)"
    assert rows(home, vouched) != [(0,)]
    forget(home, "DELETE FROM host_scans WHERE host_id = 3")
    replay(home)

    assert rows(home, vouched) == [(0,)]
    assert rows(home, "SELECT COUNT(*) FROM host_scans WHERE host_id = 3") != [(0,)]


def test_a_newer_pull_stands_what_it_found_fixed_or_gone_or_purged_stays_so(home, sim):
    one, two, three = (sim.hosts[number] for number in sorted(sim.hosts))
    two.detect(qid=99001, port=443, protocol="tcp")
    sim.clock.advance(hours=3)
    for host in (one, two):
        host.scanned(sim.clock.now() - timedelta(hours=1), authenticated=True)
    one.fix(99000)
    two.detections.clear()
    two.detect(qid=99002, port=80, protocol="tcp")
    sim.purge(three.ip)
    assert run(home, "pull").returncode == 0
    before = held(home)
    done, result = replay(home)

    assert done.returncode == 0, done.stderr
    assert result["read"] == result["pages"]
    assert held(home) == before
    assert rows(home, "SELECT COUNT(*) FROM detections WHERE gone_at > 0") != [(0,)]


def test_pages_that_are_not_kept_any_more_are_named_and_the_others_are_read(home):
    first, *_, last = sorted((home / "pages").glob("*.zst"))
    first.unlink()
    last.write_bytes(b"no zstd at all")
    done, result = replay(home)

    assert done.returncode == 6
    assert result["missing"] == [1]
    assert list(result["damaged"]) == [str(result["pages"])]
    assert result["read"] == result["pages"] - 2
    assert "1 of" in done.stderr
    assert "not kept any more" in done.stderr
    assert rows(home, "SELECT state FROM pulls WHERE origin = 'replay'") == [("incomplete",)]


def test_a_file_with_other_content_than_came_is_not_merged(home):
    first, second, *_ = sorted((home / "pages").glob("*.zst"))
    first.write_bytes(second.read_bytes())
    done, result = replay(home)

    assert done.returncode == 6
    assert "the hash differs" in result["damaged"]["1"]


def test_ledger_and_audit_log_tell_of_it(home):
    _, result = replay(home)
    listed = json.loads(run(home, "pulls", "--json").stdout)["pulls"]

    assert [(item["pull"], item["origin"], item["state"], item["whole"]) for item in listed] == [
        (result["replay"], "replay", "complete", False), (1, "pull", "complete", True),
    ]  # fmt: skip
    assert rows(home, "SELECT action, subject, actor FROM audit WHERE action = 'pull replayed'") == [
        ("pull replayed", "pull 1", "command line")
    ]


def test_what_cannot_be_replayed_says_why(home, tmp_path, sim):
    for path in (home / "pages").glob("*.zst"):
        path.unlink()
    write_files(tmp_path)
    take(tmp_path, "h.xml", "d.xml", "k.xml")
    sim.break_next("detection_list", "cut", times=None)
    assert run(home, "pull", "--full").returncode != 0
    said = {number: replay(home, number)[0] for number in (1, 2, 3, 99)}

    assert {number: done.returncode for number, done in said.items()} == {1: 3, 2: 2, 3: 2, 99: 3}
    assert "No page of pull 1 is kept" in said[1].stderr
    assert "no pull of a device but an import" in said[2].stderr
    assert "has not ended" in said[3].stderr
    assert "There is no pull 99" in said[99].stderr


def killed(home, step):
    told = home.parent / "steps"
    done = subprocess.run(
        [sys.executable, f"{ROOT}/tests/killed_program.py", str(step), str(told), "replay", "1"], check=False,
        capture_output=True, cwd=home.parent, env={
            "VATRIAGE_HOME": str(home), "PYTHONPATH": f"{ROOT}/src:{ROOT}/simulator:{ROOT}/tests", "PATH": "/usr/bin:/bin",
            "PYTHONDONTWRITEBYTECODE": "1",
        },
    )  # fmt: skip
    return done.returncode, int(told.read_text()) if told.exists() else 0


def test_a_replay_killed_at_any_instant_is_made_again_to_the_same_end(home):
    before = held(home)
    replay(home)  # the first writes more than the next
    forget(home, "DELETE FROM detections WHERE host_id = 2")
    _, steps = killed(home, 0)
    forget(home, "DELETE FROM detections WHERE host_id = 2")
    for step in range(1, steps * 9 // 10, max(steps // (200 if SOAK else 8), 1)):
        code, _ = killed(home, step)

        assert code == -9, f"step {step} of {steps}"
        done, result = replay(home)
        assert done.returncode == 0, done.stderr
        assert held(home)["detections"] == before["detections"]
        assert result["read"] == result["pages"]
        assert rows(home, "SELECT COUNT(*) FROM pulls WHERE state = 'running'") == [(0,)]
        assert rows(home, "SELECT COUNT(*) FROM pull_scans") == [(0,)]
        forget(home, "DELETE FROM detections WHERE host_id = 2")
