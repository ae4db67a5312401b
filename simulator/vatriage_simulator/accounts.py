"""The accounts of a subscription and their sessions.

Source: the API guide's authentication pages; the error codes are those of its appendix D.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

IDLE_LIMIT = timedelta(minutes=60)
"""A session that was not used for longer is over (API guide, session-based authentication)."""


@dataclass(slots=True, kw_only=True)
class Account:
    """One login of the subscription; a test may change every field while the server runs."""

    login: str
    """The user name."""
    password: str = field(repr=False)
    """The password, in the clear: it is bait."""
    expired: bool = False
    """True: every call answers HTTP 200 with code 2001."""
    api_access: bool = True
    """False: every call answers 401 / 2000, as a wrong password does."""
    kb_entitled: bool = True
    """False: the KnowledgeBase is refused."""
    eula_accepted: bool = True
    """False: every call answers code 2003."""
    may_scan: bool = True
    """False: scan.php and scan_cancel.php are refused."""
    address_allowed: bool = True
    """False: every call answers code 2007, the caller's address is not among the secure ones."""


class Sessions:
    """The open sessions, by the value of their QualysSession cookie."""

    def __init__(self) -> None:
        self._opened = 0
        self._open: dict[str, tuple[str, datetime]] = {}

    def open(self, login: str, now: datetime) -> str:
        """Open a session and return its cookie; the value is deterministic: the same calls give the same cookies."""
        self._opened += 1
        cookie = hashlib.sha256(f"{self._opened}:{login}".encode()).hexdigest()[:32]
        self._open[cookie] = (login, now)
        return cookie

    def login_of(self, cookie: str, now: datetime) -> str | None:
        """Return the login of an open session and mark it used; None if it is unknown, closed or idle for too long."""
        login, used_at = self._open.get(cookie, ("", now))
        if not login or now - used_at > IDLE_LIMIT:
            self._open.pop(cookie, None)
            return None
        self._open[cookie] = (login, now)
        return login

    def close_all(self, login: str) -> None:
        """Close every session of a login."""
        self._open = {cookie: opened for cookie, opened in self._open.items() if opened[0] != login}

    def close(self, cookie: str) -> None:
        """Close a session; an unknown one is no matter."""
        self._open.pop(cookie, None)
