"""The durable engine on DBOS: what its tables hold, what is started once, what goes on after the process ended."""

import sqlite3
import time
from contextlib import closing

import pytest

from vatriage.config import read_config

NOW = 1_795_000_000


class Steps:
    """Steps that note what was asked of them, and end as told."""

    def __init__(self, *, devices=(7,), waits=(), breaks=0, ends=None):
        self.devices, self.waits, self.breaks, self.ends = list(devices), list(waits), breaks, ends
        self.begun, self.tried = [], []

    def begin(self, run_id):
        """See Steps.begin."""
        self.begun.append(run_id)
        return self.devices

    def attempt(self, run_id, device_id, number):
        """See Steps.attempt."""
        self.tried.append((run_id, device_id, number))
        if self.ends is not None:
            raise self.ends
        if self.breaks:
            self.breaks -= 1
            raise RuntimeError("the store is away")
        return self.waits.pop(0) if self.waits else 0


@pytest.fixture
def launched(tmp_path, store):
    """Return a function that launches the engine; it is stopped afterwards."""
    from vatriage.engine.durable import Durable, EnginePlace, server_address
    from vatriage.settings import postgresql

    server = read_config(tmp_path / "home").server
    parts = {} if server is None else {name.lower(): str(value) for name, value in postgresql(server).items()}
    place = EnginePlace(file=tmp_path / "engine.sqlite3", server=server_address(parts) if parts else None)
    running = []

    def launch(steps, now=lambda: NOW):
        running.append(Durable(place, steps, now))
        return running[-1]

    yield launch
    if running:
        running[-1].stop(0)


def until(wanted):
    end = time.monotonic() + 30
    while not wanted():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_run_pulls_each_device_once_however_often_it_is_started(launched):
    steps = Steps(devices=[7, 8, 9])
    durable = launched(steps)
    for _ in range(3):
        durable.start_run(1, "rule-1-5")
    until(lambda: len(steps.tried) == 3)
    durable.start_run(1, "rule-1-5")
    durable.enqueue_pull(1, 8, 1, 0)
    time.sleep(1.5)

    assert steps.begun == [1]
    assert sorted(steps.tried) == [(1, 7, 1), (1, 8, 1), (1, 9, 1)]


def test_a_wait_is_kept_in_the_tables_and_ends_in_the_next_attempt(launched):
    steps = Steps(waits=[NOW + 2])
    launched(steps).start_run(1, "rule-1-5")
    until(lambda: steps.tried)
    begun = time.monotonic()
    until(lambda: len(steps.tried) == 2)

    assert steps.tried == [(1, 7, 1), (1, 7, 2)]
    assert time.monotonic() - begun > 1.5


def test_what_is_under_way_when_the_process_is_to_end_goes_on_at_the_next_start(launched):
    from vatriage.engine.controller import Stopping

    dying, next_life = Steps(ends=Stopping()), Steps()
    first = launched(dying)
    first.start_run(1, "rule-1-5")
    until(lambda: dying.tried)
    first.stop(1)
    launched(next_life)
    until(lambda: next_life.tried)

    assert next_life.begun == []
    assert next_life.tried == [(1, 7, 1)]


def test_what_broke_is_started_again_under_its_name(launched):
    steps = Steps(breaks=1)
    durable = launched(steps)
    durable.start_run(1, "rule-1-5")
    until(lambda: steps.tried)
    time.sleep(0.5)
    durable.enqueue_pull(1, 7, 1, 0)
    until(lambda: len(steps.tried) == 2)

    assert not durable.is_hopeless(1, 7, 1)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_nobody_works_on_though_its_row_says_so_is_gone_on_with_after_a_minute(launched, tmp_path, database):
    steps, instants = Steps(), [NOW]
    durable = launched(steps, lambda: instants[-1])
    durable.enqueue_pull(1, 7, 1, 0)
    until(lambda: _states(tmp_path) == ["SUCCESS"])
    with closing(sqlite3.connect(tmp_path / "engine.sqlite3", timeout=20)) as tables, tables:
        tables.execute("UPDATE workflow_status SET status = 'PENDING', output = NULL, completed_at = NULL")
        tables.execute("DELETE FROM operation_outputs")
    for later in (0, 59):
        instants.append(NOW + later)
        durable.enqueue_pull(1, 7, 1, 0)
    time.sleep(1.5)
    before = list(steps.tried)
    instants.append(NOW + 60)
    durable.enqueue_pull(1, 7, 1, 0)
    until(lambda: len(steps.tried) == 2)

    assert before == [(1, 7, 1)]
    assert steps.tried == [(1, 7, 1)] * 2


def _states(folder):
    with closing(sqlite3.connect(folder / "engine.sqlite3", timeout=20)) as tables:
        return [state for (state,) in tables.execute("SELECT status FROM workflow_status")]


def test_what_ended_long_ago_is_forgotten(launched):
    steps = Steps()
    durable = launched(steps)
    durable.start_run(1, "rule-1-5")
    until(lambda: steps.tried)
    time.sleep(0.5)

    assert durable.prune("2020-01-01T00:00:00+00:00") == 0
    assert durable.prune("2100-01-01T00:00:00+00:00") == 2
    assert durable.prune("2100-01-01T00:00:00+00:00") == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_its_tables_are_json_of_one_version_and_executor_in_a_file_of_their_own(launched, tmp_path, database):
    steps = Steps()
    launched(steps).start_run(1, "rule-1-5")
    until(lambda: steps.tried)
    with closing(sqlite3.connect(tmp_path / "engine.sqlite3")) as tables:
        kept = tables.execute("SELECT DISTINCT application_version, executor_id, serialization FROM workflow_status")
        names = tables.execute("SELECT workflow_uuid FROM workflow_status ORDER BY created_at")
        versions, named = kept.fetchall(), names.fetchall()
        mode = tables.execute("PRAGMA journal_mode").fetchall()

    assert versions == [("vatriage-1", "controller", "portable_json")]
    assert named == [("vatriage-1:rule-1-5",), ("vatriage-1:pull-1-7-1",)]
    assert mode == [("wal",)]


@pytest.mark.parametrize(
    ("parts", "address"),
    [
        (
            {"user": "u@x", "password": "p/:", "host": "db", "port": "5433", "name": "va"},
            "postgresql+psycopg://u%40x:p%2F%3A@db:5433/va?application_name=vatriage-engine",
        ),
        (
            {"user": "", "password": "", "host": "/run/pg", "port": "", "name": "va"},
            "postgresql+psycopg:///va?application_name=vatriage-engine&host=%2Frun%2Fpg",
        ),
    ],
)
def test_the_servers_address_is_written_as_the_engine_reads_it(parts, address):
    from vatriage.engine.durable import server_address

    secret = server_address(parts)

    assert secret.reveal() == address
    assert "p%2F" not in repr(secret)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("damage", ["other tables", "no database"])
def test_tables_that_cannot_be_used_are_a_sentence(tmp_path, store, database, damage):
    from vatriage.engine.durable import Durable, EnginePlace
    from vatriage.store.opening import StoreError

    file = tmp_path / "engine.sqlite3"
    if damage == "no database":
        file.write_bytes(b"no database " * 100)
    else:
        with closing(sqlite3.connect(file)) as tables:
            tables.execute("CREATE TABLE workflow_status (other TEXT)")

    with pytest.raises(StoreError, match="The engine's tables cannot be used"):
        Durable(EnginePlace(file=file), Steps(), lambda: NOW)
