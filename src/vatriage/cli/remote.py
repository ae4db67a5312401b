"""The client of another machine's REST API: what a verb asks with `--server`."""

import ipaddress
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from vatriage.cli.token_file import read_token
from vatriage.errors import UsageError, VatriageError
from vatriage.model.secret import Secret
from vatriage.net.interface import CertificateError, NetError

if TYPE_CHECKING:
    import httpx2

_CONNECT_S = 10.0
_ANSWER_S = 300.0
_PAGE = "500"
LINES = "application/x-ndjson"


class RemoteError(VatriageError):
    """The server refused; it ends with the code with which the verb would have ended there."""

    def __init__(self, message: str, hint: str, exit_code: int) -> None:
        super().__init__(message, hint)
        self.exit_code = exit_code


class Remote:
    """A server's REST API.

    Args:
        url: `https://host` or `https://host:port`; http only on this machine.
        token: opens it.
        ca_file: PEM file of a private authority, in place of the system's; None = the system's.

    Raises:
        UsageError: the URL cannot be meant, or would send the token in clear over a network.
        CertificateError: the authority file cannot be used.
    """

    def __init__(self, url: str, token: Secret, ca_file: Path | None) -> None:
        self._root, self._token = f"{_checked(url)}/api/v1", token
        try:
            self._tls = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
        except (OSError, ssl.SSLError) as error:
            raise CertificateError(
                f"The authority file {ca_file} cannot be used: {error}.", "It must hold PEM certificates."
            ) from error

    def get(self, *path: str, **query: str | int | None) -> Any:
        """Return what the server says of something."""
        return self.ask("GET", *path, query=query)

    def post(self, *path: str, **body: Any) -> Any:
        """Return the answer to an action."""
        return self.ask("POST", *path, body=body)

    def pages(self, *path: str, key: str, **query: str | int | None) -> Iterator[dict[str, Any]]:
        """Yield the items of a list, page by page."""
        after: str | None = ""
        while after is not None:
            page = self.get(*path, limit=_PAGE, after=after or None, **query)
            yield from page[key]
            after = page["next"]

    def stamp(self, *path: str) -> str:
        """Return what tells something's present state from the next (its ETag)."""
        return str(self._sent("GET", path, {}, None, {}).headers.get("ETag", "*"))

    def ask(
        self, method: str, *path: str, query: Mapping[str, str | int | None] | None = None,
        body: dict[str, Any] | bytes | None = None, stamp: str | None = None,
    ) -> Any:  # fmt: skip
        """Return the server's answer.

        Args:
            method: GET, POST, PATCH or DELETE.
            path: its parts below /api/v1.
            query: parameters; None leaves one out.
            body: JSON, or (bytes) events, one a line.
            stamp: of what is to be changed; "*" = whatever it is now.

        Raises:
            RemoteError: it refused.
            NetError: it cannot be reached, or is no vatriage.
        """
        headers = {} if stamp is None else {"If-Match": stamp}
        answer = self._sent(method, path, query or {}, body, headers)
        return answer.json() if answer.content else None

    def _sent(
        self, method: str, path: tuple[str, ...], query: Mapping[str, str | int | None],
        body: dict[str, Any] | bytes | None, headers: dict[str, str],
    ) -> "httpx2.Response":  # fmt: skip
        import httpx2  # noqa: PLC0415 - only who asks another machine needs it

        address = "/".join([self._root, *(quote(part, safe="") for part in path)])
        sent: dict[str, Any] = {} if body is None else {"content": body} if isinstance(body, bytes) else {"json": body}
        kind = {"Content-Type": LINES} if isinstance(body, bytes) else {}
        try:
            with httpx2.Client(
                verify=self._tls, timeout=httpx2.Timeout(_ANSWER_S, connect=_CONNECT_S), trust_env=False
            ) as client:
                answer = client.request(
                    method, address, params={name: value for name, value in query.items() if value is not None},
                    headers={"Authorization": f"Bearer {self._token.reveal()}", **kind, **headers}, **sent,
                )  # fmt: skip
        except httpx2.HTTPError as error:
            raise self._unreached(error) from None
        return self._checked(answer)

    def _checked(self, answer: "httpx2.Response") -> "httpx2.Response":
        """Return an answer that is one. Raises: RemoteError, NetError."""
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        if answer.is_success and (kind == "application/json" or not answer.content):
            return answer
        if kind != "application/problem+json":
            raise NetError(
                f"{self._root} answered {answer.status_code}, and not as vatriage does.",
                "Check --server: it must be the address that a browser uses, without a path.",
            )
        told = answer.json()
        raise RemoteError(str(told["detail"]), str(told["hint"]), int(told["exit_code"]))

    def _unreached(self, error: Exception) -> NetError:
        text = str(error) or type(error).__name__
        if "CERTIFICATE_VERIFY_FAILED" in text:
            return CertificateError(
                f"The certificate of {self._root} is not trusted: {text}.",
                "If it has a private authority, name it with --ca-file before the verb.",
            )
        return NetError(
            f"{self._root} cannot be reached: {text}.", "Check --server, and that `vatriage serve` runs there."
        )


def remote_of(server: str, token_file: Path | None, ca_file: Path | None) -> Remote:
    """Return the client for what the command line says. Raises: UsageError, NotFoundError, CertificateError."""
    if token_file is None:
        raise UsageError(
            "--server needs a token.", "Name its file with --token-file; `vatriage token add --out` makes one."
        )
    return Remote(server, read_token(token_file), ca_file)


def _checked(url: str) -> str:
    """Return a server's address without a slash at its end. Raises: UsageError: it is none."""
    hint = "Write it like https://vatriage.example or https://vatriage.example:8443."
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises if it is no number
    except ValueError as error:
        raise UsageError("--server is no URL.", hint) from error
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise UsageError("--server is no URL of a server.", hint)
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise UsageError(f"--server {url!r} has more than a scheme, a name and a port.", hint)
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise UsageError("Over http:// the token would go in clear over the network.", "Use https://.")
    return f"{parts.scheme}://{parts.netloc}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
