"""ASSET_DATA_REPORT: the hosts of a scan report template, and a glossary of their QIDs (asset_data_report.dtd).

What it proves. It confirms, and never refutes, whoever vouches for it: its template narrows it (asset groups or tags,
statuses, search lists, kernels), it lists only hosts that passed, and it states no scan dates. When a host was last
looked at is taken from its newest finding. Hosts have no id, only an address. Its risk scores and trends are counts of
what it lists; of them only the total is used, to tell an empty report from a broken one.
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vatriage.model.evidence import Status
from vatriage.model.report import DETECTIONS, HOSTS, DescribedBy, Reject, ReportPage
from vatriage.vendors.qualys.frame import DocumentFrame
from vatriage.vendors.qualys.host_detections import Shape, detection_page
from vatriage.vendors.qualys.hosts import HostNaming, lost_host_page
from vatriage.vendors.qualys.open_ports import open_ports
from vatriage.vendors.qualys.rejects import host_of
from vatriage.vendors.xml.frame import Attributes
from vatriage.vendors.xml.tables import RecordTables, Trouble

_SHAPE = Shape(HostNaming(host_of, by_address=True), "VULN_INFO")
_SHOWN = 300
"""Characters of the template's filters quoted."""


def asset_page(block: RecordTables, name: str) -> ReportPage:
    """Return a block's hosts and findings, their severities not yet known; `name` is the document's."""
    page = detection_page(block, name, _SHAPE)
    page = _with_undated_fixes_open(page, name)
    hosts = _last_looked_at(page.hosts, page.detections)
    return replace(page, hosts=hosts, open_ports=open_ports(page.detections, hosts))


def lost_asset_page(trouble: Trouble, name: str) -> ReportPage:
    """Return the page of a host record that no parser may see."""
    return lost_host_page(trouble, name, _SHAPE.naming)


class AssetReportFrame(DocumentFrame):
    """Gathers HEADER, the template's filters, and from the glossary's pages the severity of each QID."""

    strays = frozenset({"VULN_DETAILS"})

    def __init__(self, name: str) -> None:
        """See DocumentFrame."""
        super().__init__(name)
        self._total = ""
        self._filters: list[str] = []
        self._listed = False
        self._glossary: list[pa.Table] = []
        self._joined: pa.Table | None = None

    def element(self, path: tuple[str, ...], text: str, attributes: Attributes) -> None:
        """See DocumentFrame.element."""
        match path[1:]:
            case ("HEADER", "GENERATION_DATETIME"):
                self.generated_at = self._instant("the report's GENERATION_DATETIME", text)
            case ("HEADER", "RISK_SCORE_SUMMARY", "TOTAL_VULNERABILITIES"):
                self._total = text
            case ("APPENDICES", "TEMPLATE_DETAILS", "FILTER_SUMMARY" | "SELECTIVE_VULNS" | "VULN_LISTS" as field) if (
                text
            ):
                self._filters.append(f"{field}: {' '.join(text.split())}")
            case (*_, "VULN_DETAILS"):
                self._reject("a glossary entry", "it stands among the hosts: it was left out")
            case _:
                super().element(path, text, attributes)

    @property
    def ready(self) -> bool:
        """See DocumentFrame.ready: the glossary comes last."""
        return False

    @property
    def narrowed(self) -> str:
        """See DocumentFrame.narrowed."""
        filters = "; ".join(self._filters)[:_SHOWN]
        return "an asset data report is narrowed by its template and states no scan dates" + (
            filters and f" ({filters})"
        )

    @property
    def error(self) -> str:
        """See DocumentFrame.error: a report of findings that are not in it is broken, not clean."""
        if not self.code and not self._listed and self._total.isdigit() and int(self._total):
            return f"The report's HEADER counts {self._total} vulnerabilities, but it lists no host. Create it again."
        return super().error

    def see(self, page: ReportPage) -> None:
        """See DocumentFrame.see."""
        if page.described_by is DescribedBy.GLOSSARY:
            self._glossary.append(page.vulnerabilities.select(["qid", "qualys_severity"]))
        self._listed = self._listed or page.hosts.num_rows > 0

    def complete(self, page: ReportPage) -> ReportPage:
        """See DocumentFrame.complete: joins the findings with the glossary."""
        if self._joined is None and self._glossary:
            self._joined = pa.concat_tables(self._glossary).combine_chunks()
        return page if self._joined is None else with_severities(page, self._joined)


def with_severities(page: ReportPage, glossary: pa.Table) -> ReportPage:
    """Return a page whose findings have the severities of a glossary: one hash join, however many findings.

    Args:
        page: findings.
        glossary: qid, qualys_severity.
    """
    places = pc.index_in(page.detections["qid"], glossary["qid"].combine_chunks())
    found = pc.fill_null(pc.take(glossary["qualys_severity"], places), 0)
    field = DETECTIONS.field("qualys_severity")
    said = page.detections["qualys_severity"]
    severities = pc.if_else(pc.equal(said, 0), found, said)
    place = page.detections.schema.get_field_index(field.name)
    return replace(page, detections=page.detections.set_column(place, field, severities))


def _with_undated_fixes_open(page: ReportPage, name: str) -> ReportPage:
    """Return a page in which a finding that is Fixed at no stated time counts as found up to its last sight.

    When it was fixed nobody knows, so its fix clears nothing; a later report that dates it counts over it.
    """
    undated = pc.and_(
        pc.equal(page.detections["status"], int(Status.FIXED)), pc.equal(page.detections["last_fixed"], 0)
    )
    rows = np.flatnonzero(undated.to_numpy()).tolist()
    if not rows:
        return page
    field = DETECTIONS.field("status")
    status = pc.if_else(undated, pa.scalar(int(Status.ACTIVE), field.type), page.detections["status"])
    found = page.detections.set_column(page.detections.schema.get_field_index("status"), field, status)
    hosts = page.hosts["address"].to_pylist()
    rejects = [
        Reject(
            where=name,
            subject=f"host ({hosts[row['host']]}), QID {row['qid']}",
            problem="Fixed, but not when: it counts as found up to its last sight",
        )
        for row in page.detections.select(["host", "qid"]).take(rows).to_pylist()
    ]
    return replace(page, detections=found, rejects=(*page.rejects, *rejects))


def _last_looked_at(hosts: pa.Table, detections: pa.Table) -> pa.Table:
    """Return the hosts with the instant of their newest finding as that of their last scan."""
    newest = np.zeros(hosts.num_rows, np.int64)
    np.maximum.at(newest, detections["host"].to_numpy(), detections["last_found"].to_numpy())
    for name in ("last_scan", "scanned_at"):
        hosts = hosts.set_column(hosts.schema.get_field_index(name), HOSTS.field(name), pa.array(newest))
    return hosts
