"""Durable work on DBOS: what has begun goes on after the process was killed. The only file that knows DBOS.

DBOS keeps its own tables, so it shares no transaction with the inventory: every step may be done twice (usecases/run_work
sees to that) and every workflow has a name of our own, so that starting it twice starts it once.

What is to be known of DBOS 3.4, each handled here or named with the place where it is (docs/adr/0013-durable-engine.md):
 1. work of another application version is never touched: VERSION is pinned, and part of every workflow's name.
 2. a restart recovers its own executor's work only: EXECUTOR is stable.
 3. pickle by default: JSON instead.
 4. backfill runs every missed tick, and 5. its cron fires twice when clocks go back: `model/due` and
    `usecases/run_starts` schedule, DBOS does not.
 6. its ticks and new rules come late: the controller looks itself every second; queues are polled every second.
 7. no retention: `prune`.
 8. LISTEN/NOTIFY needs sessions: off, so that a pooler may stand in front of PostgreSQL.
 9. SQLite: a file of its own, in WAL mode.
10. the name of an application is short and in small letters; importing takes a second: only the controller does.
11. its threads live long: every step is wrapped in close_old_connections.
12. one company's work: pinned to 3.4 and later 3.x, and kept in this file.
13. where neither a step's result nor its failure can be written (a full disk), a workflow stays pending for ever and no
    thread works on it: `in_flight` finds it, and it is resumed.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import quote, urlencode

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetEnqueueOptions, SetWorkflowID
from django.db import close_old_connections

from vatriage.engine.in_flight import InFlight
from vatriage.model.secret import Secret
from vatriage.store.opening import StoreError

VERSION = "vatriage-1"
"""Raise it when the steps of a workflow change: what is under way then begins anew, which costs no more than a kill."""
EXECUTOR = "controller"
PULLS = "pulls"
POLL_S = 1.0
SCHEMA = "vatriage_engine"
KEEP_DAYS = 14
"""How long DBOS remembers what has ended."""
_BROKEN = ("ERROR", "CANCELLED")
"""How a workflow ends that the store failed, or that somebody cancelled behind our back."""
_PENDING = "PENDING"
_HOPELESS = "MAX_RECOVERY_ATTEMPTS_EXCEEDED"
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnginePlace:
    """Where DBOS keeps its tables."""

    file: Path
    """An SQLite file, where there is no server."""
    server: Secret | None = None
    """A PostgreSQL address as a URL."""
    pulls_at_once: int = 4

    @property
    def address(self) -> str:
        """As DBOS takes it."""
        return f"sqlite:///{quote(str(self.file))}" if self.server is None else self.server.reveal()


def server_address(parts: dict[str, str]) -> Secret:
    """Return a PostgreSQL server's address as SQLAlchemy reads it.

    Args:
        parts: user, password, host, port, name; an empty one is left to libpq. A host that is a folder is a Unix socket.
    """
    login = quote(parts["user"], safe="") + (f":{quote(parts['password'], safe='')}" if parts["password"] else "")
    host, query = parts["host"], {"application_name": "vatriage-engine"}
    if host.startswith("/"):
        host, query = "", query | {"host": host}
    port = f":{parts['port']}" if parts["port"] and host else ""
    if parts["port"] and not host:
        query["port"] = parts["port"]
    place = f"{login}@" if login else ""
    return Secret(f"postgresql+psycopg://{place}{host}{port}/{quote(parts['name'], safe='')}?{urlencode(query)}")


class Steps(Protocol):
    """What the workflows do; see usecases/run_work.RunWork."""

    def begin(self, run_id: int) -> list[int]:
        """Begin a run; return the devices to pull."""

    def attempt(self, run_id: int, device_id: int, number: int) -> int:
        """Try a pull; return when to try again, 0 = it has ended."""


class Durable:
    """DBOS, launched; one at a time in a process.

    Args:
        place: where it keeps its tables.
        steps: what the workflows do.
        now: the present instant, seconds.

    Raises:
        StoreError: DBOS's tables cannot be made or used.
    """

    def __init__(self, place: EnginePlace, steps: Steps, now: Callable[[], int]) -> None:
        self._now = now
        self._in_flight = InFlight(now)
        if place.server is None:
            try:
                _prepare_file(place.file)
            except (OSError, sqlite3.Error) as error:
                raise _unusable(place, error) from error
        config: DBOSConfig = {
            "name": "vatriage",
            "system_database_url": place.address,
            "dbos_system_schema": SCHEMA,
            "application_version": VERSION,
            "executor_id": EXECUTOR,
            "serializer": DBOSPortableJSONSerializer(),
            "use_listen_notify": False,
            "notification_listener_polling_interval_sec": POLL_S,
            "log_level": "CRITICAL",
            "enable_otlp": False,
        }
        DBOS(config=config)

        @DBOS.step(name="begin")
        def begin(run_id: int) -> list[int]:
            return _with_fresh_connections(lambda: steps.begin(run_id))

        @DBOS.step(name="attempt")
        def attempt(run_id: int, device_id: int, number: int) -> int:
            return _with_fresh_connections(lambda: steps.attempt(run_id, device_id, number))

        @DBOS.workflow(name="run")
        def run(run_id: int) -> None:
            with self._in_flight.working_on(str(DBOS.workflow_id)):
                for device_id in begin(run_id):
                    self.enqueue_pull(run_id, device_id, 1, 0)

        @DBOS.workflow(name="pull")
        def pull(run_id: int, device_id: int, number: int) -> None:
            with self._in_flight.working_on(str(DBOS.workflow_id)):
                if again_at := attempt(run_id, device_id, number):
                    self.enqueue_pull(run_id, device_id, number + 1, again_at)

        self._run, self._pull = run, pull
        try:
            DBOS.launch()
            DBOS.register_queue(PULLS, worker_concurrency=place.pulls_at_once, polling_interval_sec=POLL_S)
        except Exception as error:
            self.stop(0)
            raise _unusable(place, error) from error

    def start_run(self, run_id: int, name: str) -> None:
        """Start a run's workflow; the same name again starts nothing, unless it broke or is lost."""
        workflow = f"{VERSION}:{name}"
        self._mend(workflow)
        with SetWorkflowID(workflow):
            DBOS.start_workflow(self._run, run_id)

    def enqueue_pull(self, run_id: int, device_id: int, number: int, not_before: int) -> None:
        """Enqueue an attempt, not to be made before an instant (seconds); the same again nothing, unless it broke or is lost."""
        delay_s = float(max(not_before - self._now(), 0))
        self._mend(_pull_name(run_id, device_id, number), PULLS)
        with (
            SetWorkflowID(_pull_name(run_id, device_id, number)),
            SetEnqueueOptions(delay_seconds=delay_s or None),
        ):
            DBOS.enqueue_workflow(PULLS, self._pull, run_id, device_id, number)

    def _mend(self, workflow: str, queue: str | None = None) -> None:
        """Forget a workflow that broke, so that its name may be started again; go on with one that is lost."""
        if DBOS.workflow_id is not None:
            return  # inside a workflow, which DBOS replays as it was
        found = DBOS.get_workflow_status(workflow)
        status = "" if found is None else found.status
        if status in _BROKEN:
            DBOS.delete_workflows([workflow])
        if self._in_flight.is_lost(workflow, pending=status == _PENDING):
            DBOS.resume_workflow(workflow, queue_name=queue)

    @staticmethod
    def is_hopeless(run_id: int, device_id: int, number: int) -> bool:
        """Whether DBOS gave an attempt up because the process died over and over in it."""
        found = DBOS.get_workflow_status(_pull_name(run_id, device_id, number))
        return found is not None and found.status == _HOPELESS

    @staticmethod
    def prune(before: str) -> int:
        """Forget workflows that ended before an instant (ISO 8601); return how many."""
        ended = DBOS.list_workflows(
            status=["SUCCESS", *_BROKEN, _HOPELESS],
            completed_before=before,
            limit=1_000,
            load_input=False,
            load_output=False,
        )
        if ended:
            DBOS.delete_workflows([item.workflow_id for item in ended])
        return len(ended)

    @staticmethod
    def stop(grace_s: int) -> None:
        """Stop taking up work and wait so long for what is under way; what is not done by then goes on at the next start."""
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=grace_s)


def _unusable(place: EnginePlace, error: Exception) -> StoreError:
    return StoreError(
        f"The engine's tables cannot be used: {_said(error)}.",
        f"They are {'a schema' if place.server else 'a file'} of their own ({SCHEMA if place.server else place.file}); "
        "without them nothing is lost: they are made anew.",
    )


def _said(error: Exception) -> str:
    """Return the first line of a database's error, which holds no password; SQLAlchemy adds its SQL and a link."""
    return str(getattr(error, "orig", error)).strip().partition("\n")[0].rstrip(".")


def _pull_name(run_id: int, device_id: int, number: int) -> str:
    return f"{VERSION}:pull-{run_id}-{device_id}-{number}"


def _prepare_file(file: Path) -> None:
    """Make DBOS's file, closed to other users, in WAL mode."""
    file.touch(mode=0o600)
    connection = sqlite3.connect(file, timeout=20)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


def _with_fresh_connections(step: Callable[[], _Result]) -> _Result:
    close_old_connections()
    try:
        return step()
    finally:
        close_old_connections()
