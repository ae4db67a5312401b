"""Django's settings, built from ours: importing this module configures nothing until `configure` is called.

The web face adds its middleware and templates here when it comes; the store needs the database, the user model and the
password hasher only.
"""

from collections.abc import Sequence
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

_INIT_COMMAND = "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;PRAGMA cache_size=-16384;"
"""The cache is 16 MiB: what does not fit goes to the write-ahead log in the midst of a transaction, and is not faster in
64 MiB, because the operating system keeps the files' pages as well."""


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
    """Configure Django for this process; a second call does nothing.

    Args:
        database: from `sqlite` or `postgresql`.
        secret_key: signs nothing here.
    """
    if settings.configured:
        return
    settings.configure(DATABASES={"default": database}, SECRET_KEY=secret_key, INSTALLED_APPS=INSTALLED_APPS, **_COMMON)
    # As django.setup() does, but without the URL resolver and with it the whole HTTP stack.
    apps.populate(INSTALLED_APPS)


def configure_web(
    database: dict[str, Any], secret_key: Secret, config: object, hosts: Sequence[str], *, https: bool
) -> None:
    """Configure Django for the web face; a second call does nothing.

    Args:
        database: from `sqlite` or `postgresql`.
        secret_key: signs sessions.
        config: our settings (`vatriage.config.Config`), kept for the pages.
        hosts: names under which browsers may reach us.
        https: people reach us over TLS: cookies are never sent without it.
    """
    if settings.configured:
        return
    settings.configure(
        DATABASES={"default": database},
        SECRET_KEY=secret_key.reveal(),
        INSTALLED_APPS=WEB_APPS,
        HOUSE_CONFIG=config,
        ALLOWED_HOSTS=list(hosts),
        CSRF_TRUSTED_ORIGINS=[f"https://{host}" for host in hosts if https and host != "*"],
        SESSION_COOKIE_SECURE=https,
        CSRF_COOKIE_SECURE=https,
        SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https") if https else None,
        **_COMMON,
        **_WEB,
    )
    apps.populate(WEB_APPS)


_COMMON: dict[str, Any] = {
    "AUTH_USER_MODEL": AUTH_USER_MODEL,
    "DEFAULT_AUTO_FIELD": DEFAULT_AUTO_FIELD,
    "USE_TZ": USE_TZ,
    "TIME_ZONE": TIME_ZONE,
    "PASSWORD_HASHERS": PASSWORD_HASHERS,
}
WEB_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "django_htmx",
    "vatriage.store",
    "vatriage.web",
]
_WEB: dict[str, Any] = {
    "ROOT_URLCONF": "vatriage.web.urls",
    "MIDDLEWARE": [
        "vatriage.web.client.ClientAddressMiddleware",
        "django.middleware.security.SecurityMiddleware",
        "whitenoise.middleware.WhiteNoiseMiddleware",
        "vatriage.web.headers.HeadersMiddleware",
        "vatriage.web.api.middleware.ProblemMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "vatriage.web.sessions.SessionMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django_htmx.middleware.HtmxMiddleware",
        "vatriage.web.gate.GateMiddleware",
        "axes.middleware.AxesMiddleware",
    ],
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.messages.context_processors.messages",
                    "vatriage.web.context.surroundings",
                ],
                "builtins": ["vatriage.web.templatetags.vatriage"],
            },
        }
    ],
    "AUTHENTICATION_BACKENDS": ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"],
    "AUTH_PASSWORD_VALIDATORS": [
        {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
        {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
        {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    ],
    "STATIC_URL": "/static/",
    "WHITENOISE_USE_FINDERS": True,
    "LOGIN_URL": "login",
    "SESSION_COOKIE_AGE": 12 * 3600,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "CSRF_COOKIE_HTTPONLY": True,
    "CSRF_FAILURE_VIEW": "vatriage.web.errors.csrf_failed",
    "MESSAGE_STORAGE": "django.contrib.messages.storage.session.SessionStorage",
    "FORM_RENDERER": "django.forms.renderers.DjangoTemplates",
    "AXES_FAILURE_LIMIT": 5,
    "AXES_COOLOFF_TIME": 0.25,
    "AXES_LOCKOUT_PARAMETERS": [["username", "ip_address"]],
    "AXES_USERNAME_CALLABLE": "vatriage.web.logins.throttled_name",
    "AXES_RESET_ON_SUCCESS": True,
    "AXES_LOCKOUT_CALLABLE": "vatriage.web.errors.locked_out",
    "AXES_DISABLE_ACCESS_LOG": True,
    "AXES_VERBOSE": False,
    "LOGGING_CONFIG": None,
    "DATA_UPLOAD_MAX_MEMORY_SIZE": 5_000_000,
    "X_FRAME_OPTIONS": "DENY",
}
"""What does not depend on the machine. Axes shuts out a login from an address for a quarter of an hour after five failures;
`web/address_lock.py` an address after many failures of whatever logins."""
