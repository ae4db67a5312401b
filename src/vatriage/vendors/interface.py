"""What a VA vendor can do for us, and the errors it may raise.

A vendor's words stay in its own folder: from here upwards there are only devices, pages and reports.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, BinaryIO, Protocol

from vatriage.errors import VatriageError
from vatriage.net.interface import Answer, Request

if TYPE_CHECKING:
    from vatriage.model.report import ReportEnd, ReportPage


class Reading(Protocol):
    """One document being read, page by page, in bounded memory.

    Iterate `pages()` once, to its end; then `end` tells how the document ended. Reading never raises for what the
    document holds: unusable records become rejects, an unusable document becomes `end.error`.
    """

    kind: str | None
    """The document kind in the vendor's words (`HOST_LIST_OUTPUT`), None if it could not be told."""

    def pages(self) -> "Iterator[ReportPage]":
        """Yield the document's pages in order."""

    @property
    def end(self) -> "ReportEnd":
        """How the document ended; meaningful after `pages()` is exhausted."""


class ReportReader(Protocol):
    """Turns a vendor's bytes into pages."""

    def open(self, source: BinaryIO, name: str) -> Reading:
        """Look at the head of a document and return a reading of it.

        Args:
            source: the document's bytes, read forward only, never whole.
            name: what to call it in rejects and errors (a file name or a resource).
        """


class QueryKind(StrEnum):
    """What a device's report query asks for."""

    CURRENT = "current"
    """Host lists, detections and KnowledgeBase as they are now."""
    LAST_SAVED = "last saved"
    """Saved scan reports, found through their list."""
    SAVED = "saved"
    """One saved scan report."""
    REAL_TIME = "real time"
    """A scan that is started by the pull, and its report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportQuery:
    """A device's URL, understood."""

    kind: QueryKind
    server: str
    """`host` or `host:port`."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    scan_addresses: int = 0
    """How many addresses a REAL_TIME query scans, 0 = the URL does not say."""
    warnings: tuple[str, ...] = ()
    """Sentences for the person who wrote it."""


class Refusal(StrEnum):
    """Why the vendor's answer is no: one word for each cause."""

    LOGIN = "login"
    """Wrong login or password; an account without the right to use the API is answered alike."""
    EXPIRED = "expired"
    """The account or its subscription has expired."""
    INACTIVE = "inactive"
    """The account is switched off."""
    REGISTRATION = "registration"
    """The registration is not complete, or the licence agreement not accepted."""
    ADDRESS = "address"
    """Our address is not among those from which the account may be used."""
    RIGHT = "right"
    """The account may not do this."""
    RATE = "rate"
    CONCURRENCY = "concurrency"
    MAINTENANCE = "maintenance"
    TROUBLE = "trouble"
    """An internal error at the vendor's."""
    VERSION = "version"
    """The function, or this version of it, is not there."""
    REQUEST = "request"
    """Our request is called wrong."""
    UNREADABLE = "unreadable"
    """What came is no answer of the vendor's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What is left of an account's limits for one resource; None = not told."""

    calls: int | None
    """In a window."""
    window_s: int | None
    remaining: int | None
    wait_s: int | None
    """Until the next call may come."""
    at_once: int | None
    """Calls at the same time."""
    running: int | None


class Calls(Protocol):
    """A vendor's requests, and the reading of its refusals."""

    def query(self, url: str) -> ReportQuery:
        """Return what a device's URL asks for. Raises: RequestRefusedError: nothing that is known."""

    def written_url(self, kind: QueryKind, server: str, addresses: str = "", appliance: str = "") -> str:
        """Return the URL of a device that asks for something; what it means, `query` says.

        Args:
            kind: CURRENT, LAST_SAVED or REAL_TIME; a SAVED report has a name that only its list knows.
            server: `host` or `host:port`.
            addresses: to scan, REAL_TIME only.
            appliance: the scanner that reaches private addresses, REAL_TIME only; "" = the service's own.
        """

    vendor: str
    """The vendor's name as the seed's messages write it, lower case."""

    def about(self) -> Request:
        """Ask for the service's versions: the lightest call that needs a login."""

    def one_host(self) -> Request:
        """Ask for the findings of one host, whichever comes first."""

    def one_vulnerability(self) -> Request:
        """Ask for one entry of the KnowledgeBase."""

    def explained(self, refusal: Refusal) -> tuple[str, ...]:
        """Return the causes of a refusal that fit, in the vendor's words, each with what to do."""

    def quota(self, answer: Answer) -> "Quota | None":
        """Return what an answer says of the account's limits, None if nothing."""

    def host_list(self, next_id: int, page_hosts: int, since: int = 0) -> Request:
        """Ask for a page of the host list, or (`since`, seconds) of the hosts whose scans were taken in after it."""

    def host_ids(self, next_id: int, most: int, since: int = 0) -> Request:
        """The same, for nothing but their ids."""

    def hosts(self, ids: Sequence[int]) -> Request:
        """Ask for the host list's entries of some hosts."""

    def detections(self, ids: Sequence[int]) -> Request:
        """Ask for everything known of some hosts."""

    def knowledge_base(self, since: int, qids: Sequence[int]) -> Request:
        """Ask for the KnowledgeBase."""

    def saved_reports(self, parameters: Mapping[str, str]) -> Request:
        """Ask for the list of saved scan reports."""

    def saved_report(self, ref: str) -> Request:
        """Ask for one saved scan report."""

    def scan(self, parameters: Mapping[str, str]) -> Request:
        """Start a scan whose report comes while it runs."""

    def running_scans(self) -> Request:
        """Ask which scans run."""

    def cancel_scan(self, ref: str) -> Request:
        """Cancel a running scan."""

    def scheduled_scans(self) -> Request:
        """Ask which scans the service starts by itself, and when next."""

    def past_scans(self, since: int) -> Request:
        """Ask for the scans that were launched since an instant (seconds) and are over."""

    def appliances(self) -> Request:
        """Ask for the account's Scanner Appliances."""

    def saved_knowledge_base(self) -> Request:
        """Ask for the KnowledgeBase where the current API has none for the account."""

    def probes(self, since: int) -> "Sequence[tuple[Request, Sequence[str]]]":
        """Return by resource that has versions its lightest request, and the versions to try: the one that is set first.

        Args:
            since: of a list of past scans, seconds.
        """

    def at_version(self, request: Request, version: str) -> Request:
        """Return a request of another version of the API."""

    def watch(self) -> "StreamWatch":
        """Return a watch on the report of a scan, as it arrives."""

    def refusal(
        self, answer: Answer, resource: str, kind: str | None, code: str | None, error: str | None
    ) -> "VendorError | None":
        """Return what an answer refuses."""


class StreamWatch(Protocol):
    """What is known of a report while it arrives."""

    ref: str
    """The scan's name, "" until it came."""
    hosts: int
    """Hosts whose part is whole."""

    def feed(self, piece: bytes) -> None:
        """Take the next piece of the body."""


class VendorError(VatriageError):
    """The vendor's server answered, and the answer is no.

    Attributes:
        refusal: why, None if it was not told.
        said: the vendor's own words, "" if there are none.
    """

    def __init__(self, message: str, hint: str = "", *, refusal: Refusal | None = None, said: str = "") -> None:
        super().__init__(message, hint)
        self.refusal = refusal
        self.said = said


class CredentialsRejectedError(VendorError):
    """Wrong login or password, expired account, or too few rights (seed, Table 12-1: Invalid user credentials)."""

    exit_code = 5


class ReportUnreadableError(VendorError):
    """The answer is no report we can read (seed, Table 12-1: Fail to parse scan report).

    Attributes:
        cut: it stops before its end, or is empty; where less is asked for, it may come whole.
    """

    exit_code = 6
    cut = False


class AnswerTooLargeError(VendorError):
    """The answer is longer, or needs more memory, than one page may."""

    exit_code = 6


class RateLimitedError(VendorError):
    """The vendor asks to wait; `wait_s` says how long, None if it did not say."""

    exit_code = 7

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        wait_s: float | None = None,
        refusal: Refusal | None = Refusal.RATE,
        said: str = "",
    ) -> None:
        super().__init__(message, hint, refusal=refusal, said=said)
        self.wait_s = wait_s


class RequestRefusedError(VendorError):
    """The vendor calls our request wrong (an unknown parameter, a retired version, a missing right)."""

    exit_code = 6


class TemporarilyUnavailableError(VendorError):
    """Maintenance or an internal error at the vendor's: try again later."""

    exit_code = 4
