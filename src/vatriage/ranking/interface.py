"""Lists that alerts are ranked by: what may go wrong with them."""

from dataclasses import dataclass

from vatriage.errors import VatriageError


@dataclass(frozen=True, slots=True)
class RankingReject:
    """One entry of a list that could not be read; the rest is used."""

    place: str
    """`line 7` or `entry 7`."""
    problem: str


class RankingError(VatriageError):
    """A list that alerts are ranked by cannot be read or written."""

    exit_code = 3
