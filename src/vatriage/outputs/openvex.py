"""OpenVEX out: a document whose statements say which end point is not affected by which CVE, and why.

Source: OpenVEX specification 0.2.0. Only NOT_AFFECTED alerts make statements. A statement is narrow on purpose: its product
is one port of one host, its timestamp is the alert's, its notes say until when the evidence holds; and what any other alert
of the same run cannot refute is not stated at all.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from vatriage.model.verdict import Justification, TargetRecord, Verdict, VerdictRecord

CONTEXT = "https://openvex.dev/ns/v0.2.0"
_FIXED = "fixed"
_Key = tuple[str, str]
"""Product and CVE."""


class OpenVex:
    """Gathers the verdicts of a run."""

    def __init__(self) -> None:
        self._stated: dict[_Key, tuple[VerdictRecord, Justification]] = {}
        self._open: set[tuple[str, str]] = set()
        """Host and CVE that some alert did not refute."""

    def add(self, records: Iterable[VerdictRecord]) -> None:
        """Take more verdicts; of two about the same the later alert's counts."""
        for record in records:
            refuted = record.verdict == Verdict.NOT_AFFECTED.name
            for target in _targets(record):
                host = _host(record, target)
                if not refuted:
                    self._open |= {(host, claim.id) for claim in record.claims}
                    continue
                for item in record.justifications:
                    self._take(host + _end_point(target), item, record)

    def document(self, author: str, at: str) -> dict[str, Any]:
        """Return the document.

        Args:
            author: who vouches for it.
            at: its instant, ISO 8601.
        """
        statements = [
            _statement(product, cve, *found)
            for (product, cve), found in sorted(self._stated.items())
            if (product.partition("?")[0], cve) not in self._open
        ]
        name = uuid5(NAMESPACE_URL, repr((author, at, statements)))
        return {
            "@context": CONTEXT, "@id": name.urn, "author": author, "role": "Vulnerability assessment", "timestamp": at,
            "version": 1, "statements": statements,
        }  # fmt: skip

    def _take(self, product: str, item: Justification, record: VerdictRecord) -> None:
        if not item.claim.startswith("CVE-"):
            return
        known = self._stated.get((product, item.claim))
        if known is None or known[0].timestamp <= record.timestamp:
            self._stated[product, item.claim] = (record, item)


def _targets(record: VerdictRecord) -> list[TargetRecord]:
    return [item for item in (record.target, record.other_target) if item is not None and item.address is not None]


def _host(record: VerdictRecord, target: TargetRecord) -> str:
    """Return a package URL: the only identifier that every reader of the format takes."""
    return f"pkg:generic/{quote(record.zone, safe='')}/{quote(target.host or str(target.address), safe='')}"


def _end_point(target: TargetRecord) -> str:
    port = "" if target.port is None else f"&port={target.port}"
    return f"?address={quote(str(target.address), safe='')}&protocol={quote(target.protocol, safe='')}{port}"


def _statement(product: str, cve: str, record: VerdictRecord, item: Justification) -> dict[str, Any]:
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
