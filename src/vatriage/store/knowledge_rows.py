"""The KnowledgeBase: rows <-> plain tuples, in the columns' order."""

from collections.abc import Iterable
from typing import Any

from vatriage.model.report import DESCRIPTION
from vatriage.store.bulk import Target, fetch, fetch_in, insert_many, update_all

_QID_COLUMNS = ("qid", *DESCRIPTION, "first_copy", "last_copy")
_VULNERABILITIES = Target("vulnerabilities", _QID_COLUMNS, key=("qid",), update=update_all(_QID_COLUMNS[1:]))
_PAIRS = Target(
    "knowledge_pairs",
    ("qid", "claim", "first_with", "last_with", "by_copy"),
    key=("qid", "claim"),
    update=update_all(("first_with", "last_with", "by_copy")),
)
_QIDS = f"SELECT {', '.join(_QID_COLUMNS)} FROM vulnerabilities"


def load_qids(qids: Iterable[int]) -> dict[int, tuple[Any, ...]]:
    """Return rows by QID: (qid, *DESCRIPTION, first copy, last copy)."""
    return {row[0]: row for row in fetch_in(f"{_QIDS} WHERE qid IN ({{keys}})", qids)}


def load_pairs(qids: Iterable[int]) -> dict[tuple[int, str], tuple[int, int, bool]]:
    """Return (first document with, last document with, by a copy) by (QID, claim)."""
    sql = "SELECT qid, claim, first_with, last_with, by_copy FROM knowledge_pairs WHERE qid IN ({keys})"
    return {(qid, claim): (first, last, bool(by_copy)) for qid, claim, first, last, by_copy in fetch_in(sql, qids)}


def save_qids(rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert or replace QIDs: (qid, *DESCRIPTION, first copy, last copy)."""
    insert_many(_VULNERABILITIES, rows)


def save_pairs(rows: Iterable[tuple[int, str, int, int, bool]]) -> None:
    """Insert or replace pairs: (qid, claim, first document with, last document with, by a copy)."""
    insert_many(_PAIRS, rows)


def qids_without_entry() -> list[int]:
    """Return the QIDs seen on hosts that the KnowledgeBase does not describe, in order."""
    sql = (
        "SELECT DISTINCT d.qid FROM detections d LEFT JOIN vulnerabilities v ON v.qid = d.qid "
        "WHERE v.qid IS NULL ORDER BY d.qid"
    )
    return [row[0] for row in fetch(sql)]
