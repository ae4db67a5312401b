"""A home and its database that can be put back to how they were: for tests that kill the program many times over."""

import os
import shutil
import sqlite3

import psycopg


class KeptHome:
    """The program's home in a folder, on either database.

    Args:
        folder: `folder/home` is the home.
        server: the PostgreSQL server whose database VATRIAGE_DATABASE names; None = SQLite.
    """

    def __init__(self, folder, server=None):
        self.home, self._earlier, self._server = folder / "home", folder / "earlier", server
        self._address = os.environ.get("VATRIAGE_DATABASE", "") if server else ""
        self._name = self._address.partition("?")[0].rpartition("/")[2]

    def keep(self):
        """Remember everything as it is now."""
        self.home.rename(self._earlier)
        if self._server:
            self._server.run(f"CREATE DATABASE {self._name}_earlier TEMPLATE {self._name}")

    def put_back(self):
        """Make home and database what they were; return the home."""
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.copytree(self._earlier, self.home)
        if self._server:
            self._server.run(f"DROP DATABASE {self._name} WITH (FORCE)")
            self._server.run(f"CREATE DATABASE {self._name} TEMPLATE {self._name}_earlier")
        return self.home

    def forget(self):
        """Drop what was remembered on the server."""
        if self._server:
            self._server.run(f"DROP DATABASE IF EXISTS {self._name}_earlier WITH (FORCE)")

    def rows(self, sql):
        """Return a query's rows."""
        if self._server:
            with psycopg.connect(self._address) as connection:
                return connection.execute(sql).fetchall()
        with sqlite3.connect(self.home / "vatriage.sqlite3") as connection:
            return connection.execute(sql).fetchall()

    def is_sound(self):
        """Whether the database's own check finds nothing; a PostgreSQL server answers for itself."""
        return bool(self._server) or self.rows("PRAGMA integrity_check") == [("ok",)]


def database_text(home):
    """Return everything that the program's database holds: a file's bytes, or all of a server's tables."""
    address = os.environ.get("VATRIAGE_DATABASE")
    if not address:
        return b"".join(path.read_bytes() for path in home.glob("vatriage.sqlite3*"))
    with psycopg.connect(address) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return b"".join(_copied(connection, name) for (name,) in tables)


def _copied(connection, table):
    with connection.cursor().copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as copy:
        return b"".join(bytes(piece) for piece in copy)
