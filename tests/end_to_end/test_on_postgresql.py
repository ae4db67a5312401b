"""The program on PostgreSQL, as a person starts it; and what it says when the database fails."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from benchmarks.generate_reports import write_report
from end_to_end_program import ROOT, alert, run, take, verdicts, write_files
from vatriage_simulator.server import SimulatorServer
from vatriage_simulator.subscription import Subscription

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
CANARY = "canary-7f3a9"
ROWS = "SELECT (SELECT COUNT(*) FROM hosts), (SELECT COUNT(*) FROM detections), (SELECT COUNT(*) FROM pulls)"


@pytest.fixture
def files(tmp_path):
    return write_files(tmp_path)


def test_import_triage_explain_and_host_show_on_postgresql(files, postgresql):
    home = files / "home"
    imported = take(files, "h.xml", "d.xml", "k.xml")
    judged = [record["verdict"] for record in verdicts(files, alert(1), alert(2))]
    kept = run(home, "triage", files / "eve.json", "--rules", files / "r.rules", "--store", "--output", "jsonl")
    ids = [json.loads(line)["id"] for line in kept.stdout.splitlines()]
    explained = run(home, "explain", ids[1].upper(), "--json")
    shown = run(home, "host", "show", "10.1.0.7", "--json")

    assert imported.returncode == kept.returncode == explained.returncode == shown.returncode == 0
    assert judged == ["AFFECTED", "NOT_AFFECTED"]
    assert '"NOT_AFFECTED"' in explained.stdout
    assert [item["qid"] for item in json.loads(shown.stdout)["hosts"][0]["detections"]] == [99000]
    assert not (home / "vatriage.sqlite3").exists()


def test_a_pull_on_postgresql_confirms_and_refutes(files, postgresql):
    sim = Subscription(NOW)
    sim.account("reader", "right")
    old = NOW - timedelta(days=900)
    for qid, cve in ((99000, "CVE-2026-10000"), (99001, "CVE-2026-20000")):
        sim.vulnerability(
            qid, title="t", cves=[cve], published=old, service_modified=old, remote=True, auth_types=["Unix"]
        )
    for last in range(7, 40):
        host = sim.host(f"10.1.0.{last}", os="Linux").scanned(NOW - timedelta(hours=1), authenticated=True)
        host.detect(qid=99000, port=443, protocol="tcp", type="Confirmed")
    with SimulatorServer(sim) as server:
        added = run(
            files / "home", "device", "add", "d", "--url", server.address, "--login", "reader", "--password-stdin",
            "--ca-file", server.ca_file, "--complete-checks", "yes", "--activate", stdin="right\n",
        )  # fmt: skip
        pulled = run(files / "home", "pull", "d", "--json")
        again = run(files / "home", "pull", "d", "--json")

    assert added.returncode == pulled.returncode == again.returncode == 0
    assert json.loads(again.stdout)["pulls"][0]["detections"] == 33
    assert [record["verdict"] for record in verdicts(files, alert(1), alert(2))] == ["AFFECTED", "NOT_AFFECTED"]


def test_an_import_that_is_killed_leaves_nothing_behind(files, postgresql):
    take(files, "h.xml", "d.xml", "k.xml")
    before = _rows(postgresql)
    process = _import_large(files)
    _await_writing(postgresql, process)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()

    assert before == _rows(postgresql)
    assert len(list((files / "home" / "snapshots").glob("behind*"))) == 1
    assert [record["verdict"] for record in verdicts(files, alert(1), alert(2))] == ["AFFECTED", "NOT_AFFECTED"]
    assert not list((files / "home" / "snapshots").glob("behind*"))
    assert run(files / "home", "import", files / "large.xml").returncode == 0
    assert _rows(postgresql)[1] > before[1]


def test_a_connection_that_breaks_is_one_sentence_and_leaves_nothing_behind(files, postgresql):
    take(files, "h.xml", "d.xml", "k.xml")
    before = _rows(postgresql)
    process = _import_large(files)
    _await_writing(
        postgresql, process, then="SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"
    )
    _, said = process.communicate()

    assert process.returncode == 8
    assert said.startswith("vatriage: The PostgreSQL database")
    assert "Traceback" not in said
    assert before == _rows(postgresql)


def test_processes_that_start_at_once_make_the_tables_once(files, database):
    environment = _environment(files)
    started = [
        subprocess.Popen([sys.executable, "-m", "vatriage", "host", "list"], env=environment, stderr=subprocess.PIPE)
        for _ in range(3)
    ]

    assert [(process.communicate()[1], process.returncode) for process in started] == [(b"", 0)] * 3


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (f"postgresql://u:{CANARY}@127.0.0.1:1/d", 8),
        (f"postgresql://u:%zz{CANARY}@127.0.0.1:1/d", 2),
    ],
)
def test_a_database_out_of_reach_is_one_sentence_without_the_password(files, monkeypatch, address, code):
    monkeypatch.setenv("VATRIAGE_DATABASE", address)
    done = run(files / "home", "host", "list")

    assert (code, "") == (done.returncode, done.stdout)
    assert len(done.stderr.splitlines()) == 1
    assert CANARY not in done.stderr
    assert not [path for path in (files / "home").rglob("*") if path.is_file() and CANARY in path.read_text("latin-1")]


def test_a_database_that_cannot_hold_every_text_is_refused(files, postgresql_server, monkeypatch):
    postgresql_server.run("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    monkeypatch.setenv("VATRIAGE_DATABASE", postgresql_server.address("latin"))
    done = run(files / "home", "host", "list")
    postgresql_server.run("DROP DATABASE latin")

    assert done.returncode == 8
    assert "encoded in LATIN1" in done.stderr


def test_the_demo_keeps_off_the_server(files, monkeypatch):
    monkeypatch.setenv("VATRIAGE_DATABASE", "postgresql://u@127.0.0.1:1/d")
    done = run(files / "home", "demo", "--folder", files / "demo")

    assert done.returncode == 0, done.stderr
    assert "VATRIAGE_DATABASE= vatriage" in done.stdout


def _rows(address):
    with psycopg.connect(address) as connection:
        return connection.execute(ROWS).fetchone()


def _environment(files):
    return {**os.environ, "VATRIAGE_HOME": str(files / "home"), "PYTHONPATH": f"{ROOT}/src:{ROOT}/simulator"}


def _import_large(files):
    write_report(files / "large.xml", 4_000_000)
    arguments = [sys.executable, "-m", "vatriage", "import", files / "large.xml"]
    return subprocess.Popen(arguments, env=_environment(files), stderr=subprocess.PIPE, text=True)


def _await_writing(address, process, then="SELECT %s::text"):
    """Wait until an import has written something that is not committed yet, and run a statement at that moment."""
    writing = (
        "SELECT 1 FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE a.application_name = 'vatriage' "
        "AND l.relation = 'detections'::regclass AND l.mode = 'RowExclusiveLock' AND l.granted"
    )
    with psycopg.connect(address, autocommit=True) as connection:
        while not connection.execute(writing).fetchone():
            assert process.poll() is None
        connection.execute(then, ["vatriage"])
