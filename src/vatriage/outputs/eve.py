"""EVE out: every event passes through unchanged, alerts gain a `vatriage` object."""

import msgspec

from vatriage.model.verdict import VerdictRecord

_encoder = msgspec.json.Encoder()


def enrich(line: bytes, record: VerdictRecord) -> bytes:
    """Return an alert's line with the verdict's record as its last member.

    Args:
        line: one JSON object, as the sensor wrote it; an old `vatriage` member of its own stays, and the new one, which
            comes later, counts.
        record: the verdict.
    """
    head = line.rstrip()
    body = head[:-1].rstrip()
    comma = b"" if body.endswith(b"{") else b","
    return body + comma + b'"vatriage":' + _encoder.encode(record) + b"}"
