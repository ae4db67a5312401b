"""A stored password is only ever sent to the server, or through the proxy, that it was stored for.

Who may change a device may not read its password; a change of the address that kept it would send it to them.
"""

from collections.abc import Mapping
from typing import Any

from vatriage.model.route import split
from vatriage.usecases.parameter_checks import FieldError
from vatriage.vendors.interface import Calls, VendorError

Content = Mapping[str, Any]
_HTTPS = 443


def check_password_kept(calls: Calls, before: Content, content: Content) -> None:
    """Check that a device that keeps its password keeps its server (host and port) as well.

    Args:
        calls: knows which server a URL names.
        before: the content that the password was stored with.
        content: the new one.

    Raises: FieldError: the server is another one, and no password was typed for it.
    """
    token = before["password_token"]
    if not token or content["password_token"] != token:
        return
    was, will = _server(calls, before["url"]), _server(calls, content["url"])
    if was == will:
        return
    raise FieldError(
        "password",
        f"The server changes from {was} to {will}: the stored password is not sent elsewhere.",
        "Give the password again (on the command line: --password-stdin).",
    )


def check_proxy_password_kept(before: Content, content: Content) -> None:
    """Raise: FieldError: another proxy (address or port) would be sent the password that was stored for this one."""
    token = before.get("password_token")
    if not token or content.get("password_token") != token:
        return
    if not content.get("address"):
        return  # nothing is sent anywhere, and the next address is another one
    if all(str(before.get(part)).lower() == str(content.get(part)).lower() for part in ("address", "port")):
        return
    raise FieldError(
        "password", "Another proxy: the stored password is not sent elsewhere.",
        "Give the proxy's password again (on the command line: --password-stdin).",
    )  # fmt: skip


def _server(calls: Calls, url: str) -> str:
    """Return host and port of a URL; a URL that is not understood any more names a server of its own."""
    try:
        host, port = split(calls.query(url).server.lower())
    except VendorError:
        return url
    return host if port == _HTTPS else f"{host}:{port}"
