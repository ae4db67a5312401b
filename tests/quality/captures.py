"""Scenarios from real captures: every capture of `data/captures.toml` in every state of `data/states.toml`."""

import bz2
import gzip
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from quality.scenario import DATA, Scenario
from quality.world import HOST, filled
from vatriage.model.instant import DAY_US, parse_instant

ALERTS = Path(__file__).parents[2] / "../shared/corpus/alerts"
RUN = ALERTS / "suricata-7.0.10-run"
OPENERS = {".gz": gzip.open, ".bz2": bz2.open}
CAPTURE = {
    "name": "", "says": "", "eve": "", "keep": [], "most": 0, "within": "", "ends": {}, "sids": [], "claims": [], "address": "",
    "ports": [], "outcome": False, "unseen": False, "column": "plain", "column_by_few_rules": "",
}  # fmt: skip
STATE = {
    "name": "", "vulnerable": False, "clears": False, "host": {}, "others": [], "check": {}, "second": None, "untied": False,
    "plain": "", "outward": "", "transitive": "",
}  # fmt: skip
FOR_ALL_STATES = {
    "outcome": "COMPROMISE_INDICATED outcome_seen",
    "outcome-alone": "COMPROMISE_INDICATED outcome_seen",
    "outcome-of-transitive": "COMPROMISE_INDICATED outcome_seen",
    "nobody": "UNVERIFIABLE no_single_victim",
}
"""Columns that hold the same for every state: what came of the attack, and addresses that name no single host."""
SPAN_US = DAY_US // 4
"""Alerts later than this after the first are read but not labelled: the states' days are counted from the first."""
LIMITS = "limits"
"""The data set of attacks whose success no alert shows, on hosts that a fresh and capable scan calls clean."""


def captures() -> list[dict[str, Any]]:
    """Return the captures' tables."""
    return [filled(CAPTURE, one) for one in _tables("captures.toml", "capture")]


def states() -> list[dict[str, Any]]:
    """Return the states' tables."""
    return [filled(STATE, one) for one in _tables("states.toml", "state")]


@cache
def from_captures() -> tuple[Scenario, ...]:
    """Return every capture in every state; nothing where the corpus does not lie beside the checkout."""
    if not RUN.exists():
        return ()
    return tuple(
        one for capture in captures() for one in in_every_state(capture, list(_read(capture)), capture["column"])
    )


def in_every_state(capture: Mapping[str, Any], events: Sequence[dict[str, Any]], column: str) -> list[Scenario]:
    """Return a capture in every state.

    Args:
        capture: its table.
        events: its alerts, as some run of a sensor wrote them.
        column: which column of expected verdicts they deserve.
    """
    renamed = [_renamed(event, capture["ends"]) for event in events]
    lines = tuple(json.dumps(event).encode() for event in renamed)
    return [_scenario(capture, state, renamed, lines, column) for state in states()]


def _tables(name: str, kind: str) -> list[dict[str, Any]]:
    tables: list[dict[str, Any]] = tomllib.loads((DATA / name).read_text(encoding="utf-8"))[kind]
    return tables


def _scenario(
    capture: Mapping[str, Any],
    state: Mapping[str, Any],
    events: Sequence[Mapping[str, Any]],
    lines: tuple[bytes, ...],
    column: str,
) -> Scenario:
    times = {
        place: parse_instant(event["timestamp"])
        for place, event in enumerate(events)
        if event["alert"]["signature_id"] in capture["sids"]
    }
    attack_us = min(times.values())
    judged = frozenset(place for place, at_us in times.items() if at_us < attack_us + SPAN_US)
    expect, *reasons = (FOR_ALL_STATES.get(column) or state[column]).split()
    lies = capture["unseen"] and state["clears"]
    return Scenario(
        id=f"{capture['name']}/{state['name']}",
        data_set=LIMITS if lies else f"capture: {capture['name']}",
        row="",
        guard="",
        says=capture["says"],
        signatures=(RUN / "mini.rules").read_text(encoding="utf-8"),
        events=lines,
        judged=judged,
        attack_us=attack_us,
        clock_us=attack_us + 60 * DAY_US,
        hosts=tuple(_host(host, capture) for host in (state["host"], *state["others"])),
        checks=({**state["check"]}, *([{**state["second"], "qid": 2}] if state["second"] else [])),
        links=tuple(_links(capture["claims"], state)),
        outcome=capture["outcome"],
        vulnerable=capture["outcome"] or state["vulnerable"],
        expect=expect,
        reasons=tuple(reasons),
        conflict=state["clears"] if column == "outcome" else None,
    )


def _host(host: Mapping[str, Any], capture: Mapping[str, Any]) -> dict[str, Any]:
    """Return a state's host at the capture's address and port."""
    protocol, port = capture["ports"][0].split("/")
    found = [{"port": int(port), "protocol": protocol, **one} for one in host.get("findings", [])]
    scans = [
        {**scan, "ports": [capture["ports"][0] if one == "port" else one for one in scan.get("ports", ["port"])]}
        for scan in host.get("scans", [])
    ]
    return filled(HOST, {**host, "address": capture["address"], "findings": found, "scans": scans})


def _links(claims: list[str], state: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for claim in [] if state["untied"] else claims:
        yield {"claim": claim, "qid": 1}
        if state["second"]:
            yield {"claim": claim, "qid": 2}


def _read(capture: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    path, found = ALERTS / capture["eve"], 0
    wanted = [f'"signature_id":{sid},'.encode() for sid in capture["keep"]] or [b'"event_type":"alert"']
    with OPENERS.get(path.suffix, open)(path, "rb") as source:
        for line in source:
            if any(word in line for word in wanted):
                event = json.loads(line)
                if event["event_type"] == "alert" and event.get("_pcap", "").endswith(capture["within"]):
                    yield event
                    found += 1
            if capture["most"] and found == capture["most"]:
                return


def _renamed(event: dict[str, Any], ends: Mapping[str, str]) -> dict[str, Any]:
    """Return an event of a capture of the loopback with an address for each end, by the packet's direction."""
    if not ends:
        return event
    names = ("client", "server") if event["direction"] == "to_server" else ("server", "client")
    flow = {**event["flow"], "src_ip": ends["client"], "dest_ip": ends["server"]}
    return {**event, "src_ip": ends[names[0]], "dest_ip": ends[names[1]], "flow": flow}
