"""How far a pull is: noted in passing, never inside a page's transaction, never behind a lock, gone at the end."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest


class SteppingClock:
    """A clock that a test moves."""

    def __init__(self):
        self.moment = datetime(2026, 11, 24, tzinfo=UTC)

    def now(self):
        """See Clock.now."""
        return self.moment

    def step(self, seconds):
        """Let time pass."""
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return SteppingClock()


@pytest.fixture
def pull(store):
    from vatriage.store.ledger import open_pull

    return open_pull(zone="default", account="a", origin="pull", started_at=1, request={}).id


def test_bytes_are_noted_once_a_second_at_most_and_a_new_page_at_once(pull, clock):
    from vatriage.store.progress import standing_of
    from vatriage.usecases.pull_progress import Progress

    progress, seen = Progress(pull, clock, resumed=False), []
    progress.begins("detections", 3)
    for _ in range(40):
        progress.heard(b"x" * 10)
        seen.append(standing_of(pull).bytes)
        clock.step(0.1)
    progress.begins("knowledge_base", 4)

    assert sorted(set(seen)) == [0, 110, 210, 310]
    assert (standing_of(pull).stage, standing_of(pull).page, standing_of(pull).bytes) == ("knowledge_base", 4, 0)


def test_a_wait_stands_until_bytes_come_again(pull, clock):
    from vatriage.store.progress import standing_of
    from vatriage.usecases.pull_progress import Progress

    progress = Progress(pull, clock, resumed=True)
    progress.begins("detections", 1)
    progress.waits_for_permit(60.0)
    waiting = standing_of(pull)
    clock.step(60)
    progress.heard(b"x")
    after = standing_of(pull)

    assert waiting.waiting_until - clock.moment.timestamp() == 0
    assert (waiting.reason, waiting.resumed) == ("the account's rate limit", True)
    assert (after.waiting_until, after.reason) == (0, "")


def test_nothing_is_noted_inside_another_transaction(pull, clock):
    from django.db import transaction

    from vatriage.store.progress import standing_of
    from vatriage.usecases.pull_progress import Progress

    progress = Progress(pull, clock, resumed=False)
    with transaction.atomic():
        progress.begins("detections", 1)
        inside = standing_of(pull)

    assert inside is standing_of(pull) is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_where_another_process_writes_the_note_is_left_out_and_nobody_waits(pull, clock, store):
    from vatriage.store.bulk import fetch
    from vatriage.store.progress import standing_of
    from vatriage.usecases.pull_progress import Progress

    other = sqlite3.connect(store.config.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    progress = Progress(pull, clock, resumed=False)
    progress.begins("detections", 1)
    during = standing_of(pull)
    other.execute("ROLLBACK")
    other.close()
    clock.step(2)
    progress.heard(b"x")

    assert during is None
    assert standing_of(pull).bytes == 1
    assert fetch("PRAGMA busy_timeout") == [(20_000,)]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_on_postgresql_a_writer_of_other_rows_keeps_no_note_away(pull, clock, store):
    import psycopg

    from vatriage.store.progress import standing_of
    from vatriage.usecases.pull_progress import Progress

    with psycopg.connect(store.config.server.reveal()) as other:
        other.execute("UPDATE zones SET name = name || 'x'")
        Progress(pull, clock, resumed=False).begins("detections", 1)
        during = standing_of(pull)
        other.rollback()

    assert during.stage == "detections"


def test_at_the_end_the_row_is_gone(pull, clock):
    from vatriage.store.progress import standing_of
    from vatriage.usecases.pull_progress import Progress

    progress = Progress(pull, clock, resumed=False)
    progress.begins("detections", 1)
    progress.end()

    assert standing_of(pull) is None


@pytest.mark.parametrize(("zones", "seen"), [(None, ["a", "b"]), ({"b"}, ["b"]), ({"b", "c"}, ["b"]), (set(), [])])
def test_a_query_with_the_viewers_sight_shows_their_zones_only(store, zones, seen):
    from vatriage.store.bulk import fetch
    from vatriage.store.places import Zone
    from vatriage.usecases.sight import sight

    Zone.objects.create(name="a")
    Zone.objects.create(name="b")
    condition, values = sight(zones)

    sql = f"SELECT z.name FROM zones z WHERE {condition} ORDER BY z.name"

    assert [row[0] for row in fetch(sql, values)] == seen
