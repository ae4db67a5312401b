"""The update scheduler's pages: the seed's steps, every kind of schedule, what is typed wrong, who may do what."""

import re

import pytest

from vatriage.model.viewer import COMMAND_LINE, Role

NETWORK = {"target": "network", "network": "165.193.18.12", "mask": "255.255.255.255"}
COMMON = {"every_unit": "hours", "time_zone": "UTC", "missed": "run once", "jitter_s": "0"}
ALL = '{"kind": "network", "network": "165.193.18.12", "mask": "255.255.255.255"}'
DAILY = COMMON | {"name": "Qualys Devices", "selected": ALL, "kind": "daily", "daily_time": "02:00"}


@pytest.fixture
def admin(browser):
    return browser(Role.ADMIN)


@pytest.fixture
def device(store):
    """Return what makes an active device."""
    from vatriage.usecases.devices import DeviceForm, add_device
    from vatriage.vault import open_vault
    from vatriage.web import house

    def make(name="office", zone="default"):
        form = DeviceForm(url="127.0.0.1:1", login="reader", password=Secret("right"), zone=zone)
        add_device(name, form, vault=open_vault(store.config.key), changes=house.changes(), who=COMMAND_LINE)
        house.changes().activate(COMMAND_LINE)

    from vatriage.model.secret import Secret

    return make


def rule(name="Qualys Devices"):
    from vatriage.usecases.update_rules import find_rule
    from vatriage.web import house

    return find_rule(name, house.clock())


def activate():
    from vatriage.web import house

    house.changes().activate(COMMAND_LINE)


def told(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_the_seeds_steps_give_an_active_daily_rule_that_selects_every_qualysguard_device(admin, device):
    device()
    form = admin.get("/scheduler/add/")
    moved = admin.post("/scheduler/add/", COMMON | NETWORK | {"name": "Qualys Devices", "kind": "on demand", "add": ""})
    submitted = admin.post("/scheduler/add/", DAILY)
    waiting = told(admin.get("/scheduler/"))
    activate()
    listed = told(admin.get("/scheduler/"))

    assert form.status_code == moved.status_code == 200
    assert "165.193.18.12/255.255.255.255" in told(moved)
    assert 'value="Qualys Devices"' in moved.text
    assert (submitted.status_code, submitted.headers["Location"]) == (302, "/scheduler/")
    assert "Qualys Devices" in waiting
    assert "submitted" in waiting
    assert "Daily at 02:00 UTC" in listed
    assert rule().devices == ("office",)
    assert rule().active


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"kind": "on demand"}, "On demand only"),
        ({"kind": "every", "every": "90", "every_unit": "minutes"}, "Every 90 minutes"),
        ({"kind": "every", "every": "6"}, "Every 6 hours"),
        ({"kind": "daily", "daily_time": "02:00", "daily_more": "14:15, 20:00"}, "Daily at 02:00, 14:15 and 20:00 UTC"),
        (
            {"kind": "weekly", "weekly_days": ["mon", "thu"], "weekly_time": "02:00"},
            "Weekly on Monday and Thursday at 02:00 UTC",
        ),
        (
            {"kind": "monthly", "monthly_dates": "1, 15 last", "monthly_time": "02:00"},
            "Monthly on the 1st, 15th and last day at 02:00 UTC",
        ),
        ({"kind": "cron", "cron": "0 2 * * 1-5", "time_zone": "Europe/Berlin"}, "Cron 0 2 * * 1-5 Europe/Berlin"),
    ],
)
def test_every_kind_of_schedule_can_be_said_and_is_shown_again_when_it_is_edited(admin, sent, words):
    answer = admin.post("/scheduler/add/", COMMON | {"name": "r", "selected": ALL} | sent)
    edited = admin.get("/scheduler/edit/r/")
    again = admin.post("/scheduler/edit/r/", COMMON | {"selected": ALL} | sent | {"seen": _seen(edited)})

    assert answer.status_code == again.status_code == 302
    assert rule("r").schedule == words
    for value in sent.values():
        assert all(f'value="{part}"' in edited.text for part in ([value] if isinstance(value, str) else value)) or (
            value == "1, 15 last" and "1, 15, last" in edited.text
        )


def test_jitter_missed_runs_and_blackout_windows_are_kept(admin):
    extra = {"jitter_s": "600", "missed": "skip", "blackouts": "sat,sun 08:00-18:00\nmon 22:00-02:00"}
    answer = admin.post("/scheduler/add/", DAILY | extra)
    shown = told(admin.get("/scheduler/rule/Qualys Devices/"))
    schedule = rule().content["schedule"]

    assert answer.status_code == 302
    assert (schedule["jitter_s"], schedule["missed"]) == (600, "skip")
    assert schedule["blackouts"][1] == {"days": ["mon"], "begin": "22:00", "end": "02:00"}
    assert "10 min 00 s" in shown
    assert "sat, sun 08:00-18:00" in shown


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"name": ""}, "This field is required"),
        ({"selected": []}, "The rule selects nothing"),
        ({"selected": ["nonsense", '{"kind": "moon"}', "3"]}, "The rule selects nothing"),
        ({"daily_time": ""}, "names no time of day"),
        ({"daily_more": "25:00"}, "time of day is"),
        ({"kind": "every"}, "interval in minutes is 0"),
        ({"kind": "cron", "cron": "* *"}, "five"),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice"),
        ({"blackouts": "whenever"}, "is no blackout window"),
        ({"jitter_s": "99999"}, "jitter in seconds"),
        ({"kind": "weekly", "weekly_time": "02:00"}, "names no day of the week"),
    ],
)
def test_what_is_typed_wrong_is_said_and_nothing_is_stored(admin, sent, sentence):
    from vatriage.store.changes import PendingChange

    answer = admin.post("/scheduler/add/", DAILY | sent)

    assert answer.status_code == 200
    assert sentence in told(answer)
    assert not PendingChange.objects.exists()


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ({"target": "network", "network": "x", "mask": "255.255.255.255"}, "It must be an IPv4 address"),
        ({"target": "network", "network": "165.193.18.12", "mask": "255.0.0.0"}, "has bits beyond its Mask"),
        ({"target": "range", "first": "10.0.0.9", "last": "10.0.0.1"}, "runs backwards"),
        ({"target": "device"}, "selected device"),
        ({}, "is not known"),
    ],
)
def test_a_target_that_cannot_be_meant_is_not_added(admin, target, sentence):
    answer = admin.post("/scheduler/add/", COMMON | {"name": "r", "kind": "on demand", "add": ""} | target)

    assert sentence in told(answer)
    assert 'name="selected"' not in answer.text


def test_every_kind_of_target_is_added_once_and_can_be_removed(admin, device):
    device("office", "branch")
    targets = [
        NETWORK, {"target": "range", "first": "165.193.18.1", "last": "165.193.18.20"},
        {"target": "device", "device": "office"}, {"target": "zone", "zone": "branch"}, NETWORK,
    ]  # fmt: skip
    selected = []
    for target in targets:
        answer = admin.post("/scheduler/add/", COMMON | {"kind": "on demand", "add": "", "selected": selected} | target)
        selected = _selected(answer)
    removed = admin.post("/scheduler/add/", COMMON | {"remove": "", "selected": selected, "drop": selected[1:]})

    assert len(selected) == 4
    assert _selected(removed) == selected[:1]


def test_a_rule_that_would_ask_for_too_much_is_submitted_only_after_a_second_look(admin, device):
    device()
    often = DAILY | {"kind": "every", "every": "1", "every_unit": "minutes"}
    from vatriage.store.devices import PermitLimit

    PermitLimit.objects.create(
        account="reader@127.0.0.1",
        resource="detections",
        calls=5,
        window_s=3_600,
        concurrency=2,
        not_before=0,
        noted_at=1,
    )
    first = admin.post("/scheduler/add/", often)
    second = admin.post("/scheduler/add/", often | {"anyway": "yes"})

    assert first.status_code == 409
    assert "too many" in told(first)
    assert second.status_code == 302


def test_the_quota_plan_follows_the_form(admin, device):
    device()
    piece = admin.post("/scheduler/plan/", DAILY, headers={"hx-request": "true"})
    unfinished = admin.post("/scheduler/plan/", {"name": "r"}, headers={"hx-request": "true"})
    by_button = admin.post("/scheduler/add/", DAILY | {"plan": ""})

    assert "reader@127.0.0.1" in piece.text
    assert unfinished.text.strip() == ""
    assert "reader@127.0.0.1" in by_button.text


def test_two_editors_do_not_overwrite_each_other_unseen(admin):
    admin.post("/scheduler/add/", DAILY)
    seen = _seen(admin.get("/scheduler/edit/Qualys Devices/"))
    admin.post("/scheduler/edit/Qualys Devices/", DAILY | {"daily_time": "03:00", "seen": seen})
    late = admin.post("/scheduler/edit/Qualys Devices/", DAILY | {"daily_time": "04:00", "seen": seen})
    after = rule().schedule
    on_top = admin.post("/scheduler/edit/Qualys Devices/", DAILY | {"daily_time": "04:00", "seen": _seen(late)})

    assert late.status_code == 409
    assert after == "Daily at 03:00 UTC"
    assert on_top.status_code == 302
    assert rule().schedule == "Daily at 04:00 UTC"


def test_run_now_pressed_twice_is_asked_for_once(admin):
    admin.post("/scheduler/add/", DAILY)
    too_early = told(admin.post("/scheduler/do/", {"rule": "Qualys Devices", "run": ""}, follow=True))
    activate()
    once = told(admin.post("/scheduler/do/", {"rule": "Qualys Devices", "run": ""}, follow=True))
    twice = told(admin.post("/scheduler/do/", {"rule": "Qualys Devices", "run": ""}, follow=True))
    unticked = told(admin.post("/scheduler/do/", {"run": ""}, follow=True))

    assert "There is no active update rule" in too_early
    assert "&#x27;Qualys Devices&#x27;: asked." in once
    assert "waits already" in twice
    assert "Tick a rule first" in unticked
    assert "No controller runs" in once


def test_a_rule_is_paused_resumed_and_deleted(admin):
    admin.post("/scheduler/add/", DAILY)
    activate()
    admin.post("/scheduler/do/", {"rule": "Qualys Devices", "pause": ""})
    paused = rule().paused
    admin.post("/scheduler/do/", {"rule": "Qualys Devices", "resume": ""})
    resumed = rule().paused
    asked = admin.post("/scheduler/do/", {"rule": "Qualys Devices", "delete": ""}, follow=True)
    gone = admin.post("/scheduler/delete/", {"rule": "Qualys Devices"}, follow=True)
    activate()

    assert (paused, resumed) == (True, False)
    assert "Delete 1 update rule?" in told(asked)
    assert "will be deleted once that is activated" in told(gone)
    assert "No update rule yet" in told(admin.get("/scheduler/"))


def test_a_daily_rule_is_offered_while_there_is_none(admin):
    before = told(admin.get("/scheduler/"))
    taken = admin.post("/scheduler/offered/", follow=True)
    after = told(admin.get("/scheduler/"))
    admin.post("/scheduler/offered/")

    assert "Add the daily rule" in before
    assert "Daily at 02:00 UTC" in told(taken)
    assert "Add the daily rule" not in after
    assert rule("daily").content["schedule"]["jitter_s"] == 3_600


def test_the_daily_rule_is_offered_beside_the_first_device(admin, device, browser):
    device()
    offered = told(admin.get("/devices/"))
    to_others = told(browser(Role.OPERATOR).get("/devices/"))
    admin.post("/scheduler/offered/")

    assert "Add the daily rule" in offered
    assert "Add the daily rule" not in to_others
    assert "Add the daily rule" not in told(admin.get("/devices/"))


def test_others_look_but_do_not_change(browser, admin):
    admin.post("/scheduler/add/", DAILY)
    client = browser(Role.OPERATOR)
    page = client.get("/scheduler/")
    posts = [
        client.post(f"/scheduler/{path}", DAILY | {"rule": "Qualys Devices"}).status_code
        for path in ("add/", "do/", "delete/", "offered/", "plan/", "edit/Qualys Devices/")
    ]

    assert page.status_code == client.get("/scheduler/rule/Qualys Devices/").status_code == 200
    assert "Run Now" not in page.text
    assert posts == [403] * 6
    assert browser(Role.NOTIFIED).get("/scheduler/").status_code == 403


def test_who_sees_some_zones_learns_nothing_of_the_devices_of_others(browser, admin, device, store):
    device("ours-device", "ours")
    device("theirs-device", "theirs")
    admin.post("/scheduler/add/", DAILY)
    admin.post("/scheduler/add/", DAILY | {"name": "only theirs", "selected": '{"kind": "zone", "zone": "theirs"}'})
    mixed = ['{"kind": "zone", "zone": "ours"}', '{"kind": "device", "device": "theirs-device"}']
    admin.post("/scheduler/add/", DAILY | {"name": "mixed", "selected": mixed})
    activate()
    client = browser(Role.ADMIN, name="scoped", zones=["ours"])
    pages = [client.get(path) for path in ("/scheduler/", "/scheduler/rule/Qualys Devices/", "/scheduler/rule/mixed/")]
    form = client.get("/scheduler/add/")
    hidden = client.get("/scheduler/rule/only theirs/")
    refused = client.post("/scheduler/add/", DAILY | {"name": "all"})
    ran = client.post("/scheduler/do/", {"rule": "Qualys Devices", "run": ""}, follow=True)
    allowed = client.post("/scheduler/add/", DAILY | {"name": "own", "selected": '{"kind": "zone", "zone": "ours"}'})

    for page in [*pages, form, ran]:
        assert "theirs" not in page.text
    assert [page.status_code for page in pages] == [200] * 3
    assert "1 in other zones" in told(pages[0])
    assert hidden.status_code == 404
    assert "beyond the zones that you see" in told(refused)
    assert "beyond the zones that you see" in told(ran)
    assert allowed.status_code == 302


def test_who_sees_some_zones_does_nothing_with_rules_of_others_nor_learns_their_accounts(browser, device):
    from vatriage.usecases.update_rules import KIND, add_rule, remove_rule
    from vatriage.web import house

    device("ours-device", "ours")
    device("theirs-device", "theirs")
    theirs = {"selectors": [{"kind": "zone", "zone": "theirs"}], "schedule": {"kind": "every", "every_minutes": 1}}
    add_rule("hidden", theirs, changes=house.changes(), who=COMMAND_LINE)
    activate()
    remove_rule("hidden", changes=house.changes(), who=COMMAND_LINE)
    client = browser(Role.ADMIN, name="scoped", zones=["ours"])
    done = [
        told(client.post("/scheduler/do/", {"rule": "hidden", button: ""}, follow=True)) for button in ("run", "pause")
    ]
    deleted = client.post("/scheduler/delete/", {"rule": "hidden"})
    versions = client.get("/versions/", {"kind": KIND, "subject": "hidden"})
    own = DAILY | {"name": "own", "selected": '{"kind": "zone", "zone": "ours"}'}
    plan = client.post("/scheduler/plan/", own)

    assert ["beyond the zones that you see" in page for page in done] == [True, True]
    assert (deleted.status_code, versions.status_code) == (403, 404)
    assert rule("hidden").paused is False
    assert "reader@127.0.0.1" in plan.text


def _seen(answer):
    return re.search(r'name="seen" value="([^"]*)"', answer.text)[1]


def _selected(answer):
    from html import unescape

    return [unescape(text) for text in re.findall(r'name="selected" value="([^"]*)"', answer.text)]
