"""Judged batches into the store, batch by batch, each in one transaction."""

from hashlib import sha256

import msgspec
from django.db import transaction

from vatriage.model.instant import parse_instant
from vatriage.model.verdict import Verdict, VerdictRecord
from vatriage.store.alert_rows import StoredVerdict, save_verdicts
from vatriage.usecases.triage import JudgedBatch

_encoder = msgspec.json.Encoder()


def keep_batch(batch: JudgedBatch) -> None:
    """Keep a batch's alerts and verdicts; the batch must hold its events' lines."""
    lines = {place: line for line, place in zip(batch.events.lines, batch.events.line_alert, strict=True) if place >= 0}
    with transaction.atomic():
        save_verdicts(_row(record, lines.get(place, b"")) for place, record in enumerate(batch.records))


def _row(record: VerdictRecord, raw: bytes) -> StoredVerdict:
    inputs = f"{record.inputs.policy}/{record.inputs.signatures}/{record.inputs.snapshot}"
    return StoredVerdict(
        alert_id=record.id,
        zone=record.zone,
        at_us=parse_instant(record.timestamp),
        raw=raw,
        judged_at_us=parse_instant(record.judged_at),
        verdict=Verdict[record.verdict],
        inputs=sha256(inputs.encode()).hexdigest(),
        record=_encoder.encode(record),
    )
