"""The kinds of faults: what clients of the service met in practice, each one exactly.

`faults` orders them, `effects` does what lasts, `shaping`, `answers` and `delivery` spoil the answers.
"""

from enum import StrEnum

from vatriage_simulator.resources import Resource


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
    BAD_GATEWAY = "bad-gateway"
    """502 with an HTML page, as a load balancer writes it."""
    UNAVAILABLE = "unavailable"
    """503 without a body, as a load balancer writes it."""
    GATEWAY_TIMEOUT = "gateway-timeout"
    """504 with an HTML page, as a load balancer writes it."""
    HTML_PAGE = "html-page"
    """200 with an HTML page where XML was expected."""
    MOVED = "moved"
    """301 with an HTML page; Location names the same path once more."""
    RATE_LIMIT = "rate-limit"
    """409 with code 1965; `seconds` is the time to wait."""
    CONCURRENCY = "concurrency"
    """409 with code 1960."""
    NOT_READY = "not-ready"
    """HTTP 200 with code 7001 where a report was expected."""
    CUT = "cut"
    """The connection closes in the middle of a chunked body."""
    CUT_UNMARKED = "cut-unmarked"
    """The same without chunks or length: only the XML shows that something is missing."""
    RESET = "reset"
    """The connection is reset (TCP RST) in the middle of a body."""
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
    SILENCE = "silence"
    """Nothing at all for `seconds`, then the connection closes."""
    STALL = "stall"
    """Half a body, nothing for `seconds`, the rest."""
    STALL_CUT = "stall-cut"
    """Half a body, nothing for `seconds`, then the connection closes."""
    BAD_BYTE = "bad-byte"
    """One record holds a byte that is no UTF-8."""
    CONTROL_BYTE = "control-byte"
    """One record holds a control character, which no XML may hold."""
    LATIN_1 = "latin-1"
    """One record holds text in ISO 8859-1, though the document says UTF-8."""
    UNKNOWN_ENTITY = "unknown-entity"
    """One record holds an entity that XML does not know."""
    UNCLOSED_TAG = "unclosed-tag"
    """One record is not closed."""
    UNKNOWN_ELEMENTS = "unknown-elements"
    """Every record, and every detection in it, holds elements and attributes that no DTD knows."""
    OPTIONAL_MISSING = "optional-missing"
    """No record holds its optional elements (see `altering`)."""
    OVERLAP = "overlap"
    """A page begins with the host before it once more: the same host on two pages."""
    IGNORED_LIMIT = "ignored-limit"
    """truncation_limit is not obeyed: all that is left comes in one page."""
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - a kind of fault
    """From this call on the account's password is another one: 401 with code 2000."""
    ACCOUNT_EXPIRES = "account-expires"
    """From this call on the account is expired: HTTP 200 with code 2001."""
    HOSTS_PURGED = "hosts-purged"
    """After this answer its last host and the first one behind it are purged; `record_id`: that host instead."""
    ADDRESS_REUSED = "address-reused"
    """After this answer its last host (or `record_id`) is purged, and another host has its address."""
    CLOCK_SKEW = "clock-skew"
    """From this call on the service's clock goes wrong by `seconds` (below zero: it is slow)."""
    QIDS_WITHHELD = "qids-withheld"
    """From this call on the KnowledgeBase lacks QIDs: `record_id`, or else each that `number` divides (10)."""


IN_RECORD = frozenset(
    {
        FaultKind.BAD_BYTE,
        FaultKind.CONTROL_BYTE,
        FaultKind.LATIN_1,
        FaultKind.UNKNOWN_ENTITY,
        FaultKind.UNCLOSED_TAG,
    }
)
"""The kinds that spoil one record of a list."""

BREAKING = frozenset(
    {
        FaultKind.CUT,
        FaultKind.CUT_UNMARKED,
        FaultKind.GZIP_CUT,
        FaultKind.RESET,
        FaultKind.STALL,
        FaultKind.STALL_CUT,
    }
)
"""The kinds that break a body in its middle."""

UNDELIVERED = frozenset(
    {
        *(BREAKING - {FaultKind.STALL}),
        FaultKind.SILENCE,
        FaultKind.EMPTY,
        FaultKind.INTERNAL,
        FaultKind.BAD_GATEWAY,
        FaultKind.UNAVAILABLE,
        FaultKind.GATEWAY_TIMEOUT,
    }
)
"""The kinds with which a host that is bound to them for ever never arrives."""

SHAPING = frozenset({FaultKind.OVERLAP, FaultKind.IGNORED_LIMIT})
"""The kinds that change which hosts are on a page."""

LASTING = frozenset(
    {
        FaultKind.PASSWORD_CHANGED,
        FaultKind.ACCOUNT_EXPIRES,
        FaultKind.HOSTS_PURGED,
        FaultKind.ADDRESS_REUSED,
        FaultKind.CLOCK_SKEW,
        FaultKind.QIDS_WITHHELD,
    }
)
"""The kinds that change the subscription itself."""

_PAGED = frozenset({Resource.HOST_LIST, Resource.DETECTION_LIST})
_LISTS = _PAGED | {Resource.KNOWLEDGE_BASE}
_PLACES = {
    **dict.fromkeys((*SHAPING, FaultKind.HOSTS_PURGED, FaultKind.ADDRESS_REUSED), _PAGED),
    **dict.fromkeys((FaultKind.UNKNOWN_ELEMENTS, FaultKind.OPTIONAL_MISSING), _LISTS),
}


def fits(kind: FaultKind, resource: str) -> bool:
    """Whether a kind can happen to a resource; `*` fits every kind."""
    return resource == Resource.ANY or kind not in _PLACES or resource in _PLACES[kind]
