"""Opening the store: the home folder, the connection, the tables."""

import fcntl
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from vatriage.errors import VatriageError

_PAUSES_S = (0.5, 1.0, 2.0)
"""Between attempts to reach a database server: it may be starting."""
_TABLES = 0x7661_7472_6961_6766
"""The number of the lock under which one process at a time changes tables on PostgreSQL."""


class StoreError(VatriageError):
    """The home folder or the database cannot be used."""

    exit_code = 8


def prepare_home(home: Path) -> None:
    """Make the home folder, closed to other users. Raises: StoreError: it cannot be made or written."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"The folder {home} cannot be made: {error.strerror}.", "Choose another --home.") from error
    if not os.access(home, os.W_OK | os.X_OK):
        raise StoreError(f"The folder {home} cannot be written.", "Choose another --home, or mend its permissions.")


def migrate(home: Path, *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Bring the tables up to date; costs two queries where they are.

    Args:
        home: of the lock file that SQLite needs.
        sleep: waits some seconds between attempts to reach a server.

    Raises:
        StoreError: the database cannot be reached or used.
    """
    from django.db import Error  # noqa: PLC0415 - only after Django is configured

    try:
        _connect(sleep)
        if _is_outdated():
            with _alone(home):
                _update_tables()
    except Error as error:
        raise explained(error) from error


class Tables(NamedTuple):
    """How the database's tables stand to this program."""

    pending: tuple[str, ...]
    """Changes that wait to be made, by name."""
    unknown: tuple[str, ...]
    """Changes that a newer version has made."""

    @property
    def fit(self) -> bool:
        """Whether they are those of this program."""
        return not self.pending and not self.unknown


def look_at_tables(*, sleep: Callable[[float], None] = time.sleep) -> Tables:
    """Return how the tables stand; changes nothing. Raises: StoreError: the database cannot be reached or used."""
    from django.db import Error, connection  # noqa: PLC0415 - only after Django is configured
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415 - the same

    try:
        _connect(sleep)
        executor = MigrationExecutor(connection)
        loader = executor.loader
        pending = [migration.name for migration, _ in executor.migration_plan(loader.graph.leaf_nodes())]
        known = set(loader.disk_migrations)
        ours = {app for app, _ in known}
        unknown = [name for app, name in loader.applied_migrations if app in ours and (app, name) not in known]
    except Error as error:
        raise explained(error) from error
    return Tables(tuple(pending), tuple(sorted(unknown)))


def as_store_error(error: Exception) -> StoreError | None:
    """Return what to tell a person if an error says that the database failed us (not we the database), else None."""
    if "django.db" not in sys.modules:
        return None
    from django.db import InterfaceError, OperationalError  # noqa: PLC0415 - only if somebody did before

    return explained(error) if isinstance(error, OperationalError | InterfaceError) else None


def explained(error: Exception) -> StoreError:
    """Return a database's error as a sentence: which database, what it said, what to do. No password is in it."""
    from django.db import connection  # noqa: PLC0415 - only after Django is configured

    said = " ".join(str(error).split()).rstrip(".?")
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        hint = "Check the disk and the file's permissions; restore it from a backup if it is damaged."
        if "locked" in said:
            hint = "Another vatriage is writing; run this again when it has ended."
        return StoreError(f"The database {settings['NAME']} cannot be used: {said}.", hint)
    if password := str(settings["PASSWORD"] or ""):
        said = said.replace(password, "***")
    place = f"{settings['HOST'] or 'the local socket'}{':' if settings['PORT'] else ''}{settings['PORT']}"
    return StoreError(
        f"The PostgreSQL database {settings['NAME']} on {place} cannot be used: {said}.",
        "Check that the server runs and that VATRIAGE_DATABASE is right; what was committed before stands.",
    )


def _connect(sleep: Callable[[float], None]) -> None:
    """Connect; a server that does not answer, or is starting, is tried again a few times."""
    from django.db import OperationalError, connection  # noqa: PLC0415 - only after Django is configured

    for pause in _PAUSES_S:
        try:
            return connection.ensure_connection()
        except OperationalError as error:
            answered = "FATAL" in str(error) and "the database system is" not in str(error)
            if answered or connection.vendor == "sqlite":
                raise
            sleep(pause)
    return connection.ensure_connection()


def _is_outdated() -> bool:
    from django.db import connection  # noqa: PLC0415 - only after Django is configured
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415 - the same

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _update_tables() -> None:
    """Run the migrations, unless another process did so while we waited for our turn."""
    from django.core.management import call_command  # noqa: PLC0415 - only after Django is configured
    from django.db import connection  # noqa: PLC0415 - the same

    if not _is_outdated():
        return
    if connection.vendor == "postgresql":
        _check_encoding()
    call_command("migrate", verbosity=0, interactive=False)
    if connection.vendor == "sqlite":
        Path(connection.settings_dict["NAME"]).chmod(0o600)


def _check_encoding() -> None:
    from vatriage.store.bulk import fetch  # noqa: PLC0415 - only after Django is configured

    ((encoding,),) = fetch("SHOW server_encoding")
    if encoding != "UTF8":
        raise StoreError(
            f"The PostgreSQL database is encoded in {encoding}, which cannot hold every report.",
            "Create one with: createdb --encoding UTF8 --template template0 NAME.",
        )


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Wait until no other process changes the tables."""
    from django.db import connection  # noqa: PLC0415 - only after Django is configured

    from vatriage.store.bulk import fetch  # noqa: PLC0415 - the same

    if connection.vendor == "postgresql":
        fetch("SELECT pg_advisory_lock(%s)", [_TABLES])
        try:
            yield
        finally:
            fetch("SELECT pg_advisory_unlock(%s)", [_TABLES])
        return
    with (home / "tables.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
