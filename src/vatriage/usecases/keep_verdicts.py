"""Judged batches into the store, batch by batch, each in one transaction."""

from hashlib import sha256

import msgspec
from django.db import transaction

from vatriage.clock import Clock, now_us
from vatriage.model.alert import Alert
from vatriage.model.instant import parse_instant
from vatriage.model.outcome import HostPair
from vatriage.model.verdict import Verdict, VerdictRecord
from vatriage.store.alert_rows import StoredVerdict, save_verdicts
from vatriage.store.basis_rows import Basis
from vatriage.store.outcome_rows import Outcome
from vatriage.store.resting_rows import Rests
from vatriage.triage.kernel import Kernel
from vatriage.usecases.stored_events import kept_as_read
from vatriage.usecases.triage import JudgedBatch

_encoder = msgspec.json.Encoder()


def keep_batch(batch: JudgedBatch, clock: Clock) -> None:
    """Keep a batch's alerts and verdicts; the batch must hold its events' lines. The clock tells the present instant."""
    with transaction.atomic():
        save_verdicts(stored_rows(batch), now_us(clock))


def stored_rows(batch: JudgedBatch) -> list[StoredVerdict]:
    """Return a batch's alerts and verdicts as rows, in their order."""
    lines = {place: line for line, place in zip(batch.events.lines, batch.events.line_alert, strict=True) if place >= 0}
    outcomes = _outcomes(batch)
    judged = zip(batch.events.alerts, batch.records, strict=True)
    return [
        _row(alert, record, lines.get(place, b""), batch.events.format)._replace(
            rests=None if batch.kernel is None else _rests(record, batch.kernel, outcomes.get(alert.id))
        )
        for place, (alert, record) in enumerate(judged)
    ]


def _outcomes(batch: JudgedBatch) -> dict[str, tuple[HostPair, int]]:
    """Return by id the batch's alerts that tell of a success: on which pair, when."""
    pairs = batch.kernel.outcome_pairs(batch.events.alerts) if batch.kernel else {}
    return {alert_id: (pair, at_us) for pair, seen in pairs.items() for at_us, alert_id in seen}


def _rests(record: VerdictRecord, kernel: Kernel, outcome: tuple[HostPair, int] | None) -> Rests:
    pair, at_us = outcome or (None, 0)
    return Rests(
        basis=Basis(record.inputs.policy, record.inputs.signatures, record.inputs.snapshot, kernel.clock_us),
        claims=tuple(sorted({claim.id for claim in record.claims})),
        both_ends=record.other_target is not None,
        outcome=None if pair is None else Outcome(record.id, pair.zone, pair.victim, pair.attacker, at_us),
        window_us=kernel.outcome_window_us,
    )


def _row(alert: Alert, record: VerdictRecord, raw: bytes, format_name: str) -> StoredVerdict:
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
        format=format_name,
        alert_read=kept_as_read(alert, format_name),
    )


def _port(port: int | None) -> int:
    return -1 if port is None else port
