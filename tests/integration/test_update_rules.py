"""Update rules on the real store, on both databases: submitted and activated, due, missed, skipped, asked for, planned."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from vatriage.errors import NotFoundError, UsageError
from vatriage.model.viewer import COMMAND_LINE, Who
from vatriage.net.interface import NetError
from vatriage.net.permits import LongWaitError
from vatriage.vendors.interface import CredentialsRejectedError

ALL = {"kind": "network", "network": "165.193.18.12", "mask": "255.255.255.255"}
ANNA = Who("anna", "192.0.2.1")


@dataclass
class SetClock:
    """A clock that tests set."""

    at: datetime = datetime(2026, 11, 24, 12, tzinfo=UTC)

    def now(self):
        """See Clock.now."""
        return self.at

    @property
    def seconds(self):
        """The instant in seconds."""
        return int(self.at.timestamp())

    def go(self, **span):
        """Let time pass."""
        self.at += timedelta(**span)


@dataclass
class Pulled:
    """What a pull returns."""

    state: str = "complete"
    error: str | None = None


@dataclass
class FakePulls:
    """Pulls that end as told."""

    ends: list = field(default_factory=list)
    asked: list = field(default_factory=list)

    def __call__(self, device, doing):
        """See PullCall."""
        doing("1 pages, host_list")
        self.asked.append(device.name)
        end = self.ends.pop(0) if self.ends else Pulled()
        if isinstance(end, Exception):
            raise end
        return end


@pytest.fixture
def clock():
    return SetClock()


@pytest.fixture
def desk(store, clock):
    from vatriage.wiring.servers import changes

    return changes(clock)


def add_device(name, clock, *, zone="default", active=True):
    from vatriage.store.devices import Device
    from vatriage.store.ledger import zone_number

    return Device.objects.create(
        name=name, url="https://qualys.example", login=f"login of {name}", password_token=b"", zone_id=zone_number(zone),
        active=active, created_at=clock.seconds, changed_at=clock.seconds,
    )  # fmt: skip


def add_rule(desk, name, *selectors, **schedule):
    from vatriage.usecases.update_rules import KIND, add_rule

    content = {"selectors": list(selectors) or [ALL], "schedule": schedule or {"kind": "on demand"}}
    add_rule(name, content, changes=desk, who=ANNA)
    desk.activate(ANNA, only=[(KIND, name)])


def daily(at="02:00", zone="UTC", **rest):
    return {"kind": "daily", "times": [at], "zone": zone, **rest}


def states():
    from vatriage.store.update_rules import RuleRun

    return [(row.local_date, row.state) for row in RuleRun.objects.order_by("pk")]


def work_off(clock, pulls, pauses=(60, 300, 900)):
    """Do what the engine does with queued runs, without waiting; return when to try again, by device."""
    from vatriage.usecases.run_starts import queued_runs
    from vatriage.usecases.run_work import RunWork

    work = RunWork(pulls, clock, pauses)
    return {(run.pk, device): work.attempt(run.pk, device, 1) for run in queued_runs() for device in work.begin(run.pk)}


def take(clock):
    from vatriage.usecases.run_starts import RunStarts

    return RunStarts(clock).take()


def test_a_rule_acts_only_once_it_is_activated_and_its_removal_too(desk, clock):
    from vatriage.usecases.update_rules import add_rule as submit
    from vatriage.usecases.update_rules import all_rules, remove_rule

    add_device("d", clock)
    submit("nightly", {"selectors": [ALL], "schedule": daily()}, changes=desk, who=ANNA)
    before = all_rules(clock)
    clock.go(days=2)
    nothing = take(clock)
    desk.activate(ANNA)
    clock.go(days=1)
    due = take(clock)
    remove_rule("nightly", changes=desk, who=ANNA)
    (waiting,) = all_rules(clock)
    desk.activate(ANNA)

    assert [(line.active, line.pending, line.next_run) for line in before] == [(False, "add", 0)]
    assert nothing == []
    assert [(run.local_date, run.state) for run in due] == [("2026-11-27", "queued")]
    assert (waiting.active, waiting.pending, waiting.running) == (True, "delete", True)
    assert all_rules(clock) == []
    assert states() == [("2026-11-27", "queued")]


def test_the_seeds_network_selects_every_qualysguard_device_and_other_selectors_what_they_say(desk, clock):
    from vatriage.usecases.update_rules import find_rule

    add_device("a", clock)
    add_device("b", clock, zone="plant")
    add_device("c", clock, active=False)
    cases = {
        "seed": ALL, "wide": {"kind": "network", "network": "165.193.0.0", "mask": "255.255.0.0"},
        "other": {"kind": "network", "network": "10.0.0.0", "mask": "255.0.0.0"},
        "range": {"kind": "range", "first": "165.193.18.1", "last": "165.193.18.20"},
        "zone": {"kind": "zone", "zone": "plant"}, "device": {"kind": "device", "device": "a"},
    }  # fmt: skip
    for name, selector in cases.items():
        add_rule(desk, name, selector)

    assert {name: find_rule(name, clock).devices for name in cases} == {
        "seed": ("a", "b"), "wide": ("a", "b"), "other": (), "range": ("a", "b"), "zone": ("b",), "device": ("a",),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"selectors": []}, "selects nothing"),
        ({"selectors": [{"kind": "network", "network": "165.193.18", "mask": "255.255.255.255"}]}, "Network IP"),
        ({"selectors": [{"kind": "network", "network": "165.193.18.12", "mask": "255.255.0.0"}]}, "Mask"),
        ({"selectors": [{"kind": "network", "network": "165.193.18.12", "mask": "x"}]}, "Mask"),
        ({"selectors": [{"kind": "range", "first": "10.0.0.2", "last": "10.0.0.1"}]}, "IP range"),
        ({"selectors": [{"kind": "device", "device": "nobody"}]}, "selected device"),
        ({"selectors": [{"kind": "zone", "zone": "nowhere"}]}, "selected zone"),
        ({"selectors": [{"kind": "tag"}]}, "selector"),
        ({"selectors": [ALL], "schedule": {"kind": "daily"}}, "time of day"),
        ({"selectors": [ALL], "tick": 1}, "tick"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused_by_the_name_of_its_field(desk, content, field):
    from vatriage.usecases.update_rules import add_rule as submit

    with pytest.raises(UsageError, match=field):
        submit("r", {"schedule": {"kind": "on demand"}} | content, changes=desk, who=ANNA)
    assert desk.pending() == []


def test_names_are_unique(desk, clock):
    add_rule(desk, "r")

    with pytest.raises(UsageError, match="rule name 'r' is taken"):
        add_rule(desk, "r")


def test_a_daily_rule_runs_once_every_local_day_across_both_changes_of_the_clock(desk, clock):
    add_device("d", clock)
    zone = "America/New_York"
    clock.at = datetime(2026, 3, 6, 12, tzinfo=UTC)
    add_rule(desk, "nightly", **daily("02:30", zone))
    add_rule(desk, "repeated", **daily("01:30", zone))
    days = []
    for begin in (datetime(2026, 3, 6, 12, tzinfo=UTC), datetime(2026, 10, 30, 12, tzinfo=UTC)):
        clock.at = begin
        take(clock)
        work_off(clock, FakePulls())
        from vatriage.store.update_rules import RuleRun

        RuleRun.objects.all().delete()
        from vatriage.store.update_rules import RuleRow

        RuleRow.objects.update(due_since=clock.seconds)
        while clock.at < begin + timedelta(days=4):
            clock.go(minutes=10)
            take(clock)
            work_off(clock, FakePulls())
        local = {
            (row.rule_name, datetime.fromtimestamp(row.due, ZoneInfo(zone)).date().isoformat(), row.state)
            for row in RuleRun.objects.all()
        }
        assert RuleRun.objects.count() == len(local) == 8
        days.append(sorted({day for _, day, state in local if state == "complete"}))

    assert days == [
        ["2026-03-07", "2026-03-08", "2026-03-09", "2026-03-10"],
        ["2026-10-31", "2026-11-01", "2026-11-02", "2026-11-03"],
    ]


@pytest.mark.parametrize(("policy", "state"), [("run once", "queued"), ("skip", "missed")])
def test_runs_missed_for_days_run_once_or_are_skipped_and_said(desk, clock, policy, state):
    add_device("d", clock)
    add_rule(desk, "nightly", **daily(missed=policy))
    clock.go(days=5)
    first, second = take(clock), take(clock)

    assert [(run.local_date, run.state) for run in first] == [("2026-11-29", state)]
    assert second == []
    assert ("no controller ran" in first[0].error) == (policy == "skip")


def test_a_run_that_is_a_moment_late_is_not_missed(desk, clock):
    add_rule(desk, "nightly", **daily(missed="skip"))
    clock.at = datetime(2026, 11, 25, 2, 1, 59, tzinfo=UTC)

    assert [run.state for run in take(clock)] == ["queued"]


def test_a_tick_while_the_run_before_is_under_way_is_skipped_and_said(desk, clock):
    add_device("d", clock)
    add_rule(desk, "often", kind="every", every_minutes=30)
    clock.at = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
    take(clock)
    clock.go(minutes=30)
    (second,) = take(clock)
    work_off(clock, FakePulls())
    clock.go(minutes=30)
    (third,) = take(clock)

    assert (second.state, second.error) == ("skipped", "Skipped: the rule's run before is still under way.")
    assert third.state == "queued"


def test_nothing_starts_in_a_blackout_and_what_was_due_starts_at_its_end(desk, clock):
    add_rule(desk, "nightly", **daily(blackouts=[{"days": ["wed"], "begin": "01:00", "end": "06:00"}]))
    clock.at = datetime(2026, 11, 25, 5, 59, 59, tzinfo=UTC)
    early = take(clock)
    clock.go(seconds=1)

    assert early == []
    assert [(run.local_date, run.state) for run in take(clock)] == [("2026-11-25", "queued")]


def test_a_paused_rule_is_not_due_runs_when_asked_and_makes_up_for_nothing_when_resumed(desk, clock):
    from vatriage.usecases.run_now import run_rule_now
    from vatriage.usecases.update_rules import find_rule, pause_rule

    add_device("d", clock)
    add_rule(desk, "nightly", **daily())
    pause_rule("nightly", paused=True, who=ANNA, clock=clock)
    clock.go(days=3)
    nothing = take(clock)
    run_rule_now("nightly", who=ANNA, clock=clock)
    asked = take(clock)
    work_off(clock, FakePulls())
    paused = find_rule("nightly", clock)
    pause_rule("nightly", paused=False, who=ANNA, clock=clock)

    assert nothing == []
    assert [run.requested_by for run in asked] == ["anna"]
    assert (paused.paused, paused.next_run) == (True, 0)
    assert take(clock) == []
    assert find_rule("nightly", clock).next_run == int(datetime(2026, 11, 28, 2, tzinfo=UTC).timestamp())


def test_run_now_asked_twice_runs_once_and_while_it_runs_it_is_not_asked_again(desk, clock):
    from vatriage.usecases.run_now import run_rule_now

    add_device("d", clock)
    add_rule(desk, "r")
    asked = [run_rule_now("r", who=ANNA, clock=clock).value for _ in range(2)]
    begun = take(clock)
    asked.append(run_rule_now("r", who=ANNA, clock=clock).value)
    pulls = FakePulls()
    work_off(clock, pulls)
    work_off(clock, pulls)

    assert asked == ["asked", "waits already", "runs already"]
    assert len(begun) == 1
    assert pulls.asked == ["d"]
    with pytest.raises(NotFoundError, match="no active update rule"):
        run_rule_now("nobody", who=ANNA, clock=clock)


def test_two_rules_that_select_one_device_at_once_pull_it_once(desk, clock):
    from vatriage.usecases.rule_history import runs_of
    from vatriage.usecases.run_now import run_rule_now
    from vatriage.usecases.run_starts import queued_runs
    from vatriage.usecases.run_work import RunWork

    add_device("d", clock)
    pulls = FakePulls()
    work = RunWork(pulls, clock)
    for name in ("one", "two"):
        add_rule(desk, name)
        run_rule_now(name, who=ANNA, clock=clock)
    take(clock)
    first, second = queued_runs()
    devices = work.begin(first.pk), work.begin(second.pk)
    work.attempt(first.pk, devices[0][0], 1)

    assert [len(found) for found in devices] == [1, 0]
    assert pulls.asked == ["d"]
    assert [(run["rule"], run["state"], run["pulls"][0]["state"]) for run in runs_of()] == [
        ("two", "complete", "joined"), ("one", "complete", "complete"),
    ]  # fmt: skip


def test_a_long_wait_is_kept_with_its_end_and_costs_no_failure(desk, clock):
    from vatriage.usecases.rule_history import pulls_under_way

    device = add_device("d", clock)
    add_rule(desk, "r", **daily())
    clock.go(days=1)
    take(clock)
    pulls = FakePulls([LongWaitError("The limit.", wait_s=5_000.0)])
    ((run, _), again_at) = next(iter(work_off(clock, pulls).items()))
    from vatriage.usecases.run_work import RunWork

    work = RunWork(pulls, clock)
    (waiting,) = pulls_under_way()
    redone = work.attempt(run, device.pk, 1)
    clock.go(seconds=5_001)
    ended = work.attempt(run, device.pk, 2)

    assert again_at == redone == waiting["waiting_until"] == clock.seconds
    assert (waiting["state"], waiting["error"], ended) == ("waiting", "The limit.", 0)
    assert pulls.asked == ["d", "d"]
    assert states()[-1][1] == "complete"


@pytest.mark.parametrize(
    ("ends", "waits", "state"),
    [
        ([NetError("gone")] * 5, [60, 300, 900, 0], "failed"),
        ([NetError("gone"), Pulled()], [60, 0], "complete"),
        ([CredentialsRejectedError("no")], [0], "failed"),
        ([RuntimeError("a bug")], [0], "failed"),
    ],
)
def test_what_passes_is_tried_again_a_bounded_number_of_times_and_what_does_not_is_not(desk, clock, ends, waits, state):
    from vatriage.usecases.run_work import RunWork

    device = add_device("d", clock)
    add_rule(desk, "r", **daily())
    clock.go(days=1)
    (run,) = take(clock)
    work = RunWork(FakePulls(list(ends)), clock)
    work.begin(run.pk)
    found = []
    for number in range(1, len(waits) + 1):
        again_at = work.attempt(run.pk, device.pk, number)
        found.append(again_at - clock.seconds if again_at else 0)

    assert found == waits
    assert states()[-1][1] == state


def test_a_device_that_another_process_pulls_is_tried_later_and_counts_if_that_pull_was_whole(desk, clock):
    from vatriage.store import ledger
    from vatriage.store.leases import DeviceBusyError
    from vatriage.usecases.rule_history import runs_of
    from vatriage.usecases.run_work import RunWork

    device = add_device("d", clock)
    add_rule(desk, "r", **daily())
    clock.go(days=1)
    (run,) = take(clock)
    pulls = FakePulls([DeviceBusyError("Another process pulls it.")])
    work = RunWork(pulls, clock)
    work.begin(run.pk)
    again_at = work.attempt(run.pk, device.pk, 1)
    other = ledger.open_pull(
        zone="default", account="a", origin="pull", started_at=clock.seconds, device_id=device.pk, request={}
    )
    ledger.close_pull(
        other, state="complete", finished_at=clock.seconds, whole=True, vouched_checks=False, counts={}, error=""
    )
    clock.go(seconds=60)
    ended = work.attempt(run.pk, device.pk, 2)
    (shown,) = runs_of("r")

    assert (again_at, ended) == (clock.seconds, 0)
    assert (shown["state"], shown["pulls"][0]["state"], shown["pulls"][0]["pull"]) == ("complete", "joined", other.id)
    assert pulls.asked == ["d"]


def test_a_waiting_pull_can_be_cancelled_and_its_run_ends(desk, clock):
    from vatriage.usecases.rule_history import runs_of
    from vatriage.usecases.run_now import cancel_pull
    from vatriage.usecases.run_work import RunWork

    device = add_device("d", clock)
    add_rule(desk, "r", **daily())
    clock.go(days=1)
    (run,) = take(clock)
    pulls = FakePulls([LongWaitError("The limit.", wait_s=5_000.0)])
    work = RunWork(pulls, clock)
    work.begin(run.pk)
    work.attempt(run.pk, device.pk, 1)
    cancel_pull("d", who=ANNA, clock=clock)
    later = work.attempt(run.pk, device.pk, 2)
    (shown,) = runs_of("r")

    assert later == 0
    assert (shown["state"], shown["error"]) == ("cancelled", "d: The pull was cancelled by anna.")
    assert pulls.asked == ["d"]
    with pytest.raises(NotFoundError, match="not being pulled"):
        cancel_pull("d", who=ANNA, clock=clock)


def test_a_rule_that_selects_nothing_says_so_and_a_removed_device_ends_its_pull(desk, clock):
    from vatriage.usecases.rule_history import runs_of
    from vatriage.usecases.run_work import RunWork

    device = add_device("d", clock)
    add_rule(desk, "none", {"kind": "network", "network": "10.0.0.0", "mask": "8"}, **daily())
    add_rule(desk, "r", **daily())
    clock.go(days=1)
    runs = {run.rule_name: run.pk for run in take(clock)}
    work = RunWork(FakePulls(), clock)
    for number in runs.values():
        work.begin(number)
    gone = device.pk
    device.delete()
    work.attempt(runs["r"], gone, 1)

    assert [(run["state"], run["error"]) for run in runs_of("none")] == [("complete", "No active device is selected.")]
    assert [(run["state"], run["error"]) for run in runs_of("r")] == [("failed", "d: The device was removed.")]


def test_the_first_device_is_offered_a_daily_rule_that_takes_it(desk, clock):
    from vatriage.usecases.update_rules import find_rule, offered_rule

    add_device("d", clock)
    name, content = offered_rule()
    desk.submit("update rule", name, content, who=COMMAND_LINE)
    waiting = offered_rule()
    desk.activate(COMMAND_LINE)
    line = find_rule(name, clock)

    assert waiting is None
    assert (line.schedule, line.devices) == ("Daily at 02:00 UTC", ("d",))
    assert content["schedule"]["jitter_s"] == 3_600


def test_the_jitter_of_a_rule_stays_and_differs_from_that_of_its_namesake_elsewhere(desk, clock):
    from vatriage.usecases.update_rules import find_rule, remove_rule

    starts = []
    for _ in range(3):
        add_rule(desk, "daily", **daily(jitter_s=3_600))
        starts.append({find_rule("daily", clock).next_run for _ in range(2)})
        remove_rule("daily", changes=desk, who=ANNA)
        desk.activate(ANNA)
        clock.go(seconds=1)

    assert [len(found) for found in starts] == [1, 1, 1]
    assert len(set.union(*starts)) == 3


def test_an_old_version_of_a_rule_can_be_restored(desk, clock):
    from vatriage.usecases.update_rules import KIND, edit_rule, find_rule

    add_rule(desk, "r", **daily("02:00"))
    edit_rule("r", {"selectors": [ALL], "schedule": daily("03:00")}, changes=desk, who=ANNA)
    desk.activate(ANNA)
    changed = find_rule("r", clock).schedule
    desk.restore(KIND, "r", 1, who=ANNA)
    desk.activate(ANNA)

    assert (changed, find_rule("r", clock).schedule) == ("Daily at 03:00 UTC", "Daily at 02:00 UTC")


def test_the_quota_plan_counts_every_rule_and_warns_of_what_the_account_does_not_allow(desk, clock, store):
    from vatriage.store.devices import PermitLimit
    from vatriage.usecases.quota_plan import quota_plan
    from vatriage.wiring.servers import account_of, qualys_calls

    device = add_device("d", clock)
    account = account_of(device.url, device.login)
    _know_hosts(account, 1_000)
    add_rule(desk, "hourly", kind="every", every_minutes=60)

    def plan(page_hosts=100, candidate=None):
        made = quota_plan(qualys_calls(), account_of, page_hosts=page_hosts, clock=clock, candidate=candidate)
        return {line.resource: line for line in made.lines}, made.warnings

    small, fine = plan()
    PermitLimit.objects.create(account=account, resource="detections", calls=15, window_s=3_600)
    limited, warned = plan(candidate=("more", {"selectors": [ALL], "schedule": {"kind": "every", "every_minutes": 30}}))

    assert (small["detections"].calls_needed, small["detections"].calls_allowed) == (10, 300)
    assert (small["host_list"].calls_needed, small["knowledge_base"].calls_needed) == (11, 2)
    assert small["detections"].calls_a_day == 240
    assert fine == []
    assert (limited["detections"].calls_needed, limited["detections"].told_by_server) == (30, True)
    assert len(warned) == 1
    assert "30 calls of detections within 3,600 s" in warned[0]
    assert plan(page_hosts=1_000)[1] == []


def test_the_plan_of_what_is_submitted_has_every_rule_and_device_as_it_will_be(desk, clock):
    from vatriage.usecases.quota_plan import quota_plan
    from vatriage.usecases.update_rules import add_rule as submit
    from vatriage.usecases.update_rules import remove_rule
    from vatriage.wiring.servers import account_of, qualys_calls

    device = add_device("d", clock)
    other = add_device("e", clock, zone="plant")
    add_rule(desk, "goes", kind="every", every_minutes=60)
    remove_rule("goes", changes=desk, who=ANNA)
    content = {"selectors": [{"kind": "zone", "zone": "plant"}], "schedule": {"kind": "every", "every_minutes": 30}}
    submit("comes", content, changes=desk, who=ANNA)

    def calls(**values):
        made = quota_plan(qualys_calls(), account_of, page_hosts=100, clock=clock, **values)
        return [(line.account, line.calls_needed) for line in made.lines if line.resource == "knowledge_base"]

    ours, theirs = (account_of(item.url, item.login) for item in (device, other))
    assert calls() == [(ours, 2), (theirs, 2)]
    assert calls(pending=True) == [(theirs, 4)]
    assert calls(pending=True, zones=["nowhere"]) == []


def _know_hosts(account, number):
    from vatriage.store.hosts import Host
    from vatriage.store.ledger import zone_number
    from vatriage.store.places import Account

    owner = Account.objects.create(name=account)
    Host.objects.bulk_create(
        Host(zone_id=zone_number("default"), account=owner, vendor_id=place) for place in range(1, number + 1)
    )
