"""Address of a Redis or Valkey server as a person writes it, and what is meant on it.

`redis://user@host:port/database?list=suricata`, `rediss://` over TLS. A password may stand in it, but belongs into the
environment or a file: command lines are seen by everybody on the machine.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from vatriage.errors import UsageError
from vatriage.model.secret import Secret

SCHEMES = ("redis", "rediss")
"""Of addresses; `rediss` is TLS."""
_PORT = 6379
_DATABASES = 65_535
_HOST = re.compile(r"[A-Za-z0-9.:_-]{1,253}")
_LOOPBACK = re.compile(r"localhost|127\.\d+\.\d+\.\d+|::1")
_LONGEST_PASSWORD = 4_096
_FORM = "Write it like redis://host:6379/0?list=suricata or ?stream=suricata."


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisAddress:
    """A server, a database on it, and options."""

    host: str
    port: int = _PORT
    database: int = 0
    user: str = ""
    password: Secret | None = None
    tls: bool = False
    ca_file: Path | None = None
    """Authorities to trust beside the machine's own."""
    options: Mapping[str, str]
    """Of what is on the server: `list`, `stream`, ..."""

    @property
    def server(self) -> str:
        """The server for messages: never with a password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        user = f"{quote(self.user, safe='')}@" if self.user else ""
        return f"{'rediss' if self.tls else 'redis'}://{user}{host}:{self.port}/{self.database}"

    @property
    def is_clear(self) -> bool:
        """Whether what is sent can be read on the way: no TLS, and another machine."""
        return not self.tls and not _LOOPBACK.fullmatch(self.host)


def is_redis_address(text: str) -> bool:
    """Whether a text is meant to be such an address."""
    return text.startswith(tuple(f"{scheme}://" for scheme in SCHEMES))


def read_address(text: str, password: Secret | None = None) -> RedisAddress:
    """Return what an address says.

    Args:
        text: the address. `password_file` and `ca_file` among its options name files and are taken out.
        password: the one of the settings, for an address without its own.

    Raises: UsageError: it is none; the message does not repeat it, because it may hold a password.
    """
    try:
        parts = urlsplit(text)
        port, host = parts.port or _PORT, unquote(parts.hostname or "")
        options = _options(parts.query)
    except ValueError:
        raise _no_address("it cannot be read") from None  # the error itself may hold a part of the password
    if not _HOST.fullmatch(host):
        raise _no_address("its host is missing or is none")
    if parts.fragment:
        raise _no_address("# must be written %23")
    own = Secret(unquote(parts.password)) if parts.password else None
    ca_file = options.pop("ca_file", "")
    file = options.pop("password_file", "")
    address = RedisAddress(
        host=host, port=port, database=_database(parts.path), user=unquote(parts.username or ""),
        password=own or password, tls=parts.scheme == "rediss", ca_file=Path(ca_file) if ca_file else None,
        options=options,
    )  # fmt: skip
    return replace(address, password=_password_of(Path(file))) if file else address


def holds_password(text: str) -> bool:
    """Whether an address has a password in it for everybody to read."""
    try:
        return bool(urlsplit(text).password)
    except ValueError:
        return False


def option(address: RedisAddress, name: str, default: int, least: int, most: int) -> int:
    """Return an option that is a number. Raises: UsageError: it is none, or out of bounds."""
    text = address.options.get(name, str(default))
    if not re.fullmatch(r"\d{1,18}", text, re.ASCII) or not least <= int(text) <= most:
        raise UsageError(f"{name}={text[:40]!r} is no number from {least:,} to {most:,}.", f"Correct {address.server}.")
    return int(text)


def _options(query: str) -> dict[str, str]:
    """Return the options. Raises: ValueError: one cannot be read, or stands there twice."""
    pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True, errors="strict") if query else []
    options = dict(pairs)
    if len(options) != len(pairs):
        raise ValueError("twice")
    return options


def _database(path: str) -> int:
    text = path.strip("/")
    if not text:
        return 0
    if not re.fullmatch(r"\d{1,5}", text, re.ASCII) or int(text) > _DATABASES:
        raise _no_address("behind the port stands no number of a database")
    return int(text)


def _password_of(file: Path) -> Secret:
    """Return a file's first line. Raises: UsageError: it cannot be read, or is empty."""
    try:
        with file.open("rb") as opened:
            line = opened.read(_LONGEST_PASSWORD + 1).split(b"\n")[0].removesuffix(b"\r").decode()
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise UsageError(f"The password file {file} cannot be read: {said}.", "Check its path and rights.") from error
    if not line or len(line) > _LONGEST_PASSWORD:
        raise UsageError(f"The password file {file} holds no password in its first line.", "Write it there.")
    return Secret(line)


def _no_address(why: str) -> UsageError:
    return UsageError(f"The address of a Redis server cannot be used: {why}.", _FORM)
