"""What a verb needs of its surroundings: settings, printing, a progress bar on a terminal only."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from vatriage.cli.printable import printable, printable_json, printable_lines
from vatriage.clock import Clock
from vatriage.config import Config, read_config
from vatriage.errors import UsageError
from vatriage.model.instant import parse_instant
from vatriage.wiring.opening import open_store, open_web
from vatriage.wiring.readers import system_clock

if TYPE_CHECKING:
    from vatriage.cli.remote import Remote


class Advance(Protocol):
    """Moves a progress bar."""

    def __call__(self, done: int, text: str = "") -> None:
        """Show that `done` units are done, and what is being worked on."""


class Session:
    """One run of the command line.

    Args:
        home: folder of everything we keep.
        embedded: keep off the database server that the settings may name.
        remote: ask this server in place of our own store.
    """

    def __init__(self, home: Path | None, *, embedded: bool = False, remote: "Remote | None" = None) -> None:
        self.home = home
        self.remote = remote
        self._embedded = embedded
        self.clock: Clock = system_clock()

    @property
    def config(self) -> Config:
        """The settings; `embedded` keeps off the server they may name. Raises: UsageError: one is out of bounds."""
        if self.remote is not None:
            raise UsageError(
                "This verb works where the inventory is, not with --server.",
                "With --server: device, activate, pull, pulls, host, explain, triage, shadow.",
            )
        config = read_config(self.home)
        return replace(config, server=None) if self._embedded else config

    def store(self) -> Config:
        """Open the store and return the settings."""
        config = self.config
        open_store(config)
        return config

    def web_store(self) -> Config:
        """Open the store with what the web face keeps in it (users, sessions) and return the settings."""
        config = self.config
        open_web(config, https=config.https)
        return config

    def current_snapshot(self) -> Config:
        """Return the settings, after the snapshot was made to hold what the inventory holds (if a writer died)."""
        from vatriage.store.snapshots import is_behind  # noqa: PLC0415 - numpy, which most verbs do without

        config = self.config
        if is_behind(config.snapshots):
            self.store()
            from vatriage.usecases.snapshots import rebuild_snapshot  # noqa: PLC0415 - needs an open store

            rebuild_snapshot(config.snapshots)
        return config


def show_json(value: Any) -> None:
    """Print a value as JSON, two blanks deep; control characters inside it are escaped."""
    sys.stdout.write(printable_json(json.dumps(value, indent=2, ensure_ascii=False)) + "\n")


def say(text: str = "") -> None:
    """Print a line for people; what others wrote in it cannot control the terminal."""
    sys.stdout.write(printable_lines(text) + "\n")


def warn(text: str) -> None:
    """Print a line on standard error; what others wrote in it cannot control the terminal."""
    sys.stderr.write(printable_lines(text) + "\n")


def show_table(title: str, columns: list[str], rows: list[list[str]]) -> None:
    """Print a table; on a pipe it is as wide as it needs to be."""
    from rich.console import Console  # noqa: PLC0415 - costs 60 ms, which JSON users need not pay
    from rich.table import Table  # noqa: PLC0415 - the same
    from rich.text import Text  # noqa: PLC0415 - the same

    table = Table(title=title or None, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console = Console(width=None if sys.stdout.isatty() else 160)
    with console.capture() as printed:  # rich answers a closed pipe by ending the process, before anything is told
        console.print(table)
    sys.stdout.write(printed.get())


@contextmanager
def progress(title: str, total: int | None, unit: str) -> Iterator[Advance]:
    """Yield a function that moves a bar on a terminal, and does nothing on a pipe."""
    if not sys.stderr.isatty():
        yield lambda done, text="": None  # noqa: ARG005 - a bar that nobody sees
        return
    from rich.console import Console  # noqa: PLC0415 - only on a terminal
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - the same

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.completed:,} " + unit),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done, text="": bar.update(task, completed=done, description=printable(f"{title} {text}".strip()))


def instant(text: str | None, clock: Clock) -> int:
    """Return a time given on the command line (now without one), in microseconds. Raises: UsageError: it is no time."""
    if text is None:
        return int(clock.now().timestamp() * 1_000_000)
    try:
        return parse_instant(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no time.", "Write it like 2026-05-03 or 2026-05-03T10:00:00Z.") from error
