"""`vatriage doctor`: what this machine and an account can and cannot do, each line with what to do."""

import json
import sqlite3
from contextlib import closing

import pytest

from end_to_end_program import run
from pulled_subscription import add_device, make_subscription
from vatriage.clock import SystemClock
from vatriage_simulator.server import SimulatorServer

CANARY = "canary-7f3a9"


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
    return tmp_path / "home"


def doctor(home, *arguments):
    done = run(home, "doctor", *arguments, "--json")
    assert done.stdout, done.stderr
    told = json.loads(done.stdout)
    places = {"this machine": told["machine"]} | {item["device"]: item["checks"] for item in told["devices"]}
    return done, {place: {check["name"]: check for check in checks} for place, checks in places.items()}


def test_a_healthy_account_and_machine_are_told_line_by_line(home, sim, server):
    sim.clock.set(SystemClock().now())
    run(home, "pull")
    before = len(server.requests)
    done, found = doctor(home)
    device, machine = found["d"], found["this machine"]

    assert {name for name, check in machine.items() if check["health"] == "fail"} == set()
    assert done.returncode == 0
    assert {
        "disk space", "key", "tables", "database", "inventory", "raw pages", "snapshot", "controller",
    } == set(machine)  # fmt: skip
    assert {name for name in device if name.startswith("right: ")} == {
        f"right: {name}"
        for name in (
            "host_list", "detections", "knowledge_base", "scan_list", "scan_report_list", "scheduled_scans",
            "iscanner_list",
        )
    }  # fmt: skip
    assert device["right: host_list"]["found"] == "The account may list the account's hosts by version 5.0."
    assert "of 300 calls in 3,600 s are left, 2 at once" in device["limit: host_list"]["found"]
    assert device["login"]["health"] == device["last pull"]["health"] == "ok"
    assert "3 hosts, 3 detections, 3 KnowledgeBase entries" in machine["inventory"]["found"]
    asked = server.requests[before:]
    assert {request.path.rpartition("/")[2] for request in asked if request.path.startswith("/msp/")} == {
        "about.php", "scan_report_list.php", "scheduled_scans.php", "iscanner_list.php",
    }  # fmt: skip
    assert all(request.parameters.get("action", "list") == "list" for request in asked)
    assert len(asked) <= 12


def test_a_wrong_password_fails_with_the_exit_code_of_a_wrong_password_and_no_secret_in_sight(tmp_path, server):
    add_device(tmp_path / "home", server, password=CANARY)
    done, found = doctor(tmp_path / "home", "d")

    assert done.returncode == 5
    assert found["d"]["login"]["health"] == "fail"
    assert "right: host_list" not in found["d"]
    assert CANARY not in done.stdout + done.stderr


def test_a_version_that_has_ended_is_named_with_the_one_that_answers(home, sim):
    sim.break_next("host_list", "moved", times=3)
    done, found = doctor(home)
    told = found["d"]["right: host_list"]

    assert (done.returncode, told["health"]) == (6, "fail")
    assert told["found"] == "Version 5.0 of host_list is not served. Version 3.0 answers."
    assert "VATRIAGE_API_VERSIONS=host_list=3.0" in told["remedy"]


def test_a_right_that_the_pulls_do_without_is_a_warning_and_one_they_need_is_none(home, sim):
    sim.break_next("scheduled_scans", "no-permission", times=None)
    sim.break_next("knowledge_base", "no-permission", times=None)
    done, found = doctor(home)

    assert (done.returncode, found["d"]["right: scheduled_scans"]["health"]) == (5, "warn")
    assert found["d"]["right: knowledge_base"]["health"] == "fail"


def test_a_clock_that_is_wrong_is_told_against_the_servers(home):
    _, found = doctor(home)

    assert found["d"]["clock"]["health"] == "fail"
    assert "slow against the server's" in found["d"]["clock"]["found"] or "fast" in found["d"]["clock"]["found"]


def test_tables_of_another_version_end_the_look_there(home):
    with closing(sqlite3.connect(home / "vatriage.sqlite3")) as database, database:
        of_store = "SELECT name FROM django_migrations WHERE app = 'store' ORDER BY name DESC LIMIT 1"
        ((newest,),) = database.execute(of_store).fetchall()
        database.execute("DELETE FROM django_migrations WHERE app = 'store' AND name = ?", [newest])
    done, found = doctor(home)

    assert found["this machine"]["tables"]["health"] == "warn"
    assert newest in found["this machine"]["tables"]["found"]
    assert list(found) == ["this machine"]
    with closing(sqlite3.connect(home / "vatriage.sqlite3")) as database, database:
        assert database.execute(of_store).fetchone() < (newest,)
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('store', '9999_newer', '2026-01-01')"
        )
    done, found = doctor(home)
    assert (done.returncode, found["this machine"]["tables"]["health"]) == (8, "fail")
    assert "9999_newer" in found["this machine"]["tables"]["found"]


def test_a_home_without_an_inventory_says_so_and_is_left_as_it_was(tmp_path):
    done = run(tmp_path / "nothing", "doctor")

    assert done.returncode == 8
    assert "There is no inventory" in done.stderr
    assert not (tmp_path / "nothing").exists()


def test_for_people_it_is_a_table_and_a_sum(home):
    done = run(home, "doctor", "d")

    assert "device 'd'" in done.stdout
    assert "It was never pulled. -> Run `vatriage pull d`." in " ".join(done.stdout.replace("│", " ").split())
    assert "fail" in done.stdout.splitlines()[-1]


def test_an_unknown_device_is_an_error(home):
    done = run(home, "doctor", "nobody")

    assert (done.returncode, "There is no device" in done.stderr or "nobody" in done.stderr) == (3, True)
