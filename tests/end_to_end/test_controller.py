"""The controller as a process: rules run, what is asked twice runs once, waits are kept, and kills harm nothing."""

import json
import os
import random
import signal
import stat
import subprocess
import sys
import time

import psycopg
import pytest

from end_to_end_program import ROOT, alert, run, verdicts, write_files
from pulled_subscription import add_device, make_subscription
from running_controller import PATIENCE_S, await_rows, controller, rows, start, stop
from soak import SOAK
from vatriage_simulator.server import SimulatorServer

SEED_NETWORK = "165.193.18.12/255.255.255.255"
RUNS = "SELECT state FROM rule_runs ORDER BY id"
WHOLE = ["AFFECTED", "NOT_AFFECTED"]
KILLS = 5
"""In one chain; the suite has two chains, a long run ten."""
STEPS = range(40, 400)
"""Where to kill it: a controller that starts, pulls and ends its run makes about 600 steps."""


@pytest.fixture
def subscription():
    return make_subscription()


@pytest.fixture
def server(subscription):
    with SimulatorServer(subscription) as running:
        yield running


@pytest.fixture
def files(tmp_path, server, monkeypatch):
    monkeypatch.delenv("VATRIAGE_DATABASE", raising=False)
    write_files(tmp_path)
    add_device(tmp_path / "home", server)
    added = run(tmp_path / "home", "rule", "add", "r", "--network", SEED_NETWORK)
    assert added.returncode == 0, added.stderr
    return tmp_path


def levels(files):
    return [record["verdict"] for record in verdicts(files, alert(1), alert(2))]


def run_now(home):
    done = run(home, "rule", "run", "r", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["asked"]["r"]


def ended(home, count):
    return lambda: len(rows(home, "SELECT 1 FROM rule_runs WHERE finished_at > 0")) >= count


def shown(home):
    return json.loads(run(home, "rule", "show", "r", "--json").stdout)


def test_run_now_pressed_twice_runs_once_and_sigterm_ends_the_controller_cleanly(files, server):
    home = files / "home"
    asked = [run_now(home), run_now(home)]
    with controller(home) as process:
        await_rows(ended(home, 1), process)
        code, said = stop(process)
    (last,) = shown(home)["runs"]

    assert asked == ["asked", "waits already"]
    assert (last["state"], last["requested_by"], last["pulls"][0]["state"]) == ("complete", "command line", "complete")
    assert rows(home, "SELECT state FROM pulls") == [("complete",)]
    assert levels(files) == WHOLE
    assert code == 143
    assert "Traceback" not in said
    assert said.splitlines()[-1].startswith("vatriage: ended by SIGTERM")
    assert stat.S_IMODE((home / "engine.sqlite3").stat().st_mode) == 0o600
    assert server.failures == []


def test_a_scheduled_rule_that_was_missed_runs_once_when_the_controller_starts(files):
    home = files / "home"
    run(home, "rule", "add", "often", "--device", "d", "--every", "1h")
    with_sql(home, "UPDATE update_rules SET due_since = due_since - 90000 WHERE name = 'often'")
    with controller(home) as process:
        await_rows(ended(home, 1), process)
        time.sleep(1.5)

    assert rows(home, "SELECT rule_name, state, requested_by FROM rule_runs") == [("often", "complete", "")]


def test_a_second_controller_is_refused(files):
    home = files / "home"
    with controller(home) as process:
        assert "The controller runs." in process.stdout.readline()
        second = start(home)
        said, _ = second.communicate(timeout=PATIENCE_S)

    assert second.returncode == 2
    assert "Another controller runs already" in said


def test_a_wait_that_is_too_long_to_sit_through_is_kept_over_a_kill_and_ends_in_the_pull(files, subscription):
    home = files / "home"
    subscription.break_next("detection_list", "rate-limit", seconds=9)
    run_now(home)
    waiting = "SELECT state, waiting_until FROM run_pulls WHERE state = 'waiting'"
    with controller(home, VATRIAGE_LONGEST_WAIT_S="1") as process:
        ((_, until),) = await_rows(lambda: rows(home, waiting), process)
        process.kill()
        process.wait()
    with controller(home, VATRIAGE_LONGEST_WAIT_S="1") as process:
        await_rows(ended(home, 1), process)
    ((finished_at, attempts),) = rows(home, "SELECT finished_at, attempts FROM run_pulls")

    assert finished_at >= until
    assert attempts == 2
    assert rows(home, "SELECT state FROM pulls") == [("complete",)]
    assert levels(files) == WHOLE


def test_a_pull_is_cancelled_between_its_pages_and_goes_on_when_it_is_pulled_again(files, subscription):
    home = files / "home"
    subscription.break_next("detection_list", "stall", seconds=6)
    run_now(home)
    listed = "SELECT 1 FROM pull_pages WHERE resource = 'host_list'"
    with controller(home) as process:
        await_rows(lambda: rows(home, listed), process)
        assert run(home, "device", "cancel-pull", "d").returncode == 0
        await_rows(ended(home, 1), process)
        cancelled = rows(home, "SELECT state, error, resumable FROM pulls")
        (first,) = shown(home)["runs"]
        run_now(home)
        await_rows(ended(home, 2), process)

    assert cancelled == [("incomplete", "The pull was cancelled by command line.", 1)]
    assert (first["state"], first["pulls"][0]["error"]) == ("cancelled", "The pull was cancelled by command line.")
    assert rows(home, "SELECT state, error FROM pulls") == [("complete", "")]
    assert levels(files) == WHOLE


def test_sigterm_in_the_midst_of_a_pull_ends_it_between_pages_and_the_next_start_goes_on(files, subscription):
    home = files / "home"
    subscription.break_next("*", "delay", times=4, seconds=2)
    run_now(home)
    with controller(home) as process:
        await_rows(lambda: rows(home, "SELECT 1 FROM pull_pages"), process)
        code, _ = stop(process)
    broken = rows(home, "SELECT state, error, resumable FROM pulls")
    with controller(home) as process:
        await_rows(ended(home, 1), process)

    assert code == 143
    assert broken == [("incomplete", "interrupted", 1)]
    assert rows(home, "SELECT state FROM pulls") == [("complete",)]
    assert rows(home, "SELECT state, attempts FROM run_pulls") == [("complete", 1)]


def test_an_answer_that_breaks_off_is_tried_again_later_and_its_reason_is_shown(files, subscription):
    home = files / "home"
    subscription.break_next("host_list", "cut", times=None)
    run_now(home)
    waits = (
        "SELECT p.error, p.failures, p.waiting_until - r.started_at FROM run_pulls p JOIN rule_runs r ON r.id = p.run_id "
        "WHERE p.state = 'waiting'"
    )
    with controller(home) as process:
        ((error, failures, wait),) = await_rows(lambda: rows(home, waits), process)

    assert "Server unavailable" in error
    assert failures == 1
    assert 55 <= wait <= 90


@pytest.mark.parametrize("seed", range(10 if SOAK else 2))
def test_killed_five_times_at_any_step_every_run_ends_once_and_nothing_is_doubled(files, server, monkeypatch, seed):
    monkeypatch.setenv("VATRIAGE_PAGE_HOSTS", "1")
    home = files / "home"
    chance = random.Random(seed)  # noqa: S311 - the same instants every time
    kills = 0
    run_now(home)
    while kills < KILLS:
        step = chance.choice(STEPS)
        process = start(home, sys.executable, f"{ROOT}/tests/killed_program.py", step, files / "steps", "controller")
        said, _ = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == -signal.SIGKILL, said
        kills += 1
        if ended(home, 1)() and not rows(home, "SELECT 1 FROM run_requests"):
            with_sql(
                home,
                "INSERT INTO run_requests (rule_id, requested_by, requested_at) SELECT id, 'anna', 0 FROM update_rules "
                "WHERE NOT EXISTS (SELECT 1 FROM rule_runs WHERE finished_at = 0)",
            )
    left = "SELECT (SELECT COUNT(*) FROM run_requests) + (SELECT COUNT(*) FROM rule_runs WHERE finished_at = 0)"
    with controller(home) as process:
        await_rows(lambda: rows(home, left), process, seen=lambda found: found == [(0,)])

    assert {state for (state,) in rows(home, RUNS)} == {"complete"}
    runs = rows(home, "SELECT COUNT(*) FROM rule_runs")
    assert rows(home, "SELECT COUNT(*) FROM run_pulls WHERE state = 'complete'") == runs
    assert rows(home, "SELECT COUNT(*) FROM pulls WHERE state = 'complete'") == runs
    assert rows(home, "SELECT COUNT(*) FROM pulls WHERE state = 'running'") == [(0,)]
    doubled = "SELECT 1 FROM pull_pages GROUP BY pull_id, request HAVING COUNT(*) > 1"
    assert rows(home, doubled) == []
    assert rows(home, "SELECT (SELECT COUNT(*) FROM hosts), (SELECT COUNT(*) FROM detections)") == [(3, 3)]
    assert rows(home, "PRAGMA integrity_check") == [("ok",)]
    assert levels(files) == WHOLE
    assert server.failures == []


def with_sql(home, sql):
    import sqlite3  # noqa: PLC0415 - the one place that writes behind the program's back
    from contextlib import closing  # noqa: PLC0415 - the same

    with closing(sqlite3.connect(home / "vatriage.sqlite3", timeout=20)) as database, database:
        database.execute(sql)


def test_an_engine_whose_own_tables_are_lost_goes_on_with_what_is_not_ended(files, subscription):
    home = files / "home"
    subscription.break_next("detection_list", "stall", seconds=20)
    run_now(home)
    with controller(home) as process:
        await_rows(lambda: rows(home, "SELECT 1 FROM pull_pages"), process)
        process.kill()
        process.wait()
    for file in home.glob("engine.sqlite3*"):
        file.unlink()
    with controller(home) as process:
        await_rows(ended(home, 1), process)

    assert rows(home, RUNS) == [("complete",)]
    assert rows(home, "SELECT state FROM pulls") == [("complete",)]


def test_on_postgresql_a_killed_controller_goes_on_and_keeps_its_tables_apart(
    tmp_path, server, subscription, postgresql
):
    write_files(tmp_path)
    home = tmp_path / "home"
    add_device(home, server)
    run(home, "rule", "add", "r", "--network", SEED_NETWORK)
    subscription.break_next("detection_list", "stall", seconds=20)
    run_now(home)

    def ask(sql):
        with psycopg.connect(postgresql) as connection:
            return connection.execute(sql).fetchall()

    with controller(home) as process:
        await_rows(lambda: ask("SELECT 1 FROM pull_pages"), process)
        process.kill()
        process.wait()
    with controller(home) as process:
        await_rows(lambda: ask("SELECT 1 FROM rule_runs WHERE finished_at > 0"), process)
        code, _ = stop(process)

    assert code == 143
    assert ask(RUNS) == [("complete",)]
    assert ask("SELECT state, whole FROM pulls") == [("complete", True)]
    assert ask("SELECT COUNT(*) FROM vatriage_engine.workflow_status WHERE status = 'PENDING'") == [(0,)]
    assert not (home / "engine.sqlite3").exists()
    assert levels(tmp_path) == WHOLE


def test_rules_are_kept_and_shown_without_importing_the_engine(files):
    script = (
        "import sys; from vatriage.__main__ import run; sys.argv = ['vatriage', 'rule', 'list']; run();"
        "sys.exit('dbos' in sys.modules)"
    )
    environment = {**os.environ, "VATRIAGE_HOME": str(files / "home"), "PYTHONPATH": f"{ROOT}/src"}
    done = subprocess.run([sys.executable, "-c", script], check=False, env=environment, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")
    assert SEED_NETWORK in done.stdout


def test_a_rule_is_submitted_activated_paused_and_removed(files):
    home = files / "home"
    added = run(home, "rule", "add", "w", "--device", "d", "--weekly", "mon,thu 02:00,14:00", "--submit-only", "--json")
    activated = run(home, "activate", "--json")
    paused = run(home, "rule", "pause", "w", "--json")
    listed = {rule["name"]: rule for rule in json.loads(run(home, "rule", "list", "--json").stdout)["rules"]}
    removed = run(home, "rule", "remove", "w", "--json")

    assert json.loads(added.stdout)["pending"] == "add"
    assert json.loads(added.stdout)["words"] == "Weekly on Monday and Thursday at 02:00 and 14:00 UTC"
    assert json.loads(activated.stdout) == {"activated": ["w"]}
    assert json.loads(paused.stdout) == {"name": "w", "paused": True}
    assert (listed["w"]["paused"], listed["w"]["next_run"]) == (True, None)
    assert json.loads(removed.stdout) == {"removed": "w"}
    assert run(home, "rule", "show", "w").returncode == 3


def test_an_edited_rule_changes_only_what_was_given_and_a_stale_stamp_is_refused(files):
    home = files / "home"
    run(home, "rule", "add", "w", "--device", "d", "--daily", "02:00", "--time-zone", "Europe/Berlin", "--jitter", "60")
    stamp = json.loads(run(home, "rule", "show", "w", "--json").stdout)["stamp"]
    edited = run(home, "rule", "edit", "w", "--daily", "03:30", "--json")
    stale = run(home, "rule", "edit", "w", "--on-demand", "--seen", stamp)
    submitted = run(home, "rule", "edit", "w", "--network", SEED_NETWORK, "--device", "", "--submit-only")
    shown = json.loads(run(home, "rule", "show", "w", "--json").stdout)

    assert json.loads(edited.stdout)["schedule"] == {
        "kind": "daily", "times": ["03:30"], "jitter_s": 60, "zone": "Europe/Berlin", "missed": "run once",
    }  # fmt: skip
    assert (stale.returncode, "was changed" in stale.stderr) == (2, True)
    assert "is changed and submitted" in submitted.stdout
    assert (shown["selects"], shown["pending"]) == (["device d"], "change")
    assert run(home, "rule", "edit", "nobody", "--jitter", "1").returncode == 3
    assert run(home, "rule", "edit", "w", "--on-demand", "--every", "1h").returncode == 2


def test_a_renamed_device_is_pulled_by_its_rule_under_its_new_name(files):
    home = files / "home"
    run(home, "rule", "add", "w", "--device", "d")
    elsewhere = run(home, "device", "edit", "d", "--url", "other.example")
    renamed = run(home, "device", "edit", "d", "--name", "office")
    activated = run(home, "activate")
    pulled = run(home, "pull", "office", "--json")

    assert (elsewhere.returncode, "not sent elsewhere" in elsewhere.stderr) == (2, True)
    assert (renamed.returncode, activated.stdout) == (0, "Activated: office.\n")
    assert json.loads(run(home, "rule", "show", "w", "--json").stdout)["devices"] == ["office"]
    assert (pulled.returncode, "complete" in pulled.stdout) == (0, True)
