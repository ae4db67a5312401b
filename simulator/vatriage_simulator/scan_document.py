"""The SCAN document of v1, saved or streamed: its HEADER and its IP elements.

Source: real scan-1 reports (order and names of elements and keys). What the simulator does not know (CVSS, exploits,
malware) is left out, or written as empty as real reports write it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from vatriage_simulator import markup
from vatriage_simulator.hosts import SimDetection
from vatriage_simulator.scan_runs import HostReport, ScanRun
from vatriage_simulator.subscription import Subscription
from vatriage_simulator.vulnerabilities import SimVulnerability

VERSIONS = "Scanner 12.0.0-1, Web 10.0.0-1, Vulnerability Signatures 2.5.0-1"
"""The simulator's own numbers."""

COMMENTS = "<!-- This report was made by a simulator: no host or person in it is real. //-->\n"

_OPEN_PORT_LISTS = frozenset({82023, 82004})
"""The service's own QIDs for open TCP and UDP ports."""
_GROUPS = (("INFOS", "INFO"), ("SERVICES", "SERVICE"), ("VULNS", "VULN"), ("PRACTICES", "PRACTICE"))
_KINDS = {"On-Demand": "On-demand", "API": "API (default option profile)"}


def duration(span: timedelta) -> str:
    """Return a time span as HH:MM:SS."""
    seconds = int(span.total_seconds())
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def groups_and_profile(run: ScanRun) -> list[str]:
    """Return ASSET_GROUPS (where there are any) and OPTION_PROFILE, which reports and lists share."""
    titles = "".join(
        f"<ASSET_GROUP>{markup.cdata_element('ASSET_GROUP_TITLE', title)}</ASSET_GROUP>" for title in run.asset_groups
    )
    profile = (
        f'<OPTION_PROFILE_TITLE option_profile_default="{int(run.profile.default)}">'
        f"{markup.cdata(run.profile.title)}</OPTION_PROFILE_TITLE>"
    )
    return [
        f"<ASSET_GROUPS>{titles}</ASSET_GROUPS>" if titles else "",
        f"<OPTION_PROFILE>{profile}</OPTION_PROFILE>",
    ]


def header(run: ScanRun, now: datetime) -> str:
    """Write HEADER. An unsaved run has the title that was recorded for one."""
    kind = _KINDS.get(run.kind, run.kind)
    if run.kind == "API" and not run.profile.default:
        kind = "API"  # a stand-in: only the default profile's text is recorded
    return (
        "<HEADER>\n"
        + markup.lines(
            2,
            _key("USERNAME", run.login),
            _key("COMPANY", "Simulated Company", cdata=True),
            _key("DATE", markup.instant(run.launched)),
            _key("TITLE", run.title if run.saved else "N/A (no report saved)", cdata=True),
            _key("TARGET", run.targets, cdata=True),
            _key("EXCLUDED_TARGET", "N/A", cdata=True),
            _key("DURATION", duration(run.duration(now))),
            _key("SCAN_HOST", f"{run.scanner} ({VERSIONS})"),
            _key("NBHOST_ALIVE", str(len(run.reports))),
            _key("NBHOST_TOTAL", str(run.addresses.size)),
            _key("REPORT_TYPE", kind),
            _key("OPTIONS", replace(run.profile, qids=run.qids).options, cdata=True),
            _key("STATUS", run.status(now)),
            *groups_and_profile(run),
        )
        + "</HEADER>\n"
    )


def host(sim: Subscription, report: HostReport, *, streamed: bool) -> str:
    """Write one IP element; only a stream has its status."""
    status = ' status="Finish"' if streamed else ""
    name = markup.attribute(report.dns or "No registered hostname")
    parts = [
        markup.cdata_element("OS", report.os),
        markup.cdata_element("NETBIOS_HOSTNAME", report.netbios),
    ]
    body = "".join(_group(sim, list_name, name, report.findings) for list_name, name in _GROUPS)
    return f'<IP value="{report.ip}" name="{name}"{status}>\n{markup.lines(2, *parts)}{body}</IP>\n'


def kind_of(item: SimDetection) -> str:
    """Return the element of a finding. Information is a SERVICE if it is about a port: inferred from real reports."""
    if item.type == "Info":
        about_port = item.port is not None or item.service is not None or item.qid in _OPEN_PORT_LISTS
        return "SERVICE" if about_port else "INFO"
    return "VULN" if item.type == "Confirmed" else "PRACTICE"


def category(sim: Subscription, item: SimDetection) -> str:
    """Return the KnowledgeBase's category of a finding."""
    entry = sim.vulnerabilities.read(item.qid)
    return entry.category if entry else "General remote services"


def _key(name: str, value: str, *, cdata: bool = False) -> str:
    """Return one KEY of HEADER."""
    return f'<KEY value="{name}">{markup.cdata(value) if cdata else markup.text(value)}</KEY>'


def _group(sim: Subscription, list_name: str, name: str, findings: Sequence[SimDetection]) -> str:
    """Write one of the four lists of an IP, by category and port; nothing if it is empty."""
    found = sorted((item for item in findings if kind_of(item) == name), key=lambda item: _place(sim, item))
    if not found:
        return ""
    body = "".join(_category(sim, name, place, items) for place, items in groupby(found, key=lambda x: _place(sim, x)))
    return f"  <{list_name}>\n{body}  </{list_name}>\n"


def _place(sim: Subscription, item: SimDetection) -> tuple[str, int, str]:
    """Return what a CAT element is about: category, port, protocol."""
    return category(sim, item), item.port or 0, item.protocol or ""


def _category(sim: Subscription, name: str, place: tuple[str, int, str], items: Iterable[SimDetection]) -> str:
    """Write one CAT element; a finding without a port is in one that has none."""
    title, port, protocol = place
    where = f' port="{port}" protocol="{markup.attribute(protocol)}"' if port else ""
    body = "".join(_finding(sim, name, item) for item in items)
    return f'    <CAT value="{markup.attribute(title)}"{where}>\n{body}    </CAT>\n'


def _finding(sim: Subscription, name: str, item: SimDetection) -> str:
    """Write one finding with what the KnowledgeBase says about it."""
    entry = sim.vulnerabilities.read(item.qid)
    cves = entry.cves if entry else ()
    listed = f' cveid="{markup.attribute(",".join(cves))}"' if cves else ""
    rated = name in {"VULN", "PRACTICE"}
    return (
        f'      <{name} number="{item.qid}" severity="{item.severity}"{listed}>\n'
        + markup.lines(
            8,
            markup.cdata_element("TITLE", entry.title if entry else f"Simulated vulnerability {item.qid}"),
            markup.cdata_element("LAST_UPDATE", markup.instant(entry.modified if entry else item.first_found)),
            "<CVSS3_BASE></CVSS3_BASE>" if rated else "",
            "<CVSS3_TEMPORAL>-</CVSS3_TEMPORAL>" if rated else "",
            markup.flag("PCI_FLAG", item.severity >= 3 and rated),
            markup.cdata_element("INSTANCE", item.instance),
            *known(entry),
            _result(item.results),
        )
        + f"      </{name}>\n"
    )


def known(entry: SimVulnerability | None) -> list[str]:
    """Return the reference lists and the texts of a KnowledgeBase entry, as scan-1 has them."""
    if entry is None:
        return []
    return [
        references("CVE_ID", "http://cve.mitre.org/cgi-bin/cvename.cgi?name=", entry.cves),
        references("BUGTRAQ_ID", "http://www.securityfocus.com/bid/", [str(number) for number in entry.bugtraqs]),
        markup.cdata_element("DIAGNOSIS", entry.diagnosis),
        markup.cdata_element("CONSEQUENCE", entry.consequence),
        markup.cdata_element("SOLUTION", entry.solution),
    ]


def references(name: str, url: str, numbers: Sequence[str]) -> str:
    """Write a CVE_ID_LIST or BUGTRAQ_ID_LIST, nothing if it is empty."""
    items = "".join(
        f"<{name}>{markup.cdata_element('ID', number)}{markup.cdata_element('URL', url + number)}</{name}>"
        for number in numbers
    )
    return f"<{name}_LIST>{items}</{name}_LIST>" if items else ""


def _result(results: str) -> str:
    """Write RESULT; with tabs it is a table, its first line the titles."""
    if not results:
        return ""
    shape = ' format="table"' if "\t" in results else ""
    return f"<RESULT{shape}>{markup.cdata(results)}</RESULT>"
