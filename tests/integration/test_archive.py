"""The alert archive: nothing is lost at any instant, and what is archived is still explained and judged again."""

from datetime import UTC, datetime
from hashlib import sha256

import pyarrow.dataset as ds
import pytest

from stored_alerts import Judged, _line, store_alerts
from vatriage.store import archive_files
from vatriage.wiring.judging import rejudging

ODD = "west/../é %"


class Clock:
    """Stands after all alerts."""

    def now(self):
        """See Clock.now."""
        return datetime(2027, 6, 1, tzinfo=UTC)


@pytest.fixture
def database(monkeypatch):
    """One database: the files are what is tested."""
    monkeypatch.delenv("VATRIAGE_DATABASE", raising=False)
    return "sqlite"


@pytest.fixture
def archive(store):
    """The use case, which needs an open store."""
    from vatriage.usecases import archive

    return archive


@pytest.fixture
def stored(store, archive):
    store_alerts([Judged(number) for number in range(6)] + [Judged(900), Judged(7, zone=ODD)])
    return store


def in_database():
    from vatriage.store.bulk import fetch

    return {row[0]: bytes(row[1]) for row in fetch("SELECT alert_id, raw FROM alert_events")}


def in_files(folder):
    """Return what another engine finds there."""
    if not any(folder.rglob("part-*.parquet")):
        return {}
    table = ds.dataset(folder, partitioning="hive").to_table(["id", "raw"])
    return {row["id"]: row["raw"] for row in table.to_pylist()}


def write(stored, days=90):
    from vatriage.usecases import archive

    return archive.archive_alerts(stored.config.archive, days, Clock())


def test_every_event_is_moved_and_any_engine_reads_it(stored, archive):
    before = in_database()
    done = write(stored)

    assert (done.alerts, in_database()) == (8, {})
    assert in_files(stored.config.archive) == before
    assert archive.verify_archive(stored.config.archive) == []
    folders = sorted(path.name for path in stored.config.archive.glob("[!.]*"))
    assert folders == ["zone=default", "zone=west%2F..%2F%C3%A9%20%25"]
    assert write(stored).alerts == 0


def test_younger_alerts_stay(stored):
    assert write(stored, days=400).alerts == 0
    assert len(in_database()) == 8


@pytest.mark.parametrize("step", ["draft.replace", "write_part", "list_and_forget", "committed"])
def test_dying_at_any_step_loses_nothing(stored, monkeypatch, step, archive):
    before = in_database()
    if step == "draft.replace":
        monkeypatch.setattr(archive_files.Path, "replace", _die)
    elif step == "committed":
        with pytest.raises(KeyboardInterrupt):
            archive.archive_alerts(stored.config.archive, 90, Clock(), _die)
    else:
        monkeypatch.setattr(archive, step, _die)
    if step != "committed":
        with pytest.raises(KeyboardInterrupt):
            write(stored)
    monkeypatch.undo()
    kept = in_database() | in_files(stored.config.archive)
    assert kept == before

    write(stored)
    assert (in_database(), in_files(stored.config.archive)) == ({}, before)
    assert not any(stored.config.archive.rglob("*.tmp"))
    assert archive.verify_archive(stored.config.archive) == []


def _die(*_given, **_named):
    raise KeyboardInterrupt


def test_a_file_that_reads_otherwise_takes_nothing_out_of_the_database(stored, monkeypatch):
    monkeypatch.setattr(archive_files, "read_part", lambda *_: archive_files.SCHEMA.empty_table())
    with pytest.raises(archive_files.ArchiveError, match="reads otherwise"):
        write(stored)

    assert len(in_database()) == 8


def test_what_was_changed_cut_or_removed_is_told(stored, archive):
    write(stored)
    first, second, *_ = sorted(stored.config.archive.rglob("*.parquet"))
    first.write_bytes(first.read_bytes()[:-20])
    second.unlink()
    wrong = archive.verify_archive(stored.config.archive)

    assert len(wrong) == 2
    assert "changed after it was written" in "".join(wrong)
    assert "cannot be read" in "".join(wrong)


def test_an_archived_alert_is_shown_and_judged_again(stored):
    from vatriage.usecases.alert_page import show_alert

    write(stored)
    view = show_alert(Judged(3).id, zones=None, now=0, archive=stored.config.archive)
    assert view.event == _line(Judged(3))

    done = rejudging(stored.config, Clock()).run()
    assert (done.judged, done.unreadable) == (8, 0)
    assert in_database() == {}

    for path in stored.config.archive.rglob("*.parquet"):
        path.write_bytes(b"damaged")
    assert show_alert(Judged(3).id, zones=None, now=0, archive=stored.config.archive).event == b""
    work = rejudging(stored.config, Clock())
    work.select_all()
    assert work.run().unreadable == 8


def test_a_zone_whose_name_fills_a_path_has_a_folder_all_the_same():
    path = archive_files.part_path("é" * 64, 0, ["a"])

    assert path.startswith(f"zone=hash-{sha256(('é' * 64).encode()).hexdigest()}/day=1970-01-01/part-")
    assert path != archive_files.part_path("é" * 63, 0, ["a"])
