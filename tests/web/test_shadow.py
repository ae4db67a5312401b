"""Shadow mode in the browser and the API: the report, the sample, the form that carries the report's digest."""

import re

import pytest

from shadow_world import NOW, AtClock, alert, judge_sample, month, ready, report_of, say
from stored_alerts import store_alerts
from vatriage.model.alert_filter import Decision
from vatriage.model.verdict import Verdict
from vatriage.model.viewer import Role
from web.api_client import Program, token_of
from web.test_devices import text_of

REPORT = "/shadow/reports/default/"
UNTIL = "2026-12-20"


@pytest.fixture
def clock(store, monkeypatch):
    """The clock of pages and endpoints, a month of alerts and a judged sample behind it."""
    made = ready()
    monkeypatch.setattr("vatriage.wiring.readers.system_clock", lambda: made)
    return made


@pytest.fixture
def admin(clock, browser):
    return browser(Role.ADMIN)


def fields(answer):
    """Return the hidden fields of the form that turns hiding on."""
    return dict(re.findall(r'name="(days|made_us|digest)" value="([^"]*)"', answer.text))


def hide(client, **values):
    """Turn hiding on by the report that the page shows now."""
    given = {"verdict": "NOT_AFFECTED", "reason": "good scans", "until": UNTIL, **fields(client.get(REPORT))}
    return client.post("/shadow/hide/default/", given | values)


def program(user, *rights, role=Role.ADMIN, name="program", **values):
    return Program(token_of(user(role, name=name, **values), *rights))


def test_the_report_says_its_figures_with_their_bounds_and_never_zero_percent(admin):
    said = text_of(admin.get(REPORT))

    assert "145 of 580 alerts hidden" in said
    assert "0 of 10 wrong: between 0 % and 30.9 % (95 % interval)" in said
    assert "10 looked at by a person" in said
    assert "shadow: nothing hidden" in said
    assert "default" in text_of(admin.get("/shadow/"))


def test_hiding_goes_on_from_the_page_leaves_out_with_a_number_and_goes_off(admin):
    assert hide(admin).status_code == 302
    said = text_of(admin.get("/alerts/?order=time"))
    assert "145 hidden: not affected." in said
    shown = admin.get("/alerts/?order=time&hidden=show")
    assert "145 in this list are otherwise hidden" in text_of(shown)
    assert "verdict-not-affected" in re.sub(r"(?s)<form.*?</form>", "", shown.text)
    assert "145 hidden" in text_of(admin.get("/alert-groups/"))
    assert "hidden: not affected" not in text_of(admin.get("/alerts/?verdict=NOT_AFFECTED"))
    assert "(135)" in text_of(admin.get("/false-positives/"))
    assert "lists leave out what is not affected" in text_of(admin.get("/dashboard/"))
    assert admin.post("/shadow/show/default/", {"reason": "enough"}).status_code == 302
    assert "145 hidden" not in text_of(admin.get("/alerts/"))


REFUSED = [
    ({"digest": ""}, 400, "only with its report on screen"),
    ({"digest": "f" * 64}, 409, "figures have changed"),
    ({"made_us": str((NOW - 3_601) * 1_000_000)}, 409, "older than an hour"),
    ({"until": ""}, 400, "required"),
    ({"until": "2027-06-01"}, 400, "within the next 90 days"),
    ({"reason": ""}, 400, "required"),
    ({"verdict": "UNKNOWN"}, 400, "Select a valid choice"),
    ({"days": "x"}, 400, ""),
]
"""What is wrong with a form, the status, and what is said of it."""


def test_a_form_without_its_report_is_refused_and_shown_with_the_figures_of_now(admin):
    for values, status, said in REFUSED:
        answer = hide(admin, **values)
        assert (answer.status_code, said in text_of(answer)) == (status, True)
        if said:
            assert fields(answer)["digest"] == report_of(AtClock()).digest
        assert "hidden: not affected" not in text_of(admin.get("/alerts/"))


def test_a_report_that_somebody_changed_meanwhile_is_refused_and_the_new_one_works(admin, clock):
    seen = fields(admin.get(REPORT))
    store_alerts([alert(1)])
    refused = hide(admin, **seen)

    assert refused.status_code == 409
    assert hide(admin, **fields(refused)).status_code == 302


def test_the_first_attack_among_them_ends_it_and_the_pages_say_so(admin, clock):
    hide(admin)
    say(month()[0].id, Decision.CONFIRMED_POSITIVE, clock)

    for place in ("/alerts/", "/dashboard/", REPORT, "/shadow/"):
        assert "ended by itself" in text_of(admin.get(place))
    assert "turned out to be attacks" in text_of(hide(admin))
    assert "vatriage" in text_of(admin.get("/audit/"))


def test_drift_is_told_on_the_dashboard_and_in_the_api(admin, clock, user):
    store_alerts([alert(n, days_ago=0.5) for n in range(60)])

    assert "drifts in zone default" in text_of(admin.get("/dashboard/"))
    zones = program(user).ask("GET", "/shadow-zones").json()["zones"]
    assert [(zone["zone"], zone["alarm"], zone["drift"][1]["trend"]) for zone in zones] == [("default", True, "risen")]


def test_a_sample_is_drawn_shown_and_judged(admin, clock):
    answer = admin.post("/shadow/draw/default/", {"days": "30", "size": "5"})
    page = admin.get(answer.headers["Location"])

    assert "of 5 judged" in text_of(page)
    assert admin.post("/shadow/draw/default/", {"size": "0"}).status_code == 400
    assert admin.get("/shadow/samples/99/").status_code == 404
    assert admin.get("/shadow/reports/nowhere/").status_code == 404
    assert admin.get(REPORT + "?days=999").status_code == 400


def test_only_who_sees_the_zone_and_may_acts(store, clock, browser):
    from vatriage.store.ledger import zone_number

    zone_number("west")
    west = browser(Role.ADMIN, name="wes", zones=["west"])
    for place in (REPORT, "/shadow/samples/1/"):
        assert west.get(place).status_code == 404
    for place in ("draw", "hide", "show"):
        assert west.post(f"/shadow/{place}/default/", {"reason": "x"}).status_code == 404
    assert re.findall(r"shadow/reports/(\w+)/", west.get("/shadow/").text) == ["west"]
    analyst = browser(Role.ANALYST)
    assert hide(analyst).status_code == 403
    assert analyst.post("/shadow/draw/default/", {"size": "2"}).status_code == 302
    assert browser(Role.OPERATOR).post("/shadow/draw/default/").status_code == 403


def test_a_form_without_its_csrf_token_is_refused(clock, user):
    from django.test import Client

    client = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    client.force_login(user(Role.ADMIN), backend="django.contrib.auth.backends.ModelBackend")
    for place in ("draw", "hide", "show"):
        assert client.post(f"/shadow/{place}/default/", {"reason": "x"}).status_code == 403


def test_a_program_does_the_same_and_loses_nothing_unless_it_asks(clock, user):
    caller = program(user)
    report = caller.ask("GET", "/shadow-reports/default").json()
    said = {"zone": "default", "verdict": "NOT_AFFECTED", "days": 30, "reason": "good scans", "until": UNTIL}
    by = {"made_at": report["made_at"], "digest": report["digest"]}

    assert (report["would_hide"], report["error_of_sample"]["of"], report["alarms"]) == (145, 10, [])
    assert caller.ask("POST", "/hiding", said | by | {"digest": "f" * 64}).status_code == 409
    made = caller.ask("POST", "/hiding", said | by)
    assert (made.status_code, made.json()["hidden"]) == (201, "NOT_AFFECTED")
    whole = caller.ask("GET", "/alerts?limit=500&order=time").json()
    part = caller.ask("GET", "/alerts?limit=500&hidden=leave_out").json()
    assert (whole["hidden"], len(whole["alerts"])) == ({"alerts": 145, "more": False, "left_out": False}, 500)
    assert (part["hidden"], len(part["alerts"])) == ({"alerts": 145, "more": False, "left_out": True}, 435)
    groups = caller.ask("GET", "/alert-groups?limit=500&hidden=leave_out").json()
    assert "NOT_AFFECTED" not in {group["worst"] for group in groups["groups"]}
    assert caller.ask("GET", "/alerts?verdict=NOT_AFFECTED&hidden=leave_out&limit=500").json()["hidden"]["alerts"] == 0
    assert len(caller.ask("GET", "/shadow-samples?zone=default").json()["samples"]) == 1
    drawn = caller.ask("POST", "/shadow-samples", {"zone": "default", "size": 3})
    number = drawn.json()["number"]
    assert len(caller.ask("GET", f"/shadow-samples/{number}").json()["alerts"]) == 3
    off = caller.ask("POST", "/hiding-ends", {"zone": "default", "reason": "enough"})
    assert (off.json()["hidden"], off.json()["last"]["off_why"]) == (None, "enough")
    assert caller.ask("POST", "/hiding-ends", {"zone": "default", "reason": "enough"}).status_code == 404


def test_what_people_and_sensors_wrote_is_shown_as_text(store, monkeypatch, browser):
    clock = AtClock()
    monkeypatch.setattr("vatriage.wiring.readers.system_clock", lambda: clock)
    nasty = "<script>alert(1)</script>"
    store_alerts(month(nasty))
    store_alerts([alert(1, Verdict.NOT_AFFECTED, zone=nasty, message=nasty)])
    judge_sample(clock, nasty)
    admin = browser(Role.ADMIN)

    for place in ("/shadow/", f"/shadow/reports/{nasty.replace('/', '%2F')}/", "/shadow/samples/1/"):
        answer = admin.get(place)
        assert (answer.status_code, nasty in answer.text) == (200, False)
