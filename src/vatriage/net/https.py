"""The real fetcher: HTTPS only, certificates verified, connect and idle timeouts apart, bodies streamed to disk."""

import ssl
from contextlib import AbstractContextManager
from pathlib import Path

import httpx2

from vatriage.model.secret import Secret
from vatriage.net.interface import Answer, CertificateError, Heard, NetError, Request, UnknownServerError


class HttpsFetcher:
    """See Fetcher.

    Args:
        server: `host` or `host:port`.
        login: sent with every request (HTTP Basic).
        password: the same.
        ca_file: PEM file of a private authority, in place of the system's; None = the system's.
        connect_timeout_s: until a connection stands.
        first_byte_timeout_s: from the call until its answer begins.
        idle_timeout_s: silence in the middle of an answer.
    """

    def __init__(
        self,
        server: str,
        login: str,
        password: Secret,
        *,
        ca_file: Path | None,
        connect_timeout_s: float,
        first_byte_timeout_s: float,
        idle_timeout_s: float,
    ) -> None:
        self._server = server
        self._login = login
        self._password = password
        self._timeout = httpx2.Timeout(idle_timeout_s, connect=connect_timeout_s, read=first_byte_timeout_s)
        self._idle_timeout_s = idle_timeout_s
        try:
            self._tls = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
        except (OSError, ssl.SSLError) as error:
            raise CertificateError(
                f"The authority file {ca_file} cannot be used: {error}.", "It must hold PEM certificates."
            ) from error

    def fetch(self, request: Request, body: Path, heard: Heard | None = None) -> Answer:
        """See Fetcher.fetch."""
        try:
            with (
                httpx2.Client(verify=self._tls, timeout=self._timeout, trust_env=False) as client,
                self._sent(client, request) as response,
                body.open("wb") as file,
            ):
                # The answer has begun: from here on it is silence that counts, not the server's long thought.
                response.request.extensions["timeout"]["read"] = self._idle_timeout_s
                for chunk in response.iter_bytes():
                    file.write(chunk)
                    if heard is not None:
                        heard(chunk)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Answer(status=response.status_code, headers=headers)
        except httpx2.HTTPError as error:
            raise self._told(request, error) from None

    def _sent(self, client: httpx2.Client, request: Request) -> AbstractContextManager[httpx2.Response]:
        """Return the answer to a request, whose body has not been read yet."""
        parameters, read_only = dict(request.parameters), request.method == "GET"
        return client.stream(
            request.method,
            f"https://{self._server}{request.path}",
            params=parameters if read_only else None,
            data=None if read_only else parameters,
            auth=(self._login, self._password.reveal()),
            headers={"X-Requested-With": "vatriage"},
        )

    def _told(self, request: Request, error: httpx2.HTTPError) -> NetError:
        """Return what happened as one sentence with its remedy; the request's own values stay out of it."""
        text = str(error) or type(error).__name__
        tried = f"{request.resource} of {self._server} failed: {text}."
        if isinstance(error, httpx2.ReadTimeout):
            return NetError(f"Server unavailable: {tried}", "The server fell silent: pull again later.")
        if "CERTIFICATE_VERIFY_FAILED" in text:
            return CertificateError(tried, "If the server has a private authority, name it with --ca-file.")
        if "Name or service not known" in text or "[Errno -2]" in text or "[Errno -3]" in text:
            return UnknownServerError(f"Unknown host: {tried}", "Check the URL and the DNS settings.")
        return NetError(f"Server unavailable: {tried}", "Check the URL, the firewall (TCP 443) and the proxy settings.")
