"""What every kind of configured thing must be able to do, so that its changes can be submitted and activated."""

from typing import Any, Protocol

Content = dict[str, Any]
"""All that is said of a subject, as JSON."""
SECRET = "_token"  # noqa: S105 - the name of a field, not a secret
"""Ends the name of every field that holds a secret's token."""
Subject = tuple[str, str]
"""The name of a kind and of a subject: ("device", "head office")."""


class ConfigKind(Protocol):
    """What is configured: how its content is checked, applied and shown. Content is JSON; passwords are vault tokens."""

    name: str
    """In the singular, as people call it: "device"."""

    def current(self, subject: str) -> Content | None:
        """Return what acts at present, None if nothing does."""

    def check(self, subject: str, content: Content) -> None:
        """Raise: UsageError: the content cannot be meant; the message names the field."""

    def noted(self, subject: str, content: Content | None, now: int) -> None:
        """Take note of a submitted change (or of its end, None): what a list shows before it acts."""

    def confirmed(self, content: Content, addresses: int) -> Content:
        """Return the content after a person confirmed that so many addresses may be scanned.

        Args:
            content: what is to be activated.
            addresses: `scan_ceiling.GROUPS` = however many its asset groups hold.
        """

    def to_confirm(self, content: Content) -> int | None:
        """Return how many addresses somebody must confirm before the content acts, None = nothing to.

        0 = as many as its asset groups hold, which only the server knows: that is confirmed by GROUPS, by no number.
        """

    def apply(self, subject: str, content: Content | None, now: int) -> None:
        """Make the content act; None deletes the subject. Raises: UsageError: it cannot act."""

    def shown(self, content: Content) -> Content:
        """Return the content without secrets."""
