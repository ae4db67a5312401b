"""KnowledgeBase entries of a page into the store, with the history of their (QID, claim) pairs."""

import pyarrow.compute as pc

from vatriage.inventory.knowledge import PairState, QidState, merge_pair, merge_qid
from vatriage.model.report import DESCRIPTION, DescribedBy, ReportPage
from vatriage.store.knowledge_rows import load_pairs, load_qids, save_pairs, save_qids


def merge_knowledge(page: ReportPage, generated_at: int, recorded_at: int) -> None:
    """Merge a page's QIDs and pairs.

    A pair may come without its QID's entry: a table names CVEs beside its findings and describes no QID.

    Args:
        page: its vulnerabilities and references count.
        generated_at: the document's date, seconds; 0 = not stated.
        recorded_at: now, seconds: when an undated pair is first known.
    """
    _merge_qids(page, generated_at)
    by_copy = generated_at > 0 and page.described_by is DescribedBy.KNOWLEDGE_BASE
    _merge_pairs(page, generated_at or _newest_finding(page) or recorded_at, by_copy=by_copy)


def _merge_qids(page: ReportPage, generated_at: int) -> None:
    if not page.vulnerabilities.num_rows:
        return
    copy = generated_at if page.described_by is DescribedBy.KNOWLEDGE_BASE else 0
    rows = page.vulnerabilities.to_pylist()
    qids = {row["qid"] for row in rows}
    stored = {qid: QidState(qid, tuple(row[1:-2]), row[-2], row[-1]) for qid, row in load_qids(qids).items()}
    merged = dict(stored)
    for row in rows:
        description = tuple(_plain(row[name]) for name in DESCRIPTION)
        merged[row["qid"]] = merge_qid(merged.get(row["qid"]), row["qid"], description, copy)
    save_qids(
        (state.qid, *state.description, state.first_copy, state.last_copy)
        for qid, state in merged.items()
        if stored.get(qid) != state
    )


def _newest_finding(page: ReportPage) -> int:
    """Return when the page's newest finding was seen, 0 if nothing says so: an undated report is at least that young."""
    return int(pc.max(page.detections["last_found"]).as_py() or 0)


def _merge_pairs(page: ReportPage, at: int, *, by_copy: bool) -> None:
    qids = set(page.references["qid"].to_pylist())
    if not qids:
        return
    stored = {key: PairState(*key, first, last, by_copy=held) for key, (first, last, held) in load_pairs(qids).items()}
    merged = dict(stored)
    for row in page.references.to_pylist():
        key = (row["qid"], row["claim"])
        merged[key] = merge_pair(merged.get(key), *key, at, by_copy=by_copy)
    save_pairs(state for key, state in merged.items() if stored.get(key) != state)


def _plain(value: int | str | None) -> int | str:
    """Return a value as the store keeps it: flags as 0 and 1, nothing as the empty text."""
    if value is None:
        return ""
    return int(value) if isinstance(value, bool) else value
