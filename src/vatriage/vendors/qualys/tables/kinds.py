"""Which table a header row or a JSON record belongs to, and what its columns mean.

Columns are found by their names, never by their place: names are compared in lower case, with anything that is neither
letter nor digit as one blank (`CVE ID`, `cve_id` and `Cve-Id` are the same).

What the kinds prove (VERDICT 3): each row is a finding that Qualys reports for an address, so it **confirms**. None says
which hosts were scanned without a finding, with what authentication and with which check set, and all of them are cut by
the filters of the report template or of the person who exported them. So **no table refutes**, whatever is vouched:

- no table states a scan (`scanned_at`, `auth_scanned_at` stay 0), the dates only say when the host was seen;
- a finding that is *Fixed* is kept as information of the same QID: from then on it confirms no more, and forbids
  refutation, because its date has no sure zone and nobody vouches for it;
- `ReportEnd.narrowed` says so, and an import with a table in it never counts as whole.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

_NO_WORD = re.compile(r"[\W_]+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableKind:
    """A table that we read."""

    name: str
    columns: Mapping[str, tuple[str, ...]]
    """Our name of a field (as in HOST_LIST_VM_DETECTION_OUTPUT) -> the names it may have in a header."""
    needed: tuple[tuple[str, ...], ...]
    """Of each group one column must be there."""
    signs: tuple[frozenset[str], ...]
    """A header that holds all names of one of these is of this kind."""
    unused: frozenset[str]
    """Columns that we know and do not need; anything else unknown is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKind:
    """A table of Qualys's that says nothing about hosts and their QIDs in a form we can use."""

    name: str
    signs: tuple[frozenset[str], ...]
    sentence: str
    """What it is, and what to export instead."""


HOST_FIELDS = (
    "ID", "IP", "IPV6", "TRACKING_METHOD", "NETWORK_ID", "OS", "OS_CPE", "DNS", "NETBIOS", "QG_HOSTID",
    "LAST_SCAN_DATETIME", "LAST_VM_SCANNED_DATE", "IP_STATUS",
)  # fmt: skip
DATE_FIELDS = (
    "FIRST_FOUND_DATETIME", "LAST_FOUND_DATETIME", "LAST_TEST_DATETIME", "LAST_FIXED_DATETIME", "LAST_UPDATE_DATETIME",
    "LAST_PROCESSED_DATETIME",
)  # fmt: skip
FIELDS = (
    *HOST_FIELDS, "QID", "TYPE", "SEVERITY", "PORT", "PROTOCOL", "SSL", "INSTANCE", "STATUS", *DATE_FIELDS,
    "TIMES_FOUND", "IS_IGNORED", "IS_DISABLED", "SERVICE", "FQDN", "RESULTS", "CVE", "BUGTRAQ",
)  # fmt: skip
"""The fields of a row, in order, whatever its kind."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


_SCAN_COLUMNS = {
    "IP": ("ip",),
    "TRACKING_METHOD": ("tracking method",),
    "NETWORK_ID": ("network",),
    "OS": ("os",),
    "OS_CPE": ("os cpe",),
    "DNS": ("dns",),
    "NETBIOS": ("netbios",),
    "QG_HOSTID": ("qg host id", "qg hostid"),
    "IP_STATUS": ("ip status",),
    "QID": ("qid",),
    "TYPE": ("type",),
    "SEVERITY": ("severity",),
    "PORT": ("port",),
    "PROTOCOL": ("protocol",),
    "SSL": ("ssl",),
    "INSTANCE": ("instance",),
    "STATUS": ("vuln status",),
    "FIRST_FOUND_DATETIME": ("first detected",),
    "LAST_FOUND_DATETIME": ("last detected",),
    "LAST_FIXED_DATETIME": ("date last fixed", "last fixed"),
    "TIMES_FOUND": ("times detected",),
    "FQDN": ("fqdn",),
    "RESULTS": ("results", "result"),
    "CVE": ("cve id",),
    "BUGTRAQ": ("bugtraq id",),
}
_SCAN_UNUSED = _names(
    "title|threat|impact|solution|category|exploitability|associated malware|vendor reference|cvss|cvss base|"
    "cvss temporal|cvss environment|cvss3|cvss3 base|cvss3 temporal|cvss3 1|cvss3 1 base|cvss3 1 temporal|pci vuln|"
    "ticket state|associated tags|host id|asset id|ip interfaces|qds|ars|acs|trurisk score"
)

SCAN_CSV = TableKind(
    name="SCAN_CSV",
    columns=_SCAN_COLUMNS,
    needed=(("ip",), ("qid",)),
    signs=(
        _names("ip|qid"),
        _names("ip status|qid"),
        _names("vuln status|qid"),
        _names("ip|ip status|title"),
    ),
    unused=_SCAN_UNUSED,
)
"""A scan's results (`action=fetch`, csv and csv_extended) or a scan report by template, in CSV.

Scan results hold one launch date for all rows; that is when every finding was seen. A report by template holds dates
for each finding. Without a Type column (brief mode) a finding is a potential one.
"""

SCAN_JSON = TableKind(
    name="SCAN_JSON",
    columns=_SCAN_COLUMNS,
    needed=(("ip",), ("qid",)),
    signs=(_names("ip|qid"), _names("qid|ip status"), _names("ip|ip status")),
    unused=_SCAN_UNUSED,
)
"""A scan's results in JSON (`/api/2.0/fo/scan/?action=fetch`, json and json_extended, brief and extended): an array of
rows, in the extended form after two header rows and before a trailer row. Brief rows have neither date, type nor
severity: such a finding is a potential one, seen nobody knows when."""

VMDR_CSV = TableKind(
    name="VMDR_CSV",
    columns={
        "IP": ("asset ipv4",),
        "IPV6": ("asset ipv6",),
        "OS": ("operating system",),
        "DNS": ("asset name",),
        "QID": ("qid",),
        "TYPE": ("type detected",),
        "SEVERITY": ("severity",),
        "PORT": ("port",),
        "PROTOCOL": ("protocol",),
        "STATUS": ("status",),
        "FIRST_FOUND_DATETIME": ("first detected",),
        "LAST_FOUND_DATETIME": ("last detected",),
        "LAST_FIXED_DATETIME": ("last fixed",),
        "TIMES_FOUND": ("times detected",),
        "IS_IGNORED": ("ignored",),
        "IS_DISABLED": ("disabled",),
        "RESULTS": ("results",),
        "CVE": ("cve",),
    },
    needed=(("qid",), ("asset ipv4", "asset ipv6"), ("type detected",), ("status",)),
    signs=(
        _names("qid|asset ipv4"),
        _names("qid|asset ipv6"),
        _names("qid|asset id|type detected"),
        _names("asset ipv4|type detected"),
    ),
    unused=_names(
        "cve description|cvssv2 base nvd|cvssv3 1 base nvd|title|kb severity|asset id|solution|asset tags|qds|"
        "qds severity|qvs score|detection age|published date|patch released|category|cvss rating labels|rti|"
        "last reopened|threat|vuln patchable|asset critical score|trurisk score|vulnerability tags|deep scan result|"
        "detection source|mitre att ck tactic id|mitre att ck tactic name|mitre att ck technique id|"
        "mitre att ck technique name"
    ),
)
"""The portal's detections ("Asset Vuln Datalist Report"), by QID or by CVE. By CVE, a finding has a row for each of its
CVEs. `Asset Id` is the portal's number and not the host ID of the API, so a host is known by its address."""

DETECTION_CSV = TableKind(
    name="HOST_LIST_VM_DETECTION_CSV",
    columns={
        "ID": ("host id",),
        "IP": ("ip address", "ip"),
        "IPV6": ("ipv6 address", "ipv6"),
        "TRACKING_METHOD": ("tracking method",),
        "NETWORK_ID": ("network id",),
        "OS": ("operating system", "os"),
        "OS_CPE": ("os cpe",),
        "DNS": ("dns name", "dns"),
        "NETBIOS": ("netbios name", "netbios"),
        "QG_HOSTID": ("qg hostid", "qg host id"),
        "LAST_SCAN_DATETIME": ("last scan datetime",),
        "LAST_VM_SCANNED_DATE": ("last vm scanned date",),
        "QID": ("qid",),
        "TYPE": ("type",),
        "SEVERITY": ("severity",),
        "PORT": ("port",),
        "PROTOCOL": ("protocol",),
        "SSL": ("ssl",),
        "INSTANCE": ("instance",),
        "STATUS": ("status",),
        "FIRST_FOUND_DATETIME": ("first found datetime",),
        "LAST_FOUND_DATETIME": ("last found datetime",),
        "LAST_TEST_DATETIME": ("last test datetime",),
        "LAST_FIXED_DATETIME": ("last fixed datetime",),
        "LAST_UPDATE_DATETIME": ("last update datetime",),
        "LAST_PROCESSED_DATETIME": ("last processed datetime",),
        "TIMES_FOUND": ("times found",),
        "IS_IGNORED": ("ignored", "is ignored"),
        "IS_DISABLED": ("disabled", "is disabled"),
        "SERVICE": ("service",),
        "FQDN": ("fqdn",),
        "RESULTS": ("results",),
    },
    needed=(("host id",), ("qid",), ("type",), ("status",)),
    signs=(
        _names("host id|qid|status"),
        _names("host id|ip address|tracking method"),
        _names("qid|last found datetime"),
    ),
    unused=_names(
        "asset id|unique vuln id|last vm scanned duration|last vm auth scanned date|last vm auth scanned duration|"
        "last pc scanned date|first re opened datetime|last re opened datetime|times re opened|affect running kernel|"
        "affect running service|affect exploitable config|qds|qds factors|network name|tags|asset cve|trurisk score"
    ),
)
"""Host detections of the API in CSV (`output_format=CSV` in frames, or CSV_NO_METADATA). Its dates are UTC and it holds
the host ID of the API, so its findings join those of the XML form; ask for XML where absence must count."""

KINDS = (DETECTION_CSV, VMDR_CSV, SCAN_CSV)
"""Tables in CSV, in the order in which they are tried."""

FOREIGN_KINDS = (
    ForeignKind(
        name="PCI_CSV",
        signs=(_names("is pci"), _names("false positive status"), _names("pci compliance status")),
        sentence="This is a PCI scan report (its severities and false positives are the PCI programme's). "
        "Export the scan itself: scan results or a scan report by template as CSV or XML, or host detections by API.",
    ),
    ForeignKind(
        name="WAS_CSV",
        signs=(
            _names("url|form entry point"),
            _names("url|access path"),
            _names("web application|url"),
            _names("web application name|url"),
        ),
        sentence="This is a report of Web Application Scanning: its findings belong to URLs, not to hosts. "
        "Export a VM or VMDR report instead.",
    ),
    ForeignKind(
        name="POLICY_COMPLIANCE_CSV",
        signs=(
            _names("control id|posture"),
            _names("control id|status"),
            _names("control statement|status"),
            _names("cid|technology"),
        ),
        sentence="This is a report of Policy Compliance: it holds controls, no vulnerabilities. "
        "Export a VM or VMDR report instead.",
    ),
    ForeignKind(
        name="ACTIVITY_LOG_CSV",
        signs=(_names("action|module|user role"), _names("action|module|details")),
        sentence="This is the activity log of the account. Export a VM or VMDR report instead.",
    ),
    ForeignKind(
        name="REMEDIATION_TICKETS_CSV",
        signs=(_names("ticket|qid"), _names("ticket number|qid"), _names("ticket id|qid")),
        sentence="This is a list of remediation tickets. Export a VM or VMDR report instead.",
    ),
    ForeignKind(
        name="KNOWLEDGE_BASE_CSV",
        signs=(_names("qid|vuln type"), _names("qid|title|category|cve id"), _names("qid|title|severity|published")),
        sentence="This is a list of vulnerabilities without hosts. Fetch the KnowledgeBase by API (XML): only that says "
        "how each QID is found.",
    ),
    ForeignKind(
        name="ASSET_LIST_CSV",
        signs=(_names("asset name|asset id"), _names("ip|tracking method"), _names("asset id|operating system")),
        sentence="This is a list of assets without findings. Export VMDR detections, or fetch the host list by API (XML).",
    ),
)


def narrowed_by(kind: str | None) -> str:
    """Return why a table of this kind proves nothing by what it leaves out (ReportEnd.narrowed)."""
    return (
        f"a {kind or 'table'} does not say which hosts were scanned when and how, and is cut by somebody's filters; "
        "import it by a call of its own"
    )


@lru_cache(maxsize=4096)
def normal(name: str) -> str:
    """Return a column's name as it is compared."""
    return _NO_WORD.sub(" ", name).strip().lower()


def recognise(names: Iterable[str]) -> TableKind | ForeignKind | None:
    """Return the kind of a header row of CSV, None if it is none that we know. `names` as written."""
    columns = frozenset(normal(name) for name in names)
    foreign_first = (*FOREIGN_KINDS[:5], *KINDS, *FOREIGN_KINDS[5:])
    return next((kind for kind in foreign_first if any(sign <= columns for sign in kind.signs)), None)


def missing_columns(kind: TableKind, columns: Sequence[str]) -> list[str]:
    """Return the needed columns that a header lacks, as `asset ipv4 or asset ipv6`; `columns` are normal."""
    return [" or ".join(group) for group in kind.needed if not set(group) & set(columns)]


def places_of(kind: TableKind, columns: Sequence[str]) -> tuple[int, ...]:
    """Return for each of FIELDS its place in the header, -1 if it is not there; of doubles the first counts."""
    first = {name: place for place, name in reversed(list(enumerate(columns)))}
    return tuple(next((first[name] for name in kind.columns.get(field, ()) if name in first), -1) for field in FIELDS)


def unknown_columns(kind: TableKind, columns: Iterable[str]) -> list[str]:
    """Return the columns that nobody knows, in order, once each."""
    known = {name for names in kind.columns.values() for name in names} | kind.unused
    return list(dict.fromkeys(name for name in columns if name and name not in known))
