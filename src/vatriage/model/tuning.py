"""Tuning rules: a person's standing word about alerts that nobody has looked at, and what is too broad for one.

A rule marks alerts in views; it changes no verdict, and nothing is deleted. The bounds stand here and nowhere else
(docs/how-to/tune-alerts.md tells them).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from vatriage.model.address import pack_address
from vatriage.model.alert_filter import DENYING, Decision
from vatriage.model.verdict import Verdict

MOST_DAYS = 180
"""A rule ends after so many days at most; who wants it longer looks at it again."""
NARROWEST_V4, NARROWEST_V6 = 24, 120
"""A rule without a signature names a network with so long a prefix at least: 256 addresses."""
GREATEST_SHARE = 0.25
"""A rule that would mark a greater part of a zone's alerts is refused,"""
FEW = 100
"""unless it marks so few: a share of few alerts says nothing."""
WORST = Verdict.POSSIBLY_AFFECTED
"""The worst verdict that a rule marks, unless an administrator names a worse one expressly."""
REASON_LENGTH = 2_000
_FIRST, _LAST = "", "g"
"""Before and behind all hex digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningRule:
    """What a rule says. What it marks has all that is given, in one zone."""

    zone: str
    gid: int = -1
    sid: int = -1
    """-1 = any signature."""
    source: str = ""
    """The attacker's network, canonical; "" = any."""
    target: str = ""
    """The target's network, the same."""
    bound: Verdict = Verdict.UNKNOWN
    """The worst verdict that is marked."""
    mark: Decision = Decision.NOISE
    """One of DENYING."""
    reason: str = ""
    expires_at: int = 0
    """Seconds."""

    @property
    def has_signature(self) -> bool:
        """Whether it is about one signature."""
        return self.sid >= 0


def network_of(text: str) -> str:
    """Return a network in its one spelling, "" for none; an address is a network of one. Raises: ValueError: it is none."""
    return str(ip_network(text.strip())) if text.strip() else ""


def span_of(network: str) -> tuple[str, str]:
    """Return the sort keys (32 hex digits) of a network's first and last address; "" = what is around all of them."""
    if not network:
        return _FIRST, _LAST
    found = ip_network(network)
    return pack_address(str(found.network_address)).hex(), pack_address(str(found.broadcast_address)).hex()


def cannot_be_meant(rule: TuningRule, now: int) -> Iterator[tuple[str, str]]:
    """Yield what no rule may say, whatever it matches: the field, and the sentence.

    Args:
        rule: as it was asked for.
        now: seconds.
    """
    if rule.mark not in DENYING:
        yield "mark", "A rule marks alerts as noise or as false positives; that an attack was real is said of an alert."
    if not 1 <= len(rule.reason) <= REASON_LENGTH:
        yield "reason", f"A rule needs a reason of 1 to {REASON_LENGTH:,} characters."
    if not now < rule.expires_at <= now + MOST_DAYS * 86_400:
        yield "expires_at", f"A rule must end: within {MOST_DAYS} days from now, and not before."
    if rule.bound is Verdict.FALSE_POSITIVE:
        yield "bound", "FALSE_POSITIVE is no verdict of a machine."
    if not rule.has_signature and not _narrow(rule.source) and not _narrow(rule.target):
        yield (
            "signature",
            f"Without a signature, a network no wider than /{NARROWEST_V4} (IPv6: /{NARROWEST_V6}) must be named.",
        )


def too_broad(
    rule: TuningRule, matched: Mapping[Verdict, int], total: int, *, affected_named: bool, administrator: bool
) -> Iterator[tuple[str, str]]:
    """Yield why a rule is refused for what it would mark: the field, and the sentence.

    Args:
        rule: that may be meant.
        matched: alerts that it matches among the stored ones, by verdict, whatever its bound.
        total: alerts that are stored of its zone.
        affected_named: the person said expressly that alerts of AFFECTED and worse are meant.
        administrator: whether they are one.
    """
    marked = sum(number for verdict, number in matched.items() if verdict <= rule.bound)
    if rule.bound > WORST and not (affected_named and administrator):
        yield (
            "bound",
            "Only an administrator may mark alerts whose target is affected, and must say expressly that they are meant.",
        )
    if marked > FEW and marked > GREATEST_SHARE * total:
        yield (
            "signature",
            f"It would mark {marked:,} of the {total:,} alerts of its zone, more than {GREATEST_SHARE:.0%}: too broad.",
        )


def _narrow(network: str) -> bool:
    if not network:
        return False
    found: IPv4Network | IPv6Network = ip_network(network)
    return found.prefixlen >= (NARROWEST_V4 if found.version == 4 else NARROWEST_V6)
