"""What one report file holds, counted."""

from dataclasses import dataclass

from vatriage.usecases.file_kinds import ANSWERS, HOLDS

NOT_IN_JSON = ("scans", "scan")
"""What the table and the ledger tell of a file and the JSON, whose keys are a contract, does not."""


@dataclass(slots=True, kw_only=True)
class FileCounts:
    """What one file holds; `NOT_IN_JSON` apart, the shape of `vatriage import --json`."""

    file: str
    kind: str | None = None
    hosts: int = 0
    detections: int = 0
    confirmed: int = 0
    potential: int = 0
    information: int = 0
    vulnerabilities: int = 0
    """KnowledgeBase or glossary entries."""
    scans: int = 0
    """Entries of a list of scans."""
    rejects: int = 0
    partial: bool = False
    scan: dict[str, str | int | None] | None = None
    """The scan that the file is the report of: ref, state, launched_at, duration_s, targets, option_profile, ..."""
    error: str | None = None

    @property
    def nothing(self) -> str:
        """Why there was nothing to take from a file that could be read; "" if there was something, or an error."""
        if self.error or self.hosts or self.detections or self.vulnerabilities or self.scans:
            return ""
        if self.kind in ANSWERS:
            return "is the server's short answer to a request, and no report"
        what = HOLDS.get(self.kind or "", "host")
        if self.rejects:
            return f"holds no {what} that could be read: everything in it was rejected"
        return f"holds no {what}: its list is empty"
