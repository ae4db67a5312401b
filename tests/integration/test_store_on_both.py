"""What the store promises, on SQLite and on PostgreSQL: the laws of merging, and how processes share it."""

import os
import threading
from itertools import permutations

import pytest

from end_to_end_program import KNOWLEDGE
from integration_store import Store, history, inventory, opened, report
from vatriage.config import read_config
from vatriage.errors import UsageError

MANY = {number: [(qid, "Active") for qid in range(1, 9)] for number in range(1, 31)}
"""Enough rows for the bulk way in."""


def test_the_same_import_twice_changes_nothing(store):
    store.take(report(10, MANY), KNOWLEDGE)
    first = (inventory(), history(), store.snapshot_files())
    result = store.take(KNOWLEDGE, report(10, MANY))

    assert (result.changes.detections_new, result.changes.detections_changed) == (0, 0)
    assert first == (inventory(), history(), store.snapshot_files())


def test_independent_reports_give_one_inventory_in_any_order(store):
    reports = [report(9, {1: [(5, "Active")]}), report(10, {2: [(6, "New")]}), report(11, {3: [], 4: [(5, "Fixed")]})]
    found = []
    for place, order in enumerate(permutations(reports)):
        for one in order:
            store.take(one, zone=f"zone {place}")
        found.append((inventory(f"zone {place}"), history(f"zone {place}")))

    assert [found[0]] * 6 == found


def test_reports_of_one_host_give_one_present_in_any_order(store):
    reports = [report(day, {1: [(5, status)]}) for day, status in ((9, "Active"), (10, "Fixed"), (11, "Re-Opened"))]
    found = []
    for place, order in enumerate(permutations(reports)):
        for one in order:
            store.take(one, zone=f"zone {place}", complete=False)
        state = inventory(f"zone {place}")
        found.append({name: state[name] for name in ("hosts", "addresses", "scans", "current")})

    assert [found[0]] * 6 == found


def test_an_older_report_never_takes_a_newer_one_back(store):
    store.take(report(12, {number: [(5, "Fixed")] for number in range(1, 31)}))
    newer = inventory()["current"]
    store.take(report(10, {number: [(5, "Active")] for number in range(1, 31)}))

    assert newer == inventory()["current"]
    assert len(inventory()["past"]) == 30


def test_what_a_cut_report_leaves_out_is_neither_fixed_nor_gone(store):
    store.take(report(10, {1: [(5, "Active"), (6, "Active")], 2: [(5, "Active")]}))
    result = store.take(report(12, {1: [(5, "Active")]}, cut=True))

    assert not result.whole
    assert [row[-1] for row in inventory()["current"]] == [0, 0, 0]
    assert {whole for *_, at, _kind, whole, _checks, _ports in inventory()["scans"] if at > 1_794_400_000} == {False}


def test_what_a_whole_report_leaves_out_is_gone_and_comes_back(store):
    store.take(report(10, MANY))
    gone = store.take(report(11, {number: [(1, "Active")] for number in MANY}))
    back = store.take(report(12, MANY))

    assert (gone.changes.gone, back.changes.detections_new) == (30 * 7, 0)
    assert [row[-1] for row in inventory()["current"]] == [0] * 240


def test_a_host_is_shown_as_of_an_instant(store):
    from vatriage.usecases.lookups import show_host

    for day, status in ((9, "Active"), (11, "Fixed")):
        store.take(report(day, {1: [(5, status)]}))
    shown = [show_host("10.2.0.1", day * 86_400_000_000)[0]["detections"][0]["status"] for day in (20_767, 20_770)]

    assert shown == ["active", "fixed"]


def test_both_databases_give_the_same_snapshot_to_the_byte(postgresql, tmp_path, monkeypatch):
    reports = [
        (report(9, MANY), KNOWLEDGE),
        (report(11, {number: [(1, "Fixed"), (2, "Active")] for number in MANY}),),
        (report(10, {number: [(1, "Active"), (99001, "Re-Opened")] for number in range(20, 60)}, cut=True),),
    ]
    found = []
    for home in ("one", "other"):
        with opened(read_config(tmp_path / home)) as config:
            store = Store(config, tmp_path)
            for together in reports:
                store.take(*together)
            found.append((inventory(), history(), store.snapshot_files()))
        monkeypatch.setenv("VATRIAGE_DATABASE", "")

    assert found[0] == found[1]


@pytest.mark.parametrize("count", [3, 300])
def test_rows_of_one_key_are_taken_one_after_the_other(store, count):
    from vatriage.store.bulk import fetch
    from vatriage.store.host_rows import see_addresses

    store.take(report(10, {1: []}))
    ((host,),) = fetch("SELECT id FROM hosts")
    see_addresses((host, "10.9.9.9", at) for at in range(1_000, 1_000 + count))

    sql = "SELECT first_seen, last_seen FROM host_addresses WHERE address = %s"
    assert fetch(sql, ["10.9.9.9"]) == [(1_000, 999 + count)]


def test_texts_and_numbers_at_their_bounds_are_kept(store):
    long = "x" * 5_000
    odd = report(
        10,
        {10**18 - 1: [(10**18 - 1, "Active")]},
        extra=f"<INSTANCE>{long}</INSTANCE><TIMES_FOUND>2147483647</TIMES_FOUND>",
    )
    odd = odd.replace("<TRACKING_METHOD>IP", f"<TRACKING_METHOD>{long}")
    result = store.take(odd)
    store.take(odd)

    assert result.files[0].error is None
    assert inventory()["hosts"][0][3] == long
    assert [(row[0], row[2], len(row[6]), row[14]) for row in inventory()["current"]] == [
        (10**18 - 1, 10**18 - 1, 536, 2**31 - 1)
    ]


def test_a_file_whose_name_is_no_text_is_taken(store):
    from vatriage.store.bulk import fetch

    path = store.folder / os.fsdecode(b"d\xff.xml")
    path.write_text(report(10, {1: [(5, "Active"), ("x", "Active")]}))
    result = store.take_files([path])

    assert result.files[0].rejects == 1
    assert "d?.xml" in fetch("SELECT place FROM rejected")[0][0]


def test_a_zone_needs_a_name_of_bounded_length(store):
    with pytest.raises(UsageError, match="1 to 64 characters"):
        store.take(report(10, {}), zone="z" * 65)


def test_a_writer_waits_for_the_other_one(postgresql, tmp_path):
    with opened(read_config(tmp_path / "home")) as config:
        from vatriage.store.bulk import fetch
        from vatriage.store.turns import writers_turn

        store = Store(config, tmp_path)
        second = threading.Thread(target=_in_a_thread, args=(store.take, report(10, MANY)))
        with writers_turn():
            second.start()
            while not fetch("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"):
                assert second.is_alive()
            assert inventory()["current"] == []
        second.join()

        assert len(inventory()["current"]) == 240


def test_a_reader_sees_one_instant_and_holds_nobody_up(store):
    from vatriage.store.turns import one_instant

    with one_instant():
        before = inventory()["current"]
        writer = threading.Thread(target=_in_a_thread, args=(store.take, report(10, MANY)))
        writer.start()
        writer.join()
        after = inventory()["current"]

    assert before == after == []
    assert len(inventory()["current"]) == 240


def test_a_finished_writer_leaves_the_note_of_one_at_work(store):
    from vatriage.store.snapshots import is_behind
    from vatriage.usecases.snapshots import mark_behind

    other = threading.Thread(target=_in_a_thread, args=(store.take, report(10, MANY)))
    mark_behind(store.config.snapshots)
    other.start()
    other.join()

    assert is_behind(store.config.snapshots)
    store.take(report(11, MANY))
    assert not is_behind(store.config.snapshots)


def test_of_two_that_want_a_device_at_once_one_gets_it(postgresql, tmp_path):
    refused = []
    with opened(read_config(tmp_path / "home")):
        from django.db import transaction

        from vatriage.store.bulk import fetch
        from vatriage.store.devices import Device
        from vatriage.store.leases import DeviceBusyError, take_device
        from vatriage.store.ledger import zone_number

        device = Device.objects.create(
            name="d", url="h", login="l", password_token=b"", zone_id=zone_number("default"), created_at=0, changed_at=0
        ).pk
        other = threading.Thread(target=_in_a_thread, args=(_take_device, device, refused))
        with transaction.atomic():
            take_device(device, "d", 1_000)
            other.start()
            while not fetch("SELECT 1 FROM pg_locks WHERE NOT granted"):
                assert other.is_alive()
        other.join()

        assert [type(error) for error in refused] == [DeviceBusyError]
        assert len(fetch("SELECT 1 FROM device_leases")) == 1


def test_a_hold_of_ours_that_nobody_works_under_any_more_is_no_hold(tmp_path, database):
    with opened(read_config(tmp_path / "home")):
        from vatriage.store import leases
        from vatriage.store.bulk import fetch
        from vatriage.store.devices import Device
        from vatriage.store.ledger import zone_number

        device = Device.objects.create(
            name="d", url="h", login="l", password_token=b"", zone_id=zone_number("default"), created_at=0, changed_at=0
        ).pk
        leases.take_device(device, "d", 1_000)
        with pytest.raises(leases.DeviceBusyError):
            leases.take_device(device, "d", 1_001)
        held = leases.is_held(device, 1_001)
        leases._working.discard(device)  # what is left where the row could not be deleted

        assert (held, leases.is_held(device, 1_001)) == (True, False)
        leases.take_device(device, "d", 1_002)
        assert fetch("SELECT expires_at FROM device_leases") == [(1_002 + leases.LEASE_S,)]
        leases.give_back_device(device)


def _take_device(device, refused):
    from vatriage.store.leases import take_device

    try:
        take_device(device, "d", 1_000)
    except Exception as error:  # noqa: BLE001 - which one is the question
        refused.append(error)


def _in_a_thread(work, *arguments):
    from django.db import connection

    try:
        work(*arguments)
    finally:
        connection.close()
