"""The real fetcher: HTTPS only, by a route; connect and idle timeouts apart, bodies streamed to disk.

Neither proxies nor authorities are taken from the environment.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO

import httpcore2
import httpx2

from vatriage.errors import written
from vatriage.model.secret import Secret
from vatriage.net.connecting import Connecting
from vatriage.net.interface import Answer, Heard, NetError, Reason, Request
from vatriage.net.limits import TOO_MANY
from vatriage.net.transport import RouteTransport

_OUR_LIBRARIES = (
    httpx2.HTTPError,
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.ProxyError,
)


class HttpsFetcher:
    """See Fetcher.

    Args:
        connecting: to the server.
        login: sent with every request (HTTP Basic).
        password: the same.
        first_byte_timeout_s: from the call until its answer begins.
        idle_timeout_s: silence in the middle of an answer.
    """

    def __init__(
        self,
        connecting: Connecting,
        login: str,
        password: Secret,
        *,
        first_byte_timeout_s: float,
        idle_timeout_s: float,
    ) -> None:
        self._connecting = connecting
        self._login = login
        self._password = password
        self._timeout = httpx2.Timeout(idle_timeout_s, read=first_byte_timeout_s)
        self._idle_timeout_s = idle_timeout_s

    def fetch(self, request: Request, body: Path, heard: Heard | None = None) -> Answer:
        """See Fetcher.fetch."""
        try:
            with (
                httpx2.Client(
                    transport=RouteTransport(self._connecting), timeout=self._timeout, trust_env=False
                ) as client,
                self._sent(client, request) as response,
                _opened(body) as file,
            ):
                # The answer has begun: from here on it is silence that counts, not the server's long thought.
                response.request.extensions["timeout"]["read"] = self._idle_timeout_s
                for chunk in response.iter_bytes():
                    file.write(chunk)
                    if heard is not None and response.status_code not in TOO_MANY:
                        heard(chunk)  # a refusal for limits is not the answer: the call is made again
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Answer(status=response.status_code, headers=headers)
        except NetError as error:
            raise self._placed(request, error) from None
        except _OUR_LIBRARIES as error:
            raise self._told(request, error) from None

    def _sent(self, client: httpx2.Client, request: Request) -> AbstractContextManager[httpx2.Response]:
        """Return the answer to a request, whose body has not been read yet."""
        parameters, read_only = dict(request.parameters), request.method == "GET"
        return client.stream(
            request.method,
            f"https://{self._connecting.server}{request.path}",
            params=parameters if read_only else None,
            data=None if read_only else parameters,
            auth=(self._login, self._password.reveal()),
            headers={"X-Requested-With": "vatriage"},
        )

    def _placed(self, request: Request, error: NetError) -> NetError:
        """Return why there is no connection, with what it was wanted for; Table 12-1's words come first."""
        if not error.message.startswith("Unknown host"):
            error.message = (
                f"Server unavailable. {request.resource} of {self._connecting.server} failed: {error.message}"
            )
        error.args = (error.message,)
        return error

    def _told(self, request: Request, error: Exception) -> NetError:
        """Return what happened on a connection as one sentence with its remedy; the request's values stay out of it."""
        text = str(error).rstrip(".") or type(error).__name__
        tried = f"Server unavailable. {request.resource} of {self._connecting.server} failed: {text}."
        if isinstance(error, httpcore2.TimeoutException):
            return NetError(tried, "The server fell silent: pull again later.", reason=Reason.SILENT)
        reason = Reason.RESET if isinstance(next(iter(error.args), None), ConnectionError) else Reason.BROKEN_OFF
        return NetError(tried, "The connection broke off: pull again.", reason=reason)


@contextmanager
def _opened(body: Path) -> Iterator[BinaryIO]:
    """Open the file of a body. Raises: DiskError: it cannot be written."""
    with written(str(body)), body.open("wb") as file:
        yield file
