"""A Redis or Valkey server: one connection, bounded waits, errors in our words, rests that grow after a failure.

The client library is an extra (`pip install vatriage[redis]`) and is imported with the first connection only.
"""

import ssl
import time
from collections.abc import Callable
from typing import Any, TypeVar

from vatriage.errors import UsageError
from vatriage.net.interface import NetError, Reason, Stage
from vatriage.net.redis_address import RedisAddress

T = TypeVar("T")
Client = Any
"""valkey.Valkey; its own types mix what its two faces return, a value and a promise of one."""
_LONGEST_REST_S = 60.0
_LONGEST_SAID = 300
_HINTS = {
    "NOAUTH": "Set VATRIAGE_REDIS_PASSWORD, or write &password_file=FILE in the address.",
    "WRONGPASS": "Correct the user in the address, and VATRIAGE_REDIS_PASSWORD or the password file.",
    "NOPERM": "Give this user the right to the command and the key that the server names.",
    "WRONGTYPE": "Under this name the server holds something else: a list is asked for with ?list=, a stream with ?stream=.",
    "OOM": "The server's memory is full: let it have more, or its writers keep less.",
    "READONLY": "This server is a replica: name the primary.",
    "LOADING": "The server is still reading its files; wait for it.",
}
_WORDS = {
    "NoPermissionError": "NOPERM",
    "OutOfMemoryError": "OOM",
    "ReadOnlyError": "READONLY",
    "BusyLoadingError": "LOADING",
}
"""The client library takes the server's word off and makes a kind of error of it."""


class RedisServer:
    """One server, used by one thread.

    Args:
        address: where it is.
        connect_timeout_s: until a connection stands.
        idle_timeout_s: until an answer comes.
        monotonic: tells seconds, for the rests.
    """

    def __init__(
        self,
        address: RedisAddress,
        connect_timeout_s: float = 10.0,
        idle_timeout_s: float = 30.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.address = address
        self._limits = (connect_timeout_s, idle_timeout_s)
        self._monotonic = monotonic
        self._client: Client = None
        self._rest_s, self._rests_until = 0.0, 0.0

    @property
    def rests(self) -> bool:
        """Whether the last failure is so fresh that it is too early to ask again: 1 s, then twice as long, 60 s at most."""
        return self._monotonic() < self._rests_until

    def ask(self, work: Callable[[Client], T]) -> T:
        """Return what some commands come to; they are not repeated.

        Raises:
            NetError: the server cannot be reached, refuses the login or a command; a later call may work.
            UsageError: the client library is missing, or the authority file cannot be used.
        """
        client = self._connected()
        from valkey.exceptions import ValkeyError  # noqa: PLC0415 - an extra

        try:
            found = work(client)
        except (ValkeyError, OSError) as error:
            self._fail()
            raise told(error, self.address) from error
        self._rest_s = self._rests_until = 0.0
        return found

    def close(self) -> None:
        """Let go of the connection."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def now_s(self) -> float:
        """Return seconds that only grow."""
        return self._monotonic()

    def _fail(self) -> None:
        self.close()
        self._rest_s = min(max(1.0, 2 * self._rest_s), _LONGEST_REST_S)
        self._rests_until = self._monotonic() + self._rest_s

    def _connected(self) -> Client:
        if self._client is None:
            self._client = _client(self.address, *self._limits)
        return self._client


def _client(address: RedisAddress, connect_s: float, idle_s: float) -> Client:
    try:
        from valkey import Connection, ConnectionPool, SSLConnection, Valkey  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError(
            "Redis needs a library that is not installed here.", "Run `pip install 'vatriage[redis]'`."
        ) from error
    tls: dict[str, object] = {}
    if address.tls:
        tls = {"ssl_check_hostname": True, "ssl_min_version": ssl.TLSVersion.TLSv1_2}
        if address.ca_file is not None:
            tls["ssl_ca_certs"] = str(_checked(address))
    password = None if address.password is None else address.password.reveal()
    pool = ConnectionPool(
        connection_class=SSLConnection if address.tls else Connection, max_connections=1, host=address.host,
        port=address.port, db=address.database, username=address.user or None, password=password,
        socket_connect_timeout=connect_s, socket_timeout=idle_s, socket_keepalive=True, lib_name=None,
        lib_version=None, **tls,
    )  # fmt: skip
    return Valkey.from_pool(pool)


def _checked(address: RedisAddress) -> object:
    """Return the authority file. Raises: UsageError: it holds none."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=str(address.ca_file))
    except (OSError, ssl.SSLError) as error:
        said = str(error).rstrip(".")
        raise UsageError(
            f"The authority file {address.ca_file} cannot be used: {said}.", "It must hold PEM certificates."
        ) from error
    return address.ca_file


def told(error: BaseException, address: RedisAddress) -> NetError:
    """Return what went wrong as a sentence without secrets and without the commands that were sent."""
    from valkey.exceptions import AuthenticationError, ConnectionError, ResponseError, TimeoutError  # noqa: A004, PLC0415

    said = said_by(error)
    server = address.server
    if isinstance(error, AuthenticationError) or said.startswith(("NOAUTH", "WRONGPASS")):
        hint = _HINTS["NOAUTH" if address.password is None else "WRONGPASS"]
        return NetError(f"{server} refuses the login: {said}.", hint, reason=Reason.UNREACHABLE, stage=Stage.ANSWER)
    if isinstance(error, TimeoutError):
        return NetError(
            f"{server} does not answer in time.", "Is it the server's port, and no firewall between?",
            reason=Reason.TIMEOUT, stage=Stage.ANSWER,
        )  # fmt: skip
    word = _WORDS.get(type(error).__name__) or said.partition(" ")[0]
    if isinstance(error, ResponseError) or word in _HINTS:
        return NetError(f"{server} refuses: {said}.", _HINTS.get(word, ""), reason=Reason.UNREACHABLE)
    if "CERTIFICATE_VERIFY_FAILED" in said or "certificate" in said:
        return NetError(
            f"The certificate of {server} is not trusted: {said}.",
            "If the server has a private authority, write &ca_file=FILE in the address; the host must be the certificate's.",
            reason=Reason.UNTRUSTED, stage=Stage.TLS,
        )  # fmt: skip
    if isinstance(error, ConnectionError | OSError):
        return NetError(
            f"{server} cannot be reached: {said}.", "Is the server there, and is the port right? TLS is rediss://.",
            reason=Reason.UNREACHABLE, stage=Stage.TCP,
        )  # fmt: skip
    return NetError(f"{server} answers what cannot be understood: {said}.", "Is it Redis or Valkey?")


def said_by(error: BaseException) -> str:
    """Return an error's text without the commands that a library puts before it: they hold events."""
    text = str(error).rpartition("caused error: ")[2]
    return " ".join(text.split())[:_LONGEST_SAID].rstrip(". ") or type(error).__name__
