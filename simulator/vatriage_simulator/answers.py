"""What the simulator answers: a status, headers and a body that is written record by record.

Also the short answers: SIMPLE_RETURN (v2), GENERIC_RETURN (v1), HTML pages. Sources: recorded bodies and headers for
401/2000, 400/1903, 400/1905, 200/2001, login, logout and 301; the rest as each function says.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from vatriage_simulator import markup
from vatriage_simulator.faults import Fault

XML_LIST = "application/xml"
XML_RETURN = "text/xml;charset=UTF-8"
HTML = "text/html; charset=iso-8859-1"

KEEP_ALIVE_EVERY = 100
"""A keep-alive comment comes after the date, after so many records, and after the root element."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Write nothing for so many seconds."""

    seconds: float


Piece = tuple[int | None, str]
"""A part of a body and the id of the record it is (None: no record)."""


def _nothing() -> None:
    """Stand where nothing is to be released."""


@dataclass(slots=True, kw_only=True)
class Answer:
    """One response, not yet sent."""

    status: int
    content_type: str
    head: str
    """What comes before the records; the whole body of a short answer."""
    records: Iterable[tuple[int, str]] = ()
    """(host id or QID, its XML), written as they come."""
    record_ids: tuple[int, ...] = ()
    """The ids of the records to come, in order."""
    tail: str = ""
    live: Iterable[Piece | Pause] | None = None
    """A body that comes into being while it is sent: each piece goes out at once and as it is; then head, records and
    tail do not count. Nothing of it is done before the first piece is asked for."""
    refused: bool = False
    """Whether it is an error that has HTTP 200."""
    headers: list[tuple[str, str]] = field(default_factory=list)
    fault: Fault | None = None
    finished: Callable[[], None] = _nothing
    """Called once the last byte is ready, before the client can know: frees the concurrency slot."""

    def pieces(self) -> Iterator[Piece]:
        """Yield the body piece by piece, each with the id of its record (None: no record)."""
        yield None, self.head
        yield from self.records
        yield None, self.tail


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request as the answers see it."""

    method: str
    path: str
    """Without its query."""
    query: str
    parameters: dict[str, str]
    headers: dict[str, str]
    """By lower-case name."""
    url: str
    """The service's own URL, without a slash at the end."""


def simple_return(
    call: Call, now: datetime, status: int, code: int | None, text: str, *, item: tuple[str, str] | None = None
) -> Answer:
    """Return a v2 SIMPLE_RETURN; `code` None leaves CODE out; an item makes an ITEM_LIST."""
    row = f"<ITEM>{markup.element('KEY', item[0])}{markup.element('VALUE', item[1])}</ITEM>" if item else ""
    body = (
        '<?xml version="1.0" encoding="UTF-8" ?>\n'
        f'<!DOCTYPE SIMPLE_RETURN SYSTEM "{call.url}/api/2.0/simple_return.dtd">\n'
        "<SIMPLE_RETURN>\n  <RESPONSE>\n"
        + markup.lines(
            4,
            markup.dated("DATETIME", now),
            markup.element("CODE", code),
            markup.element("TEXT", text),
            f"<ITEM_LIST>{row}</ITEM_LIST>" if row else "",
        )
        + "  </RESPONSE>\n</SIMPLE_RETURN>\n"
    )
    return Answer(status=status, content_type=XML_RETURN, head=body)


def generic_return(call: Call, now: datetime, login: str, number: int | None, text: str) -> Answer:
    """Return a v1 GENERIC_RETURN, HTTP 200 as v1 does. Its form is that of client code, no body was recorded.

    `number` None: it went well.
    """
    outcome = 'status="SUCCESS"' if number is None else f'status="FAILED" number="{number}"'
    name = call.path.rsplit("/", 1)[-1]
    body = (
        '<?xml version="1.0" encoding="UTF-8" ?>\n'
        f'<!DOCTYPE GENERIC_RETURN SYSTEM "{call.url}/generic_return.dtd">\n'
        f'<GENERIC_RETURN>\n  <API name="{name}" username="{markup.attribute(login)}" at="{markup.instant(now)}" />\n'
        f"  <RETURN {outcome}>\n  {markup.text(text)}\n  </RETURN>\n</GENERIC_RETURN>\n"
    )
    return Answer(status=200, content_type=XML_RETURN, head=body, refused=number is not None)


def v1_over_limit(call: Call, now: datetime, login: str, number: int, text: str) -> Answer:
    """Return v1's refusal for too many calls: RETURN inside API and the text in MESSAGE, as a client's test has it."""
    name = call.path.rsplit("/", 1)[-1]
    body = (
        '<?xml version="1.0" encoding="UTF-8" ?>\n'
        f'<!DOCTYPE GENERIC_RETURN SYSTEM "{call.url}/generic_return.dtd">\n'
        f'<GENERIC_RETURN>\n  <API name="{name}" username="{markup.attribute(login)}" at="{markup.instant(now)}">\n'
        f'    <RETURN status="FAILED" number="{number}"><MESSAGE>{markup.text(text)}</MESSAGE></RETURN>\n'
        "  </API>\n</GENERIC_RETURN>\n"
    )
    return Answer(status=200, content_type=XML_RETURN, head=body, refused=True)


def html_page(status: int, title: str, body: str) -> Answer:
    """Return a page for people. `body` is HTML already."""
    page = (
        '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n'
        f"<html><head>\n<title>{title}</title>\n</head><body>\n<h1>{title}</h1>\n<p>{body}</p>\n</body></html>\n"
    )
    return Answer(status=status, content_type=HTML, head=page)


def moved(call: Call, path: str) -> Answer:
    """Return the 301 to a path, as it comes where the last slash is missing (recorded: an HTML body and Location)."""
    location = f"{call.url}{path}" + (f"?{call.query}" if call.query else "")
    answer = html_page(
        301, "301 Moved Permanently", f'The document is at <a href="{markup.attribute(location)}">here</a>.'
    )
    answer.headers.append(("Location", location))
    return answer


def listing(
    call: Call,
    now: datetime,
    *,
    root: str,
    dtd: str,
    container: str,
    records: Iterable[tuple[int, str]],
    record_ids: tuple[int, ...],
    next_page: str = "",
) -> Answer:
    """Return a list document; without records its RESPONSE holds only the date (recorded for host list and KB).

    Args:
        call: for the service's URL.
        now: DATETIME.
        root: the root element; keep-alive comments name it.
        dtd: the path of the DOCTYPE's system identifier, which nobody should fetch.
        container: the element that holds the records (HOST_LIST, ID_SET, VULN_LIST).
        records: what to write, lazily.
        record_ids: the ids of the records.
        next_page: a WARNING element, or nothing.
    """
    beat = f"<!-- keep-alive for {root} -->\n"
    head = (
        '<?xml version="1.0" encoding="UTF-8" ?>\n'
        f'<!DOCTYPE {root} SYSTEM "{call.url}{dtd}">\n'
        "<!-- Made by a simulator: no host or person behind this list is real. -->\n"
        f"<{root}>\n  <RESPONSE>\n" + markup.lines(4, markup.dated("DATETIME", now)) + beat
    )
    opened, closed = (f"    <{container}>\n", f"    </{container}>\n") if record_ids else ("", "")
    return Answer(
        status=200,
        content_type=XML_LIST,
        head=head + opened,
        records=_with_beats(records, beat),
        record_ids=record_ids,
        tail=f"{closed}{next_page}  </RESPONSE>\n</{root}>\n{beat}",
    )


def _with_beats(records: Iterable[tuple[int, str]], beat: str) -> Iterator[tuple[int, str]]:
    """Yield the records, a keep-alive comment after every KEEP_ALIVE_EVERY of them."""
    for place, (number, record) in enumerate(records, start=1):
        yield number, record + (beat if place % KEEP_ALIVE_EVERY == 0 else "")
