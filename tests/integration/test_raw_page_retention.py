"""Raw pages are kept within a size and an age; those of a pull that may be gone on with stay whatever it costs."""

import os

import pytest

from vatriage.errors import NotFoundError
from vatriage.model.viewer import Role, Viewer

DAY = 86_400
NOW = 1_000 * DAY


@pytest.fixture
def folder(store):
    store.config.pages.mkdir(parents=True)
    return store.config.pages


@pytest.fixture
def device(store):
    from vatriage.store import ledger
    from vatriage.store.devices import Device

    return Device.objects.create(
        name="d", url="https://x", login="l", password_token=b"", zone_id=ledger.zone_number("default"), created_at=0,
        changed_at=0,
    ).pk  # fmt: skip


def pull(folder, days_ago, sizes, device=None, state="complete", *, resumable=False):
    from vatriage.store import ledger
    from vatriage.store.page_rows import PageLine, save_page

    at = NOW - days_ago * DAY
    opened = ledger.open_pull(zone="default", account="a", origin="pull", started_at=at, device_id=device, request={})
    for number, size in enumerate(sizes, 1):
        name = f"{opened.id:08d}-{number:06d}.xml.zst"
        (folder / name).write_bytes(os.urandom(size))
        line = PageLine(
            resource="detections", number=number, request=str(number), raw_file=name, sha256="", size=1, next_id=0
        )
        save_page(opened, line, at)
    if state != ledger.RUNNING:
        ledger.close_pull(
            opened, state=state, finished_at=at, whole=False, vouched_checks=False, counts={}, error="",
            resumable=resumable,
        )  # fmt: skip
    return opened


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def remove(folder, max_bytes=0, days=0):
    from vatriage.usecases.raw_page_retention import Retention, remove_raw_pages

    return remove_raw_pages(folder, Retention(max_bytes=max_bytes, max_age_s=days * DAY), NOW)


def removed_at(opened):
    from vatriage.store.pull_list import ledger_lines

    return [line.removed_at for line in ledger_lines(opened.id, above=0, limit=9)]


def test_the_oldest_pulls_go_until_the_rest_fits(folder):
    from vatriage.usecases.raw_page_retention import kept_pages

    old, middle, new = pull(folder, 3, [100, 100]), pull(folder, 2, [100]), pull(folder, 1, [100])
    removed = remove(folder, max_bytes=250)

    assert removed == (1, 2, 200)
    assert kept_pages(folder) == (2, 200)
    assert (removed_at(old), removed_at(middle), removed_at(new)) == ([NOW, NOW], [0], [0])


def test_pages_go_when_they_are_too_old(folder):
    pull(folder, 31, [10])
    new = pull(folder, 29, [10])
    remove(folder, days=30)

    assert names(folder) == [f"{new.id:08d}-000001.xml.zst"]


def test_without_bounds_everything_stays(folder):
    pull(folder, 900, [10_000])

    assert remove(folder) == (0, 0, 0)


def test_a_pull_under_way_or_to_be_gone_on_with_keeps_its_pages(folder, device):
    pull(folder, 400, [500], device, "running")
    pull(folder, 400, [500], device, "incomplete", resumable=True)

    assert remove(folder, max_bytes=1, days=1) == (0, 0, 0)


def test_a_pull_whose_device_is_gone_is_gone_on_with_by_nobody(folder):
    pull(folder, 400, [500], None, "incomplete", resumable=True)

    assert remove(folder, days=1).files == 1


def test_what_a_process_left_that_died_between_ledger_and_file_goes_next_time(folder, monkeypatch):
    pull(folder, 40, [10, 10])

    def dies(_path, missing_ok):
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.unlink", dies)
    with pytest.raises(KeyboardInterrupt):
        remove(folder, days=30)
    monkeypatch.undo()

    assert len(names(folder)) == 2
    assert remove(folder, days=30) == (0, 2, 20)
    assert names(folder) == []


def test_files_that_no_ledger_knows_are_left_alone(folder):
    (folder / "99999999-000001.xml.zst").write_bytes(b"x" * 100)
    remove(folder, max_bytes=1, days=1)

    assert len(names(folder)) == 1


def test_a_page_that_was_removed_says_when(folder):
    from vatriage.usecases.raw_pages import raw_page

    gone = pull(folder, 40, [10])
    remove(folder, days=30)
    with pytest.raises(NotFoundError, match="was removed at 1972-09-27T00:00:00Z"):
        raw_page(
            gone.id, 1, folder=folder, compressed=False, viewer=Viewer(name="anna", role=Role.ADMIN),
            now=NOW,
        )  # fmt: skip
