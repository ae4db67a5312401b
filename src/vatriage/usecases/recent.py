"""The alerts of the last minutes of a live source: what a success that shows later changes, and for which earlier alerts.

They come from the store when watching begins, so that a sudden end forgets no attack that is under way.
"""

import io

from vatriage.model.alert import Alert
from vatriage.model.outcome import HostPair, OutcomeIndex, sightings
from vatriage.model.policy import Policy
from vatriage.model.verdict import Verdict, VerdictRecord
from vatriage.sensors.interface import AlertReader
from vatriage.store.bookmark_rows import recent_alerts
from vatriage.triage.kernel import Kernel

MOST = 50_000
"""Alerts remembered; in a flood the oldest are forgotten first, and their verdicts are not amended any more."""
_WINDOW_US = Policy().outcome_window_us


class Recent:
    """Alerts of one zone, not older than the window in which a success counts; see VERDICT 6."""

    def __init__(self, zone: str, reader: AlertReader) -> None:
        self._alerts: dict[str, Alert] = {}
        self._compromised: set[str] = set()
        self._outcomes: dict[HostPair, set[tuple[int, str]]] = {}
        for stored in recent_alerts(zone, _WINDOW_US, MOST):
            for batch in reader.read(io.BytesIO(stored.raw + b"\n"), "-", zone):
                self._alerts |= {alert.id: alert for alert in batch.alerts if alert.id == stored.id}
            if stored.compromised:
                self._compromised.add(stored.id)
        self._counted = False

    def take(self, kernel: Kernel, alerts: list[Alert]) -> OutcomeIndex:
        """Remember new alerts and return all outcomes and attempts that are known now."""
        known = [] if self._counted else list(self._alerts.values())
        self._counted = True
        self._alerts |= {alert.id: alert for alert in alerts}
        self._forget()
        for pair, seen in kernel.outcome_pairs([*known, *alerts]).items():
            self._outcomes.setdefault(pair, set()).update(seen)
        if not self._outcomes:
            return OutcomeIndex()
        attempts = kernel.attempts_on(self._alerts.values(), frozenset(self._outcomes))
        return OutcomeIndex(sightings(self._outcomes), sightings(attempts))

    def to_amend(self, kernel: Kernel, new: list[Alert]) -> list[Alert]:
        """Return earlier alerts, in order of time, on host pairs of which a new alert tells a success."""
        pairs = frozenset(kernel.outcome_pairs(new))
        if not pairs:
            return []
        ids = {alert.id for alert in new} | self._compromised
        found = {
            alert_id
            for seen in kernel.attempts_on(self._alerts.values(), pairs).values()
            for _, alert_id in seen
            if alert_id not in ids
        }
        return sorted((self._alerts[one] for one in found), key=lambda alert: (alert.at_us, alert.id))

    def judged(self, records: list[VerdictRecord]) -> None:
        """Learn which alerts are at the top already: they are not judged again."""
        top = Verdict.COMPROMISE_INDICATED.name
        self._compromised |= {record.id for record in records if record.verdict == top and record.id in self._alerts}

    def _forget(self) -> None:
        newest = max((alert.at_us for alert in self._alerts.values()), default=0)
        kept = sorted(
            (alert for alert in self._alerts.values() if alert.at_us >= newest - _WINDOW_US),
            key=lambda alert: alert.at_us,
        )[-MOST:]
        self._alerts = {alert.id: alert for alert in kept}
        self._compromised &= self._alerts.keys()
        self._outcomes = {
            pair: left
            for pair, seen in self._outcomes.items()
            if (left := {one for one in seen if one[0] >= newest - _WINDOW_US})
        }
