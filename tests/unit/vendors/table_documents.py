"""Small tables of our own making, in the forms in which Qualys writes them."""

import json

VMDR_COLUMNS = (
    "QID", "Title", "Severity", "KB Severity", "Type Detected", "Last Detected", "First Detected", "Protocol", "Port",
    "Status", "Asset Id", "Asset Name", "Asset IPV4", "Asset IPV6", "Solution", "Disabled", "Ignored",
    "Operating System", "Last Fixed", "Times Detected", "Results",
)  # fmt: skip
VMDR_METADATA = (
    '"Asset Vuln Datalist Report","04 Feb 2026 10:00AM GMT-0500","1"\n'
    '"Example Ltd","1 Some Street","Town","None","12345","Nowhere"\n'
    '"A Person","person","IDM"\n'
)
VMDR_ROW = {
    "QID": "99000", "Title": "An invented weakness", "Severity": "4", "KB Severity": "4", "Type Detected": "Confirmed",
    "Last Detected": "Feb 03, 2026 07:00 AM", "First Detected": "Jan 13, 2026 03:14 PM", "Protocol": "TCP",
    "Port": "443", "Status": "ACTIVE", "Asset Id": "77", "Asset Name": "WEB", "Asset IPV4": "10.1.0.7",
    "Asset IPV6": "", "Solution": "Update.", "Disabled": "No", "Ignored": "No", "Operating System": "Linux",
    "Last Fixed": "", "Times Detected": "3", "Results": "version 1",
}  # fmt: skip
SCAN_COLUMNS = (
    "IP", "DNS", "NetBIOS", "OS", "IP Status", "QID", "Title", "Type", "Severity", "Port", "Protocol", "FQDN", "SSL",
    "CVE ID", "Vendor Reference", "Bugtraq ID", "Results",
)  # fmt: skip
SCAN_ROW = {
    "IP": "10.1.0.7", "DNS": "web.example.org", "NetBIOS": "", "OS": "Linux 5", "IP Status": "host scanned, found vuln",
    "QID": "99000", "Title": "An invented weakness", "Type": "Vuln", "Severity": "4", "Port": "443",
    "Protocol": "tcp", "FQDN": "", "SSL": "over ssl", "CVE ID": "CVE-2026-10000, CVE-2026-10001",
    "Vendor Reference": "", "Bugtraq ID": "123", "Results": "line one\nline two, with a comma",
}  # fmt: skip
SCAN_METADATA = (
    '"Scan Results","02/03/2026 at 08:00:00 (GMT)"\n'
    '"Launch Date","Active Hosts","Total Hosts","Type","Status"\n'
    '"02/03/2026 at 07:00:00 (GMT)","1","1","API","{state}"\n\n'
)
DETECTION_COLUMNS = (
    "Host ID", "IP Address", "Tracking Method", "Operating System", "DNS Name", "Netbios Name", "QG HostID",
    "Last Scan Datetime", "Last VM Scanned Date", "Last VM Auth Scanned Date", "QID", "Type", "Port", "Protocol",
    "FQDN", "SSL", "Instance", "Status", "Severity", "First Found Datetime", "Last Found Datetime",
    "Last Test Datetime", "Last Fixed Datetime", "Results", "Ignored", "Disabled", "Times Found",
)  # fmt: skip
DETECTION_ROW = {
    "Host ID": "7", "IP Address": "10.1.0.7", "Tracking Method": "IP", "Operating System": "Linux",
    "Last VM Scanned Date": "2026-02-03T07:00:00Z", "Last VM Auth Scanned Date": "2026-02-03T07:00:00Z",
    "QID": "99000", "Type": "Confirmed", "Port": "443", "Protocol": "tcp", "SSL": "1", "Status": "Active",
    "Severity": "4", "First Found Datetime": "2026-01-13T15:14:00Z", "Last Found Datetime": "2026-02-03T07:00:00Z",
    "Last Test Datetime": "2026-02-03T07:00:00Z", "Results": "Type\tName\nkey exchange\tdh", "Ignored": "0",
    "Disabled": "0", "Times Found": "3",
}  # fmt: skip
JSON_HEADERS = (
    {"scan_report_template_title": "Scan Results", "result_date": "02/03/2026 08:00:00", "company": "Example Ltd"},
    {"launch_date": "02/03/2026 07:00:00", "active_hosts": "1", "status": "Finished", "reference": "scan/1.1"},
)
JSON_TRAILER = {"target_distribution_across_scanner_appliances": "External : 10.1.0.7"}
JSON_ROW = {
    "ip": "10.1.0.7", "dns": "web.example.org", "netbios": None, "os": "Linux 5",
    "ip_status": "host scanned, found vuln", "qid": 99000, "title": "An invented weakness", "type": "Vuln",
    "severity": "4", "port": "443", "protocol": "tcp", "fqdn": "", "ssl": "yes", "cve_id": "CVE-2026-10000",
    "bugtraq_id": None, "results": "a\r\nb", "instance": None,
}  # fmt: skip


def quoted(*fields):
    """Return a line of quoted fields."""
    return ",".join('"' + str(field).replace('"', '""') + '"' for field in fields) + "\n"


def table(columns, *rows, before="", after=""):
    """Return a table; rows are dicts, or lines as they are."""
    lines = [row if isinstance(row, str) else quoted(*(row.get(name, "") for name in columns)) for row in rows]
    return (before + quoted(*columns) + "".join(lines) + after).encode("utf-8", "surrogateescape")


def vmdr(*changes, columns=VMDR_COLUMNS, before=VMDR_METADATA):
    """Return a VMDR table with one row for each dict of changes (or line)."""
    return table(columns, *(row if isinstance(row, str) else VMDR_ROW | row for row in changes), before=before)


def scan(*changes, columns=SCAN_COLUMNS, before="", after=""):
    """Return a scan table with one row for each dict of changes (or line)."""
    rows = (row if isinstance(row, str) else SCAN_ROW | row for row in changes)
    return table(columns, *rows, before=before, after=after)


def detections(
    *changes, footer='----BEGIN_RESPONSE_FOOTER_CSV\n"Status Message"\n"Finished"\n----END_RESPONSE_FOOTER_CSV\n'
):
    """Return a framed detections table with one row for each dict of changes (or line)."""
    frame = "----BEGIN_RESPONSE_HEADER_CSV\n----END_RESPONSE_HEADER_CSV\n----BEGIN_RESPONSE_BODY_CSV\n"
    rows = (row if isinstance(row, str) else DETECTION_ROW | row for row in changes)
    return table(DETECTION_COLUMNS, *rows, before=frame, after="----END_RESPONSE_BODY_CSV\n" + footer)


def scan_json(*changes, headers=JSON_HEADERS, trailers=(JSON_TRAILER,)):
    """Return a scan's results in JSON with one row for each dict of changes."""
    return json.dumps([*headers, *(JSON_ROW | row for row in changes), *trailers]).encode()
