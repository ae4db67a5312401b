"""/api/2.0/fo/scan/ action=fetch: the results of one scan as JSON or CSV.

Source: a recorded brief JSON body, a published extended one with its two header rows and its trailer row, clients' code
for the trailer's keys. Stand-ins: the titles of the CSV columns (those of a real scan CSV, where it has the column),
the order of its leading and trailing lines, and what comes back for a scan that is unknown or not over.
"""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from vatriage_simulator.answers import Answer, Call, simple_return
from vatriage_simulator.hosts import SimDetection
from vatriage_simulator.number_set import NumberSet, address_number, of_ranges
from vatriage_simulator.parameters import BadParameterError, Parameters
from vatriage_simulator.scan_document import VERSIONS, category, duration
from vatriage_simulator.scan_runs import HostReport, ScanRun
from vatriage_simulator.scan_targets import written_ranges
from vatriage_simulator.subscription import Subscription

Row = dict[str, str | int | None]

_FORMATS = ("csv", "json", "csv_extended", "json_extended")
_NAMES = ("action", "scan_ref", "output_format", "mode", "ips", "echo_request")
_KINDS = {"Confirmed": "Vuln", "Potential": "Practice", "Info": "Ig"}
_TITLES = {
    "ip": "IP",
    "dns": "DNS",
    "netbios": "NetBIOS",
    "os": "OS",
    "ip_status": "IP Status",
    "qid": "QID",
    "cve_id": "CVE ID",
    "vendor_reference": "Vendor Reference",
    "bugtraq_id": "Bugtraq ID",
    "associated_malware": "Associated Malware",
    "pci_vuln": "PCI Vuln",
    "fqdn": "FQDN",
    "ssl": "SSL",
}
"""The CSV titles that are not the JSON key with a capital."""


def scan_fetch(sim: Subscription, call: Call) -> Answer:
    """Answer action=fetch. Findings only: a host without any is told in the extended trailer.

    Raises: BadParameterError: codes 1901, 1903, 1905.
    """
    parameters = Parameters(call.parameters)
    parameters.known(_NAMES)
    parameters.required("scan_ref")
    shape = parameters.word("output_format", _FORMATS, "csv")
    brief = parameters.word("mode", ("brief", "extended"), "extended") == "brief"
    wanted = parameters.addresses("ips")
    now = sim.scanning.settle()
    run = sim.scanning.runs.get(call.parameters["scan_ref"])
    if run is None:
        raise BadParameterError(1905, f"parameter scan_ref has invalid value: {call.parameters['scan_ref']}")
    if not run.is_over(now):
        return simple_return(call, now, 200, 7001, "The scan is not finished; its results cannot be fetched yet.")
    reports = [report for report in run.reports if wanted is None or address_number(report.ip) in wanted]
    rows = [
        _brief(report, item) if brief else _full(sim, report, item) for report in reports for item in report.findings
    ]
    edges = _edges(run, now) if shape.endswith("extended") else ([], {})
    if shape.startswith("json"):
        body = json.dumps([*edges[0], *rows, *([edges[1]] if edges[1] else [])])
        return Answer(status=200, content_type="application/json", head=body)
    return Answer(status=200, content_type="text/csv;charset=UTF-8", head=_csv(rows, *edges))


def _brief(report: HostReport, item: SimDetection) -> Row:
    """Return a finding as the brief mode has it."""
    return {
        "ip": report.ip,
        "dns": report.dns or "No registered hostname",
        "netbios": report.netbios,
        "qid": item.qid,
        "instance": item.instance,
        "result": item.results,
        "protocol": item.protocol or "",
        "port": "" if item.port is None else str(item.port),
        "ssl": "yes" if item.ssl else "no",
        "fqdn": item.fqdn or "",
    }


def _full(sim: Subscription, report: HostReport, item: SimDetection) -> Row:
    """Return a finding as the extended mode has it."""
    entry = sim.vulnerabilities.read(item.qid)
    return {
        "ip": report.ip,
        "dns": report.dns or "No registered hostname",
        "netbios": report.netbios,
        "os": report.os,
        "ip_status": "host scanned, found vuln",
        "qid": item.qid,
        "title": entry.title if entry else f"Simulated vulnerability {item.qid}",
        "type": _KINDS[item.type],
        "severity": str(item.severity),
        "port": "" if item.port is None else str(item.port),
        "protocol": item.protocol or "",
        "fqdn": item.fqdn or "",
        "ssl": "yes" if item.ssl else "no",
        "cve_id": ", ".join(entry.cves) if entry and entry.cves else None,
        "vendor_reference": None,
        "bugtraq_id": ", ".join(map(str, entry.bugtraqs)) if entry and entry.bugtraqs else None,
        "threat": entry.diagnosis if entry else "",
        "impact": entry.consequence if entry else "",
        "solution": entry.solution if entry else "",
        "exploitability": None,
        "associated_malware": None,
        "results": item.results,
        "pci_vuln": "yes" if item.severity >= 3 else "no",
        "instance": item.instance,
        "category": category(sim, item),
    }


def _edges(run: ScanRun, now: datetime) -> tuple[list[Row], Row]:
    """Return the two header rows and the trailer row of the extended formats."""
    first: Row = {
        "scan_report_template_title": "Scan Results",
        "result_date": _american(now),
        "company": "Simulated Company",
        "name": run.login,
        "username": run.login,
        "role": "Manager",
        "add1": "",
        "add2": "",
        "city": "",
        "state": "",
        "zip": "",
        "country": "",
    }
    second: Row = {
        "launch_date": _american(run.launched),
        "active_hosts": str(len(run.reports)),
        "total_hosts": str(run.addresses.size),
        "type": run.kind,
        "status": run.state(now),
        "reference": run.ref,
        "scanner_appliance": f"{run.scanner} ({VERSIONS})",
        "duration": duration(run.duration(now)),
        "scan_title": run.title,
        "asset_groups": ", ".join(run.asset_groups) or None,
        "ips": run.targets,
        "excluded_ips": "",
        "option_profile": run.profile.title,
        "network": "Global Default Network",
    }
    trailer: Row = {"target_distribution_across_scanner_appliances": f"{run.scanner} : {run.targets}"}
    clean = _written([report for report in run.reports if not report.findings])
    if clean:
        trailer["no_vulnerabilities_match_your_filters_for_these_hosts"] = clean
    dead = _without(run.addresses, run.reports)
    if dead:
        trailer["hosts_not_scanned_host_not_alive_ip"] = dead
    return [first, second], trailer


def _written(reports: Sequence[HostReport]) -> str:
    """Return the addresses of hosts as ranges."""
    numbers = [address_number(report.ip) for report in reports]
    return written_ranges(of_ranges((number, number) for number in numbers))


def _without(addresses: NumberSet, reports: Sequence[HostReport]) -> str:
    """Return the addresses at which nobody was, as ranges."""
    left: list[tuple[int, int]] = []
    alive = sorted(address_number(report.ip) for report in reports)
    for low, high in zip(addresses.starts, addresses.ends, strict=True):
        start = low
        for number in (number for number in alive if low <= number <= high):
            left.append((start, number - 1))
            start = number + 1
        left.append((start, high))
    return written_ranges(of_ranges((low, high) for low, high in left if low <= high))


def _american(moment: datetime) -> str:
    """Return an instant as these results write it: 05/13/2021 07:08:28."""
    return moment.astimezone(UTC).strftime("%m/%d/%Y %H:%M:%S")


def _csv(rows: list[Row], leading: list[Row], trailer: Row) -> str:
    """Return the CSV text: leading pairs of title and value lines, the findings, trailing lines."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    for row in leading:
        writer.writerow([_title(name) for name in row])
        writer.writerow(list(row.values()))
        out.write("\n")
    if rows:
        writer.writerow([_title(name) for name in rows[0]])
        writer.writerows(list(row.values()) for row in rows)
    for name, value in trailer.items():
        out.write("\n")
        writer.writerow([_title(name)])
        writer.writerow([value])
    return out.getvalue()


def _title(name: str) -> str:
    """Return the CSV title of a JSON key."""
    return _TITLES.get(name) or name.replace("_", " ").title()
