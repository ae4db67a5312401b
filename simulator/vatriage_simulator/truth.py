"""What a faultless client would know of a subscription now: every host of the host list, every detection of theirs.

Made as it is read, so that it may be as large as one likes. Tests compare an inventory with it; what faults did to the
subscription itself (purges, addresses re-used, a KnowledgeBase with gaps) is part of it.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from vatriage_simulator.faults import FaultOrders
from vatriage_simulator.host_table import HostTable
from vatriage_simulator.hosts import SimHost
from vatriage_simulator.knowledge_table import KnowledgeTable
from vatriage_simulator.resources import Resource


class HostFact(NamedTuple):
    """One host of the host list."""

    id: int
    ip: str
    """IPv4 or IPv6, as HOST/IP or HOST/IPV6 has it."""
    network_id: int | None
    scanned_at: datetime
    """When its last scan ended."""
    authenticated_at: datetime | None
    """When its last scan with a login ended."""


class DetectionFact(NamedTuple):
    """One detection, also one that is fixed, ignored, disabled or only information."""

    host_id: int
    qid: int
    port: int | None
    protocol: str | None
    ssl: bool | None
    instance: str | None
    type: str
    """Confirmed, Potential or Info."""
    status: str
    """New, Active, Re-Opened or Fixed; an Info detection is written without it."""
    first_found: datetime
    last_found: datetime
    last_fixed: datetime | None
    ignored: bool
    disabled: bool


class Truth:
    """A view of a subscription: each call looks at what is there then."""

    def __init__(
        self,
        hosts: HostTable,
        knowledge: KnowledgeTable,
        faults: FaultOrders,
        *,
        purged: Collection[int],
        replaced: Mapping[int, int],
    ) -> None:
        self._hosts = hosts
        self._knowledge = knowledge
        self._faults = faults
        self._purged = purged
        self._replaced = replaced

    def host_ids(self) -> Iterator[int]:
        """Yield the ids of the host list, ascending."""
        return (host.id for host in self._scanned())

    def hosts(self) -> Iterator[HostFact]:
        """Yield the hosts of the host list by ascending id: those that were scanned."""
        for host in self._scanned():
            scan, login = host.last_scan, host.last_authenticated_scan
            if scan is not None:
                yield HostFact(host.id, host.ip, host.network_id, scan.at, login.at if login else None)

    def detections(self) -> Iterator[DetectionFact]:
        """Yield every detection, host by host in the order of `hosts`, as each host has them."""
        for host in self._scanned():
            for item in host.detections:
                yield DetectionFact(
                    host.id, item.qid, item.port, item.protocol, item.ssl, item.instance, item.type, item.status,
                    item.first_found, item.last_found, item.last_fixed, item.ignored, item.disabled,
                )  # fmt: skip

    def qids(self) -> Iterator[int]:
        """Yield the QIDs of the KnowledgeBase, ascending, without those that are withheld."""
        return self._knowledge.known()

    def unlisted_qids(self) -> frozenset[int]:
        """Return the QIDs of detections for which the KnowledgeBase has no entry."""
        seen = {item.qid for host in self._scanned() for item in host.detections}
        return frozenset(qid for qid in seen if self._knowledge.read(qid) is None)

    def undeliverable(self, resource: Resource | str = Resource.DETECTION_LIST) -> frozenset[int]:
        """Return the hosts that no answer of a resource will bring, whatever the page's size.

        A host without a detection is not among those of the detection list: its answer is whole without it.
        """
        in_detections = resource == Resource.DETECTION_LIST
        ids = [host.id for host in self._scanned() if not in_detections or host.detects(lambda _: True)]
        return self._faults.undeliverable(Resource(resource), ids)

    @property
    def purged(self) -> frozenset[int]:
        """The hosts that were purged since the beginning: a pull may have seen them before, or not."""
        return frozenset(self._purged)

    @property
    def came_late(self) -> dict[int, int]:
        """The hosts that faults put at a used address, and the id of the host each replaced."""
        return dict(self._replaced)

    def _scanned(self) -> Iterator[SimHost]:
        """Yield the hosts that were scanned, to be looked at only."""
        for number in self._hosts.ids():
            host = self._hosts.read(number)
            if host is not None and host.scans:
                yield host
