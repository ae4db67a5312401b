"""From an answer to the bytes on the wire: batches, gzip, and the faults that spoil a body.

Pure: `steps` says what to write, when to wait and where to hang up; `handler` does it.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from vatriage_simulator.altering import altered, spoilt
from vatriage_simulator.answers import Answer, Pause
from vatriage_simulator.fault_kinds import BREAKING, IN_RECORD
from vatriage_simulator.faults import Fault, FaultKind

_BATCH_BYTES = 32 * 1024
"""Records are sent together up to about this size, so that a long list costs few writes."""

_GZIP_WINDOW = 31
"""zlib's window bits for a gzip stream; its header has no time in it, so that the bytes are the same each time."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """Close the connection here, whatever is missing."""

    reset: bool = False
    """True: with a TCP reset, which throws away what was not read yet."""


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
        case FaultKind.CUT | FaultKind.CUT_UNMARKED | FaultKind.RESET:
            yield _halves(b"".join(body), fault)[0]
            yield HangUp(reset=fault is not None and fault.kind is FaultKind.RESET)
        case FaultKind.GZIP_CUT:
            whole = b"".join(body)
            # Inside the deflate data: the trailer alone (8 bytes) would leave the text whole.
            yield _halves(whole, fault)[0]
        case FaultKind.STALL:
            first, second = _halves(b"".join(body), fault)
            yield first
            yield Pause(fault.seconds if fault else 0.0)
            yield second
        case FaultKind.STALL_CUT:
            yield _halves(b"".join(body), fault)[0]
            yield Pause(fault.seconds if fault else 0.0)
            yield HangUp()
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
            data, kind = spoilt(data, fault), None
        place = _place(fault, answer, sent, records, len(data)) if kind in BREAKING else None
        yield data if place is None else data[:place]
        if fault is not None and place is not None:
            if kind in {FaultKind.STALL, FaultKind.STALL_CUT}:
                yield Pause(fault.seconds)
            if kind is not FaultKind.STALL:
                yield HangUp(reset=kind is FaultKind.RESET)
                return
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
    fault = answer.fault
    return fault.seconds if fault and fault.kind in {FaultKind.DELAY, FaultKind.SILENCE} else 0.0


def _halves(whole: bytes, fault: Fault | None) -> tuple[bytes, bytes]:
    """Return a body in two parts, divided where the fault says, else in the middle."""
    place = len(whole) // 2 if fault is None or fault.after_bytes is None else fault.after_bytes
    return whole[:place], whole[place:]


def _batches(answer: Answer) -> Iterator[bytes]:
    """Yield the body in batches, a record spoilt where a fault says so."""
    kind = answer.fault.kind if answer.fault else None
    fault = answer.fault if kind in IN_RECORD else None
    held: list[bytes] = []
    size = 0
    for number, piece in answer.pieces():
        data = piece.encode() if number is None else altered(piece.encode(), kind)
        if fault is not None and number is not None and fault.record_id in {None, number}:
            data, fault = spoilt(data, fault), None
        held.append(data)
        size += len(data)
        if size >= _BATCH_BYTES:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)


def _encoded(batches: Iterator[bytes], *, compressed: bool) -> Iterator[bytes]:
    """Yield the batches as they go on the wire."""
    if not compressed:
        yield from batches
        return
    packer = zlib.compressobj(wbits=_GZIP_WINDOW)
    for batch in batches:
        yield packer.compress(batch)
    yield packer.flush()
