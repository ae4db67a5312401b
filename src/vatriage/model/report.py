"""What one page of a report says, as Arrow tables.

A vendor's reader turns its document into `ReportPage`s of these schemas; nothing of the vendor's XML leaves its wing.
Instants are whole seconds since the epoch (int64), 0 = not stated. A page is a whole number of hosts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

import pyarrow as pa

HOSTS = pa.schema(
    [
        ("host_id", pa.int64()),  # the vendor's host id, 0 = not stated
        ("address", pa.string()),  # canonical text, "" = none
        ("address6", pa.string()),  # a second, IPv6 address, "" = none
        ("tracking_method", pa.string()),
        ("network_id", pa.string()),
        ("os", pa.string()),
        ("os_cpe", pa.string()),
        ("dns", pa.string()),
        ("netbios", pa.string()),
        ("agent_id", pa.string()),  # the vendor's permanent id (QG_HOSTID)
        ("cloud_id", pa.string()),  # EC2 instance or the like
        ("last_scan", pa.int64()),
        ("scanned_at", pa.int64()),  # last vulnerability scan
        ("auth_scanned_at", pa.int64()),  # last authenticated vulnerability scan
        ("agent", pa.bool_()),  # the scan is a cloud agent's
        ("rejected", pa.bool_()),  # its list is not whole: a record was rejected, or the scan did not finish on it
    ]
)
"""One row a host."""

DETECTIONS = pa.schema(
    [
        ("host", pa.int32()),  # row number in the page's hosts
        ("qid", pa.int64()),
        ("kind", pa.int8()),  # model.evidence.Kind
        ("qualys_severity", pa.int8()),  # 1-5, 5 worst; 0 = not stated
        ("port", pa.int32()),  # -1 = host level
        ("protocol", pa.int16()),  # IANA number, 0 = not stated
        ("ssl", pa.bool_()),
        ("instance", pa.string()),
        ("status", pa.int8()),  # model.evidence.Status
        ("first_found", pa.int64()),
        ("last_found", pa.int64()),
        ("last_test", pa.int64()),
        ("last_fixed", pa.int64()),
        ("last_update", pa.int64()),
        ("last_processed", pa.int64()),
        ("times_found", pa.int32()),
        ("qds", pa.int16()),  # Qualys Detection Score, 1 to 100, 0 = not stated; only ranks
        ("ignored", pa.bool_()),
        ("disabled", pa.bool_()),
        ("service", pa.string()),
        ("fqdn", pa.string()),
        ("results", pa.large_string()),
    ]
)
"""One row a detection. Natural key: host, qid, port, protocol, ssl, instance."""

VULNERABILITIES = pa.schema(
    [
        ("qid", pa.int64()),
        ("kind", pa.int8()),  # the strongest kind the QID can report
        ("qualys_severity", pa.int8()),
        ("title", pa.string()),
        ("category", pa.string()),
        ("published", pa.int64()),
        ("code_modified", pa.int64()),
        ("service_modified", pa.int64()),
        ("patchable", pa.bool_()),
        ("remote", pa.bool_()),
        ("auth_types", pa.string()),  # comma list
        ("disabled", pa.bool_()),
        ("solution", pa.large_string()),
    ]
)
"""One row a QID of the KnowledgeBase."""

DESCRIPTION = tuple(VULNERABILITIES.names[1:])
"""What is kept of a QID: the columns of VULNERABILITIES behind it, in order."""

REFERENCES = pa.schema([("qid", pa.int64()), ("claim", pa.string())])
"""One row a (QID, claim) pair; claim as in model.signature.Claim.id."""

OPEN_PORTS = pa.schema([("host", pa.int32()), ("protocol", pa.int16()), ("port", pa.int32())])
"""One row an open port that the scan listed, beside those that findings name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """One record, or one field of it, that could not be read; it is kept, counted and named."""

    where: str
    """File (or resource) and byte offset."""
    subject: str
    """Which record: `host 6506432 (10.10.10.11)`, `QID 38170`."""
    problem: str
    """What is wrong with it, and what was done."""
    raw: bytes = b""
    """The record's bytes, at most 64 KiB of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncation:
    """The vendor cut its answer (Qualys WARNING 1980) and says where it goes on."""

    code: str
    text: str
    url: str
    next_id: int
    """The first host id of the next page (`id_min`), 0 if the URL does not say."""


class DescribedBy(Enum):
    """Where a page's vulnerabilities and references come from, and with it what their silence means."""

    KNOWLEDGE_BASE = "knowledge base"
    """A copy of the KnowledgeBase: what it does not say of a QID is not so."""
    GLOSSARY = "glossary"
    """A report's glossary, maybe shortened by its template: it adds, and never takes away."""
    FINDINGS = "findings"
    """What findings say of their own QID beside their result: the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanSummary:
    """One scan, as a list of scans or the header of its report tells of it; "" and 0 = not stated."""

    ref: str
    """The vendor's name for it, `scan/1512633883.79354`: what a report is fetched by."""
    state: str = ""
    """In the vendor's words (`Finished`, `FINISHED`, `NOHOSTALIVE`)."""
    launched_at: int = 0
    """Seconds since the epoch."""
    duration_s: int = 0
    targets: str = ""
    """Addresses and ranges, as written."""
    excluded: str = ""
    option_profile: str = ""
    """The profile's title: which checks ran is its matter."""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledScan:
    """A scan that the vendor's service starts by itself, as the account's list of schedules tells of it."""

    title: str
    targets: str
    """Addresses and ranges, as written."""
    active: bool
    next_launch_at: int
    """Seconds since the epoch, 0 = not stated (a schedule that is not active has none)."""
    every_s: int
    """Seconds from one launch to the next, 0 = not always the same (some weekdays, monthly)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage:
    """A bounded part of a report: whole hosts, or whole KnowledgeBase entries."""

    hosts: pa.Table = field(default_factory=HOSTS.empty_table)
    detections: pa.Table = field(default_factory=DETECTIONS.empty_table)
    open_ports: pa.Table = field(default_factory=OPEN_PORTS.empty_table)
    vulnerabilities: pa.Table = field(default_factory=VULNERABILITIES.empty_table)
    references: pa.Table = field(default_factory=REFERENCES.empty_table)
    described_by: DescribedBy = DescribedBy.KNOWLEDGE_BASE
    """Whose words `vulnerabilities` and `references` are."""
    scans: tuple[ScanSummary, ...] = ()
    """Entries of a list of scans."""
    schedules: tuple[ScheduledScan, ...] = ()
    """Entries of a list of scheduled scans."""
    appliances: tuple[str, ...] = ()
    """Names of the account's Scanner Appliances."""
    id_ranges: tuple[tuple[int, int], ...] = ()
    """Inclusive host id ranges of an id-only host list."""
    unnamed_hosts: int = 0
    """Host records whose id could not be read: nobody knows whose list of findings is missing them."""
    repeated_hosts: int = 0
    """How many of the hosts an earlier page of the document held already (a table need not list a host's rows together)."""
    rejects: tuple[Reject, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportEnd:
    """What is known only once a document has been read to its end."""

    generated_at: int = 0
    """The report's own date, seconds; 0 = not stated."""
    truncation: Truncation | None = None
    partial: bool = False
    """The document stops before its end: what is whole was kept; it refutes nothing."""
    narrowed: str = ""
    """Why what the document does not list proves nothing, whoever vouches for it; "" if nothing speaks against it."""
    asked_whole: bool = False
    """The document itself says that all was asked for; False = it was narrowed, or nothing says so."""
    scan: ScanSummary | None = None
    """The scan that the document is the report of."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """What the service says of its own versions, by part; of a version document only."""
    unknown: Mapping[str, int] = field(default_factory=dict)
    """Elements of records that no reader has heard of, by name: how many there were. They were passed over."""
    error: str | None = None
    """Why the document as a whole, or its rest, could not be used: one sentence with its remedy."""
    error_code: str | None = None
    """The vendor's own code, where the document is an error answer."""
    bytes_read: int = 0
