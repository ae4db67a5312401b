"""Documents that Qualys customers also have and that are no VA reports: which they are, and what to export instead."""

_INSTEAD = (
    "Export scan results as XML, an asset data report as XML, or pull host detections and the KnowledgeBase by the API."
)

_FAMILIES = (
    ("WAS", "a web application scanning (WAS) report"),
    ("WEB_APPLICATION", "a web application scanning (WAS) report"),
    ("SERVICERESPONSE", "an answer of the portal API (ServiceResponse), not of vulnerability management"),
    ("COMPLIANCE", "a policy compliance report"),
    ("POSTURE", "a policy compliance report"),
    ("POLICY", "a policy compliance report"),
    ("SCAP", "a policy compliance report"),
    ("MAP", "a network map: it lists hosts, not vulnerabilities"),
    ("PCI", "a PCI report"),
    ("REMEDIATION", "a list of remediation tickets"),
    ("TICKET", "a list of remediation tickets"),
    ("REPORT_TEMPLATE", "a list of report templates"),
    ("REPORT_LIST", "a list of reports, not a report"),
    ("ASSET_GROUP", "a list of asset groups"),
    ("ASSET_SEARCH", "an asset search report: it lists hosts without their findings"),
    ("ASSET_RANGE", "an asset range report: it lists findings without their tests"),
    ("SCHEDULE", "a list of scheduled scans"),
    ("PATCH", "a patch report"),
    ("OPTION_PROFILE", "a list of option profiles"),
)
"""How a root element begins, in upper case -> what the document is."""


def refusal_of(root: str) -> str:
    """Return why a document is not read, and what to export instead; `root` as written."""
    shown = root[:80]
    for beginning, what in _FAMILIES:
        if root.upper().startswith(beginning):
            return f"This {shown} is {what}, which is not read here. {_INSTEAD}"
    return f"Documents of kind {shown} are not readable here. {_INSTEAD}"
