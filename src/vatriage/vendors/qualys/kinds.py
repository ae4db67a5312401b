"""The kinds of documents that are read: by root element, what their frame and their records are."""

from collections.abc import Callable
from dataclasses import dataclass

from vatriage.model.report import ReportPage
from vatriage.vendors.qualys import expected
from vatriage.vendors.qualys.about import AboutFrame
from vatriage.vendors.qualys.appliance_list import ApplianceListFrame
from vatriage.vendors.qualys.asset_data_report import AssetReportFrame, asset_page, lost_asset_page
from vatriage.vendors.qualys.frame import AnswerFrame, DocumentFrame
from vatriage.vendors.qualys.generic_return import GenericReturnFrame
from vatriage.vendors.qualys.host_detections import detection_page
from vatriage.vendors.qualys.host_list import host_page
from vatriage.vendors.qualys.hosts import lost_host_page
from vatriage.vendors.qualys.knowledge_base import glossary_page, knowledge_base_page, lost_entry_page
from vatriage.vendors.qualys.rejects import host_of, scanned_host_of, vulnerability_of
from vatriage.vendors.qualys.scan import lost_scanned_host_page, scan_page
from vatriage.vendors.qualys.scan_header import ScanHeader
from vatriage.vendors.qualys.scan_list import ScanListFrame
from vatriage.vendors.qualys.scan_schedule import ScanScheduleFrame
from vatriage.vendors.xml.tables import RecordTables, Trouble


@dataclass(frozen=True, slots=True)
class RecordKind:
    """How one kind of record is read."""

    mapping_file: str
    """In `documents/`."""
    record_name: str
    """The element that is one record."""
    list_name: str
    """The element it stands in."""
    page: Callable[[RecordTables, str], ReportPage]
    """Makes a page of a block."""
    lost: Callable[[Trouble, str], ReportPage]
    """Makes a page of a record that could not even be looked at."""
    name_of: Callable[[bytes], object]
    """Names a record by its first bytes."""
    unread: frozenset[str] | None = None
    """Elements of a record that are known and not read; None: nobody looks for unknown ones."""


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """How one kind of document is read."""

    frame: Callable[[str], DocumentFrame] = AnswerFrame
    records: tuple[RecordKind, ...] = ()
    """None: the whole document is frame."""


_ENTRY = (knowledge_base_page, lost_entry_page, vulnerability_of, expected.KNOWLEDGE_BASE)

KINDS = {
    "HOST_LIST_OUTPUT": DocumentKind(
        records=(
            RecordKind("host_list.yaml", "HOST", "HOST_LIST", host_page, lost_host_page, host_of, expected.HOST_LIST),
        )
    ),
    "HOST_LIST_VM_DETECTION_OUTPUT": DocumentKind(
        records=(
            RecordKind(
                "host_detections.yaml",
                "HOST",
                "HOST_LIST",
                detection_page,
                lost_host_page,
                host_of,
                expected.DETECTIONS,
            ),
        )
    ),
    "KNOWLEDGE_BASE_VULN_LIST_OUTPUT": DocumentKind(
        records=(RecordKind("knowledge_base.yaml", "VULN", "VULN_LIST", *_ENTRY),)
    ),
    "VULNS": DocumentKind(DocumentFrame, (RecordKind("knowledge_base_v1.yaml", "VULN", "VULNS", *_ENTRY),)),
    "SCAN": DocumentKind(
        ScanHeader,
        (RecordKind("scan.yaml", "IP", "SCAN", scan_page, lost_scanned_host_page, scanned_host_of, expected.SCAN),),
    ),
    "ASSET_DATA_REPORT": DocumentKind(
        AssetReportFrame,
        (
            RecordKind("asset_hosts.yaml", "HOST", "HOST_LIST", asset_page, lost_asset_page, host_of),
            RecordKind(
                "asset_glossary.yaml",
                "VULN_DETAILS",
                "VULN_DETAILS_LIST",
                glossary_page,
                lost_entry_page,
                vulnerability_of,
            ),
        ),
    ),
    "SCAN_LIST_OUTPUT": DocumentKind(ScanListFrame),
    "SCAN_LIST": DocumentKind(ScanListFrame),
    "SCAN_REPORT_LIST": DocumentKind(ScanListFrame),
    "SCAN_RUNNING_LIST": DocumentKind(ScanListFrame),
    "SCHEDULEDSCANS": DocumentKind(ScanScheduleFrame),
    "ISCANNER_LIST": DocumentKind(ApplianceListFrame),
    "ABOUT": DocumentKind(AboutFrame),
    "SIMPLE_RETURN": DocumentKind(),
    "GENERIC_RETURN": DocumentKind(GenericReturnFrame),
}
"""By root element, upper case."""
