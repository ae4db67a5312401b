"""Faults that a test orders: the next calls of a resource go wrong in one exact way.

The kinds are those that clients of the service met in practice; `answers` and `delivery` carry them out.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock


class FaultKind(StrEnum):
    """What goes wrong."""

    BAD_LOGIN = "bad-login"
    """401 with code 2000, though the login is right."""
    ACCOUNT_EXPIRED = "account-expired"
    """HTTP 200 with code 2001."""
    EULA = "eula"
    """Code 2003: the registration is not complete."""
    MAINTENANCE = "maintenance"
    """503 with code 1999."""
    MAINTENANCE_PAGE = "maintenance-page"
    """503 with an HTML page."""
    INTERNAL = "internal"
    """500 with code 999."""
    HTML_PAGE = "html-page"
    """200 with an HTML page where XML was expected."""
    RATE_LIMIT = "rate-limit"
    """409 with code 1965; `seconds` is the time to wait."""
    CONCURRENCY = "concurrency"
    """409 with code 1960."""
    CUT = "cut"
    """The connection closes in the middle of a chunked body."""
    CUT_UNMARKED = "cut-unmarked"
    """The same without chunks or length: only the XML shows that something is missing."""
    EMPTY = "empty"
    """200 without a body."""
    GZIP_CUT = "gzip-cut"
    """A gzip stream that ends too early inside a whole HTTP message."""
    NO_PERMISSION = "no-permission"
    """The account may not do this (a stand-in, see `refusals`)."""
    SECURE_IP = "secure-ip"
    """Code 2007: the caller's address is not among the secure ones."""
    ERROR = "error"
    """An error with `number`: in v1 an ERROR or a failed RETURN with HTTP 200, else a SIMPLE_RETURN with 400."""
    DELAY = "delay"
    """Nothing at all for `seconds`, then the answer."""
    STALL = "stall"
    """Half a body, nothing for `seconds`, the rest."""
    BAD_BYTE = "bad-byte"
    """One record holds a byte that is no UTF-8."""
    UNKNOWN_ENTITY = "unknown-entity"
    """One record holds an entity that XML does not know."""
    UNCLOSED_TAG = "unclosed-tag"
    """One record is not closed."""


IN_RECORD = frozenset({FaultKind.BAD_BYTE, FaultKind.UNKNOWN_ENTITY, FaultKind.UNCLOSED_TAG})
"""The kinds that spoil one record of a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One kind of fault and its measures."""

    kind: FaultKind
    seconds: float = 0.0
    """DELAY, STALL: how long; RATE_LIMIT: the time to wait."""
    record_id: int | None = None
    """Only answers that hold this host id (or QID) go wrong; None: all, and the first record is the spoilt one."""
    after_bytes: int | None = None
    """Where the body is cut or stalls, in bytes as sent; None: in the middle."""
    after_records: int | None = None
    """The stream of scan.php only: it is cut or stalls in what comes next after so many hosts; HEADER last counts as
    one more. None: after half of them."""
    number: int | None = None
    """ERROR: the error's number."""


@dataclass(slots=True)
class _Order:
    """A fault that is ordered, and for how many calls it is left (None: without end)."""

    resource: str
    fault: Fault
    left: int | None


class FaultOrders:
    """The faults still to come, oldest first. Safe between threads."""

    def __init__(self) -> None:
        self._orders: list[_Order] = []
        self._lock = Lock()

    def add(self, resource: str, fault: Fault | FaultKind | str, times: int | None = 1) -> None:
        """Order a fault for the next `times` matching calls (None: until `clear`); resource `*` means any."""
        if not isinstance(fault, Fault):
            fault = Fault(kind=FaultKind(fault))
        with self._lock:
            self._orders.append(_Order(resource, fault, times))

    def clear(self) -> None:
        """Take back every order."""
        with self._lock:
            self._orders.clear()

    def take(self, resource: str, record_ids: Collection[int]) -> Fault | None:
        """Return the fault of this call, if one is ordered, and count it as used."""
        with self._lock:
            for order in self._orders:
                wanted = order.fault.record_id
                if order.resource in {"*", resource} and (wanted is None or wanted in record_ids):
                    if order.left is not None:
                        order.left -= 1
                    self._orders = [item for item in self._orders if item.left != 0]
                    return order.fault
        return None
