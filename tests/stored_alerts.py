"""Judged alerts of our own making, stored through the use case as `triage --store` does; and what a recount gives."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from vatriage.model.alert import Alert, Disposition
from vatriage.model.instant import format_instant
from vatriage.model.verdict import Inputs, TargetRecord, Verdict, VerdictRecord
from vatriage.sensors.interface import EventBatch
from vatriage.usecases.triage import JudgedBatch

START_US = 1_793_000_000_000_000
"""Near 2026-10-26: when the first alert is."""
JUDGED_US = 10**12
"""After that: when judgement 0 is."""
HOUR_US = 3_600_000_000


class Judged(msgspec.Struct, frozen=True):
    """One alert and what is said of it; the same number is the same alert."""

    number: int
    verdict: Verdict = Verdict.UNKNOWN
    zone: str = "default"
    sid: int = 2_021_648
    gid: int = 1
    rev: int = 3
    message: str = "ET EXPLOIT an attempt"
    source: str = "198.51.100.7"
    destination: str = "10.2.0.1"
    side: str = "destination"
    """The end that is the target."""
    reasons: tuple[str, ...] = ("stale",)
    priority: int = 60
    disposition: Disposition = Disposition.ALLOWED
    judged: int = 0
    """Number of the judgement: later is greater."""
    inputs: str = "snapshot"
    at_us: int | None = None

    @property
    def id(self) -> str:
        """The alert's id."""
        return f"{self.number:032x}"

    @property
    def instant_us(self) -> int:
        """The alert's time: seven minutes between two numbers."""
        return START_US + self.number * 420_000_000 if self.at_us is None else self.at_us


class LaterClock:
    """Stands at an instant after most judgements."""

    def now(self) -> datetime:
        """See Clock.now."""
        return datetime.fromtimestamp((START_US + JUDGED_US) / 1e6 + 1_000, UTC)


def store_alerts(judged: Iterable[Judged]) -> None:
    """Store some judged alerts as one batch, a thousand seconds after judgement 0."""
    from vatriage.usecases.keep_verdicts import keep_batch

    given = list(judged)
    events = EventBatch(
        alerts=[_alert(one) for one in given], lines=[_line(one) for one in given],
        line_alert=list(range(len(given))), events=len(given),
    )  # fmt: skip
    keep_batch(JudgedBatch(events=events, records=[_record(one) for one in given]), LaterClock())


def _alert(one: Judged) -> Alert:
    return Alert(
        id=one.id, zone=one.zone, at_us=one.instant_us, gid=one.gid, sid=one.sid, rev=one.rev, message=one.message,
        source_address=one.source, source_port=40_000, destination_address=one.destination, destination_port=443,
        protocol="tcp", disposition=one.disposition, sensor="sensor-1", source_file="eve.json",
        source_line=one.number + 1,
    )  # fmt: skip


def _record(one: Judged) -> VerdictRecord:
    address, port = (one.source, 40_000) if one.side == "source" else (one.destination, 443)
    return VerdictRecord(
        schema=1, id=one.id, timestamp=format_instant(one.instant_us),
        judged_at=format_instant(START_US + JUDGED_US + one.judged * 10**6), zone=one.zone,
        signature=f"{one.gid}:{one.sid}:{one.rev}",
        target=TargetRecord(address, port, "tcp", one.side, "flow", f"{one.zone}:{address}"), other_target=None,
        claims=(), verdict=one.verdict.name, conflict=False, reasons=one.reasons, justifications=(), evidence=(),
        disposition=one.disposition, priority=one.priority, expires=None,
        inputs=Inputs("policy", "signatures", "kb", one.inputs), source_file="eve.json", source_line=one.number + 1,
    )  # fmt: skip


def _line(one: Judged) -> bytes:
    event = {
        "timestamp": format_instant(one.instant_us), "event_type": "alert", "src_ip": one.source, "src_port": 40_000,
        "dest_ip": one.destination, "dest_port": 443, "proto": "TCP", "host": "sensor-1",
        "alert": {"gid": one.gid, "signature_id": one.sid, "rev": one.rev, "signature": one.message},
    }  # fmt: skip
    return msgspec.json.encode(event)


def newest(judged: Sequence[Judged]) -> dict[int, Judged]:
    """Return by number what was judged last, of two at the same instant the one stored later, of the same inputs the worse."""
    seen: dict[tuple[int, int, str], Verdict] = {}
    found: dict[int, Judged] = {}
    for one in judged:
        key = (one.number, one.judged, one.inputs)
        before = found.get(one.number)
        if one.verdict > seen.get(key, -1) and (before is None or one.judged >= before.judged):
            found[one.number] = one
        seen[key] = max(one.verdict, seen.get(key, one.verdict))
    return found


def recounted() -> dict[str, Any]:
    """Return what the counters must be, from the alerts themselves."""
    from vatriage.store.bulk import fetch

    rows = fetch("SELECT zone, at_us, verdict, reasons, group_id, disposition FROM alerts")
    groups = {name: [row for row in rows if row[4] == name] for name in {row[4] for row in rows}}
    return {
        "hours": Counter((zone, at_us // HOUR_US, verdict) for zone, at_us, verdict, *_ in rows),
        "reasons": Counter((zone, verdict, reasons) for zone, _, verdict, reasons, *_ in rows),
        "blocked": Counter((zone, verdict, reasons) for zone, _, verdict, reasons, _, done in rows if done == "blocked"),
        "groups": {
            name: (
                len(mine), min(row[1] for row in mine), max(row[1] for row in mine), max(row[2] for row in mine),
                *(sum(row[2] == level for row in mine) for level in range(1, 7)),
                sum(row[2] == 1 and row[5] == "blocked" for row in mine),
            )
            for name, mine in groups.items()
        },
    }  # fmt: skip


def counted() -> dict[str, Any]:
    """Return what the counters are; what is counted down to nothing is left out."""
    from vatriage.store.alert_counts import LEVELS
    from vatriage.store.bulk import fetch

    columns = ", ".join(("alerts", "first_at_us", "last_at_us", "worst", *LEVELS, "system_determined"))
    groups = fetch(f"SELECT id, {columns} FROM alert_groups WHERE alerts > 0")
    hours = fetch("SELECT zone, hour, verdict, alerts FROM verdict_hours WHERE alerts <> 0")
    reasons = fetch(
        "SELECT zone, verdict, reasons, alerts, blocked FROM verdict_reasons WHERE alerts <> 0 OR blocked <> 0"
    )
    return {
        "hours": Counter({row[:3]: row[3] for row in hours}),
        "reasons": Counter({row[:3]: row[3] for row in reasons if row[3]}),
        "blocked": Counter({row[:3]: row[4] for row in reasons if row[4]}),
        "groups": {row[0]: row[1:] for row in groups},
    }
