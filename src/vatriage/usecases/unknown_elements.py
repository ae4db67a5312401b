"""Elements that no reader has heard of: kept with each page's line, summed for the pull, told in one sentence (pure)."""

from collections.abc import Iterable, Mapping

from vatriage.model.report import ReportEnd
from vatriage.store.page_rows import PageLine

_MARK = "unknown:"
NAMED = 8
"""Names that the sentence holds."""


def noted(end: ReportEnd) -> dict[str, int]:
    """Return what a page's line keeps of them, beside what merging changed."""
    return {f"{_MARK}{name}": number for name, number in end.unknown.items()}


def unknown_of(lines: Iterable[PageLine]) -> dict[str, int]:
    """Return how many there were in some pages, by name, the most frequent first."""
    counts: dict[str, int] = {}
    for line in lines:
        for key, number in line.changes.items():
            if key.startswith(_MARK):
                name = key.removeprefix(_MARK)
                counts[name] = counts.get(name, 0) + number
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def unknown_told(counts: Mapping[str, int]) -> list[str]:
    """Return the sentence for the person, none if there were no such elements."""
    if not counts:
        return []
    named = ", ".join(f"{name} ({number:,})" for name, number in list(counts.items())[:NAMED])
    more = f" and {len(counts) - NAMED} more" if len(counts) > NAMED else ""
    sentence = (
        f"Elements that this version does not know were passed over: {named}{more}. A newer vatriage may read them; "
        "`vatriage replay` then reads this pull's pages again."
    )
    return [sentence]
