"""One stored alert with everything that is known of it: event, verdicts, argument, reviews."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from vatriage.errors import NotFoundError, UsageError
from vatriage.model.review_scope import Scope
from vatriage.model.verdict import EvidenceRecord, VerdictRecord
from vatriage.store.alert_pages import alert_row, group_row, messages_of, raw_event
from vatriage.store.alert_rows import verdicts_of
from vatriage.store.review_rows import contradicted_since, reviews_of, said_of
from vatriage.store.signature_reach import Reach, reach
from vatriage.store.tuning_rows import marks_of
from vatriage.usecases.archive import archived_event
from vatriage.usecases.evidence_chain import Chain, evidence_chain
from vatriage.usecases.explain import Explanation, explain
from vatriage.usecases.found_since import found_since
from vatriage.usecases.reviews import signature_row

_decoder = msgspec.json.Decoder(VerdictRecord)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """One alert. Rows are columns of the store by name."""

    alert: Row
    """With `message`."""
    group: Row
    event: bytes
    """As the sensor wrote it."""
    event_shown: str
    """The same, set out over lines if it is JSON."""
    verdicts: list[VerdictRecord]
    """Oldest judgement first."""
    explanation: Explanation
    """Of the newest verdict."""
    chain: Chain
    """The same as a graph."""
    reviews: list[Row]
    """Of the alert and of its group, the newest first."""
    review: Row | None
    """The one in force."""
    contradicted: Row | None
    """The one that evidence speaks against, with `since_us`."""
    found_since: tuple[EvidenceRecord, ...]
    """Evidence for the attack that no judgement before the review in force had, of a review that calls it harmless."""
    marked: Row | None
    """The tuning rule that marks it: `rule`, `mark`."""
    reaches: dict[Scope, Reach]
    """What a review beyond its group would cover."""

    @property
    def newest(self) -> VerdictRecord:
        """The verdict that counts."""
        return self.verdicts[-1]

    def newest_review(self, *, of_group: bool) -> int:
        """Return the number of the newest review of the alert or of its group, 0 = none: what a form carries."""
        name = "group_id" if of_group else "alert_id"  # those of the signature have neither
        return max((int(row["id"]) for row in self.reviews if row[name]), default=0)


def show_alert(alert_id: str, *, zones: frozenset[str] | None, now: int, archive: Path | None = None) -> AlertView:
    """Return one alert.

    Args:
        alert_id: whole.
        zones: names of the zones that the viewer may see, None = all.
        now: seconds; a review may have expired.
        archive: folder of the alert archive, where the event may lie.

    Raises: NotFoundError: it is not stored, or not theirs to see.
    """
    alert = alert_row(alert_id, zones)
    records = [_decoder.decode(record) for record in verdicts_of(alert_id)] if alert else []
    group = group_row(alert["group_id"], zones) if alert else None
    if alert is None or group is None or not records:
        raise NotFoundError(
            f"No stored alert has the id {alert_id!r}.",
            "Alerts are stored by `vatriage triage --store`; it may belong to a zone that is not yours.",
        )
    key = (alert["gid"], alert["sid"])
    event = raw_event(alert_id) or (b"" if archive is None else archived_event(archive, alert))
    subject = [(alert_id, alert["group_id"], alert["verdict"])]
    said, marks = said_of(subject, now), marks_of(subject, now)
    review, against = said.in_force.get(alert_id), said.contradicted.get(alert_id)
    return AlertView(
        alert=alert | {"message": messages_of([key]).get(key, "")}, group=group, event=event, event_shown=_shown(event),
        verdicts=records, explanation=explain(records[-1]), chain=evidence_chain(records[-1]),
        reviews=reviews_of(alert_id, alert["group_id"]),
        review=review,
        contradicted=against and against | {"since_us": contradicted_since(against, alert_id, alert["group_id"])},
        found_since=found_since(records, review), marked=None if review or against else marks.get(alert_id), reaches=reaches(group),
    )  # fmt: skip


def reaches(group: Mapping[str, Any]) -> dict[Scope, Reach]:
    """Return what reviews beyond a group would cover, by those scopes whose address the group states."""
    found = {}
    for scope in Scope:
        with suppress(UsageError):
            found[scope] = reach(signature_row(group, scope))
    return found


def _shown(event: bytes) -> str:
    try:
        return msgspec.json.format(event, indent=2).decode(errors="replace")
    except msgspec.DecodeError:
        return event.decode(errors="replace")
