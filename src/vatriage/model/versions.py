"""Columns of detection versions.

A *version* is what one report said of one detection (natural key: host, QID, port, protocol, ssl, instance) at its
stamp. Rows are columns of numpy, so that a page of thousands is merged without an object a row.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Texts = NDArray[Any]

NUMBERS = (
    "host",  # the store's host number
    "qid",
    "port",
    "protocol",
    "ssl",
    "kind",
    "qualys_severity",
    "status",
    "first_found",
    "last_found",
    "last_test",
    "last_fixed",
    "times_found",
    "qds",
    "ignored",
    "disabled",
    "stamp",  # the latest instant at which a report said this
    "since",  # the earliest
)
"""Names of the columns of `Versions.numbers`, in order. Instants are whole seconds."""

COLUMN = {name: place for place, name in enumerate(NUMBERS)}
KEY_NUMBERS = [COLUMN[name] for name in ("host", "qid", "port", "protocol", "ssl")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """Rows of versions: `numbers` is [rows, len(NUMBERS)], the texts are object arrays of as many rows."""

    numbers: Numbers
    instance: Texts
    service: Texts
    results: Texts
    """Hex hash of the RESULTS text, "" for none."""

    def __len__(self) -> int:
        return len(self.numbers)

    def column(self, name: str) -> Numbers:
        """Return one column of numbers."""
        found: Numbers = self.numbers[:, COLUMN[name]]
        return found

    def take(self, rows: NDArray[Any]) -> "Versions":
        """Return some rows: by numbers or by a mask."""
        return Versions(
            numbers=self.numbers[rows],
            instance=self.instance[rows],
            service=self.service[rows],
            results=self.results[rows],
        )


def no_versions() -> Versions:
    """Return no rows."""
    nothing = np.zeros(0, dtype=object)
    return Versions(
        numbers=np.zeros((0, len(NUMBERS)), dtype=np.int64), instance=nothing, service=nothing, results=nothing
    )


def concatenate(*parts: Versions) -> Versions:
    """Return the parts one after the other."""
    return Versions(
        numbers=np.concatenate([part.numbers for part in parts]),
        instance=np.concatenate([part.instance for part in parts]),
        service=np.concatenate([part.service for part in parts]),
        results=np.concatenate([part.results for part in parts]),
    )
