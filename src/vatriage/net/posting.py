"""POSTs to one server, over TLS, by a route: no redirect is followed, an answer is read only as far as it is shown."""

import time
from collections.abc import Mapping
from types import TracebackType
from typing import NamedTuple, Self

import httpcore2
import httpx2

from vatriage.net.connecting import Connecting
from vatriage.net.interface import NetError, Reason
from vatriage.net.transport import RouteTransport

_READ = 2_048
"""Bytes of an answer that are read."""
_LIBRARIES = (
    httpx2.HTTPError, httpx2.InvalidURL, httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError,
    httpcore2.ProxyError,
)  # fmt: skip


class Reply(NamedTuple):
    """What a server answered."""

    status: int
    text: str
    """The beginning of the body."""
    retry_after: str
    """The header of that name, "" without one."""


class Poster:
    """Sends to one server; connections are kept in between. Use it in a with block.

    Args:
        connecting: to the server.
        timeout_s: for each step: an answer that does not begin, a silence in its middle.
    """

    def __init__(self, connecting: Connecting, timeout_s: float) -> None:
        self._server = connecting.server
        self._timeout_s = timeout_s
        self._client = httpx2.Client(
            transport=RouteTransport(connecting), timeout=httpx2.Timeout(timeout_s), trust_env=False,
            follow_redirects=False,
        )  # fmt: skip

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self._client.close()

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Send one body. Raises: NetError: no answer came; the server may have it all the same."""
        url = f"https://{self._server}{path}"
        sent = {"User-Agent": "vatriage", "Accept-Encoding": "identity", **headers}
        until = time.monotonic() + self._timeout_s
        try:
            with self._client.stream("POST", url, content=body, headers=sent) as answer:
                text = b""
                for piece in answer.iter_raw(_READ):
                    text += piece
                    if len(text) >= _READ or time.monotonic() > until:
                        break
                return Reply(
                    answer.status_code, text[:_READ].decode("utf-8", "replace"), answer.headers.get("Retry-After", "")
                )
        except _LIBRARIES as error:
            said = str(error).rstrip(".") or type(error).__name__
            raise NetError(
                f"{self._server} did not answer: {said}.", "It is tried again.", reason=Reason.BROKEN_OFF
            ) from None
