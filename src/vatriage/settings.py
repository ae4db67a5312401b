"""Django's settings, built from ours: importing this module configures nothing until `configure` is called.

The web face adds its middleware and templates here when it comes; the store needs the database, the user model and the
password hasher only.
"""

from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings

from vatriage.errors import UsageError
from vatriage.model.secret import Secret

INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "vatriage.store"]
AUTH_USER_MODEL = "store.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
SECRET_KEY = "only for the type checker; configure() takes the real one"  # noqa: S105 - never used to sign anything

_INIT_COMMAND = "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;PRAGMA cache_size=-65536;"


def sqlite(path: Path) -> dict[str, Any]:
    """Return Django's description of the embedded database: WAL, immediate transactions, 20 s of patience."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": _INIT_COMMAND},
    }


_SESSION = (
    "-c idle_in_transaction_session_timeout=15min "
    "-c tcp_keepalives_idle=60 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=6"
)
"""A process that stands still or whose machine is gone must not hold the others up: the server ends its transaction."""
_PATIENCE = {
    "application_name": "vatriage",
    "connect_timeout": "10",
    "keepalives_idle": "60",
    "keepalives_interval": "10",
    "keepalives_count": "6",
}
"""Seconds, and what the server's list of sessions calls us; the address may say otherwise."""


def postgresql(address: Secret) -> dict[str, Any]:
    """Return Django's description of a database on a PostgreSQL server.

    Args:
        address: `postgresql://user@host:port/database?parameter=value`, as libpq reads it; a folder as `host=` is a
            Unix socket. What is left out is taken from libpq's variables and password file.

    Raises:
        UsageError: it cannot be read or names no database. The message shows nothing of it: a password may be anywhere.
    """
    from psycopg import ProgrammingError  # noqa: PLC0415 - only where a server is used
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415 - the same

    try:
        parts = {name: str(value) for name, value in conninfo_to_dict(address.reveal()).items()}
    except ProgrammingError:
        raise UsageError("VATRIAGE_DATABASE is no address that PostgreSQL reads.", DATABASE_HINT) from None
    if not parts.get("dbname"):
        raise UsageError("VATRIAGE_DATABASE names no database.", DATABASE_HINT)
    options = f"{_SESSION} {parts.pop('options', '')}".strip()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**_PATIENCE, **parts, "options": options},
    }


DATABASE_HINT = (
    "Write it like postgresql://user@host:5432/database or postgresql:///database?host=/socket/folder; @ : / ? # and % "
    "inside a user's name or password are written %40 %3A %2F %3F %23 and %25."
)

DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}


def configure(database: dict[str, Any], secret_key: str) -> None:
    """Configure Django for this process; a second call with the same database does nothing.

    Args:
        database: from `sqlite` or `postgresql`.
        secret_key: signs sessions and tokens once there is a web face.
    """
    if settings.configured:
        return
    settings.configure(
        DATABASES={"default": database},
        INSTALLED_APPS=INSTALLED_APPS,
        AUTH_USER_MODEL=AUTH_USER_MODEL,
        DEFAULT_AUTO_FIELD=DEFAULT_AUTO_FIELD,
        USE_TZ=USE_TZ,
        TIME_ZONE=TIME_ZONE,
        PASSWORD_HASHERS=PASSWORD_HASHERS,
        SECRET_KEY=secret_key,
    )
    # As django.setup() does, but without the URL resolver and with it the whole HTTP stack.
    apps.populate(INSTALLED_APPS)
