"""Which alerts a list leaves out where hiding is on, as SQL about an alert `a`.

Left out is what the machine has always called NOT_AFFECTED: any worse verdict, ever, and it is shown; and so is what a person
once called an attack, even if that review has expired. Nothing is left out that is UNVERIFIABLE or worse.
"""

from collections.abc import Collection
from typing import Any

from vatriage.model.verdict import Verdict
from vatriage.store.alerts import RANK_STEP
from vatriage.store.reviews import IN_FORCE, wide_of

Policies = Collection[tuple[str, Verdict]]
"""Zones where hiding is on, each with what is hidden there (see model/shadow.HIDEABLE)."""
_CALM = f"a.rank + 0 < {Verdict.UNVERIFIABLE * RANK_STEP:d}"
ALWAYS = (
    "(SELECT COUNT(*) FROM verdicts w WHERE w.alert_id = a.id) = "
    "(SELECT COUNT(*) FROM verdicts w WHERE w.alert_id = a.id AND w.verdict = 1)"
)
"""Every verdict of an alert `a` is NOT_AFFECTED. Two counts, because indexes alone answer them: no record is opened."""
_SAID = "r.superseded_by = 0 AND r.decision = 'confirmed_positive'"
_ATTACKS = "SELECT r.{0} FROM reviews r WHERE r.{0} <> '' AND " + _SAID
_ATTACKS_OF_SIGNATURE = f"SELECT 1 FROM reviews r WHERE {wide_of('a')} AND {_SAID}"


def left_out(policies: Policies, now: int) -> tuple[str, tuple[Any, ...]]:
    """Return the condition that an alert `a` is left out, with its values; `now` in seconds."""
    everything = sorted(zone for zone, level in policies if level is Verdict.NOT_AFFECTED)
    confirmed = sorted(zone for zone, level in policies if level is Verdict.FALSE_POSITIVE)
    parts, values = [], list[Any]()
    if everything:
        parts.append(f"a.zone || '' IN ({_marks(everything)})")
        values += everything
    if confirmed:
        parts.append(f"(a.zone || '' IN ({_marks(confirmed)}) AND {IN_FORCE} = 'confirmed_false_positive')")
        values += [*confirmed, now, now]
    sql = (
        f"({_CALM} AND ({' OR '.join(parts) or '1 = 0'}) AND a.id NOT IN ({_ATTACKS.format('alert_id')}) "
        f"AND a.group_id NOT IN ({_ATTACKS.format('group_id')}) AND NOT EXISTS ({_ATTACKS_OF_SIGNATURE}) AND {ALWAYS})"
    )
    return sql, tuple(values)


def group_left_in(policies: Policies, now: int) -> tuple[str, tuple[Any, ...]]:
    """Return the condition that a group `g` holds an alert that is not left out."""
    hidden, values = left_out(policies, now)
    zones = sorted(zone for zone, _ in policies)
    some = f"EXISTS (SELECT 1 FROM alerts a WHERE a.zone = g.zone AND a.group_id = g.id AND NOT {hidden})"
    sql = f"(g.worst >= {Verdict.UNVERIFIABLE:d} OR g.zone || '' NOT IN ({_marks(zones)}) OR {some})"
    return sql, (*zones, *values)


def _marks(values: Collection[str]) -> str:
    return ", ".join(["%s"] * len(values))
