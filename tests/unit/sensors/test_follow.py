"""Logs that grow, are renamed, copied and cut short, compressed: every line is handed over once, and gaps are counted."""

import gzip
import os
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soak import examples
from vatriage.sensors.follow import FollowedFile


def event(number):
    return b'{"timestamp":"2026-11-21T09:05:00.%06d+0000","event_type":"flow","n":%d,"x":"%s"}\n' % (
        number,
        number,
        b"x" * 200,
    )


class Log:
    """A log, its writer and its follower, which may be ended and started anew at any instant."""

    def __init__(self, folder):
        self.path = folder / "eve.json"
        self.path.touch()
        self.written, self.read, self.lost, self.notes = 0, [], 0, []
        self.bookmark = b""
        self.age = 1_700_000_000
        self.start()

    def start(self):
        """Begin to follow at the bookmark."""
        self.follower = FollowedFile(self.path, "eve")
        self.follower.begin(self.bookmark)

    def write(self, count=1, *, path=None):
        """Append events."""
        with (path or self.path).open("ab") as file:
            for _ in range(count):
                file.write(event(self.written))
                self.written += 1
        self._grow_older(path or self.path)

    def _grow_older(self, path):
        self.age += 10
        os.utime(path, (self.age, self.age))

    def rename(self, *, pack=False):
        """Rotate by renaming, and compress or not."""
        for number in range(9, 0, -1):
            for end in ("", ".gz"):
                old = self.path.with_name(f"eve.json.{number}{end}")
                if old.exists():
                    old.rename(self.path.with_name(f"eve.json.{number + 1}{end}"))
        first = self.path.with_name("eve.json.1")
        self.path.rename(first)
        if pack:
            packed = first.with_name("eve.json.1.gz")
            packed.write_bytes(gzip.compress(first.read_bytes()))
            shutil.copystat(first, packed)
            first.unlink()
        self.path.touch()
        self._grow_older(self.path)

    def copy_and_cut(self):
        """Rotate by copytruncate."""
        copy = self.path.with_name("eve.json.1")
        copy.unlink(missing_ok=True)
        shutil.copy2(self.path, copy)
        os.truncate(self.path, 0)
        self._grow_older(self.path)

    def follow(self):
        """Take all there is, and settle it."""
        while (delivery := self.follower.take()) is not None:
            whole = [line for line in delivery.data.splitlines() if line.endswith(b"}")]
            self.read += [int(line.split(b'"n":')[1].split(b",")[0]) for line in whole]
            self.bookmark = delivery.bookmark
            self.lost += delivery.lost
            self.notes += delivery.notes
            self.follower.settle()


@pytest.fixture
def log(tmp_path):
    log = Log(tmp_path)
    yield log
    log.follower.close()


def test_what_is_appended_is_handed_over_once(log):
    log.write(3)
    log.follow()
    log.write(2)
    log.follow()
    log.follow()

    assert log.read == [0, 1, 2, 3, 4]


def test_a_line_without_its_end_waits_for_it(log):
    whole = event(0)
    log.path.write_bytes(whole[:40])
    log.follow()

    assert log.read == []

    with log.path.open("ab") as file:
        file.write(whole[40:])
    log.follow()

    assert log.read == [0]


@pytest.mark.parametrize("pack", [False, True])
@pytest.mark.parametrize("restart", [False, True])
def test_a_renamed_log_is_read_to_its_end_and_then_the_new_one(log, pack, restart):
    log.write(3)
    log.follow()
    log.write(2)
    if restart:
        log.follower.close()
    log.rename(pack=pack)
    log.write(2)
    if restart:
        log.start()
    log.follow()

    assert (log.read, log.lost) == ([0, 1, 2, 3, 4, 5, 6], 0)


def test_several_rotations_while_nobody_looked_are_read_in_order(log):
    log.write(3)
    log.follow()
    log.follower.close()
    for pack in (True, False, True):
        log.write(2)
        log.rename(pack=pack)
    log.write(1)
    log.start()
    log.follow()

    assert (log.read, log.lost) == (list(range(10)), 0)


def test_a_log_that_was_copied_and_cut_short_is_read_on_in_the_copy(log):
    log.write(3)
    log.follow()
    log.write(2)
    log.copy_and_cut()
    log.write(4)
    log.follow()

    assert (log.read, log.lost) == ([0, 1, 2, 3, 4, 5, 6, 7, 8], 0)


def test_a_log_that_vanished_unread_is_a_gap_that_is_counted(log):
    log.write(3)
    log.follow()
    log.write(2)
    log.follower.close()
    log.path.unlink()
    log.write(2)
    log.start()
    log.follow()

    assert (log.read, log.lost) == ([0, 1, 2, 5, 6], 1)
    assert "may be lost" in log.notes[0]


def test_a_log_that_was_emptied_is_a_gap_that_is_counted(log):
    log.write(3)
    log.follow()
    os.truncate(log.path, 0)
    log.write(1)
    log.follow()

    assert (log.read, log.lost) == ([0, 1, 2, 3], 1)


def test_a_damaged_compressed_log_is_a_gap_that_is_counted(log):
    log.write(3)
    log.follow()
    log.follower.close()
    log.write(200)
    log.rename(pack=True)
    packed = log.path.with_name("eve.json.1.gz")
    found = packed.stat()
    packed.write_bytes(packed.read_bytes()[:-40])
    os.utime(packed, ns=(found.st_atime_ns, found.st_mtime_ns))
    log.write(1)
    log.start()
    log.follow()

    assert log.lost == 1
    assert log.read[-1] == 203
    assert log.read[:-1] == list(range(len(log.read) - 1))


_STEPS = st.lists(st.sampled_from(["write", "write", "follow", "rename", "pack", "restart", "crash"]), max_size=25)


@settings(max_examples=examples(40), deadline=None)
@given(steps=_STEPS)
def test_whatever_happens_between_two_looks_every_line_is_read_once_and_in_order(steps, tmp_path_factory):
    log = Log(tmp_path_factory.mktemp("log"))
    log.write(1)
    log.follow()
    for step in steps:
        match step:
            case "write":
                log.write(2)
            case "follow":
                log.follow()
            case "rename" | "pack":
                if log.path.stat().st_size:
                    log.rename(pack=step == "pack")
            case "restart":
                log.follower.close()
                log.start()
            case "crash":
                log.follower.take()
                log.follower.close()
                log.start()
    log.write(1)
    log.follow()
    log.follower.close()

    assert (log.read, log.lost) == (list(range(log.written)), 0)
