"""In which order alerts of one level are looked at: a number from 0 to 100 that never changes a verdict.

The number is the sum of its factors, which stand in the order of their weight:

====================  =============  ================================================================================
factor                points         of what
====================  =============  ================================================================================
`base`                30             every alert
`known_exploited`     0, 25, 28      a claimed CVE is in CISA's catalogue, or the rule is tagged CISA_KEV; ransomware
`epss`                0 to 16        16 times the square root of the highest score of a claimed CVE
`qds`                 0, 3, 7, 10    the highest Qualys Detection Score of what was found: from 40, 70, 90
`alert_priority`      -6 to +6       the sensor's, else the rule's, else its classtype's: 1 +6, 2 0, 3 -3, others -6
`rule_confidence`     -5, 0, +2, +5  Low, none, Medium, High
`asset_value`         -5 to +5       a person's: 1 -5, 2 -3, 3 0, 4 +3, 5 +5
====================  =============  ================================================================================

Guard generic-signature: a rule of low worth is looked at later, and lowers no verdict.
What is not known is worth 0 (unknown is neutral, as in Cisco's attack relevance rating), and the factor says so.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from vatriage.model.alert import Alert
from vatriage.model.instant import DAY_US, US
from vatriage.model.ranking import NEUTRAL_VALUE, OLD_AFTER_DAYS, RankingData
from vatriage.model.signature import Signature
from vatriage.model.verdict import EvidenceRecord, PriorityFactor
from vatriage.triage.asset_values import AssetValue, AssetValues
from vatriage.triage.interface import ClaimSet

BASE = 30
_LISTED, _RANSOMWARE = 25, 28
_EPSS = 16
_BY_QDS = ((90, 10), (70, 7), (40, 3), (0, 0))
_BY_ALERT_PRIORITY = {1: 6, 2: 0, 3: -3}
_LEAST_URGENT = -6
_BY_CONFIDENCE = {"high": 5, "medium": 2, "low": -5}
_BY_VALUE = {1: -5, 2: -3, NEUTRAL_VALUE: 0, 4: 3, 5: 5}
_TAG = "CISA_KEV"
MOST_KEPT = 50_000
"""Rankings kept; beyond it all are forgotten."""


class Ranked(NamedTuple):
    """A priority and what it is made of."""

    priority: int
    factors: tuple[PriorityFactor, ...]


class RankedBy(NamedTuple):
    """All that a priority depends on, beside the lists; equal facts give equal priorities."""

    cves: tuple[str, ...]
    """Claimed, sorted."""
    tag_source: str
    """Who tags the signature CISA_KEV, "" if nobody does."""
    qds: tuple[int, int, str]
    """The highest score of what was found, its QID and who reported it; zeros and "" if there is none."""
    alert_priority: tuple[int | None, str]
    """1 is worst; and who says so."""
    confidence: tuple[str, str]
    """In lower case; and who says so."""
    asset: AssetValue | None


class Ranker:
    """Ranks alerts by some lists, at one clock; remembers what it made of equal facts.

    Args:
        data: the lists.
        assets: what targets are worth.
        clock_us: the clock *T*, to which the scores have an age.
    """

    def __init__(self, data: RankingData, assets: AssetValues, clock_us: int) -> None:
        self._data = data
        self._assets = assets
        self._clock_us = clock_us
        self._ranked: dict[RankedBy, Ranked] = {}

    def rank(
        self, alert: Alert, signature: Signature | None, rule_priority: int | None, cves: tuple[str, ...],
        evidence: Sequence[EvidenceRecord], address: str | None,
    ) -> Ranked:  # fmt: skip
        """Return an alert's priority.

        Args:
            alert: what it states goes before what its rule states.
            signature: the loaded signature, or None.
            rule_priority: the rule's own priority or its classtype's, for sensors that write none; None if not known.
            cves: what is claimed of it, by `cves_of`.
            evidence: what its verdict rests on.
            address: the target's.
        """
        facts = RankedBy(
            cves=cves,
            tag_source=_tag_source(alert, signature),
            qds=_highest_qds(evidence),
            alert_priority=_stated(alert.alert_priority, rule_priority),
            confidence=_confidence(alert, signature),
            asset=self._assets.of(alert.zone, address),
        )
        ranked = self._ranked.get(facts)
        if ranked is None:
            if len(self._ranked) > MOST_KEPT:
                self._ranked.clear()
            ranked = self._ranked[facts] = rank(facts, self._data, self._clock_us)
        return ranked


def cves_of(claims: ClaimSet) -> tuple[str, ...]:
    """Return the CVEs that are claimed, sorted: by these an alert is ranked."""
    return tuple(sorted(claim.id for claim in claims.claims if not claim.malformed and claim.id.startswith("CVE-")))


def rank(facts: RankedBy, data: RankingData, clock_us: int) -> Ranked:
    """Return the priority that some facts come to: a pure function, whose factors add up to it."""
    factors = (
        PriorityFactor("base", BASE, "every alert", ""),
        _known_exploited(facts, data),
        _epss(facts.cves, data, clock_us),
        _qds(*facts.qds),
        _alert_priority(*facts.alert_priority),
        _rule_confidence(*facts.confidence),
        _asset_value(facts.asset),
    )
    return Ranked(sum(factor.points for factor in factors), factors)


def _known_exploited(facts: RankedBy, data: RankingData) -> PriorityFactor:
    name, source = "known_exploited", f"CISA KEV of {data.exploited_date}"
    listed = [(data.exploited[cve].ransomware, cve) for cve in facts.cves if cve in data.exploited]
    if listed:
        ransomware, cve = max(listed)
        used = ", used by ransomware" if ransomware else ""
        points = _RANSOMWARE if ransomware else _LISTED
        return PriorityFactor(name, points, f"{cve} listed on {data.exploited[cve].added}{used}", source)
    if facts.tag_source:
        return PriorityFactor(name, _LISTED, f"the signature is tagged {_TAG}", facts.tag_source)
    if not facts.cves:
        return PriorityFactor(name, 0, "no CVE is claimed", "")
    if not data.exploited_date:
        return PriorityFactor(name, 0, "no catalogue is loaded", "")
    return PriorityFactor(name, 0, "not listed", source)


def _epss(cves: Sequence[str], data: RankingData, clock_us: int) -> PriorityFactor:
    name = "epss"
    if not cves:
        return PriorityFactor(name, 0, "no CVE is claimed", "")
    if not data.score_date:
        return PriorityFactor(name, 0, "no scores are loaded", "")
    source = f"EPSS of {data.score_date}{_age(data.score_date, clock_us)}"
    scored = [(score, cve) for cve in cves if (score := data.score(cve)) is not None]
    if not scored:
        return PriorityFactor(name, 0, "no score for it", source)
    score, cve = max(scored)
    return PriorityFactor(name, int(_EPSS * math.sqrt(score) + 0.5), f"{cve} scores {score:.5f}", source)


def _age(date: str, clock_us: int) -> str:
    """Return ", N days old" where the scores are too old, else ""."""
    days = age_days(date, clock_us)
    return f", {days} days old" if days > OLD_AFTER_DAYS else ""


def age_days(date: str, clock_us: int) -> int:
    """Return how many whole days a date lies before the clock; below 0 = after it."""
    begins = int(datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp()) * US
    return (clock_us - begins) // DAY_US


def _qds(score: int, qid: int, source: str) -> PriorityFactor:
    if not score:
        return PriorityFactor("qds", 0, "no finding with a score", "")
    points = next(points for least, points in _BY_QDS if score >= least)
    return PriorityFactor("qds", points, f"QID {qid} scores {score}", source)


def _alert_priority(stated: int | None, source: str) -> PriorityFactor:
    if stated is None:
        return PriorityFactor("alert_priority", 0, "not stated", "")
    return PriorityFactor("alert_priority", _BY_ALERT_PRIORITY.get(stated, _LEAST_URGENT), str(stated), source)


def _rule_confidence(confidence: str, source: str) -> PriorityFactor:
    if confidence not in _BY_CONFIDENCE:
        return PriorityFactor("rule_confidence", 0, "not stated", "")
    return PriorityFactor("rule_confidence", _BY_CONFIDENCE[confidence], confidence, source)


def _asset_value(asset: AssetValue | None) -> PriorityFactor:
    if asset is None:
        return PriorityFactor("asset_value", 0, f"not stated, taken as {NEUTRAL_VALUE}", "")
    return PriorityFactor("asset_value", _BY_VALUE[asset.value], f"{asset.value} for {asset.network}", "a person")


def _tag_source(alert: Alert, signature: Signature | None) -> str:
    if _TAG in alert.tags:
        return "the alert"
    return "the rule" if signature is not None and _TAG in signature.tags else ""


def _highest_qds(evidence: Sequence[EvidenceRecord]) -> tuple[int, int, str]:
    scored = [(item.qds, item.qid or 0, item.source) for item in evidence if item.qds and item.polarity == "+"]
    return max(scored, default=(0, 0, ""))


def _stated(of_alert: int | None, of_rule: int | None) -> tuple[int | None, str]:
    if of_alert is not None:
        return of_alert, "the alert"
    return (None, "") if of_rule is None else (of_rule, "the rule")


def _confidence(alert: Alert, signature: Signature | None) -> tuple[str, str]:
    if alert.confidence:
        return alert.confidence.lower(), "the alert"
    return ("", "") if signature is None or not signature.confidence else (signature.confidence.lower(), "the rule")
