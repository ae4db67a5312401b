"""Whether the report files of one call are, together, the whole output that a person vouches for (VERDICT 3.1)."""

from collections.abc import Sequence

from vatriage.usecases.file_kinds import CUMULATIVE, HOST_LIST, KNOWLEDGE, SILENCE
from vatriage.usecases.taken_file import TakenFile


def why_not_whole(taken: Sequence[TakenFile]) -> str:
    """Return why the files together are not a whole report, "" if nothing speaks against it."""
    against = next(filter(None, map(_against, taken)), "")
    if against:
        return against
    kinds = {item.counts.kind for item in taken} & set(SILENCE)
    if not kinds:
        return "none of the files is a list of detections"
    for kind in kinds:
        if not any(item.counts.hosts for item in taken if item.counts.kind == kind):
            return "the list of detections holds no host at all"
    for kind in (HOST_LIST, CUMULATIVE):
        missing = _missing_page([item for item in taken if item.counts.kind == kind])
        if missing:
            return missing
    return ""


def oldest_list(taken: Sequence[TakenFile]) -> int | None:
    """Return the date of the oldest list of all findings, 0 if one bears none, None if there is no such list.

    A later scan is none of theirs. The report of one scan is no such list: it is silent about hosts it did not scan.
    """
    return min((item.generated_at for item in taken if item.counts.kind == CUMULATIVE), default=None)


def _against(item: TakenFile) -> str:
    """Return what one file itself says against being whole."""
    if item.counts.error is not None:
        return f"{item.counts.file}: {item.counts.error}"
    if item.narrowed:
        return f"{item.counts.file}: {item.narrowed}"
    if item.unnamed_hosts:
        return f"{item.counts.file} holds {item.unnamed_hosts} hosts whose ID cannot be read"
    if item.counts.kind in KNOWLEDGE and item.counts.rejects:
        return f"{item.counts.file}: {item.counts.rejects} KnowledgeBase entries or claims were rejected"
    return ""


def _missing_page(files: Sequence[TakenFile]) -> str:
    """Return which page is missing, "" if none is.

    A truncated page names the host with which the next one begins. Only a file that begins with that very host is known
    to be the next page: with any later one, a page in between might be missing, and its hosts would look clean.
    """
    for item in files:
        if item.truncation is None:
            continue
        if not any(other.first_id == item.truncation.next_id > item.last_id for other in files):
            return (
                f"{item.counts.file} was truncated by the server, and no file begins with host "
                f"{item.truncation.next_id or '?'}, where its next page begins"
            )
    return ""
