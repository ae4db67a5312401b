"""A labelled scenario: an attack, a world, and what must be said of it; read from the tables in `data/`.

Labels are made by hand: whether the attack had a real outcome, whether the attacked host was vulnerable, the verdict and
its reason codes. `guard` tells whether the row's guard must step in (`acts`) or must not (`rests`).
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from quality.world import HOST, VICTIM, filled
from vatriage.model.instant import DAY_US, US, format_instant

DATA = Path(__file__).parent / "data"
ATTACK_US = 1_780_315_200 * US
"""2026-06-01T12:00:00Z: when synthetic attacks happen."""
RULE = (
    'alert tcp $EXTERNAL_NET any -> $HOME_NET any (msg:"QUALITY EXPLOIT attempt"; flow:established,to_server; '
    "reference:cve,2026-0001; sid:1; rev:1;)"
)
ALERT = {
    "event_type": "alert", "src_ip": "203.0.113.9", "src_port": 40000, "dest_ip": VICTIM, "dest_port": 80, "proto": "TCP",
    "direction": "to_server",
}  # fmt: skip
SIGNATURE = {"action": "allowed", "gid": 1, "signature_id": 1, "rev": 1, "signature": "QUALITY EXPLOIT attempt"}
SYNTHETIC = {
    "row": "", "name": "", "guard": "acts", "says": "", "rules": [RULE], "map": "", "alert": {}, "signature": {},
    "stream": [], "host": {}, "others": [], "checks": [{}], "links": [{}], "clock": 60, "zone": "default",
    "outcome": False, "vulnerable": False, "expect": "", "reasons": [], "conflict": None,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Scenario:
    """One attack, one world, one label."""

    id: str
    data_set: str
    row: str
    """Of the guards' table, `` for captures."""
    guard: str
    says: str
    signatures: str
    """Text of rule files."""
    signature_map: str = ""
    """Text of a sid-msg.map."""
    events: tuple[bytes, ...]
    """Lines of EVE."""
    judged: frozenset[int]
    """The lines (from 0) whose alerts the label is about."""
    zone: str = "default"
    attack_us: int
    clock_us: int
    hosts: tuple[Mapping[str, Any], ...]
    checks: tuple[Mapping[str, Any], ...]
    links: tuple[Mapping[str, Any], ...]
    outcome: bool
    """The attack succeeded in truth."""
    vulnerable: bool
    """The attacked host was vulnerable in truth."""
    expect: str
    reasons: tuple[str, ...]
    conflict: bool | None = field(default=None)
    """None = not said."""


@cache
def synthetic() -> tuple[Scenario, ...]:
    """Return the scenarios of `data/guards-*.toml`, in the order of their files."""
    return tuple(_synthetic(table) for path in sorted(DATA.glob("guards-*.toml")) for table in _tables(path))


def _tables(path: Path) -> Iterator[dict[str, Any]]:
    for table in tomllib.loads(path.read_text(encoding="utf-8"))["scenario"]:
        yield filled(SYNTHETIC, table)


def _synthetic(table: Mapping[str, Any]) -> Scenario:
    lines = [_event(table["alert"], table["signature"], 0)]
    lines += [_event(one.get("alert", {}), one.get("signature", {}), one["second"]) for one in table["stream"]]
    return Scenario(
        id=f"{table['row']}/{table['name']}",
        data_set="guards",
        row=table["row"],
        guard=table["guard"],
        says=table["says"],
        signatures="\n".join(table["rules"]),
        signature_map=table["map"],
        events=tuple(lines),
        judged=frozenset({0}),
        zone=table["zone"],
        attack_us=ATTACK_US,
        clock_us=ATTACK_US + int(table["clock"] * DAY_US),
        hosts=(filled(HOST, table["host"]), *table["others"]),
        checks=tuple(table["checks"]),
        links=tuple(table["links"]),
        outcome=table["outcome"],
        vulnerable=table["vulnerable"],
        expect=table["expect"],
        reasons=tuple(table["reasons"]),
        conflict=table["conflict"],
    )


def _event(alert: Mapping[str, Any], signature: Mapping[str, Any], second: float) -> bytes:
    """Return one line of EVE; a value of "none" leaves a key out."""
    at = format_instant(ATTACK_US + int(second * US))
    event = {"timestamp": at, **ALERT, **alert, "alert": {**SIGNATURE, **signature}}
    return json.dumps({name: value for name, value in event.items() if value != "none"}).encode()
