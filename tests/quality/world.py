"""A scenario's tables (plain rows in days) into what a verdict is computed from, by the product's own builders.

Days are counted from the attack: -1 is the day before it. Every default is the one that would clear the attack, so that
a scenario names only what it is about.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from vatriage.inventory.snapshot import build_snapshot
from vatriage.model.evidence import NO_PORT, Kind, ScanKind, Status
from vatriage.model.instant import DAY_US, US
from vatriage.model.snapshot import Snapshot

Table = Mapping[str, Any]

ZONES = ("default", "branch")
TEXTS = {"name", "account", "key_address", "network_id", "address", "claim"}
PROTOCOLS = {"tcp": 6, "udp": 17}
VICTIM = "10.0.0.5"
SCAN = {"day": -1, "kind": "authenticated", "whole": True, "check_set": True, "ports": ["tcp/80"]}
FINDING = {
    "qid": 1, "port": 80, "protocol": "tcp", "kind": "confirmed", "status": "active", "disabled": False, "first": -50,
    "last": -1, "test": -1, "fixed": None, "superseded": None, "since": None,
}  # fmt: skip
CHECK = {
    "qid": 1, "kind": "confirmed", "published": -900, "modified": -900, "remote": True, "authenticated": True,
    "disabled": False,
}  # fmt: skip
LINK = {"claim": "CVE-2026-0001", "qid": 1, "added": None, "removed": None}
HOST = {
    "address": VICTIM, "held": [-300, 300], "zone": "default", "network": "", "gone": None, "listed": 300, "scans": [],
    "findings": [], "elsewhere": [], "id": True,
}  # fmt: skip


class World:
    """An inventory's rows about some hosts, and the attack's instant that their days are counted from.

    Args:
        attack_us: the instant of the attack.
        hosts: tables over HOST.
        checks: tables over CHECK: the KnowledgeBase's QIDs.
        links: tables over LINK: its pairs of QID and claim.
    """

    def __init__(self, attack_us: int, hosts: Sequence[Table], checks: Sequence[Table], links: Sequence[Table]) -> None:
        self._attack_us = attack_us
        self._hosts = [filled(HOST, host) for host in hosts]
        self._checks = [filled(CHECK, check) for check in checks]
        self._links = [filled(LINK, link) for link in links]

    def snapshot(self) -> Snapshot:
        """Return the inventory's snapshot."""
        return build_snapshot(
            columns([{"id": number, "name": name} for number, name in enumerate(ZONES)], ("id", "name")),
            self._host_rows(),
            self._address_rows(),
            self._scan_rows(),
            self._finding_rows(),
            self._check_rows(),
            self._link_rows(),
        )

    def _second(self, day: float | str | None) -> int:
        """Return the second of a day; None and `never` are 0, not stated."""
        return (self._attack_us + int(day * DAY_US)) // US if isinstance(day, int | float) else 0

    def _host_rows(self) -> dict[str, Any]:
        names = ("id", "zone", "account", "vendor_id", "key_address", "gone_at", "whole_listed_at", "network_id")
        rows = [
            {
                "id": number, "zone": ZONES.index(host["zone"]), "account": "acct",
                "vendor_id": number + 1 if host["id"] else 0, "key_address": "" if host["id"] else host["address"],
                "gone_at": self._second(host["gone"]), "whole_listed_at": self._second(host["listed"]),
                "network_id": host["network"],
            }
            for number, host in enumerate(self._hosts)
        ]  # fmt: skip
        return columns(rows, names)

    def _address_rows(self) -> dict[str, Any]:
        rows = [
            {"host": number, "address": address, "first_seen": self._second(first), "last_seen": self._second(last)}
            for number, host in enumerate(self._hosts)
            for address, first, last in ((host["address"], *host["held"]), *host["elsewhere"])
        ]
        return columns(rows, ("host", "address", "first_seen", "last_seen"))

    def _scan_rows(self) -> dict[str, Any]:
        rows = [
            {
                "host": number, "at": self._second(scan["day"]), "kind": int(ScanKind[scan["kind"].upper()]),
                "whole": scan["whole"], "check_set": scan["check_set"], "ports": packed_ports(scan["ports"]),
            }
            for number, host in enumerate(self._hosts)
            for scan in (filled(SCAN, one) for one in host["scans"])
        ]  # fmt: skip
        return columns(rows, ("host", "at", "kind", "whole", "check_set", "ports"))

    def _finding_rows(self) -> dict[str, Any]:
        instants = {
            "first_found": "first", "last_found": "last", "last_test": "test", "fixed": "fixed",
            "superseded": "superseded", "since": "since",
        }  # fmt: skip
        rows = [
            {
                "host": number, "qid": found["qid"], "port": NO_PORT if found["port"] is None else found["port"],
                "protocol": PROTOCOLS.get(found["protocol"], 0), "kind": int(Kind[found["kind"].upper()]),
                "status": int(Status[found["status"].upper()]), "disabled": found["disabled"],
                **{name: self._second(found[day]) for name, day in instants.items()},
            }
            for number, host in enumerate(self._hosts)
            for found in (filled(FINDING, one) for one in host["findings"])
        ]  # fmt: skip
        return columns(rows, ("host", "qid", "port", "protocol", "kind", "status", "disabled", *instants))

    def _check_rows(self) -> dict[str, Any]:
        rows = [
            {
                **check, "kind": int(Kind[check["kind"].upper()]), "published": self._second(check["published"]),
                "modified": self._second(check["modified"]),
            }
            for check in self._checks
        ]  # fmt: skip
        return columns(rows, tuple(CHECK))

    def _link_rows(self) -> dict[str, Any]:
        rows = [
            {**link, "added": self._second(link["added"]), "removed": self._second(link["removed"])}
            for link in self._links
        ]
        return columns(rows, tuple(LINK))


def filled(default: Table, given: Table) -> dict[str, Any]:
    """Return a table with its defaults. Raises: KeyError: it holds a word that means nothing here."""
    unknown = given.keys() - default.keys()
    if unknown:
        raise KeyError(f"{sorted(unknown)} in {given}")
    return {**default, **given}


def packed_ports(texts: Iterable[str]) -> bytes:
    """Return `tcp/80` and the like as the store keeps them: little-endian words of protocol and port."""
    words = sorted(PROTOCOLS[text.split("/")[0]] << 16 | int(text.split("/")[1]) for text in texts)
    return np.array(words, dtype="<u4").tobytes()


def columns(rows: Sequence[Table], names: Sequence[str]) -> dict[str, Any]:
    """Return rows as the columns that the store hands out."""
    found: dict[str, Any] = {}
    for name in names:
        values = [row[name] for row in rows]
        if name in TEXTS:
            found[name] = np.array(values, dtype=str) if values else np.zeros(0, dtype="U1")
        elif name == "ports":
            found[name] = np.array([*values, b""], dtype=object)[:-1]
        else:
            found[name] = np.array(values, dtype=np.int64)
    return found
