"""Alerts that an earlier release stored are shown, filtered and counted like new ones."""

from contextlib import contextmanager

import integration_store
from integration_store import opened
from stored_alerts import Judged, _line, _record, counted, recounted, store_alerts
from vatriage.config import read_config
from vatriage.model.verdict import Verdict
from vatriage.store.opening import migrate

OLD = [
    Judged(1, Verdict.UNKNOWN, source="2001:db8::7", destination="10.2.0.1"),
    Judged(1, Verdict.AFFECTED, source="2001:db8::7", destination="10.2.0.1", judged=1, reasons=("confirmed",)),
    Judged(2, Verdict.NOT_AFFECTED, side="source", rev=4, message="the newer message"),
    Judged(3, Verdict.NOT_AFFECTED, zone="east", sid=7, disposition="blocked"),
]


def test_an_older_store_is_filled_as_if_its_alerts_were_stored_today(database, tmp_path, monkeypatch):
    with _older_store(tmp_path, monkeypatch) as config:
        _store_as_before(OLD)
        migrate(config.home)
        migrated = _everything()
        assert recounted() == counted()
        for table in (
            "verdicts", "alert_events", "alerts", "alert_groups", "alert_signatures", "verdict_hours", "verdict_reasons",
        ):  # fmt: skip
            _run(f"DELETE FROM {table}")
        store_alerts(OLD)

        assert migrated == _everything()


def test_an_event_that_cannot_be_read_any_more_stops_nothing(database, tmp_path, monkeypatch):
    with _older_store(tmp_path, monkeypatch) as config:
        _store_as_before(OLD)
        _run("UPDATE alerts SET raw = %s WHERE id = %s", b"{", OLD[-1].id)
        migrate(config.home)
        (shown,) = (row for row in _everything()["alerts"] if row[0] == OLD[-1].id)

        assert shown[2:9] == ("east", 1, 7, 3, "", -1, "10.2.0.1")
        assert recounted() == counted()


@contextmanager
def _older_store(tmp_path, monkeypatch):
    monkeypatch.setattr(integration_store, "migrate", _to_an_earlier_release)
    monkeypatch.setattr(integration_store, "_EMPTY", [])
    with opened(read_config(tmp_path / "home")) as config:
        yield config


def _to_an_earlier_release(_home) -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    (ours,) = (
        one for key, one in MigrationLoader(connection).disk_migrations.items() if key[1].endswith("_alert_columns")
    )
    ((app, before),) = ours.dependencies
    call_command("migrate", app, before, verbosity=0, interactive=False)


def _store_as_before(judged) -> None:
    import msgspec

    for one in judged:
        record = msgspec.json.encode(_record(one))
        _run(
            "INSERT INTO alerts (id, zone, at_us, raw) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            one.id, one.zone, one.instant_us, _line(one),
        )  # fmt: skip
        _run(
            "INSERT INTO verdicts (alert_id, judged_at_us, verdict, inputs, record) VALUES (%s, %s, %s, %s, %s)",
            one.id, one.judged, one.verdict, one.inputs, record,
        )  # fmt: skip


def _everything():
    from vatriage.store.bulk import fetch

    columns = (
        "id, group_id, zone, gid, sid, rev, source_address, source_port, destination_address, destination_port, protocol, "
        "sensor, disposition, target_address, target_port, attacker_address, host, verdict, rank, reasons"
    )
    groups = "id, zone, gid, sid, target_address, attacker_address, alerts, first_at_us, last_at_us, worst, affected"
    return {
        "alerts": sorted(fetch(f"SELECT {columns} FROM alerts")),
        "groups": sorted(fetch(f"SELECT {groups} FROM alert_groups WHERE alerts > 0")),
        "names": sorted(fetch("SELECT gid, sid, rev, message FROM alert_signatures")),
        "events": sorted((name, bytes(raw)) for name, raw in fetch("SELECT alert_id, raw FROM alert_events")),
    }


def _run(sql, *values) -> None:
    from vatriage.store.bulk import execute

    execute(sql, values)
