"""Findings whose instants contradict each other or are missing: the reading that clears less is taken.

A finding that was seen after it is said to be fixed stands. One that is said to be fixed without a date is over as of
its report, and clears nothing: nobody knows which test found it gone. One that is said to have been found first after it
was found last, or after its report, was there at the earliest of these.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Columns = Mapping[str, NDArray[Any]]

ACTIVE, FIXED = 2, 4
_READ_HERE = frozenset({"last_fixed", "stamp"})
"""What is weighed here and says nothing afterwards; of millions of findings it would lie about in vain."""


def plausible(findings: Columns) -> dict[str, NDArray[Any]]:
    """Return the findings with status, first_found, fixed and superseded that agree. Instants are seconds, 0 = not stated.

    Args:
        findings: status, first_found, last_found, last_test, last_fixed, superseded, stamp (when the version was last
            reported), and whatever else, which stays as it is. `last_fixed` and `stamp` are not in what comes back.
    """
    last_found, stamp = findings["last_found"], findings["stamp"]
    said_fixed = findings["status"] == FIXED
    fixed = np.where(said_fixed, np.where(findings["last_fixed"] > 0, findings["last_fixed"], findings["last_test"]), 0)
    undated, refuted = said_fixed & (fixed == 0), said_fixed & (fixed > 0) & (last_found > fixed)
    superseded = findings["superseded"]
    over = np.where(superseded > 0, np.minimum(superseded, stamp), stamp)
    return {name: column for name, column in findings.items() if name not in _READ_HERE} | {
        "status": np.where(undated | refuted, ACTIVE, findings["status"]),
        "fixed": np.where(refuted, 0, fixed),
        "superseded": np.where(undated, over, superseded),
        "first_found": _earliest(findings["first_found"], last_found, stamp),
    }


def _earliest(first_found: NDArray[Any], *others: NDArray[Any]) -> NDArray[Any]:
    """Return the first sight, or what is stated and earlier; 0 stays 0."""
    for other in others:
        first_found = np.where((other > 0) & (other < first_found), other, first_found)
    return first_found
