"""The network behind the demo's alerts, as a Qualys subscription holds it on 23 November 2026.

The data stand in `network.json` (subnets, roles, the story's hosts) and `knowledge.json` (the KnowledgeBase); this
module only unrolls them. Background findings are drawn with a fixed seed and are never QIDs that the story asks for.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, NotRequired, TypedDict

from vatriage_simulator.demo.results import host_name, operating_system, scan_time, service_list
from vatriage_simulator.hosts import SimHost
from vatriage_simulator.subscription import Subscription

_HERE = Path(__file__).parent

_OLDEST_BACKGROUND = timedelta(days=300)
"""Background findings were first found at most so long before the scan that found them last."""

_PARKING = "10.20.255.254"
"""Where a successor is made before it takes its predecessor's address over."""


class _Scan(TypedDict):
    at: str
    authenticated: bool


class _Role(TypedDict):
    os: str
    tcp: list[int]
    udp: list[int]
    background: list[tuple[int, int | None]]


class _Subnet(TypedDict):
    name: str
    prefix: str
    first: int
    last: int
    roles: list[str]
    tracking_method: str
    scans: list[_Scan]


class _Special(TypedDict):
    role: str
    tcp: NotRequired[list[int]]
    scans: NotRequired[list[_Scan]]
    detections: NotRequired[list[dict[str, Any]]]


class _Successor(TypedDict):
    ip: str
    name: str
    role: str
    tracking_method: str
    scans: list[_Scan]


class _Plan(TypedDict):
    now: str
    seed: int
    accounts: list[dict[str, str]]
    services: dict[str, list[str]]
    roles: dict[str, _Role]
    subnets: list[_Subnet]
    hosts: dict[str, _Special]
    successors: list[_Successor]


class _Entry(TypedDict):
    qid: int
    title: str
    category: str
    type: str
    severity: int
    published: str
    code_modified: str
    remote: bool
    auth_types: list[str]
    cves: list[str]


class _Place(NamedTuple):
    """One host to be made."""

    ip: str
    name: str
    role: str
    tracking_method: str
    scans: list[tuple[datetime, bool]]
    tcp: list[int]
    """Open beside the role's own."""
    detections: list[dict[str, Any]]


def demo_now() -> datetime:
    """Return the instant that the demo calls now: aware, UTC."""
    return datetime.fromisoformat(_plan()["now"])


def demo_login() -> tuple[str, str]:
    """Return login and password of the demo's account."""
    account = _plan()["accounts"][0]
    return account["login"], account["password"]


def build(subscription: Subscription) -> None:
    """Fill an empty subscription with the demo's accounts, KnowledgeBase and hosts. Deterministic.

    Args:
        subscription: its clock should stand at `demo_now()`.
    """
    plan = _plan()
    for account in plan["accounts"]:
        subscription.account(account["login"], account["password"])
    for entry in _knowledge():
        _add_vulnerability(subscription, entry)
    random = Random(plan["seed"])
    for place in _places(plan):
        _add_host(subscription, plan, place, random)
    for successor in plan["successors"]:
        _take_over(subscription, plan, successor, random)


def _knowledge() -> list[_Entry]:
    entries: list[_Entry] = json.loads((_HERE / "knowledge.json").read_text())
    return entries


def _plan() -> _Plan:
    plan: _Plan = json.loads((_HERE / "network.json").read_text())
    return plan


def _add_vulnerability(subscription: Subscription, entry: _Entry) -> None:
    modified = datetime.fromisoformat(entry["code_modified"])
    subscription.vulnerability(
        entry["qid"],
        title=entry["title"],
        category=entry["category"],
        type=entry["type"],
        severity=entry["severity"],
        cves=entry["cves"],
        published=datetime.fromisoformat(entry["published"]),
        code_modified=modified,
        # A pull of an older API version sees only when the service changed the entry: the same day here.
        service_modified=modified,
        remote=entry["remote"],
        auth_types=entry["auth_types"],
        patchable=entry["type"] != "Information Gathered",
    )


def _places(plan: _Plan) -> Iterator[_Place]:
    """Yield every host of the subnets, the story's hosts with what is special about them, in order of address."""
    for subnet in plan["subnets"]:
        for index, last in enumerate(range(subnet["first"], subnet["last"] + 1)):
            ip = f"{subnet['prefix']}.{last}"
            role = subnet["roles"][index % len(subnet["roles"])]
            special = plan["hosts"].get(ip, _Special(role=role))
            yield _Place(
                ip=ip,
                name=f"{special['role'].replace('_', '-')}-{ip.replace('.', '-')}.{subnet['name']}.demo.example",
                role=special["role"],
                tracking_method=subnet["tracking_method"],
                scans=_instants(special.get("scans", _staggered(subnet["scans"], index))),
                tcp=special.get("tcp", []),
                detections=special.get("detections", []),
            )


def _staggered(scans: list[_Scan], index: int) -> list[_Scan]:
    """Let the hosts of a subnet be scanned one after the other, half a minute apart."""
    later = timedelta(seconds=30 * index)
    return [
        _Scan(at=(datetime.fromisoformat(scan["at"]) + later).isoformat(), authenticated=scan["authenticated"])
        for scan in scans
    ]


def _instants(scans: list[_Scan]) -> list[tuple[datetime, bool]]:
    return [(datetime.fromisoformat(scan["at"]), scan["authenticated"]) for scan in scans]


def _add_host(
    subscription: Subscription, plan: _Plan, place: _Place, random: Random, made_at: str | None = None
) -> SimHost:
    role = plan["roles"][place.role]
    is_windows = role["os"].startswith("Windows")
    host = subscription.host(
        made_at or place.ip,
        tracking_method=place.tracking_method,
        os=role["os"],
        dns=place.name,
        netbios=place.name.partition(".")[0].upper()[:15] if is_windows else None,
        agent_id=f"demo-agent-{place.name.partition('.')[0]}" if place.tracking_method == "AGENT" else None,
    )
    for at, authenticated in place.scans:
        host.scanned(at, authenticated=authenticated)
    if place.scans:
        _detect_all(host, plan, place, random)
    return host


def _detect_all(host: SimHost, plan: _Plan, place: _Place, random: Random) -> None:
    role = plan["roles"][place.role]
    scan = max(at for at, _ in place.scans)
    host.detect(6, type="Info", results=host_name(place.ip, place.name))
    host.detect(45017, type="Info", results=operating_system(role["os"], place.tracking_method))
    host.detect(45038, type="Info", results=scan_time(scan))
    # An agent looks from inside: it lists no ports, and its findings need none to have been covered.
    if place.tracking_method != "AGENT":
        ports = sorted({*role["tcp"], *place.tcp})
        host.detect(82023, type="Info", results=service_list("tcp", ports, plan["services"]))
        if role["udp"]:
            host.detect(82004, type="Info", results=service_list("udp", role["udp"], plan["services"]))
    for fields in place.detections:
        host.detect(**_dated(fields))
    for qid, port in role["background"]:
        if random.random() < 0.6:
            _detect_background(host, qid, port, role, scan - random.random() * _OLDEST_BACKGROUND)


def _dated(fields: dict[str, Any]) -> dict[str, Any]:
    dates = {"first_found", "last_found", "last_test", "last_fixed"}
    return {name: datetime.fromisoformat(value) if name in dates else value for name, value in fields.items()}


def _detect_background(host: SimHost, qid: int, port: int | None, role: _Role, first_found: datetime) -> None:
    protocol = None if port is None else "udp" if port in role["udp"] else "tcp"
    kind = "Info" if qid == 45016 else "Potential" if qid == 370876 else "Confirmed"
    host.detect(qid, port=port, protocol=protocol, type=kind, first_found=first_found.replace(microsecond=0))


def _take_over(subscription: Subscription, plan: _Plan, successor: _Successor, random: Random) -> None:
    """Add a host that holds an address which another host of the list held before; both stay in the list."""
    place = _Place(
        ip=successor["ip"],
        name=f"{successor['name']}.demo.example",
        role=successor["role"],
        tracking_method=successor["tracking_method"],
        scans=_instants(successor["scans"]),
        tcp=[],
        detections=[],
    )
    # The subscription gives one host an address; a list with two of the same address is made by moving the second.
    _add_host(subscription, plan, place, random, made_at=_PARKING).ip = successor["ip"]
