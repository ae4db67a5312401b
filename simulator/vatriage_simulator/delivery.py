"""From an answer to the bytes on the wire: batches, gzip, and the faults that spoil a body.

Pure: `steps` says what to write, when to wait and where to hang up; `handler` does it.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from vatriage_simulator.answers import Answer, Pause
from vatriage_simulator.faults import IN_RECORD, Fault, FaultKind

_BATCH_BYTES = 32 * 1024
"""Records are sent together up to about this size, so that a long list costs few writes."""

_BREAKING = frozenset({FaultKind.CUT, FaultKind.CUT_UNMARKED, FaultKind.GZIP_CUT, FaultKind.STALL})

_GZIP_WINDOW = 31
"""zlib's window bits for a gzip stream; its header has no time in it, so that the bytes are the same each time."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """Close the connection here, whatever is missing."""


Step = bytes | Pause | HangUp


def wants_gzip(accept_encoding: str) -> bool:
    """Whether an Accept-Encoding header asks for gzip (RFC 9110 12.5.3; q=0 refuses it)."""
    for part in accept_encoding.lower().split(","):
        name, _, weight = part.strip().partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def steps(answer: Answer, *, compressed: bool) -> Iterator[Step]:
    """Yield how the body is written. A delay before the first byte is not in it: see `delay_s`."""
    fault = answer.fault
    if answer.live is not None:
        yield from _live_steps(answer, fault)
        return
    body = _encoded(_batches(answer), compressed=compressed)
    match fault.kind if fault else None:
        case FaultKind.EMPTY:
            return
        case FaultKind.CUT | FaultKind.CUT_UNMARKED:
            yield _halves(b"".join(body), fault)[0]
            yield HangUp()
        case FaultKind.GZIP_CUT:
            whole = b"".join(body)
            # Inside the deflate data: the trailer alone (8 bytes) would leave the text whole.
            yield _halves(whole, fault)[0]
        case FaultKind.STALL:
            first, second = _halves(b"".join(body), fault)
            yield first
            yield Pause(fault.seconds if fault else 0.0)
            yield second
        case _:
            yield from body


def _live_steps(answer: Answer, fault: Fault | None) -> Iterator[Step]:
    """Yield a live body as it comes; a fault falls where it says, within the piece that stands there."""
    kind = fault.kind if fault else None
    if kind is FaultKind.EMPTY:
        return
    sent = records = 0
    for piece in answer.live or ():
        if isinstance(piece, Pause):
            yield piece
            continue
        data = piece[1].encode()
        if fault is not None and kind in IN_RECORD and piece[0] and fault.record_id in {None, piece[0]}:
            data, kind = _spoilt(data, fault), None
        place = _place(fault, answer, sent, records, len(data)) if kind in _BREAKING else None
        yield data if place is None else data[:place]
        if fault is not None and place is not None:
            if kind is not FaultKind.STALL:
                yield HangUp()
                return
            yield Pause(fault.seconds)
            yield data[place:]
            kind = None
        sent += len(data)
        records += piece[0] is not None


def _place(fault: Fault | None, answer: Answer, sent: int, records: int, size: int) -> int | None:
    """Return where in a piece of a live body its fault falls, None if not in this one."""
    if fault is None:
        return None
    if fault.after_bytes is not None:
        place = fault.after_bytes - sent
        return place if 0 <= place < size else None
    after = len(answer.record_ids) // 2 if fault.after_records is None else fault.after_records
    # The head, which holds the reference, is whole in any case.
    return size // 2 if sent and records >= after else None


def delay_s(answer: Answer) -> float:
    """Return how long to wait before the status line."""
    return answer.fault.seconds if answer.fault and answer.fault.kind is FaultKind.DELAY else 0.0


def _halves(whole: bytes, fault: Fault | None) -> tuple[bytes, bytes]:
    """Return a body in two parts, divided where the fault says, else in the middle."""
    place = len(whole) // 2 if fault is None or fault.after_bytes is None else fault.after_bytes
    return whole[:place], whole[place:]


def _batches(answer: Answer) -> Iterator[bytes]:
    """Yield the body in batches, a record spoilt where a fault says so."""
    fault = answer.fault if answer.fault and answer.fault.kind in IN_RECORD else None
    held: list[bytes] = []
    size = 0
    for number, piece in answer.pieces():
        data = piece.encode()
        if fault is not None and number is not None and fault.record_id in {None, number}:
            data, fault = _spoilt(data, fault), None
        held.append(data)
        size += len(data)
        if size >= _BATCH_BYTES:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)


def _spoilt(record: bytes, fault: Fault) -> bytes:
    """Return a record's bytes with the fault in them."""
    place = record.rindex(b"</")
    if fault.kind is FaultKind.UNCLOSED_TAG:
        return record[:place] + record[record.index(b">", place) + 1 :]
    wrong = b"\xff" if fault.kind is FaultKind.BAD_BYTE else b"&nosuchentity;"
    return record[:place] + b"<COMMENTS>" + wrong + b"</COMMENTS>" + record[place:]


def _encoded(batches: Iterator[bytes], *, compressed: bool) -> Iterator[bytes]:
    """Yield the batches as they go on the wire."""
    if not compressed:
        yield from batches
        return
    packer = zlib.compressobj(wbits=_GZIP_WINDOW)
    for batch in batches:
        yield packer.compress(batch)
    yield packer.flush()
