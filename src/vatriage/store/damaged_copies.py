"""Copies of the KnowledgeBase that lost entries: what a copy must hold to make good for them.

Any other copy, however large, may be of other QIDs: it says nothing of the entry that was lost. One that holds every QID
that is known of the damaged ones is a copy of the same, and one that was asked for whole holds what there is.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from vatriage.store.bulk import fetch
from vatriage.store.json_column import json_object

DATES = "damaged_copies"
"""In the counts of a pull or import: the dates of its damaged copies, seconds; 0 = a copy bore none."""


def qids_to_make_good() -> set[int]:
    """Return the QIDs that are known of the damaged copies which no later copy has made good for.

    Where a ledger does not tell a damaged copy's date (its process died), they are all that any dated copy described.
    """
    rows = fetch(
        "SELECT d.counts FROM pulls d WHERE d.knowledge_damaged AND NOT EXISTS (SELECT 1 FROM pulls c "
        "WHERE c.id > d.id AND NOT c.knowledge_damaged AND c.knowledge > 0)"
    )
    return set().union(*(_described(json_object(counts) or {}) for (counts,) in rows))


def _described(counts: Mapping[str, Any]) -> set[int]:
    dates: Iterable[int] | None = counts.get(DATES)
    if dates is None:
        return {int(qid) for (qid,) in fetch("SELECT qid FROM vulnerabilities WHERE first_copy > 0")}
    sql = "SELECT qid FROM vulnerabilities WHERE first_copy <= %s AND last_copy >= %s"
    return {int(qid) for date in dates for (qid,) in fetch(sql, [date, date])}
