"""`vatriage watch`: logs that grow and rotate, killed at any instant; every alert is judged once, or counted as redelivered."""

import json
import os
import signal
import sqlite3
import subprocess
import sys

import pytest

from end_to_end_program import ROOT, alert, run, write_files
from soak import SOAK

INSTANTS = 100 if SOAK else 10


def line(number, sid=1):
    return alert(sid, at=f"2026-11-21T00:{number // 60:02}:{number % 60:02}.000000+0000") + "\n"


def killed(home, step, *arguments):
    """Run the program until its n-th statement or file change; return how many there were, None if it was killed."""
    told = home.parent / "steps"
    told.unlink(missing_ok=True)
    environment = {**os.environ, "VATRIAGE_HOME": str(home), "PYTHONPATH": f"{ROOT}/src:{ROOT}/simulator"}
    command = [sys.executable, f"{ROOT}/tests/killed_program.py", step, told, *arguments]
    done = subprocess.run(
        [str(part) for part in command], check=False, env=environment, cwd=home.parent, capture_output=True
    )
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return int(told.read_text()) if told.exists() else None


def progress(home):
    (row,) = json.loads(run(home, "watch", "--status", "--json").stdout)
    return row


def judged(home):
    with sqlite3.connect(home / "vatriage.sqlite3") as store:
        return store.execute("SELECT COUNT(*), COUNT(DISTINCT alert_id) FROM verdicts").fetchone()


def rotate(log, number):
    for old in range(INSTANTS, 0, -1):  # none is removed: a log that is gone is lost, and another test is about that
        if (path := log.with_name(f"{log.name}.{old}")).exists():
            path.rename(log.with_name(f"{log.name}.{old + 1}"))
    log.rename(log.with_name(f"{log.name}.1"))
    log.write_text(line(number))


@pytest.fixture
def stage(tmp_path):
    """A home with an inventory, and a log that was followed from its first line."""
    home = tmp_path / "home"
    files = write_files(tmp_path)
    run(home, "import", *(files / name for name in ("h.xml", "d.xml", "k.xml")), "--complete")
    run(home, "signatures", "load", files / "r.rules")
    log = tmp_path / "eve.json"
    log.write_text(line(0))
    assert run(home, "watch", log, "--once").returncode == 0
    return home, log


def test_killed_at_any_instant_every_alert_is_judged_once(stage):
    home, log = stage
    total = 1
    begun = log.read_text()
    log.write_text(begun + line(total))
    steps = killed(home, 0, "watch", log, "--once")
    total += 1
    for number in range(INSTANTS):
        with log.open("a") as file:
            file.write(line(total))
        total += 1
        if number % 3 == 2:
            rotate(log, total)
            total += 1
        killed(home, 1 + (steps - 1) * number // (INSTANTS - 1), "watch", log, "--once")
    assert run(home, "watch", log, "--once").returncode == 0
    told = progress(home)

    assert judged(home) == (total, total)
    assert (told["events"], told["alerts"], told["redelivered"], told["lost"]) == (total, total, 0, 0)


def test_what_is_handed_over_again_is_counted_and_not_judged_again(stage):
    home, log = stage
    with log.open("a") as file:
        file.write(line(0) + line(1))
    run(home, "watch", log, "--once")
    told = progress(home)

    assert judged(home) == (2, 2)
    assert (told["events"], told["alerts"], told["redelivered"]) == (3, 2, 1)


def test_a_log_that_vanished_shows_in_the_loss_counter(stage):
    home, log = stage
    log.unlink()
    log.write_text(line(1))
    done = run(home, "watch", log, "--once")

    assert progress(home)["lost"] == 1
    assert "may be lost" in done.stderr


def test_a_success_that_shows_later_raises_the_alert_that_came_before_also_after_a_restart(stage):
    home, log = stage
    success = json.loads(alert(9, at="2026-11-21T00:03:00.000000+0000"))
    success["src_ip"], success["dest_ip"] = success["dest_ip"], success["src_ip"]
    success["alert"]["signature"] = "GPL ATTACK_RESPONSE id check returned root"
    with log.open("a") as file:
        file.write(json.dumps(success) + "\n")
    done = run(home, "watch", log, "--once", "--records")
    levels = {record["signature"]: record["verdict"] for record in map(json.loads, done.stdout.splitlines())}

    assert levels == {"1:1:1": "COMPROMISE_INDICATED", "1:9:1": "COMPROMISE_INDICATED"}
    assert judged(home) == (3, 2)


def test_a_line_that_is_no_event_is_told_with_its_place_in_the_log(stage):
    home, log = stage
    with log.open("a") as file:
        file.write("rubbish\n" + line(1))
    done = run(home, "watch", log, "--once")

    assert "line 2: " in done.stderr
    assert progress(home)["rejects"] == 1
