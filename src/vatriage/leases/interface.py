"""What a reader of DHCP leases gives: leases and rejects, line by line.

A reader knows its format and nothing else; what a lease means for a verdict is told in `inventory.leases` and ADR 18.
"""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, Protocol

from vatriage.errors import VatriageError

LONGEST_LINE = 65_536
"""Bytes; a longer line is a reject."""
RAW_KEPT = 4_096
"""Bytes of a reject that are kept."""


class LeaseRecord(NamedTuple):
    """That a client held an address. Instants are whole seconds since the epoch."""

    address: str
    """Canonical."""
    mac: str
    """`00:11:22:33:44:55`, lower case; "" = not stated."""
    hostname: str
    """As the client calls itself, at most 255 characters; "" = not stated."""
    start: int
    end: int
    """FOREVER for a lease that never ends."""


FOREVER = 1 << 40
"""Seconds; the end of a lease that has none."""


class LeaseReject(NamedTuple):
    """A record that could not be read."""

    line: int
    """Where it begins, from 1."""
    problem: str
    raw: bytes


class LeaseReader(Protocol):
    """Reads one format."""

    def __call__(self, source: BinaryIO) -> Iterator[LeaseRecord | LeaseReject]:
        """Yield what a file states, in its order.

        Raises: LeaseFileError: the whole file is of another format.
        """


class LeaseFileError(VatriageError):
    """A file is not of the format as which it is read."""

    exit_code = 6
