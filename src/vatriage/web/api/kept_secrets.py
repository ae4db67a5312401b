"""Stored passwords stay with what they were stored for: whoever points a device or proxy elsewhere sends its password anew."""

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from vatriage import wiring
from vatriage.model.secret import Secret
from vatriage.usecases.parameter_checks import FieldError
from vatriage.vendors.interface import VendorError

_PROXY = ("mode", "address", "port", "user")


def secret_of(sent: SecretStr | None) -> Secret | None:
    """Return a password that was sent."""
    return None if sent is None else Secret(sent.get_secret_value())


def check_kept_login(stored: Mapping[str, Any], url: str | None, password: SecretStr | None) -> None:
    """Raise: FieldError: a device's stored password would go to another server than it was stored for."""
    if url is None or password is not None or not stored.get("url"):
        return
    query = wiring.qualys_calls().query
    try:
        same = query(url).server.lower() == query(str(stored["url"])).server.lower()
    except VendorError:
        same = False
    if not same:
        raise FieldError(
            "password", "The server changed: send the password again.", "The stored one is not sent elsewhere."
        )


def check_kept_proxy(stored: Mapping[str, Any], sent: Mapping[str, Any], password: SecretStr | None) -> None:
    """Raise: FieldError: a stored proxy password would go to another proxy, or for another user.

    Args:
        stored: the settings as they are submitted.
        sent: what is to change; None and what is not there stay.
        password: that was sent.
    """
    moved = any(sent.get(name) not in (None, stored.get(name)) for name in _PROXY)
    ends = sent.get("mode") == "none" or sent.get("user") == ""
    if stored.get("password_token") and password is None and moved and not ends:
        raise FieldError(
            "password", "Proxy or user changed: send its password again.", "The stored one is not sent elsewhere."
        )
