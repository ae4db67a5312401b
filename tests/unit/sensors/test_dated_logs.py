"""Logs that get a new name by the date: one series, read in order, compressed or not, and gaps counted."""

import os

import pytest
import zstandard

from vatriage.sensors.dated_logs import DatedLogs, is_pattern
from vatriage.sensors.follow import FollowedFile


class Series:
    """A folder of dated logs."""

    def __init__(self, folder, pattern="eve-%Y-%m-%d-%H:%M.json"):
        self.folder, self.pattern, self.age = folder, pattern, 1_700_000_000

    def write(self, name, *lines):
        """Append lines to a log."""
        with (self.folder / name).open("a") as log:
            log.writelines(f'{{"event_type":"flow","n":"{line}"}}\n' for line in lines)
        self.age += 10
        os.utime(self.folder / name, (self.age, self.age))

    def follow(self, bookmark=b""):
        """Return the lines that come, the bookmark and what was lost."""
        source = FollowedFile(DatedLogs(self.folder / self.pattern), "eve")
        source.begin(bookmark)
        found, lost = [], 0
        while (delivery := source.take()) is not None:
            found += [line.split(b'"n":"')[1][:-2].decode() for line in delivery.data.splitlines()]
            bookmark, lost = delivery.bookmark, lost + delivery.lost
            source.settle()
        source.close()
        return found, bookmark, lost


def test_the_logs_of_a_series_are_read_in_the_order_in_which_they_were_written(tmp_path):
    series = Series(tmp_path)
    series.write("eve-2026-11-20-23:00.json", "a", "b")
    series.write("eve-2026-11-21-00:00.json", "c")
    series.write("eve-2026-11-21-00:00.json.notes", "no log")
    first, bookmark, _ = series.follow()
    series.write("eve-2026-11-21-00:00.json", "d")
    series.write("eve-2026-11-21-01:00.json", "e")
    second, bookmark, lost = series.follow(bookmark)

    assert (first, second, lost) == (["a", "b", "c"], ["d", "e"], 0)


def test_a_log_that_was_compressed_meanwhile_is_read_on(tmp_path):
    series = Series(tmp_path)
    series.write("eve-2026-11-20-23:00.json", "a" * 300)
    _, bookmark, _ = series.follow()
    series.write("eve-2026-11-20-23:00.json", "b")
    plain = tmp_path / "eve-2026-11-20-23:00.json"
    packed = tmp_path / "eve-2026-11-20-23:00.json.zst"
    packed.write_bytes(zstandard.compress(plain.read_bytes()))
    os.utime(packed, (series.age, series.age))
    plain.unlink()
    series.write("eve-2026-11-21-00:00.json", "c")
    found, _, lost = series.follow(bookmark)

    assert (found, lost) == (["b", "c"], 0)


def test_a_log_that_was_removed_before_it_was_read_is_a_gap(tmp_path):
    series = Series(tmp_path)
    series.write("eve-2026-11-20-23:00.json", "a")
    _, bookmark, _ = series.follow()
    (tmp_path / "eve-2026-11-20-23:00.json").unlink()
    series.write("eve-2026-11-21-00:00.json", "b")
    found, _, lost = series.follow(bookmark)

    assert (found, lost) == (["b"], 1)


def test_where_no_log_is_there_yet_nothing_comes(tmp_path):
    assert Series(tmp_path).follow() == ([], b"", 0)
    assert Series(tmp_path / "nowhere").follow() == ([], b"", 0)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("eve-%Y-%m-%d.json", True), ("eve.*.json", True), ("eve.json", False), ("100%.json", False), ("a%Yb*", False)],
)
def test_a_name_that_is_a_file_is_no_pattern(tmp_path, name, is_one):
    (tmp_path / "a%Yb*").touch()
    assert is_pattern(tmp_path / name) is is_one
