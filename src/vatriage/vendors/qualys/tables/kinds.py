"""The tables that we read: how each is recognised, and what its columns mean.

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

from collections.abc import Mapping
from dataclasses import dataclass


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


def column_names(text: str) -> frozenset[str]:
    """Return the names of columns, as they are compared, from a list with bars between."""
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
_SCAN_UNUSED = column_names(
    "title|threat|impact|solution|category|exploitability|associated malware|vendor reference|cvss|cvss base|"
    "cvss temporal|cvss environment|cvss3|cvss3 base|cvss3 temporal|cvss3 1|cvss3 1 base|cvss3 1 temporal|pci vuln|"
    "ticket state|associated tags|host id|asset id|ip interfaces|qds|ars|acs|trurisk score"
)

SCAN_CSV = TableKind(
    name="SCAN_CSV",
    columns=_SCAN_COLUMNS,
    needed=(("ip",), ("qid",)),
    signs=(
        column_names("ip|qid"),
        column_names("ip status|qid"),
        column_names("vuln status|qid"),
        column_names("ip|ip status|title"),
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
    signs=(column_names("ip|qid"), column_names("qid|ip status"), column_names("ip|ip status")),
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
        column_names("qid|asset ipv4"),
        column_names("qid|asset ipv6"),
        column_names("qid|asset id|type detected"),
        column_names("asset ipv4|type detected"),
    ),
    unused=column_names(
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
        column_names("host id|qid|status"),
        column_names("host id|ip address|tracking method"),
        column_names("qid|last found datetime"),
    ),
    unused=column_names(
        "asset id|unique vuln id|last vm scanned duration|last vm auth scanned date|last vm auth scanned duration|"
        "last pc scanned date|first re opened datetime|last re opened datetime|times re opened|affect running kernel|"
        "affect running service|affect exploitable config|qds|qds factors|network name|tags|asset cve|trurisk score"
    ),
)
"""Host detections of the API in CSV (`output_format=CSV` in frames, or CSV_NO_METADATA). Its dates are UTC and it holds
the host ID of the API, so its findings join those of the XML form; ask for XML where absence must count."""

KINDS = (DETECTION_CSV, VMDR_CSV, SCAN_CSV)
"""Tables in CSV, in the order in which they are tried."""
