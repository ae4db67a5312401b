"""A snapshot's columns, read as hosts, findings and QIDs; only what is asked for is touched, and kept for the next time."""

from typing import Any

import numpy as np

from vatriage.model.address import pack_address
from vatriage.model.evidence import Check, Finding, Holding, HostFacts, Kind, Link, Scan, ScanKind, Status
from vatriage.model.identity import Lease, Pool, Statement
from vatriage.model.instant import US
from vatriage.model.snapshot import Snapshot

MOST_HOSTS_KEPT = 50_000
"""Hosts kept as objects; beyond it the view forgets them all and starts anew (about 3 kB a host)."""


class SnapshotView:
    """Implements triage.interface.Inventory on a snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._columns = snapshot.columns
        self._zones = {str(name): number for number, name in enumerate(self._columns.zones)}
        self._holdings: dict[tuple[str, str], tuple[Holding, ...]] = {}
        self._leases: dict[tuple[str, str], tuple[Lease, ...]] = {}
        self._pools: dict[tuple[str, str], tuple[Pool, ...]] = {}
        self._hosts: dict[int, HostFacts] = {}
        self._links: dict[str, tuple[Link, ...]] = {}
        self._checks: dict[int, Check | None] = {}

    def holdings(self, zone: str, address: str) -> tuple[Holding, ...]:
        """See Inventory.holdings. Guard overlapping-spaces: an address is looked up in the alert's own zone only."""
        key = (zone, address)
        if key not in self._holdings:
            if len(self._holdings) > MOST_HOSTS_KEPT:
                self._holdings.clear()
            self._holdings[key] = self._read_holdings(zone, address)
        return self._holdings[key]

    def leases(self, zone: str, address: str) -> tuple[Lease, ...]:
        """See Inventory.leases."""
        if not len(self._columns.lease_keys):
            return ()
        key = (zone, address)
        if key not in self._leases:
            if len(self._leases) > MOST_HOSTS_KEPT:
                self._leases.clear()
            self._leases[key] = self._read_leases(zone, address)
        return self._leases[key]

    def pools(self, zone: str, address: str) -> tuple[Pool, ...]:
        """See Inventory.pools."""
        if not len(self._columns.pool_keys):
            return ()
        key = (zone, address)
        if key not in self._pools:
            if len(self._pools) > MOST_HOSTS_KEPT:
                self._pools.clear()
            self._pools[key] = self._read_pools(zone, address)
        return self._pools[key]

    def host(self, number: int) -> HostFacts:
        """See Inventory.host."""
        if number not in self._hosts:
            if len(self._hosts) > MOST_HOSTS_KEPT:
                self._hosts.clear()
            self._hosts[number] = self._read_host(number)
        return self._hosts[number]

    def links(self, claim: str) -> tuple[Link, ...]:
        """See Inventory.links."""
        if claim not in self._links:
            self._links[claim] = self._read_links(claim)
        return self._links[claim]

    def check(self, qid: int) -> Check | None:
        """See Inventory.check."""
        if qid not in self._checks:
            self._checks[qid] = self._read_check(qid)
        return self._checks[qid]

    def _rows_of(self, keys: Any, zone: str, address: str) -> slice:
        """Return where an address's rows lie in a sorted column of keys."""
        number = self._zones.get(zone)
        if number is None:
            return slice(0, 0)
        key = np.array(number.to_bytes(4, "big") + pack_address(address), dtype="S20")
        return slice(int(np.searchsorted(keys, key, "left")), int(np.searchsorted(keys, key, "right")))

    def _read_holdings(self, zone: str, address: str) -> tuple[Holding, ...]:
        columns = self._columns
        place = self._rows_of(columns.holding_keys, zone, address)
        rows = [
            Holding(int(host), *_microseconds(times))
            for host, times in zip(columns.holding_host[place], columns.holding_times[place], strict=True)
        ]
        return tuple(sorted(rows, key=lambda row: (row.first_seen, row.host)))

    def _read_leases(self, zone: str, address: str) -> tuple[Lease, ...]:
        columns = self._columns
        place = self._rows_of(columns.lease_keys, zone, address)
        return tuple(
            Lease(host, client, *_microseconds(times))
            for (host, client), times in zip(
                columns.lease_parties[place].tolist(), columns.lease_times[place], strict=True
            )
        )

    def _read_pools(self, zone: str, address: str) -> tuple[Pool, ...]:
        columns = self._columns
        place = self._rows_of(columns.pool_keys, zone, address)
        rows = zip(
            columns.pool_ports[place].tolist(),
            columns.pool_texts[place].tolist(),
            columns.pool_times[place].tolist(),
            strict=True,
        )
        return tuple(
            Pool(port, member, member_port, times[0] * US, times[1] * US, times[2] * US, author)
            for (port, member_port), (member, author), times in rows
        )

    def _read_stated(self, number: int) -> tuple[Statement, ...]:
        columns = self._columns
        rows = slice(int(columns.stated_offsets[number]), int(columns.stated_offsets[number + 1]))
        return tuple(
            Statement(*texts, *_microseconds(times))
            for texts, times in zip(columns.stated_texts[rows].tolist(), columns.stated_times[rows], strict=True)
        )

    def _read_host(self, number: int) -> HostFacts:
        columns = self._columns
        findings = self._read_findings(number)
        return HostFacts(
            number=number,
            id=str(columns.host_id[number]),
            zone=str(columns.zones[columns.host_zone[number]]),
            source=str(columns.sources[columns.host_source[number]]),
            findings=findings,
            scans=self._read_scans(number),
            whole_listed_at=int(columns.host_whole[number]) * US,
            undescribed=tuple(item for qid in findings if self.check(qid) is None for item in findings[qid]),
            stated=self._read_stated(number),
        )

    def _read_findings(self, number: int) -> dict[int, tuple[Finding, ...]]:
        columns = self._columns
        rows = slice(int(columns.finding_offsets[number]), int(columns.finding_offsets[number + 1]))
        found: dict[int, list[Finding]] = {}
        for qid, port, flags, protocol, times, qds in zip(
            columns.finding_qid[rows].tolist(),
            columns.finding_port[rows].tolist(),
            columns.finding_flags[rows].tolist(),
            columns.finding_protocol[rows].tolist(),
            columns.finding_times[rows],
            columns.finding_qds[rows].tolist(),
            strict=True,
        ):
            first, last, test, fixed, superseded, since = _microseconds(times)
            finding = Finding(
                qid,
                port,
                protocol,
                Kind(flags & 0b11),
                Status(flags >> 2 & 0b111),
                bool(flags & 0b100000),
                first,
                last,
                test,
                fixed,
                superseded,
                since,
                qds,
            )
            found.setdefault(qid, []).append(finding)
        return {qid: tuple(items) for qid, items in found.items()}

    def _read_scans(self, number: int) -> tuple[Scan, ...]:
        columns = self._columns
        scans = []
        for row in range(int(columns.scan_offsets[number]), int(columns.scan_offsets[number + 1])):
            flags = int(columns.scan_flags[row])
            ports = columns.ports[int(columns.port_offsets[row]) : int(columns.port_offsets[row + 1])].tolist()
            scans.append(
                Scan(
                    at=int(columns.scan_at[row]) * US,
                    kind=ScanKind(flags & 0b11),
                    whole=bool(flags & 0b100),
                    check_set=bool(flags & 0b1000),
                    ports=frozenset((packed >> 16, packed & 0xFFFF) for packed in ports),
                )
            )
        return tuple(scans)

    def _read_links(self, claim: str) -> tuple[Link, ...]:
        columns = self._columns
        place = int(np.searchsorted(columns.claims, claim))
        if place >= len(columns.claims) or columns.claims[place] != claim:
            return ()
        rows = slice(int(columns.link_offsets[place]), int(columns.link_offsets[place + 1]))
        return tuple(
            Link(qid, *_microseconds(times))
            for qid, times in zip(columns.link_qid[rows].tolist(), columns.link_times[rows], strict=True)
        )

    def _read_check(self, qid: int) -> Check | None:
        columns = self._columns
        place = int(np.searchsorted(columns.qids, qid))
        if place >= len(columns.qids) or int(columns.qids[place]) != qid:
            return None
        flags = int(columns.qid_flags[place])
        published, modified = _microseconds(columns.qid_times[place])
        return Check(
            qid=qid,
            kind=Kind(flags & 0b11),
            published=published,
            modified=modified,
            remote=bool(flags & 0b100),
            authenticated=bool(flags & 0b1000),
            disabled=bool(flags & 0b10000),
        )


def _microseconds(seconds: Any) -> list[int]:
    """Return a row of whole seconds as microseconds; 0 stays 0."""
    return [value * US for value in seconds.tolist()]
