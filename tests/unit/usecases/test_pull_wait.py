"""A wait inside a pull: whole, in pieces, and over as soon as somebody wants its end."""

import pytest

from vatriage.errors import VatriageError
from vatriage.usecases.pull_wait import PIECE_S, WatchedSleep


def test_a_long_wait_is_cut_in_pieces_of_two_seconds_and_as_long_as_it_was_asked_for():
    slept = []
    WatchedSleep(slept.append, lambda: None)(119.5)

    assert (sum(slept), max(slept)) == (119.5, PIECE_S)


def test_who_wants_the_end_is_heard_after_a_piece():
    slept = []

    def look():
        if len(slept) == 3:
            raise VatriageError("The pull was cancelled by ann.")

    with pytest.raises(VatriageError, match="cancelled by ann"):
        WatchedSleep(slept.append, look)(86_400)

    assert len(slept) == 3
