"""Outcomes among stored alerts, and whose verdicts they may change: attempts and successes come in any order.

A run over a file sees the outcomes of that file only, a live source those of its last minutes. What is stored finds each
other here, and is due to be judged again.

An attempt's stamp may stand one window behind its beginning (`triage.judge_alert.begins`), so an outcome is looked for from
one window before the stamp to one window after it. That selects more than it must; the kernel decides.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vatriage.model.verdict import Verdict
from vatriage.store.bulk import Target, execute, fetch_in, insert_many

TOP = Verdict.COMPROMISE_INDICATED.value
"""A verdict that nothing raises any more."""
_OUTCOMES = Target("alert_outcomes", ("alert_id", "zone", "victim", "attacker", "at_us"), key=("alert_id",))
_DUE = Target("rejudge_due", ("alert_id", "zone"), key=("alert_id",))


class Outcome(NamedTuple):
    """An alert that tells of a success on traffic from victim to attacker."""

    alert_id: str
    zone: str
    victim: str
    attacker: str
    at_us: int


class Met(NamedTuple):
    """A stored alert, as far as outcomes are concerned."""

    alert_id: str
    zone: str
    source: str
    destination: str
    at_us: int
    verdict: int


def note_outcomes(outcomes: Iterable[Outcome], window_us: int) -> None:
    """Keep outcomes; alerts of the pair within a window of a new one are due, and so is itself."""
    given = sorted(set(outcomes))
    known = {row[0] for row in fetch_in("SELECT alert_id FROM alert_outcomes WHERE alert_id IN ({keys})", _ids(given))}
    new = [one for one in given if one.alert_id not in known]
    insert_many(_OUTCOMES, new)
    for one in new:
        for target, attacker in ((one.victim, one.attacker), (one.attacker, one.victim)):
            execute(
                "INSERT INTO rejudge_due (alert_id, zone) SELECT id, zone FROM alerts WHERE zone = %s "
                "AND target_address = %s AND attacker_address = %s AND at_us BETWEEN %s AND %s AND verdict < %s "
                "ON CONFLICT (alert_id) DO NOTHING",
                [one.zone, target, attacker, one.at_us - window_us, one.at_us + window_us, TOP],
            )


def note_attempts(alerts: Sequence[Met], window_us: int) -> None:
    """Put aside what was just stored and may have led to an outcome that is stored, and that outcome's alert."""
    low = [one for one in alerts if one.source and one.destination]
    if not low:
        return
    ends = sorted({address for one in low for address in (one.source, one.destination)})
    first, last = min(one.at_us for one in low) - window_us, max(one.at_us for one in low) + window_us
    sql = (
        "SELECT o.alert_id, o.zone, o.victim, o.attacker, o.at_us, a.verdict FROM alert_outcomes o "
        "JOIN alerts a ON a.id = o.alert_id WHERE o.at_us BETWEEN %s AND %s AND o.victim IN ({keys})"
    )
    seen: dict[tuple[str, str, str], list[tuple[str, int, int]]] = {}
    for alert_id, zone, victim, attacker, at_us, verdict in fetch_in(sql, ends, [first, last]):
        seen.setdefault((zone, victim, attacker), []).append((alert_id, at_us, verdict))
    due = set()
    for one in low:
        for pair in ((one.zone, one.destination, one.source), (one.zone, one.source, one.destination)):
            for alert_id, at_us, verdict in seen.get(pair, ()):
                if abs(at_us - one.at_us) <= window_us:
                    due |= {(one.alert_id, one.zone)} if one.verdict < TOP else set()
                    due |= {(alert_id, one.zone)} if verdict < TOP else set()
    insert_many(_DUE, sorted(due))


def outcomes_of(pairs: Iterable[tuple[str, str, str]], first_us: int, last_us: int) -> list[Outcome]:
    """Return the outcomes of some pairs (zone, victim, attacker) between two instants, both included."""
    wanted = set(pairs)
    sql = (
        "SELECT alert_id, zone, victim, attacker, at_us FROM alert_outcomes WHERE at_us BETWEEN %s AND %s "
        "AND victim IN ({keys})"
    )
    rows = fetch_in(sql, sorted({victim for _, victim, _ in wanted}), [first_us, last_us])
    return [one for row in rows if (one := Outcome(*row))[1:4] in wanted]


def alerts_around(outcome: Outcome, window_us: int, most: int) -> list[str]:
    """Return the ids of the newest alerts of an outcome's pair, in either direction, within a window of it."""
    found: list[tuple[int, str]] = []
    for target, attacker in ((outcome.victim, outcome.attacker), (outcome.attacker, outcome.victim)):
        rows = fetch_in(
            "SELECT at_us, id FROM alerts WHERE zone = %s AND target_address = %s AND at_us BETWEEN %s AND %s "
            "AND attacker_address IN ({keys}) ORDER BY at_us DESC, id DESC LIMIT " + str(most),
            [attacker],
            [outcome.zone, target, outcome.at_us - window_us, outcome.at_us + window_us],
        )
        found += [(row[0], row[1]) for row in rows]
    return [name for _, name in sorted(found, reverse=True)[:most]]


def _ids(outcomes: Iterable[Outcome]) -> list[str]:
    return [one.alert_id for one in outcomes]
