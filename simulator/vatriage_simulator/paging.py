"""Pages of host lists: where a list is cut, and the WARNING that says where it goes on.

Source: recorded bodies (ID_SET) and published samples (WARNING 1980 with a CDATA URL that carries id_min and a
parameter the client never sent).
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from urllib.parse import urlencode

from vatriage_simulator import markup
from vatriage_simulator.answers import Call

DEFAULT_LIMIT = 1000
"""Host records of a page where the client does not say."""


def cut(matching: Iterator[int], limit: int) -> tuple[tuple[int, ...], int | None]:
    """Return the hosts of this page and the id the next page begins with; None: this is the last one.

    Args:
        matching: the ids of all that match, ascending; no more of them than needed are asked for.
        limit: how many a page holds, 0: all.
    """
    page = tuple(islice(matching, limit or None))
    return page, next(matching, None) if limit else None


def warning(call: Call, limit: int, next_id: int | None, *, unasked: tuple[str, str]) -> str:
    """Return the WARNING element of a cut page, nothing for the last page.

    Args:
        call: its parameters are echoed in the URL.
        limit: the page size that was exceeded.
        next_id: the id_min of the next page.
        unasked: a parameter and value that the URL carries although the client did not send it.
    """
    if next_id is None:
        return ""
    echoed = {"action": "list", **call.parameters}
    echoed = {name: value for name, value in echoed.items() if name != "id_min"}
    echoed["truncation_limit"] = str(limit)
    echoed.setdefault(*unasked)
    url = f"{call.url}{call.path}?{urlencode({**echoed, 'id_min': str(next_id)})}"
    told = f"{limit} record limit exceeded. Use URL to get next batch of results."
    parts = [markup.element("CODE", 1980), markup.element("TEXT", told), markup.cdata_element("URL", url)]
    return f"    <WARNING>\n{markup.lines(6, *parts)}    </WARNING>\n"


def id_set(numbers: Sequence[int]) -> list[tuple[int, str]]:
    """Return the children of an ID_SET: runs of ids as ID_RANGE, single ones as ID.

    Args: numbers: ascending.   Returns: (first id, element).
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return [
        (low, markup.lines(6, f"<ID>{low}</ID>" if low == high else f"<ID_RANGE>{low}-{high}</ID_RANGE>"))
        for low, high in runs
    ]
