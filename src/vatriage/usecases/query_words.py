"""What a device's URL asks for, in sentences for the person who types it."""

from dataclasses import dataclass

from vatriage.vendors.interface import Calls, QueryKind, ReportQuery

LABELS = {
    QueryKind.CURRENT: "Modern detections",
    QueryKind.LAST_SAVED: "Last saved report",
    QueryKind.SAVED: "One saved report",
    QueryKind.REAL_TIME: "Real-time report",
}
_MEANS = {
    QueryKind.CURRENT: (
        "Each pull asks for the host list, all detections and the KnowledgeBase as they are now. It starts no scan. "
        "This is the only kind whose silence can clear an alert."
    ),
    QueryKind.LAST_SAVED: (
        "Each pull asks for the list of saved scan reports and fetches the newest one, if it was not fetched before. "
        "It starts no scan."
    ),
    QueryKind.SAVED: "Each pull fetches this one saved report. It starts no scan, and never brings anything newer.",
    QueryKind.REAL_TIME: (
        "Each pull STARTS A SCAN and takes its report. The scan runs only after somebody has confirmed, at activation, "
        "how many addresses it may scan."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A URL, explained."""

    query: ReportQuery
    label: str
    means: str
    scans: str
    """What every pull will scan, "" if nothing."""
    warnings: tuple[str, ...]


def explain_url(calls: Calls, url: str) -> Explanation:
    """Explain a URL. Raises: RequestRefusedError: it asks for nothing that is known; the message names the part."""
    query = calls.query(url)
    return Explanation(
        query=query, label=LABELS[query.kind], means=_MEANS[query.kind], scans=_scans(query), warnings=query.warnings
    )


def _scans(query: ReportQuery) -> str:
    if query.kind is not QueryKind.REAL_TIME:
        return ""
    if not query.scan_addresses:
        return "every address of the asset groups it names"
    return f"{query.scan_addresses:,} address{'' if query.scan_addresses == 1 else 'es'}"
