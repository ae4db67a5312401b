"""The kernel: (snapshot, signature index, batch of alerts, outcomes, policy, clock) -> batch of verdict records.

A pure function with caches: the same input gives the same bytes, whatever the order, the batch size or the database
(VERDICT 9).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from vatriage.model.alert import Alert
from vatriage.model.instant import format_instant
from vatriage.model.outcome import HostPair, OutcomeIndex, sightings
from vatriage.model.policy import Policy
from vatriage.model.ranking import RankingData
from vatriage.model.signature import OutcomeRules, Signature, SignatureIndex, TransitiveClaims
from vatriage.model.snapshot import Snapshot
from vatriage.model.verdict import SCHEMA_VERSION, ClaimRecord, Inputs, TargetRecord, VerdictRecord
from vatriage.triage.asset_values import AssetValues
from vatriage.triage.claims import claims_of
from vatriage.triage.decide import Judge
from vatriage.triage.interface import ClaimSet, Inventory
from vatriage.triage.judge_alert import Sided, begins, host_pair, judge_sides, suspect_own_attacker, weigh_outcome
from vatriage.triage.priority import Ranker, cves_of
from vatriage.triage.steps import StepCache
from vatriage.triage.target import DESTINATION, SOURCE, Target, choose, end
from vatriage.triage.view import SnapshotView


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """Everything a verdict is computed from, beside the alert itself and the outcomes."""

    snapshot: Snapshot
    signatures: SignatureIndex
    policy: Policy
    outcome_rules: OutcomeRules
    transitive: TransitiveClaims
    ranking: RankingData = field(default_factory=RankingData)
    """What alerts of one level are ranked by; it decides nothing."""


def inputs_of(knowledge: Knowledge) -> Inputs:
    """Return the versions that verdicts of some knowledge are computed from."""
    return Inputs(
        policy=f"{knowledge.policy.version}+{knowledge.outcome_rules.version}+{knowledge.transitive.version}",
        signatures=knowledge.signatures.version,
        knowledge_base=knowledge.snapshot.knowledge_base,
        snapshot=knowledge.snapshot.id,
        known_exploited=knowledge.ranking.exploited_version,
        epss=knowledge.ranking.score_version,
    )


class _Reading(NamedTuple):
    """What is the same for all alerts of one signature that carry the same claims."""

    signature: Signature | None
    claims: ClaimSet
    records: tuple[ClaimRecord, ...]
    name: str
    outcome_victim: str | None
    """For an outcome, the end of its packet that was attacked; None if it is none."""
    priority: int | None
    """The rule's."""
    cves: tuple[str, ...]
    """Of the claims, sorted: what it is ranked by."""


class Kernel:
    """Judges batches of alerts at one clock.

    Args:
        knowledge: snapshot, signatures, policy and the two data files.
        clock_us: the clock *T*; evidence observed later does not exist.
        inventory: for tests; by default a view of the snapshot.
    """

    def __init__(self, knowledge: Knowledge, clock_us: int, inventory: Inventory | None = None) -> None:
        self._knowledge = knowledge
        self._clock_us = clock_us
        view = inventory or SnapshotView(knowledge.snapshot)
        judge = Judge(view, knowledge.policy, knowledge.transitive.claims)
        self._steps = StepCache(judge, view, knowledge.policy, clock_us)
        self._judged_at = format_instant(clock_us)
        self._readings: dict[tuple[object, ...], _Reading] = {}
        self._ranker = Ranker(knowledge.ranking, AssetValues(knowledge.snapshot), clock_us)
        self._inputs = inputs_of(knowledge)

    @property
    def clock_us(self) -> int:
        """The clock *T*."""
        return self._clock_us

    @property
    def inputs(self) -> Inputs:
        """The versions that its verdicts are computed from."""
        return self._inputs

    @property
    def outcome_window_us(self) -> int:
        """How long after an attempt a success counts."""
        return self._knowledge.policy.outcome_window_us

    def judge(self, alerts: Iterable[Alert], outcomes: OutcomeIndex) -> list[VerdictRecord]:
        """Return one record an alert, in the order of the alerts."""
        return [self._judge_one(alert, outcomes) for alert in alerts]

    def outcome_pairs(self, alerts: Iterable[Alert]) -> dict[HostPair, set[tuple[int, str]]]:
        """Return the sightings of outcome alerts, for the first pass over a file."""
        rows: dict[HostPair, set[tuple[int, str]]] = {}
        for alert in alerts:
            side = self._reading(alert).outcome_victim
            pair = host_pair(alert, side) if side else None
            if pair:
                rows.setdefault(pair, set()).add((alert.at_us, alert.id))
        return rows

    def attempts_on(self, alerts: Iterable[Alert], pairs: frozenset[HostPair]) -> dict[HostPair, set[tuple[int, str]]]:
        """Return the sightings of attempts on pairs that have outcomes, for the second pass."""
        rows: dict[HostPair, set[tuple[int, str]]] = {}
        for alert in alerts:
            reading = self._reading(alert)
            if reading.outcome_victim:
                continue
            for side in choose(alert, reading.signature).sides:
                pair = host_pair(alert, side)
                if pair and pair in pairs:
                    began_us = begins(alert, self._knowledge.policy)
                    rows.setdefault(pair, set()).update({(began_us, alert.id), (alert.at_us, alert.id)})
        return rows

    def _judge_one(self, alert: Alert, outcomes: OutcomeIndex) -> VerdictRecord:
        reading = self._reading(alert)
        target = choose(alert, reading.signature)
        sided = judge_sides(alert, reading.signature, reading.claims, target, self._clock_us, self._steps.judge_address)
        sided = weigh_outcome(alert, sided, target, outcomes, self._knowledge.policy, victim=reading.outcome_victim)
        sided = suspect_own_attacker(alert, reading.signature, sided, target)
        return self._record(alert, reading, target, sided)

    def _reading(self, alert: Alert) -> _Reading:
        key = (
            *(alert.gid, alert.sid, alert.rev, alert.cves, alert.references, alert.rule_references),
            *(alert.message, alert.category, alert.doubts),
        )
        reading = self._readings.get(key)
        if reading is None:
            reading = self._readings[key] = self._read(alert)
        return reading

    def _read(self, alert: Alert) -> _Reading:
        signature, exact = self._knowledge.signatures.find(alert.gid, alert.sid, alert.rev)
        message = alert.message or (signature.message if signature else "")
        observed = self._knowledge.outcome_rules.observes(message)
        claims = claims_of(alert, signature, exact=exact, observed=observed)
        return _Reading(
            signature=signature,
            claims=claims,
            records=tuple(ClaimRecord(claim.id, tuple(claim.sources)) for claim in claims.claims),
            name=f"{alert.gid}:{alert.sid}:{alert.rev}",
            outcome_victim=self._outcome_victim(alert, signature),
            priority=self._knowledge.signatures.priority_of(signature),
            cves=cves_of(claims),
        )

    def _outcome_victim(self, alert: Alert, signature: Signature | None) -> str | None:
        """Return whom an alert that tells of a success shows as attacked; where a format writes no message, the rule's counts."""
        message = alert.message or (signature.message if signature else "")
        classtype = signature.classtype if signature else ""
        rules = self._knowledge.outcome_rules
        if not rules.matches(alert.gid, alert.sid, message, alert.category, classtype):
            return None
        return DESTINATION if (alert.gid, alert.sid) in rules.towards_victim else SOURCE

    def _record(self, alert: Alert, reading: _Reading, target: Target, sided: Sided) -> VerdictRecord:
        finding = sided.finding
        until = finding.valid_until_us
        address = end(alert, sided.side).address
        ranked = self._ranker.rank(alert, reading.signature, reading.priority, reading.cves, finding.evidence, address)
        return VerdictRecord(
            schema=SCHEMA_VERSION,
            id=alert.id,
            timestamp=format_instant(alert.at_us),
            judged_at=self._judged_at,
            zone=alert.zone,
            signature=reading.name,
            target=_target_record(alert, sided.side, target, sided),
            other_target=None if sided.other is None else _target_record(alert, sided.other, target, sided),
            claims=reading.records,
            verdict=finding.level.name,
            conflict=sided.conflict,
            reasons=finding.reasons,
            justifications=finding.justifications,
            evidence=finding.evidence,
            disposition=alert.disposition,  # guard ips-dropped: an axis of its own, never asked by the verdict
            priority=ranked.priority,
            expires=None if until is None else format_instant(until),
            inputs=self._inputs,
            source_file=alert.source_file,
            source_line=alert.source_line,
            priority_factors=ranked.factors,
        )


def outcome_index(kernel: Kernel, first: Iterable[Alert], again: Iterable[Alert]) -> OutcomeIndex:
    """Return the outcomes of a stream of alerts that can be read twice; the second reading happens only if needed."""
    outcomes = kernel.outcome_pairs(first)
    if not outcomes:
        return OutcomeIndex()
    attempts = kernel.attempts_on(again, frozenset(outcomes))
    return OutcomeIndex(sightings(outcomes), sightings(attempts))


def _target_record(alert: Alert, side: str, target: Target, sided: Sided) -> TargetRecord:
    here = end(alert, side)
    return TargetRecord(here.address, here.port, alert.protocol, side, target.chosen_by, sided.hosts.get(side))
