"""Rows of alerts, groups and reviews as JSON has them."""

from collections.abc import Mapping
from typing import Any

from vatriage.model.instant import format_instant
from vatriage.model.verdict import Verdict
from vatriage.store.alert_counts import LEVELS
from vatriage.store.alerts import RANK_STEP


def told_alert(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an alert of a list."""
    names = ("source_address", "destination_address", "target_address", "attacker_address", "host")
    ports = ("source_port", "destination_port", "target_port")
    return {
        "id": row["id"], "zone": row["zone"], "at": format_instant(row["at_us"]),
        "signature": f"{row['gid']}:{row['sid']}:{row['rev']}", "message": row["message"],
        **{name: row[name] or None for name in names}, **{name: _port(row[name]) for name in ports},
        "protocol": row["protocol"], "sensor": row["sensor"], "disposition": row["disposition"],
        "verdict": Verdict(row["verdict"]).name, "priority": row["rank"] % RANK_STEP, "conflict": bool(row["conflict"]),
        "reasons": [code for code in row["reasons"].split(",") if code], "group": row["group_id"],
        "first_judged_at": format_instant(row["first_judged_us"]),
        "last_judged_at": format_instant(row["last_judged_us"]), **_words(row),
    }  # fmt: skip


def told_group(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a group of a list."""
    return {
        "id": row["id"], "zone": row["zone"], "signature": f"{row['gid']}:{row['sid']}", "message": row["message"],
        "target_address": row["target_address"] or None, "attacker_address": row["attacker_address"] or None,
        "alerts": row["alerts"], "first_at": format_instant(row["first_at_us"]),
        "last_at": format_instant(row["last_at_us"]), "worst": Verdict(row["worst"]).name,
        "verdicts": {level.upper(): row[level] for level in LEVELS}, **_words(row),
    }  # fmt: skip


def told_review(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a review."""
    return {
        "number": row["id"], "alert": row["alert_id"] or None, "group": row["group_id"] or None,
        "scope": row["scope"] or None, "zone": row["zone"],
        "signature": f"{row['gid']}:{row['sid']}" if row["scope"] else None,
        "target_address": row["target_address"] or None, "attacker_address": row["attacker_address"] or None,
        "decision": row["decision"], "reason": row["reason"], "verdict_seen": Verdict(row["seen_verdict"]).name,
        "by": row["reviewer"], "at": format_instant(row["at"] * 1_000_000),
        "expires_at": format_instant(row["expires_at"] * 1_000_000) if row["expires_at"] else None,
        "superseded": bool(row["superseded_by"]),
    }  # fmt: skip


def _words(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what people say of a row."""
    against, marked = row["contradicted"], row["marked"]
    since = None if against is None or not against["since_us"] else format_instant(against["since_us"])
    return {
        "review": _review(row["review"]),
        "contradicted": None if against is None else told_review(against) | {"since": since},
        "tuning_rule": None if marked is None else marked["rule"],
    }


def _review(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if row is None else told_review(row)


def _port(number: int) -> int | None:
    return None if number < 0 else number
