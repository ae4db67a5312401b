"""The entries of a subscription's KnowledgeBase. Facts only; `knowledge_base` writes them as XML."""

from dataclasses import dataclass
from datetime import datetime

VULN_TYPES = (
    "Vulnerability",
    "Potential Vulnerability",
    "Vulnerability or Potential Vulnerability",
    "Information Gathered",
)
"""What VULN/VULN_TYPE may say (API guide, KnowledgeBase)."""


@dataclass(slots=True, kw_only=True)
class SimVulnerability:
    """One QID; the fields are the VULN's children, a test may change every one."""

    qid: int
    title: str
    type: str
    severity: int
    """Qualys severity, 1 to 5, 5 worst."""
    published: datetime
    code_modified: datetime | None
    """When the check itself last changed; written from version 3.0 on, None leaves it out."""
    service_modified: datetime
    cves: tuple[str, ...] = ()
    bugtraqs: tuple[int, ...] = ()
    remote: bool = True
    """Whether an unauthenticated scan can test it."""
    auth_types: tuple[str, ...] = ()
    """The login types with which an authenticated scan can test it (Windows, Unix, ...)."""
    disabled: bool = False
    category: str = "General remote services"
    patchable: bool = True
    solution: str = ""
    diagnosis: str = ""
    consequence: str = ""

    @property
    def modified(self) -> datetime:
        """When the entry last changed in any way (what last_modified_after asks for)."""
        return max(self.service_modified, self.code_modified or self.service_modified)
