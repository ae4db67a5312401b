"""The lines of a file, in bounded memory: of a line that is too long only its beginning is kept."""

from collections.abc import Iterator
from typing import BinaryIO

from vatriage.leases.interface import LONGEST_LINE


def numbered_lines(source: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield each line with its number, from 1; a line of more than LONGEST_LINE bytes comes as LONGEST_LINE + 1."""
    number = 0
    while line := source.readline(LONGEST_LINE + 1):
        number += 1
        piece = line
        while len(piece) > LONGEST_LINE and not piece.endswith(b"\n"):
            piece = source.readline(LONGEST_LINE + 1)
        yield number, line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
