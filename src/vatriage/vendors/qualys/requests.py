"""Which call asks what (Qualys VM/PC API guide; pure). The pull's request is the whole one of VERDICT 3.1.

The versions in the paths are those that our readers know best; `calls` puts those that are set in their place.
"""

from collections.abc import Iterable, Mapping

from vatriage.model.instant import format_instant
from vatriage.net.interface import Request
from vatriage.vendors.interface import QueryKind, ReportQuery
from vatriage.vendors.qualys.refusals import explained, quota, refusal
from vatriage.vendors.qualys.report_query import parse_query, written_query
from vatriage.vendors.qualys.scan_watch import ScanWatch

__all__ = [
    "about", "appliances", "cancel_scan", "detections", "explained", "host_ids", "host_list", "hosts", "knowledge_base",
    "one_host", "one_vulnerability", "past_scans", "query", "quota", "refusal", "running_scans", "saved_knowledge_base",
    "saved_report", "saved_reports", "scan", "scheduled_scans", "vendor", "watch", "written_url",
]  # fmt: skip
"""What `calls.QualysCalls` asks for, at the versions that are set."""

vendor = "qualys"
V1 = "/msp/"
"""The folder of the API of 2008; `mssp`, as one of the seed's examples has it, is taken for a misprint."""
HOSTS = "/api/5.0/fo/asset/host/"
DETECTIONS = "/api/5.0/fo/asset/host/vm/detection/"
SCANS = "/api/2.0/fo/scan/"
KNOWLEDGE_BASE = "/api/4.0/fo/knowledge_base/vuln/"


def query(url: str) -> ReportQuery:
    """Return what a device's URL asks for. Raises: RequestRefusedError: it is none of ours."""
    return parse_query(url)


def written_url(kind: QueryKind, server: str, addresses: str = "", appliance: str = "") -> str:
    """Return the URL of a device that asks for something."""
    return written_query(kind, server, addresses, appliance)


def about() -> Request:
    """Ask for the service's versions (API v1, still served)."""
    return Request(resource="about", path=f"{V1}about.php", method="GET")


def one_host() -> Request:
    """Ask for the findings of the first host, without their texts."""
    parameters = {"action": "list", "truncation_limit": "1", "show_results": "0"}
    return Request(resource="detections", path=DETECTIONS, parameters=parameters)


def one_vulnerability() -> Request:
    """Ask for the KnowledgeBase's first QID; whether there is one does not matter, whether we may ask does."""
    parameters = {"action": "list", "details": "Basic", "ids": "1"}
    return Request(resource="knowledge_base", path=KNOWLEDGE_BASE, parameters=parameters)


def host_list(next_id: int, page_hosts: int, since: int = 0) -> Request:
    """Ask for a page of the host list: every host of the account, or those processed since, with their scan dates."""
    return _host_list("All", next_id, page_hosts, since)


def host_ids(next_id: int, most: int, since: int = 0) -> Request:
    """Ask for their ids alone: kilobytes where the list has gigabytes."""
    return _host_list("None", next_id, most, since)


def _host_list(details: str, next_id: int, most: int, since: int) -> Request:
    parameters = {"action": "list", "details": details, "truncation_limit": str(most)}
    if next_id:
        parameters["id_min"] = str(next_id)
    if since:
        parameters["vm_processed_after"] = format_instant(since * 1_000_000)
    return Request(resource="host_list", path=HOSTS, parameters=parameters)


def hosts(ids: Iterable[int]) -> Request:
    """Ask for the host list's entries of some hosts."""
    parameters = {"action": "list", "details": "All", "ids": ",".join(map(str, ids)), "truncation_limit": "0"}
    return Request(resource="host_list", path=HOSTS, parameters=parameters)


def detections(ids: Iterable[int], *, scores: bool = False) -> Request:
    """Ask for everything known of some hosts: no filter that would make a missing finding mean nothing.

    Args:
        ids: the hosts'.
        scores: ask for each detection's QDS as well.
    """
    parameters = {
        "action": "list",
        "ids": ",".join(map(str, ids)),
        "status": "New,Active,Re-Opened,Fixed",
        "include_ignored": "1",
        "include_disabled": "1",
        "show_igs": "1",
        "show_results": "1",
        "truncation_limit": "0",
    } | ({"show_qds": "1"} if scores else {})
    return Request(resource="detections", path=DETECTIONS, parameters=parameters)


def knowledge_base(since: int = 0, qids: Iterable[int] = ()) -> Request:
    """Ask for the KnowledgeBase: what was modified since an instant (seconds), or some QIDs, or all."""
    parameters = {"action": "list", "details": "All", "show_disabled_flag": "1"}
    if since:
        parameters["last_modified_after"] = format_instant(since * 1_000_000)
    if wanted := list(qids):
        parameters["ids"] = ",".join(map(str, wanted))
    return Request(resource="knowledge_base", path=KNOWLEDGE_BASE, parameters=parameters)


def saved_reports(parameters: Mapping[str, str]) -> Request:
    """Ask for the list of saved scan reports (API v1)."""
    return Request(resource="scan_report_list", path=f"{V1}scan_report_list.php", parameters=parameters, method="GET")


def saved_report(ref: str) -> Request:
    """Ask for one saved scan report (API v1)."""
    return Request(resource="scan_report", path=f"{V1}scan_report.php", parameters={"ref": ref}, method="GET")


def scan(parameters: Mapping[str, str]) -> Request:
    """Start a scan whose report comes while it runs (API v1)."""
    return Request(resource="scan", path=f"{V1}scan.php", parameters=parameters)


def running_scans() -> Request:
    """Ask which scans run (API v1)."""
    return Request(resource="scan_running_list", path=f"{V1}scan_running_list.php", method="GET")


def cancel_scan(ref: str) -> Request:
    """Cancel a running scan (API v1)."""
    return Request(resource="scan_cancel", path=f"{V1}scan_cancel.php", parameters={"ref": ref}, method="GET")


def scheduled_scans() -> Request:
    """Ask which scans the service starts by itself, and when next (API v1)."""
    parameters = {"active": "yes", "type": "scan"}
    return Request(
        resource="scheduled_scans", path=f"{V1}scheduled_scans.php", parameters=parameters, method="GET"
    )  # fmt: skip


def past_scans(since: int) -> Request:
    """Ask for the scans that were launched since an instant (seconds) and are over, with their durations."""
    parameters = {
        "action": "list",
        "state": "Finished",
        "launched_after_datetime": format_instant(since * 1_000_000),
        "show_status": "1",
    }
    return Request(resource="scan_list", path=SCANS, parameters=parameters)


def appliances() -> Request:
    """Ask for the account's Scanner Appliances (API v1)."""
    return Request(resource="iscanner_list", path=f"{V1}iscanner_list.php", method="GET")


def saved_knowledge_base() -> Request:
    """Ask for the KnowledgeBase as API v1 gives it."""
    return Request(resource="knowledge_base", path=f"{V1}knowledgebase_download.php", method="GET")


def watch() -> ScanWatch:
    """Return a watch on the report of a scan, as it arrives."""
    return ScanWatch()
