"""OpenVEX out: a document whose statements say which end point is not affected by which CVE, and why.

Source: OpenVEX specification 0.2.0. Only NOT_AFFECTED alerts make statements. A statement is narrow on purpose: its product
is one port of one host, its timestamp is the alert's, its notes say until when the evidence holds; and what any other alert
of the same run cannot refute is not stated at all.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from vatriage.model.verdict import EvidenceKind, Justification, TargetRecord, Verdict, VerdictRecord
from vatriage.outputs.program import NAME

CONTEXT = "https://openvex.dev/ns/v0.2.0"
_FIXED = "fixed"
_Key = tuple[str, str]
"""Product and CVE."""


class _Stated(NamedTuple):
    """What is stated of a product and a CVE."""

    record: VerdictRecord
    item: Justification


class OpenVex:
    """Gathers the verdicts of a run."""

    def __init__(self) -> None:
        self._stated: dict[_Key, _Stated] = {}
        self._open: set[tuple[str, str]] = set()
        """Host or address, and a CVE that some alert did not refute there."""

    def add(self, records: Iterable[VerdictRecord]) -> None:
        """Take more verdicts; of two about the same the later alert's counts.

        Of an alert whose both ends may be the victim, or on a virtual address, nothing is stated: its justifications do not
        say whose they are.
        """
        for record in records:
            if record.verdict != Verdict.NOT_AFFECTED.name:
                names = {name for target in _targets(record) for name in _names(record, target)}
                self._open |= {(name, claim.id) for name in names for claim in record.claims}
            elif record.other_target is None and record.target.address is not None and not _is_virtual(record):
                for item in record.justifications:
                    self._take(record, item)

    def document(self, at: str) -> dict[str, Any]:
        """Return the document.

        Args:
            at: its instant, ISO 8601.
        """
        statements = [
            _statement(product, cve, found)
            for (product, cve), found in sorted(self._stated.items())
            if not any((name, cve) in self._open for name in _names(found.record, found.record.target))
        ]
        name = uuid5(NAMESPACE_URL, repr((at, statements)))
        return {
            "@context": CONTEXT, "@id": name.urn, "author": NAME, "role": "Vulnerability assessment", "timestamp": at,
            "version": 1, "statements": statements,
        }  # fmt: skip

    def _take(self, record: VerdictRecord, item: Justification) -> None:
        if not item.claim.startswith("CVE-"):
            return
        product = _host(record, record.target) + _end_point(record.target)
        known = self._stated.get((product, item.claim))
        if known is None or known.record.timestamp <= record.timestamp:
            self._stated[product, item.claim] = _Stated(record, item)


def _is_virtual(record: VerdictRecord) -> bool:
    """Whether several hosts behind one address were judged."""
    return any(item.kind == EvidenceKind.POOL for item in record.evidence)


def _targets(record: VerdictRecord) -> list[TargetRecord]:
    return [item for item in (record.target, record.other_target) if item is not None and item.address is not None]


def _names(record: VerdictRecord, target: TargetRecord) -> set[str]:
    """Return what a host is called by: an alert for which it was not sure which host it was knows the address only."""
    return {f"{record.zone} {target.address}", *([] if target.host is None else [_host(record, target)])}


def _host(record: VerdictRecord, target: TargetRecord) -> str:
    """Return a package URL: the only identifier that every reader of the format takes."""
    return f"pkg:generic/{quote(record.zone, safe='')}/{quote(target.host or str(target.address), safe='')}"


def _end_point(target: TargetRecord) -> str:
    port = "" if target.port is None else f"&port={target.port}"
    return f"?address={quote(str(target.address), safe='')}&protocol={quote(target.protocol, safe='')}{port}"


def _statement(product: str, cve: str, stated: _Stated) -> dict[str, Any]:
    record, item = stated
    found = ", ".join(f"QID {qid}" for qid in item.qids)
    notes = f"{item.kind} by {found}; valid for alerts until {record.expires}; alert {record.id}, signature {record.signature}."
    common = {
        "vulnerability": {"name": cve},
        "products": [{"@id": product}],
        "timestamp": record.timestamp,
        "status_notes": notes,
    }
    if item.kind == _FIXED:
        return {**common, "status": "fixed"}
    return {**common, "status": "not_affected", "justification": "vulnerable_code_not_present"}
