"""CVE and Bugtraq ids as Qualys writes them, into (QID, claim) pairs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vatriage.model.report import REFERENCES


@dataclass(frozen=True, slots=True)
class ClaimForm:
    """How ids of one kind are written."""

    prefix: str
    pattern: str
    """RE2; its group is what stands behind the prefix."""


CVE = ClaimForm("CVE", r"^(?:CVE|CAN)-(\d{4}-\d{4,19})$")
"""CAN- was the prefix of candidates until 2005; the number stayed the same."""

BUGTRAQ = ClaimForm("BUGTRAQ", r"^0*([1-9]\d{0,9})$")


def references(qids: NDArray[np.int64], text: pa.Array, form: ClaimForm) -> tuple[pa.Table, list[tuple[int, str]]]:
    """Return the pairs with schema REFERENCES, and the rows of malformed ids with what is wrong.

    Args:
        qids: for each row the QID, 0 where it could not be read; such rows are left out without a word.
        text: the ids; empty ones are skipped (Qualys writes some).
        form: how they are written.
    """
    ids = pc.ascii_upper(text)
    good = pc.match_substring_regex(ids, form.pattern)
    malformed = pc.and_(pc.invert(good), pc.not_equal(ids, "")).to_numpy(zero_copy_only=False)
    problems = [
        (row, f"{ids[row].as_py()[:60]!r} is no {form.prefix} id: the reference was left out")
        for row in np.flatnonzero(malformed & (qids != 0)).tolist()
    ]
    claims = pc.replace_substring_regex(ids, form.pattern, rf"{form.prefix}-\1")
    pairs = pa.Table.from_arrays([pa.array(qids), claims], schema=REFERENCES)
    return pairs.filter(pc.and_(good, pc.not_equal(pairs["qid"], 0))), problems


def distinct(tables: Sequence[pa.Table]) -> pa.Table:
    """Return each pair once, in order of first appearance."""
    pairs = pa.concat_tables(tables)
    return pairs.group_by(["qid", "claim"], use_threads=False).aggregate([]).cast(REFERENCES)
