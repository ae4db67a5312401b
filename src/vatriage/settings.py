"""Django's settings, built from ours: importing this module configures nothing until `configure` is called.

The web face adds its middleware and templates here when it comes; the store needs the database, the user model and the
password hasher only.
"""

from pathlib import Path
from typing import Any

import django
from django.conf import settings

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


DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}


def configure(database: dict[str, Any], secret_key: str) -> None:
    """Configure Django for this process; a second call with the same database does nothing.

    Args:
        database: from `sqlite`.
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
    django.setup()
