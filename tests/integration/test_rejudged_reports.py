"""Stored alerts after reports came: what is found raises them, what is clean later lowers none; on both databases."""

from datetime import UTC, datetime

import pytest

from end_to_end_program import DETECTIONS, HOSTS, KNOWLEDGE, RULES, alert
from vatriage.model.verdict import Verdict
from vatriage.wiring.judging import rejudging, triage_knowledge
from vatriage.wiring.readers import alert_reader


class Clock:
    """Stands where a test puts it."""

    day = 24

    def now(self) -> datetime:
        """See Clock.now."""
        return datetime(2026, 11, self.day, tzinfo=UTC)


@pytest.fixture
def database(request, monkeypatch):
    """SQLite, but for the test that asks for both."""
    if getattr(request, "param", "sqlite") == "postgresql":
        request.getfixturevalue("postgresql")
        return "postgresql"
    monkeypatch.delenv("VATRIAGE_DATABASE", raising=False)
    return "sqlite"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def stored(store, clock):
    """Two alerts are stored: one hits, one is cleared."""
    from vatriage.usecases.signatures import load_signatures

    store.take(HOSTS, DETECTIONS, KNOWLEDGE)
    (store.folder / "r.rules").write_text(RULES)
    load_signatures([store.folder / "r.rules"], store.config.signatures)
    triage(store, clock, alert(1), alert(2))
    assert levels() == {1: "AFFECTED", 2: "NOT_AFFECTED"}
    return store


def triage(store, clock, *lines):
    """Judge and store events, as one file."""
    from vatriage.usecases.keep_verdicts import keep_batch
    from vatriage.usecases.triage import TriageRun

    path = store.folder / "eve.json"
    path.write_text("".join(f"{line}\n" for line in lines))
    instant = int(clock.now().timestamp()) * 1_000_000
    for batch in TriageRun(triage_knowledge(store.config), alert_reader(), "default", instant).judge(
        [str(path)], keep_events=True
    ):
        keep_batch(batch, clock)


def levels():
    from vatriage.store.bulk import fetch

    return {sid: Verdict(verdict).name for sid, verdict in fetch("SELECT sid, verdict FROM alerts")}


def report(day, qid):
    """Return a list of a day, in which the host has one finding that is as old as the first."""
    return DETECTIONS.replace("2026-11-20T", f"2026-11-{day}T").replace("<QID>99000</QID>", f"<QID>{qid}</QID>")


def risen():
    from vatriage.usecases.escalations import escalation_page

    return [(row["sid"], row["from"], row["to"], row["cause"]) for row in escalation_page(None).shown]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_a_finding_that_comes_later_raises_a_stored_clearance(stored, clock):
    from vatriage.store.bulk import fetch
    from vatriage.usecases.explain import argued_all
    from vatriage.usecases.lookups import stored_verdicts

    stored.take(report(22, 99001), complete=False)
    clock.day = 25
    work = rejudging(stored.config, clock)
    assert work.is_needed()
    done = work.run()

    assert (done.changed, done.raised) == (1, 1)
    assert levels() == {1: "AFFECTED", 2: "AFFECTED"}
    assert risen() == [(2, "NOT_AFFECTED", "AFFECTED", "evidence")]
    ((name,),) = fetch("SELECT id FROM alerts WHERE sid = 2")
    both = argued_all(stored_verdicts(name))
    assert [both[which]["verdict"] for which in ("known_then", "known_now")] == ["NOT_AFFECTED", "AFFECTED"]
    assert not work.is_needed()
    assert work.run().judged == 0


def test_a_clean_scan_after_the_alert_lowers_nothing(stored, clock):
    fixed = (
        report(23, 99000)
        .replace("Active", "Fixed")
        .replace("</STATUS>", "</STATUS><LAST_FIXED_DATETIME>2026-11-23T01:00:00Z</LAST_FIXED_DATETIME>")
    )
    stored.take(HOSTS.replace("2026-11-20T", "2026-11-23T"), fixed)
    clock.day = 25
    done = rejudging(stored.config, clock).run()

    assert done.judged == 2
    assert levels() == {1: "AFFECTED", 2: "NOT_AFFECTED"}
    assert risen() == []


def test_judging_all_again_changes_nothing_where_nothing_changed(stored, clock):
    from vatriage.store.bulk import fetch

    work = rejudging(stored.config, clock)
    work.select_all()
    done = work.run()

    assert (done.judged, done.changed) == (2, 0)
    assert len(fetch("SELECT 1 FROM verdicts")) == 2


def test_a_host_of_another_zone_selects_nothing(stored, clock):
    stored.take(HOSTS, report(22, 99001), zone="east", complete=False)

    assert rejudging(stored.config, clock).run().judged == 0


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_a_success_that_is_stored_later_raises_the_attempt_and_is_not_forgotten(stored, clock):
    from vatriage.store.bulk import fetch

    success = (
        alert(9, at="2026-11-21T00:05:00.000000+0000")
        .replace('"signature": "T"', '"signature": "GPL ATTACK_RESPONSE id check returned root"')
        .replace('"src_ip": "203.0.113.9", "src_port": 999, "dest_ip": "10.1.0.7", "dest_port": 443', "ENDS", 1)
        .replace("ENDS", '"src_ip": "10.1.0.7", "src_port": 443, "dest_ip": "203.0.113.9", "dest_port": 999')
    )
    triage(stored, clock, success)
    work = rejudging(stored.config, clock)
    assert work.is_needed()
    work.run()
    assert levels() == dict.fromkeys((1, 2, 9), "COMPROMISE_INDICATED")
    assert {cause for *_, cause in risen()} == {"outcome"}

    triage(stored, clock, alert(2))
    clock.day = 26
    triage(stored, clock, alert(2))
    work.run()
    assert levels()[2] == "COMPROMISE_INDICATED"
    stored.take(report(22, 99001), complete=False)
    assert work.run().judged == 0
    assert fetch("SELECT COUNT(*) FROM rejudge_due") == [(0,)]


ATTEMPT = alert(2, at="2026-11-21T06:05:00.000000+0000").replace(
    '"flow": {', '"flow": {"start": "2026-11-21T06:00:00.000000+0000", '
)
"""Stamped at the end of its flow, five minutes after it began."""
SUCCESS = (
    alert(9, at="2026-11-21T06:03:00.000000+0000")
    .replace('"signature": "T"', '"signature": "GPL ATTACK_RESPONSE id check returned root"')
    .replace('"src_ip": "203.0.113.9", "src_port": 999, "dest_ip": "10.1.0.7", "dest_port": 443', "ENDS", 1)
    .replace("ENDS", '"src_ip": "10.1.0.7", "src_port": 443, "dest_ip": "203.0.113.9", "dest_port": 999')
)


@pytest.mark.parametrize("events", [(ATTEMPT, SUCCESS), (SUCCESS, ATTEMPT)], ids=["attempt first", "success first"])
def test_a_success_before_the_stamp_of_an_attempt_that_began_earlier_is_found_in_either_order(stored, clock, events):
    from vatriage.store.bulk import fetch

    for event in events:
        triage(stored, clock, event)
    rejudging(stored.config, clock).run()
    late = fetch("SELECT sid, verdict FROM alerts WHERE at_us > 1795219200000000 + 6 * 3600000000 ORDER BY sid")

    assert [(sid, Verdict(verdict).name) for sid, verdict in late] == [
        (2, "COMPROMISE_INDICATED"), (9, "COMPROMISE_INDICATED"),
    ]  # fmt: skip


def test_an_alert_of_an_earlier_release_is_read_again_from_its_event(stored, clock):
    from vatriage.store.bulk import execute

    execute("UPDATE alerts SET basis = 0, claim_set = 0, both_ends = TRUE")
    execute("UPDATE alert_events SET format = ''")
    stored.take(report(22, 99001), complete=False)
    done = rejudging(stored.config, clock).run()

    assert (done.judged, done.raised, done.unreadable) == (2, 1, 0)


def test_an_event_that_is_not_kept_leaves_its_verdict(stored, clock):
    from vatriage.store.bulk import execute

    execute("DELETE FROM alert_events")
    stored.take(report(22, 99001), complete=False)
    done = rejudging(stored.config, clock).run()

    assert (done.judged, done.unreadable) == (0, 2)
    assert levels() == {1: "AFFECTED", 2: "NOT_AFFECTED"}


def test_a_forgotten_rule_lowers_nothing(stored, clock):
    from vatriage.model.signature import SignatureIndex
    from vatriage.signatures.index import save_index

    save_index(SignatureIndex(), stored.config.signatures)
    done = rejudging(stored.config, clock).run()

    assert done.judged == 2
    assert levels()[1] == "AFFECTED"
    assert levels()[2] in ("UNKNOWN", "NOT_AFFECTED")


def test_what_breaks_off_goes_on_at_the_next_batch(stored, clock, monkeypatch):
    from vatriage.usecases import rejudge

    work = rejudging(stored.config, clock)
    work.select_all()
    assert work.step(most=1).judged == 1
    monkeypatch.setattr(rejudge, "save_verdicts", _fail)
    with pytest.raises(OSError, match="full"):
        work.step(most=1)
    monkeypatch.undo()

    assert rejudging(stored.config, clock).run().judged == 1


def _fail(*_rows, **_values):
    raise OSError("disk full")


def test_a_run_of_the_controller_ends_and_is_counted(stored, clock):
    from vatriage.store.rejudging import Rejudgement
    from vatriage.usecases.rejudge_work import RejudgeWork

    stored.take(report(22, 99001), complete=False)
    work = RejudgeWork(rejudging(stored.config, clock), clock)
    number = work.wanted()
    assert number == work.wanted() > 0
    again = RejudgeWork(rejudging(stored.config, clock), clock)
    while again.judge_again(number):
        clock.day += 1
    run = Rejudgement.objects.get(pk=number)

    assert (run.judged, run.raised, run.finished_at > 0) == (run.due, 1, True)
    assert (again.wanted(), again.judge_again(number)) == (0, False)
