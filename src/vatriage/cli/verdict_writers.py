"""The forms in which `triage` writes verdicts: each takes judged batches and writes bytes, in input order."""

import json
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, BinaryIO, Protocol

from vatriage.clock import Clock, now_us
from vatriage.errors import UsageError
from vatriage.model.instant import format_instant

if TYPE_CHECKING:
    from vatriage.model.alert import Alert
    from vatriage.model.verdict import VerdictRecord
    from vatriage.usecases.triage import JudgedBatch


class Output(StrEnum):
    """In which form verdicts leave."""

    TABLE = "table"
    JSONL = "jsonl"
    EVE = "eve"
    CSV = "csv"
    CEF = "cef"
    OCSF = "ocsf"
    OPENVEX = "openvex"


class VerdictWriter(Protocol):
    """Writes one form."""

    def take(self, batch: "JudgedBatch") -> None:
        """Write a batch."""

    def end(self) -> None:
        """Write what comes after the last batch."""


class Lines:
    """Lines of one record or one event each.

    Args:
        out: where to.
        encode: returns a batch as whole lines.
        head: what comes before the first.
    """

    def __init__(self, out: BinaryIO, encode: "Callable[[JudgedBatch], bytes]", head: bytes = b"") -> None:
        self._out, self._encode = out, encode
        out.write(head)

    def take(self, batch: "JudgedBatch") -> None:
        """See VerdictWriter.take."""
        self._out.write(self._encode(batch))

    def end(self) -> None:
        """See VerdictWriter.end."""


class VexDocument:
    """One OpenVEX document about all batches.

    Args:
        out: where to.
        clock: dates the document.
    """

    def __init__(self, out: BinaryIO, clock: Clock) -> None:
        from vatriage.outputs.openvex import OpenVex  # noqa: PLC0415 - only who asks for it needs it

        self._out, self._clock, self._vex = out, clock, OpenVex()

    def take(self, batch: "JudgedBatch") -> None:
        """See VerdictWriter.take."""
        self._vex.add(batch.records)

    def end(self) -> None:
        """See VerdictWriter.end."""
        at = format_instant(now_us(self._clock))
        self._out.write(json.dumps(self._vex.document(at), indent=1).encode() + b"\n")


def writer(output: Output, out: BinaryIO, clock: Clock) -> VerdictWriter:
    """Return what writes a form; that of the table is the console's own."""
    match output:
        case Output.JSONL:
            from vatriage.outputs.json_lines import encode_records  # noqa: PLC0415 - keeps --help fast

            return Lines(out, lambda batch: encode_records(batch.records))
        case Output.EVE:
            return Lines(out, _eve)
        case Output.CSV:
            from vatriage.outputs.csv_rows import encode_head, encode_rows  # noqa: PLC0415 - the same

            return Lines(out, lambda batch: encode_rows(_pairs(batch)), encode_head())
        case Output.CEF | Output.OCSF:
            return Lines(out, _each(output))
        case Output.OPENVEX:
            return VexDocument(out, clock)
        case Output.TABLE:
            raise AssertionError("the table is no stream of bytes")


def _eve(batch: "JudgedBatch") -> bytes:
    from vatriage.outputs.eve import enrich  # noqa: PLC0415 - keeps --help fast

    if not all(line.startswith(b"{") for line in batch.events.lines):
        raise UsageError("These alerts are no JSON, so nothing can be put into them.", "--output jsonl works.")
    lines = zip(batch.events.lines, batch.events.line_alert, strict=True)
    return b"".join((line if place < 0 else enrich(line, batch.records[place])) + b"\n" for line, place in lines)


def _each(output: Output) -> "Callable[[JudgedBatch], bytes]":
    from vatriage.outputs.cef import encode_cef  # noqa: PLC0415 - keeps --help fast
    from vatriage.outputs.ocsf import encode_ocsf  # noqa: PLC0415 - the same

    encode = encode_cef if output is Output.CEF else encode_ocsf
    return lambda batch: b"".join(encode(alert, record) + b"\n" for alert, record in _pairs(batch))


def _pairs(batch: "JudgedBatch") -> "zip[tuple[Alert, VerdictRecord]]":
    return zip(batch.events.alerts, batch.records, strict=True)
