"""The hosts of a block: what all kinds of reports say alike, in the words of the host list (its DTD, HOST)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vatriage.model.report import HOSTS, Reject, ReportPage
from vatriage.vendors.qualys.columns import Columns
from vatriage.vendors.qualys.rejects import HostName, host_of, reject
from vatriage.vendors.xml.tables import RecordTables, Trouble, out_of_place

ID_LIMIT = 10**18
"""Qualys ids are far smaller; an int64 holds more."""


@dataclass(frozen=True, slots=True)
class HostNaming:
    """How a kind of document names its hosts."""

    of: Callable[[bytes], HostName] = host_of
    """Reads a record's name off its first bytes."""
    by_address: bool = False
    """Its hosts have no ids of the vendor's: they are known by their addresses."""

    def is_unnamed(self, record: bytes) -> bool:
        """Whether nobody can say which host a record is about."""
        host = self.of(record)
        return not host.host_id and not (self.by_address and host.address)


BY_ID = HostNaming()
"""Host lists and host detections."""


class HostRows:
    """The hosts that were read of one block, in the document's order."""

    def __init__(self, block: RecordTables, name: str, naming: HostNaming = BY_ID) -> None:
        """Read the block's hosts; `name` is the document's."""
        self._finder = block.finder
        self._name = name
        self._naming = naming
        self.rejects: list[Reject] = []
        """Of hosts that were left out, and of fields that were repaired."""
        columns = Columns(block.tables["hosts"])
        table = _hosts(columns)
        named = pc.or_(pc.not_equal(table["host_id"], 0), pc.not_equal(table["address"], ""))
        self._keep: NDArray[np.bool_] = named.to_numpy()
        self.table: pa.Table = table.filter(named)
        """Schema HOSTS without its last column `rejected`."""
        self.row_of: NDArray[np.int32] = np.where(self._keep, np.cumsum(self._keep) - 1, -1).astype(np.int32)
        """Record number -> row number, -1 for a host that was left out."""
        for doubt in columns.doubts:
            if self._keep[doubt.row]:
                self._reject(doubt.row, f"{doubt.field} {doubt.value!r} cannot be read: the field was left empty")
        for record in np.flatnonzero(~self._keep).tolist():
            self._reject(record, "neither its ID nor its IP can be read: the record was left out")
        self._strays = block.strays
        for record, element in block.strays.items():
            self._reject(record, f"{out_of_place(element)}: it was left out, and what the host lists is not whole")

    def unnamed(self, broken: Iterable[Trouble]) -> int:
        """Return how many of the block's hosts have no readable ID, those included that could not be read at all."""
        lost = sum(self._naming.is_unnamed(trouble.piece.data) for trouble in broken)
        return int((~self._keep).sum()) + lost

    def subject(self, record: int) -> str:
        """Return how a record's host is called in rejects."""
        return str(self._naming.of(self._finder.record(record).data))

    def whole_table(self, rejected: Iterable[int], broken: Iterable[Trouble]) -> pa.Table:
        """Return all hosts with schema HOSTS.

        Args:
            rejected: rows of hosts of which something was rejected.
            broken: records that could not be read; they become rows without detections, marked `rejected`, if their
                ID or IP can be read at all.
        """
        marks = np.zeros(self.table.num_rows, np.bool_)
        astray = self.row_of[list(self._strays)]
        marks[[*rejected, *astray[astray >= 0].tolist()]] = True
        read = self.table.append_column(HOSTS.field("rejected"), pa.array(marks))
        return pa.concat_tables([read, _lost_hosts(broken, self._naming)])

    def _reject(self, record: int, problem: str) -> None:
        """Keep a reject of a record."""
        piece = self._finder.record(record)
        self.rejects.append(reject(self._name, piece, str(self._naming.of(piece.data)), problem))


def broken_hosts(block: RecordTables, name: str, naming: HostNaming = BY_ID) -> list[Reject]:
    """Return rejects of the hosts that could not be read, and of those that were repaired and kept."""
    outcomes = [(block.broken, "the record was left out"), (block.repaired, "the record was kept")]
    return [
        reject(name, trouble.piece, str(naming.of(trouble.piece.data)), f"{trouble.problem}: {outcome}")
        for troubles, outcome in outcomes
        for trouble in troubles
    ]


def lost_host_page(trouble: Trouble, name: str, naming: HostNaming = BY_ID) -> ReportPage:
    """Return the page of a host record that no parser may see: its name, marked `rejected`, and the reject."""
    problem = f"{trouble.problem}: the record was left out"
    rejected = reject(name, trouble.piece, str(naming.of(trouble.piece.data)), problem)
    unnamed = int(naming.is_unnamed(trouble.piece.data))
    return ReportPage(hosts=_lost_hosts([trouble], naming), unnamed_hosts=unnamed, rejects=(rejected,))


def _hosts(columns: Columns) -> pa.Table:
    """Return the hosts with schema HOSTS but `rejected`; what a kind does not state is not in its table."""
    tracking = columns.text("TRACKING_METHOD")
    arrays = [
        columns.number("ID", 1, ID_LIMIT, 0),
        columns.address("IP"),
        columns.address("IPV6"),
        tracking,
        columns.text("NETWORK_ID"),
        columns.text("OS"),
        columns.text("OS_CPE"),
        columns.text("DNS"),
        columns.text("NETBIOS"),
        columns.text("QG_HOSTID"),
        columns.text("EC2_INSTANCE_ID", "CLOUD_RESOURCE_ID"),
        columns.instant("LAST_SCAN_DATETIME", "LAST_VULN_SCAN_DATETIME"),
        columns.instant("LAST_VM_SCANNED_DATE", "LAST_VULN_SCAN_DATETIME"),
        columns.instant("LAST_VM_AUTH_SCANNED_DATE"),
        pc.match_substring(tracking, "agent", ignore_case=True),
    ]
    return pa.Table.from_arrays([pa.array(array) for array in arrays], schema=pa.schema(list(HOSTS)[:-1]))


def _lost_hosts(broken: Iterable[Trouble], naming: HostNaming) -> pa.Table:
    """Return a row for each host of which no more than its ID or IP is known."""
    neutral = {pa.int64(): 0, pa.string(): "", pa.bool_(): False}
    blank = {field.name: neutral[field.type] for field in HOSTS}
    names = [naming.of(trouble.piece.data) for trouble in broken]
    rows = [
        blank | {"host_id": host.host_id, "address": host.address, "rejected": True}
        for host in names
        if host.host_id or host.address
    ]
    return pa.Table.from_pylist(rows, schema=HOSTS)
