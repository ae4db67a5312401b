"""The KnowledgeBase: rows <-> plain tuples, in the columns' order."""

from collections.abc import Iterable
from typing import Any

from vatriage.model.report import VULNERABILITIES
from vatriage.store.bulk import fetch, fetch_in, insert, update_all, write_many

DESCRIPTION = tuple(VULNERABILITIES.names[1:])
"""What is kept of a QID: the columns of a page's vulnerabilities, in order."""

_QID_COLUMNS = ("qid", *DESCRIPTION, "first_copy", "last_copy")
_SAVE_QID = insert("vulnerabilities", _QID_COLUMNS, f"(qid) DO UPDATE SET {update_all(_QID_COLUMNS[1:])}")
_SAVE_PAIR = insert(
    "knowledge_pairs",
    ("qid", "claim", "first_with", "last_with"),
    f"(qid, claim) DO UPDATE SET {update_all(('first_with', 'last_with'))}",
)
_QIDS = f"SELECT {', '.join(_QID_COLUMNS)} FROM vulnerabilities"


def load_qids(qids: Iterable[int]) -> dict[int, tuple[Any, ...]]:
    """Return rows by QID: (qid, *DESCRIPTION, first copy, last copy)."""
    return {row[0]: row for row in fetch_in(f"{_QIDS} WHERE qid IN ({{keys}})", qids)}


def load_pairs(qids: Iterable[int]) -> dict[tuple[int, str], tuple[int, int]]:
    """Return (first copy with, last copy with) by (QID, claim)."""
    sql = "SELECT qid, claim, first_with, last_with FROM knowledge_pairs WHERE qid IN ({keys}) ORDER BY qid, claim"
    return {(qid, claim): (first, last) for qid, claim, first, last in fetch_in(sql, qids)}


def save_qids(rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert or replace QIDs: (qid, *DESCRIPTION, first copy, last copy)."""
    write_many(_SAVE_QID, rows)


def save_pairs(rows: Iterable[tuple[int, str, int, int]]) -> None:
    """Insert or replace pairs: (qid, claim, first copy with, last copy with)."""
    write_many(_SAVE_PAIR, rows)


def qids_without_entry() -> list[int]:
    """Return the QIDs seen on hosts that the KnowledgeBase does not describe, in order."""
    sql = (
        "SELECT DISTINCT d.qid FROM detections d LEFT JOIN vulnerabilities v ON v.qid = d.qid "
        "WHERE v.qid IS NULL ORDER BY d.qid"
    )
    return [row[0] for row in fetch(sql)]
