"""Sources as bytes: compressed, in several members, damaged, slow."""

import bz2
import gzip
import hashlib
import io
import os

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from vatriage.sensors.byte_lines import MAX_LINE, Damage, LastLine, Lines, LongLine, read_lines
from vatriage.sensors.byte_pieces import read_pieces
from vatriage.sensors.interface import SensorError

WORDS = [f"line {number} {number * number}".encode() for number in range(20_000)]
TEXT = b"\n".join(WORDS) + b"\n"


def read(content):
    return list(read_lines(io.BytesIO(content), "source"))


def words(items):
    return [line for item in items if isinstance(item, Lines) for line in item.lines]


def ends(items):
    """Return what is no whole line; where a compressed source broke is told by the read only, so it is left out."""
    rest = [item for item in items if not isinstance(item, Lines)]
    return [(type(item), item.number, item.raw if isinstance(item, LongLine) else item.line) for item in rest]


@pytest.mark.parametrize(
    "content",
    [
        TEXT,
        gzip.compress(TEXT),
        bz2.compress(TEXT),
        gzip.compress(TEXT[:5000]) + gzip.compress(b"") + gzip.compress(TEXT[5000:]),
        bz2.compress(TEXT[:5000], 1) + bz2.compress(TEXT[5000:], 1),
        gzip.compress(TEXT[:5000]) + bytes(512) + gzip.compress(TEXT[5000:]) + bytes(3),
    ],
    ids=["plain", "gzip", "bzip2", "gzip members", "bzip2 members", "gzip padding"],
)
def test_every_form_gives_the_same_lines(content):
    items = read(content)

    assert words(items) == WORDS
    assert all(isinstance(item, Lines) for item in items)


@pytest.mark.parametrize("compress", [gzip.compress, lambda text: bz2.compress(text, 1)], ids=["gzip", "bzip2"])
def test_of_a_cut_file_all_whole_lines_before_the_cut_are_kept(compress):
    content = compress(TEXT)
    items = read(content[: len(content) * 2 // 3])
    damage = items[-1]

    assert isinstance(damage, Damage)
    assert "in the middle" in damage.cause
    assert len(words(items)) + 1 == damage.number
    assert WORDS[: damage.number - 1] == words(items)
    assert damage.number > 1


def test_of_a_damaged_gzip_the_lines_before_the_damage_are_kept():
    content = gzip.compress(TEXT) + gzip.compress(TEXT)
    half = len(content) // 2
    items = read(content[:half] + b"\xff" * 10 + content[half + 10 :])

    assert words(items)[: len(WORDS)] == WORDS
    assert isinstance(items[-1], Damage)


def test_of_a_damaged_bzip2_the_lines_before_the_damage_are_kept():
    first = bz2.compress(TEXT, 1)
    items = read(first + b"BZh9" + b"\xff" * 100)
    kept = words(items)

    assert WORDS[: len(kept)] == kept
    assert len(WORDS) - len(kept) <= 40
    assert isinstance(items[-1], Damage)


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress], ids=["gzip", "bzip2"])
def test_rubbish_behind_a_compressed_file_is_told(compress):
    items = read(compress(TEXT) + b"rubbish")

    assert words(items) == WORDS
    assert isinstance(items[-1], Damage)


@given(st.binary(max_size=200), st.integers(0, 400), st.booleans())
def test_damage_anywhere_never_raises(noise, position, gzipped):
    whole = gzip.compress(TEXT[:3000]) if gzipped else bz2.compress(TEXT[:3000])
    items = read(whole[:position] + noise + whole[position + len(noise) :])

    assert sum(isinstance(item, Damage) for item in items) <= 1


@given(st.binary().filter(lambda content: not content.startswith((b"\x1f\x8b", b"BZh", b"\xef\xbb\xbf"))))
def test_lines_put_together_are_the_source(content):
    items = read(content)
    last = [item.line for item in items if isinstance(item, LastLine)]

    assert content == b"".join(line + b"\n" for line in words(items)) + b"".join(last)


@given(st.lists(st.binary(min_size=1, max_size=9), max_size=9))
def test_the_way_a_source_is_cut_into_reads_does_not_matter(pieces):
    class Slow(io.RawIOBase):
        def __init__(self):
            self.pieces = list(pieces)

        def read1(self, _size=-1):
            return self.pieces.pop(0) if self.pieces else b""

    slow = list(read_lines(Slow(), "source"))
    fast = read(b"".join(pieces))

    assert words(fast) == words(slow)
    assert ends(fast) == ends(slow)


def test_a_long_line_is_told_by_its_number_wherever_it_stands():
    long = b"x" * (MAX_LINE + 1)
    items = read(b"a\n" + long + b"\nb\n" + long)

    assert [item.number for item in items if isinstance(item, LongLine)] == [2, 4]
    assert words(items) == [b"a", b"b"]


def test_a_long_line_inside_a_compressed_bomb_is_told():
    items = read(gzip.compress(b"a\n" + bytes(MAX_LINE * 3) + b"\nb\n"))

    assert [item.number for item in items if isinstance(item, LongLine)] == [2]
    assert words(items) == [b"a", b"b"]


def test_a_pipe_that_waits_is_paused_and_one_with_more_is_not():
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as source, os.fdopen(writer, "wb", buffering=0) as sink:
        lines = read_lines(source, "-")
        sink.write(b"one\n")
        waiting = next(lines)
        sink.write(b"two\n")
        sink.close()
        closing = next(lines)

    assert isinstance(waiting, Lines)
    assert isinstance(closing, Lines)
    assert (waiting.paused, closing.paused) == (True, False)


def test_a_source_that_cannot_be_read_is_an_error_that_names_it():
    class Broken(io.RawIOBase):
        def read1(self, _size=-1):
            raise OSError(5, "Input/output error")

    with pytest.raises(SensorError, match="Reading alerts from tape failed"):
        list(read_lines(Broken(), "tape"))


def test_zstandard_is_read_like_the_others_frame_by_frame():
    content = b"".join(b"line %d\n" % number for number in range(9_000))
    packed = zstandard.compress(content[:7_000]) + zstandard.compress(content[7_000:])

    assert words(read(packed)) == words(read(content))


@pytest.mark.parametrize("wound", ["cut", "changed"])
def test_damaged_zstandard_gives_what_lies_before_and_says_so(wound):
    content = b"".join(hashlib.sha256(b"%d" % number).hexdigest().encode() + b"\n" for number in range(20_000))
    packed = bytearray(zstandard.ZstdCompressor(write_checksum=True).compress(content))
    if wound == "cut":
        del packed[len(packed) // 2 :]
    else:
        packed[len(packed) // 2] ^= 0xFF
    items = read(bytes(packed))

    assert isinstance(items[-1], Damage)
    assert "Zstandard" in items[-1].cause
    assert 0 < len(words(items)) < 20_000 or wound == "changed"


def test_a_zstandard_bomb_stays_within_bounds():
    packed = zstandard.compress(b"\n" * (64 << 20))
    largest = max(len(piece.data) for piece in read_pieces(io.BytesIO(packed), "-"))

    assert largest <= 17 << 20
