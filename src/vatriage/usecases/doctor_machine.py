"""The doctor's look at this machine: disk, database, tables, raw pages, snapshot, controller. It changes nothing."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vatriage.clock import Clock
from vatriage.model.instant import US, format_instant
from vatriage.store.bulk import fetch, on_postgresql
from vatriage.store.opening import Tables
from vatriage.store.snapshots import is_behind
from vatriage.usecases.health import Check, failed, ok, warned
from vatriage.usecases.raw_page_retention import Retention, kept_pages
from vatriage.usecases.run_now import controller_runs

_LITTLE_BYTES = 5_000_000_000
"""Free on the disk: less is warned of."""
_TOO_LITTLE_BYTES = 500_000_000
_COUNTED = (("hosts", "hosts"), ("detections", "detections"), ("vulnerabilities", "KnowledgeBase entries"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What is looked at."""

    home: Path
    database: Path
    """The SQLite file, where the inventory is one."""
    where: str
    """Where the inventory is, for people."""
    pages: Path
    snapshots: Path
    key: Path
    retention: Retention
    clock: Clock


def machine_checks(machine: Machine, tables: Tables) -> Iterator[Check]:
    """Yield what is found; with tables that are not those of this program, only what needs none."""
    yield _disk(machine.home)
    yield _key(machine.key)
    yield _tables(tables)
    if not tables.fit:
        return
    yield _database(machine)
    yield _inventory()
    yield _raw_pages(machine)
    yield _snapshot(machine)
    yield _controller(machine.clock)


def _disk(home: Path) -> Check:
    usage = shutil.disk_usage(home)
    found = f"{_size(usage.free)} of {_size(usage.total)} are free where {home} is."
    remedy = "Make room, or set VATRIAGE_RAW_PAGES_MAX_BYTES lower."
    if usage.free < _TOO_LITTLE_BYTES:
        return failed("disk space", found, remedy, 8)
    return warned("disk space", found, remedy) if usage.free < _LITTLE_BYTES else ok("disk space", found)


def _key(key: Path) -> Check:
    if not key.exists():
        return ok("key", "No password has been kept yet: the key is made with the first.")
    mode = key.stat().st_mode & 0o777
    if mode & 0o077:
        return failed("key", f"{key} may be read by others (mode {mode:o}).", f"Run `chmod 600 {key}`.", 8)
    return ok("key", f"{key} is closed to others.")


def _tables(tables: Tables) -> Check:
    if tables.unknown:
        return failed(
            "tables", f"The database has changes that this program does not know ({', '.join(tables.unknown)}).",
            "A newer version has worked on it: run that version.", 8,
        )  # fmt: skip
    if tables.pending:
        return warned(
            "tables", f"{len(tables.pending)} changes of the tables wait: {', '.join(tables.pending)}.",
            "Back the database up, then run `vatriage init`, or any other verb: it makes them.",
        )  # fmt: skip
    return ok("tables", "They are those of this version.")


def _database(machine: Machine) -> Check:
    if on_postgresql():
        ((size, version),) = fetch("SELECT pg_database_size(current_database()), current_setting('server_version')")
        return ok("database", f"{machine.where}, PostgreSQL {version}, {_size(int(size))}.")
    size = sum(path.stat().st_size for path in (machine.database, _log(machine.database)) if path.exists())
    return ok("database", f"{machine.where}, SQLite, {_size(size)}.")


def _log(database: Path) -> Path:
    return database.with_name(database.name + "-wal")


def _inventory() -> Check:
    counts = [(int(fetch(f"SELECT COUNT(*) FROM {table}")[0][0]), what) for table, what in _COUNTED]  # noqa: S608 - names of our own
    return ok("inventory", ", ".join(f"{number:,} {what}" for number, what in counts) + ".")


def _raw_pages(machine: Machine) -> Check:
    kept, bound = kept_pages(machine.pages), machine.retention
    bounds = [f"{_size(bound.max_bytes)}"] if bound.max_bytes else []
    bounds += [f"{bound.max_age_s / 86_400:g} days"] if bound.max_age_s else []
    found = f"{kept.files:,} raw pages, {_size(kept.bytes)}; kept up to {' and '.join(bounds) or 'any size and age'}."
    if bound.max_bytes and kept.bytes > bound.max_bytes:
        return warned(
            "raw pages", found, "Older ones go after the next pull; those of pulls that may be gone on with stay."
        )
    return ok("raw pages", found)


def _snapshot(machine: Machine) -> Check:
    if not machine.snapshots.is_dir():
        return warned("snapshot", "There is none yet: no alert can be judged.", "Pull a device, or import reports.")
    if is_behind(machine.snapshots):
        return warned("snapshot", "It is older than the inventory.", "Any `vatriage triage` makes a new one.")
    newest = max((path.stat().st_mtime for path in machine.snapshots.iterdir() if path.is_dir()), default=0.0)
    return ok("snapshot", f"Made {format_instant(int(newest) * US)}; it holds what the inventory holds.")


def _controller(clock: Clock) -> Check:
    if controller_runs(clock):
        return ok("controller", "It runs.")
    rules = int(fetch("SELECT COUNT(*) FROM update_rules WHERE NOT paused")[0][0])
    if rules:
        return warned(
            "controller", f"None runs, so that {rules} update rules pull nothing.",
            "Start `vatriage controller`, or `vatriage serve`.",
        )  # fmt: skip
    return ok("controller", "None runs, and no update rule needs one.")


def _size(size: int) -> str:
    number, unit = float(size), "bytes"
    for unit in ("bytes", "kB", "MB", "GB", "TB"):  # noqa: B007 - the last one is used
        if number < 1_000:
            break
        number /= 1_000
    return f"{number:.3g} {unit}" if number < 1_000 else f"{number:,.0f} {unit}"
