"""Stored alerts judged again when what was known of them has changed: those whose verdict can change, and no others.

Three steps, each of which may be done twice or broken off: what a newer snapshot may change is put aside (`select`), batches
of it are judged (`step`), a batch's verdicts and its being done are one transaction. A new verdict stands beside the old one;
where it would say the same, nothing is stored. What rose is announced (`store/escalation_rows`), what fell is kept quietly.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from django.db import transaction

from vatriage.clock import Clock, now_us
from vatriage.model.alert import Alert
from vatriage.model.verdict import Inputs, Verdict, VerdictRecord
from vatriage.sensors.interface import EventBatch
from vatriage.store import due_rows
from vatriage.store.alert_rows import note_met, save_verdicts
from vatriage.store.basis_rows import Basis
from vatriage.store.due_rows import DueEvent
from vatriage.store.escalation_rows import is_escalation
from vatriage.store.resting_rows import Resting, Rests, rest_upon
from vatriage.store.turns import keepers_turn
from vatriage.triage.kernel import Kernel, Knowledge, inputs_of
from vatriage.usecases.keep_verdicts import stored_rows
from vatriage.usecases.rejudge_select import Instants, instants_of, is_outdated, select
from vatriage.usecases.stored_events import ReaderOf, read_again
from vatriage.usecases.stored_outcomes import stored_outcomes
from vatriage.usecases.triage import JudgedBatch

BATCH = 500
"""Alerts of one transaction."""
_decoder = msgspec.json.Decoder(VerdictRecord)
Missing = Callable[[list[DueEvent]], list[DueEvent]]
"""Returns alerts, of which the database holds no event, with their events, where they are archived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What came of one batch; it is committed."""

    judged: int = 0
    changed: int = 0
    """With a new verdict beside the old one."""
    raised: int = 0
    """Escalations among them."""
    unreadable: int = 0
    """Their event is not kept, or cannot be read any more: the verdict stands."""

    def __add__(self, other: "Step") -> "Step":
        """Return both together."""
        return Step(
            judged=self.judged + other.judged, changed=self.changed + other.changed, raised=self.raised + other.raised,
            unreadable=self.unreadable + other.unreadable,
        )  # fmt: skip


class Rejudging:
    """See the module; the store must be open.

    Args:
        knowledge: returns what verdicts are computed from, as it is now; the same object while nothing changed.
        readers: read stored events.
        snapshots: folder of snapshots.
        clock: the clock *T*.
        archived: finds events that are not in the database any more.
    """

    def __init__(
        self, knowledge: Callable[[], Knowledge], readers: ReaderOf, snapshots: Path, clock: Clock,
        archived: Missing = lambda events: events,
    ) -> None:  # fmt: skip
        self._knowledge, self._readers = knowledge, readers
        self._snapshots, self._clock, self._archived = snapshots, clock, archived
        self._known: Knowledge | None = None
        self._instants: Instants | None = None
        self._kernel: Kernel | None = None

    def is_needed(self) -> bool:
        """Whether a stored verdict may be another one by what is known now; cheap where nothing changed."""
        if not due_rows.any_alert():
            return False
        return due_rows.is_any_due() or is_outdated(_basis(inputs_of(self._look()), now_us(self._clock)), self._around)

    @property
    def snapshot_id(self) -> str:
        """The current snapshot's name."""
        return self._knowledge().snapshot.id

    def select(self, *, exact: bool = True) -> int:
        """Put aside every alert whose verdict can be another one by what is known now; return how many are due.

        Args:
            exact: see `rejudge_select.select`.
        """
        known = self._look()
        kernel = Kernel(known, now_us(self._clock))
        basis = _basis(kernel.inputs, kernel.clock_us)
        select(basis, known.snapshot, self._around(), self._snapshots, exact=exact)
        self._kernel = kernel
        return due_rows.count_due()

    def select_all(self, zone: str | None = None) -> int:
        """Put aside every alert of a zone, or of all; return how many are due there."""
        self.select()
        with transaction.atomic():
            keepers_turn()
            due_rows.put_all(zone)
        return due_rows.count_due(zone)

    def step(self, zone: str | None = None, most: int = BATCH) -> Step | None:
        """Judge some of the alerts that are due; None if none is, or if what is known changed: `select` again then."""
        kernel = self._kernel
        if kernel is None or self._knowledge() is not self._known:
            return None
        with transaction.atomic():
            keepers_turn()
            ids = due_rows.some_due(zone, most)
            if not ids:
                return None
            due_rows.strike_off(ids)
            return self._judge(kernel, self._archived(due_rows.events_of(ids)))

    def run(self, zone: str | None = None, told: Callable[[Step], None] = lambda _step: None) -> Step:
        """Judge everything that is due, as often as what is known changes meanwhile; return what came of it."""
        done = Step()
        self.select()
        while due_rows.count_due(zone):
            while (step := self.step(zone)) is not None:
                done += step
                told(done)
            self.select(exact=False)
        return done

    def _judge(self, kernel: Kernel, events: list[DueEvent]) -> Step:
        old = {event.alert_id: _decoder.decode(event.record) for event in events}
        found = read_again(events, self._readers)
        alerts = [_placed(found[name], old[name]) for name in sorted(found)]
        records = kernel.judge(alerts, stored_outcomes(kernel, alerts, self._read))
        rows = stored_rows(JudgedBatch(events=EventBatch(alerts=alerts), records=records, kernel=kernel))
        another = [is_another(old[record.id], record) for record in records]
        new = [row for row, is_new in zip(rows, another, strict=True) if is_new]
        same = [row for row, is_new in zip(rows, another, strict=True) if not is_new]
        save_verdicts(new, now_us(self._clock), attempts=False)
        note_met(same, attempts=False)
        basis = _basis(kernel.inputs, kernel.clock_us)
        unread = [_resting(old[event.alert_id], basis) for event in events if event.alert_id not in found]
        rest_upon([*(row.resting for row in same), *unread])
        return Step(
            judged=len(rows), changed=len(new), unreadable=len(unread),
            raised=sum(is_escalation(Verdict[old[row.alert_id].verdict], row.verdict) for row in new),
        )  # fmt: skip

    def _read(self, ids: list[str]) -> list[Alert]:
        return list(read_again(self._archived(due_rows.events_of(ids)), self._readers).values())

    def _look(self) -> Knowledge:
        """Return what is known now; another snapshot's instants are looked for anew."""
        known = self._knowledge()
        if known is not self._known:
            self._known, self._instants = known, None
        return known

    def _around(self) -> Instants:
        """Return when something of the snapshot was observed; looked for once a snapshot."""
        if self._instants is None:
            known = self._known or self._look()  # what was looked at, be there a newer one by now
            self._instants = instants_of(known.snapshot, now_us(self._clock))
        return self._instants


def _basis(inputs: Inputs, clock_us: int) -> Basis:
    return Basis(inputs.policy, inputs.signatures, inputs.snapshot, clock_us)


def is_another(old: VerdictRecord, new: VerdictRecord) -> bool:
    """Whether a new judgement is to stand as the newest one: it says something else, and forgot no claim to say less.

    A run of `triage --rules` knows rules that are not loaded: what they claim is not known when its alerts are judged again.
    """
    if msgspec.structs.replace(new, judged_at=old.judged_at, inputs=old.inputs) == old:
        return False
    forgot = {claim.id for claim in old.claims} - {claim.id for claim in new.claims}
    return not forgot or Verdict[new.verdict] >= Verdict[old.verdict]


def _placed(alert: Alert, record: VerdictRecord) -> Alert:
    """Return an alert that was read again with the place at which it was read first."""
    return msgspec.structs.replace(alert, source_file=record.source_file, source_line=record.source_line)


def _resting(record: VerdictRecord, basis: Basis) -> Resting:
    """Return what a verdict rests on from now on whose alert cannot be judged again."""
    gid, sid, _rev = record.signature.split(":")
    claims = tuple(sorted({claim.id for claim in record.claims}))
    return Resting(record.id, int(gid), int(sid), Rests(basis, claims, record.other_target is not None))
