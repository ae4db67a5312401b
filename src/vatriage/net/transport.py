"""HTTP over connections of ours: httpcore's pool gets its connections from `Connecting`, so that nothing goes another way."""

import select
import socket
import ssl
from collections.abc import Iterable, Iterator
from typing import Any

import httpcore2
import httpx2

from vatriage.net.connecting import Connecting


class RouteTransport(httpx2.BaseTransport):
    """Sends requests to one server. Errors are httpcore's for what happens on a connection, ours for making one."""

    def __init__(self, connecting: Connecting) -> None:
        self._pool = httpcore2.ConnectionPool(ssl_context=connecting.context, network_backend=_Backend(connecting))

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """See BaseTransport.handle_request."""
        url = request.url
        sent = httpcore2.Request(
            method=request.method,
            url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        answer = self._pool.handle_request(sent)
        return httpx2.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer.stream),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


class _Body(httpx2.SyncByteStream):
    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __iter__(self) -> Iterator[bytes]:
        yield from self._inner

    def close(self) -> None:
        if hasattr(self._inner, "close"):
            self._inner.close()


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, connecting: Connecting) -> None:
        self._connecting = connecting

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - httpcore's signature; a fetcher has one server
        port: int,  # noqa: ARG002 - the same
        timeout: float | None = None,  # noqa: ARG002 - the same; Connecting has its own
        local_address: str | None = None,  # noqa: ARG002 - the same
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,  # noqa: ARG002 - the same
    ) -> httpcore2.NetworkStream:
        return _Stream(self._connecting.connected(), self._connecting)


class _Stream(httpcore2.NetworkStream):
    """One connection, as httpcore wants it."""

    def __init__(self, connection: socket.socket, connecting: Connecting) -> None:
        self._socket = connection
        self._connecting = connecting

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            self._socket.settimeout(timeout)
            return self._socket.recv(max_bytes)
        except TimeoutError as error:
            raise httpcore2.ReadTimeout(error) from error
        except OSError as error:
            raise httpcore2.ReadError(error) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            self._socket.settimeout(timeout)
            self._socket.sendall(buffer)
        except TimeoutError as error:
            raise httpcore2.WriteTimeout(error) from error
        except OSError as error:
            raise httpcore2.WriteError(error) from error

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,  # noqa: ARG002 - httpcore's signature; it is the context of Connecting
        server_hostname: str | None = None,  # noqa: ARG002 - the same
        timeout: float | None = None,  # noqa: ARG002 - the same
    ) -> httpcore2.NetworkStream:
        return _Stream(self._connecting.secure(self._socket), self._connecting)

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object" and isinstance(self._socket, ssl.SSLSocket):
            return self._socket
        if info == "socket":
            return self._socket
        if info == "is_readable":
            return _is_readable(self._socket)
        return None


def _is_readable(connection: socket.socket) -> bool:
    if connection.fileno() < 0:
        return True
    watch = select.poll()
    watch.register(connection, select.POLLIN)
    return bool(watch.poll(0))
