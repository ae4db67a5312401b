"""Judged batches into the store, batch by batch, each in one transaction."""

from hashlib import sha256

import msgspec
from django.db import transaction

from vatriage.clock import Clock, now_us
from vatriage.model.alert import Alert
from vatriage.model.instant import parse_instant
from vatriage.model.verdict import Verdict, VerdictRecord
from vatriage.store.alert_rows import StoredVerdict, save_verdicts
from vatriage.usecases.triage import JudgedBatch

_encoder = msgspec.json.Encoder()


def keep_batch(batch: JudgedBatch, clock: Clock) -> None:
    """Keep a batch's alerts and verdicts; the batch must hold its events' lines. The clock tells the present instant."""
    lines = {place: line for line, place in zip(batch.events.lines, batch.events.line_alert, strict=True) if place >= 0}
    judged = zip(batch.events.alerts, batch.records, strict=True)
    with transaction.atomic():
        rows = [_row(alert, record, lines.get(place, b"")) for place, (alert, record) in enumerate(judged)]
        save_verdicts(rows, now_us(clock))


def _row(alert: Alert, record: VerdictRecord, raw: bytes) -> StoredVerdict:
    inputs = f"{record.inputs.policy}/{record.inputs.signatures}/{record.inputs.snapshot}"
    attacker = alert.destination_address if record.target.side == "source" else alert.source_address
    return StoredVerdict(
        alert_id=record.id,
        zone=record.zone,
        at_us=parse_instant(record.timestamp),
        gid=alert.gid,
        sid=alert.sid,
        rev=alert.rev,
        message=alert.message,
        source_address=alert.source_address or "",
        source_port=_port(alert.source_port),
        destination_address=alert.destination_address or "",
        destination_port=_port(alert.destination_port),
        protocol=alert.protocol,
        sensor=alert.sensor,
        disposition=record.disposition,
        target_address=record.target.address or "",
        target_port=_port(record.target.port),
        host=record.target.host or "",
        verdict=Verdict[record.verdict],
        priority=record.priority,
        conflict=record.conflict,
        reasons=",".join(sorted(record.reasons)),
        attacker_address=attacker or "",
        raw=raw,
        judged_at_us=parse_instant(record.judged_at),
        inputs=sha256(inputs.encode()).hexdigest()[:63],
        record=_encoder.encode(record),
    )


def _port(port: int | None) -> int:
    return -1 if port is None else port
