"""Tables of Qualys's that say nothing about hosts and their QIDs in a form we can use, and what to export instead."""

from dataclasses import dataclass

from vatriage.vendors.qualys.tables.kinds import column_names


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKind:
    """A table that we know and do not read."""

    name: str
    signs: tuple[frozenset[str], ...]
    sentence: str
    """What it is, and what to export instead."""


FOREIGN_FIRST = (
    ForeignKind(
        name="PCI_CSV",
        signs=(column_names("is pci"), column_names("false positive status"), column_names("pci compliance status")),
        sentence="This is a PCI scan report (its severities and false positives are the PCI programme's). "
        "Export the scan itself: scan results or a scan report by template as CSV or XML, or host detections by API.",
    ),
    ForeignKind(
        name="WAS_CSV",
        signs=(
            column_names("url|form entry point"),
            column_names("url|access path"),
            column_names("web application|url"),
            column_names("web application name|url"),
        ),
        sentence="This is a report of Web Application Scanning: its findings belong to URLs, not to hosts. "
        "Export a VM or VMDR report instead.",
    ),
    ForeignKind(
        name="POLICY_COMPLIANCE_CSV",
        signs=(
            column_names("control id|posture"),
            column_names("control id|status"),
            column_names("control statement|status"),
            column_names("cid|technology"),
        ),
        sentence="This is a report of Policy Compliance: it holds controls, no vulnerabilities. "
        "Export a VM or VMDR report instead.",
    ),
    ForeignKind(
        name="ACTIVITY_LOG_CSV",
        signs=(column_names("action|module|user role"), column_names("action|module|details")),
        sentence="This is the activity log of the account. Export a VM or VMDR report instead.",
    ),
    ForeignKind(
        name="REMEDIATION_TICKETS_CSV",
        signs=(column_names("ticket|qid"), column_names("ticket number|qid"), column_names("ticket id|qid")),
        sentence="This is a list of remediation tickets. Export a VM or VMDR report instead.",
    ),
)
"""Tried before the tables that we read, whose columns they may hold as well."""

FOREIGN_LAST = (
    ForeignKind(
        name="KNOWLEDGE_BASE_CSV",
        signs=(
            column_names("qid|vuln type"),
            column_names("qid|title|category|cve id"),
            column_names("qid|title|severity|published"),
        ),
        sentence="This is a list of vulnerabilities without hosts. Fetch the KnowledgeBase by API (XML): only that says "
        "how each QID is found.",
    ),
    ForeignKind(
        name="ASSET_LIST_CSV",
        signs=(
            column_names("asset name|asset id"),
            column_names("ip|tracking method"),
            column_names("asset id|operating system"),
        ),
        sentence="This is a list of assets without findings. Export VMDR detections, or fetch the host list by API (XML).",
    ),
)
"""Tried after the tables that we read, which may hold all of their columns."""
