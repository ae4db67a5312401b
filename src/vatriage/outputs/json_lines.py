"""JSON lines out: one verdict record a line, the shape of VERDICT 11."""

from collections.abc import Iterable

import msgspec

from vatriage.model.verdict import VerdictRecord

_encoder = msgspec.json.Encoder()


def encode_records(records: Iterable[VerdictRecord]) -> bytes:
    """Return the records, each on a line of its own."""
    return _encoder.encode_lines(list(records))
