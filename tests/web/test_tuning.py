"""Tuning rules, selections and contradictions in the browser and through the API."""

import re

import pytest

from stored_alerts import Judged, store_alerts
from vatriage.model.verdict import Verdict
from vatriage.model.viewer import Right, Role
from web.api_client import SOON, Program, token_of
from web.test_devices import text_of
from web.test_hostile_text import SCRIPT, unsafe

RULE = {
    "zone": "default", "signature": "1:2021648", "source": "", "target": "10.2.0.0/24", "bound": str(int(Verdict.UNKNOWN)),
    "mark": "noise", "reason": "our own scanner", "expires_at": SOON,
}  # fmt: skip
ALERTS = [
    Judged(1, Verdict.NOT_AFFECTED), Judged(2, Verdict.UNKNOWN, source="203.0.113.9"), Judged(3, Verdict.AFFECTED),
    Judged(4, Verdict.UNKNOWN, sid=9), Judged(5, Verdict.UNKNOWN, zone="east", sid=5),
]  # fmt: skip


@pytest.fixture
def alerts(store):
    """Some alerts in two zones."""
    from vatriage.store.ledger import zone_number

    for zone in ("default", "east"):
        zone_number(zone)
    store_alerts(ALERTS)


@pytest.fixture
def analyst(browser, alerts):
    return browser(Role.ANALYST)


def hidden(answer):
    """Return what a page's form carries unseen."""
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', answer.text))


def stored(client, **change):
    """Preview and store a rule; return the answer."""
    seen = hidden(client.post("/tuning-rules/add/", RULE | change | {"deed": "preview"}))
    return client.post("/tuning-rules/add/", seen | RULE | change | {"deed": "store"})


def test_a_rule_is_previewed_then_stored_and_marks_alerts_in_lists_with_a_count(analyst):
    tried = analyst.post("/tuning-rules/add/", RULE | {"deed": "preview"})
    said = text_of(tried)
    sent = stored(analyst)

    assert "It would mark 2 of the zone's 4 stored alerts" in said
    assert "Affected or worse 1" in said
    assert "Store: mark 2 alerts, and later ones" in said
    assert (tried.status_code, sent.status_code) == (200, 302)
    shown, left = text_of(analyst.get(sent["Location"])), text_of(analyst.get("/alerts/?tuning=no"))
    assert "our own scanner" in shown
    assert "analyst" in shown
    assert "2 alerts that tuning rules mark are not shown here; nothing is deleted." in left
    assert text_of(analyst.get("/alerts/")).count("by rule") == 2
    assert "Marked by a tuning rule (2)" in text_of(analyst.get("/false-positives/?list=marked"))
    assert "2 alerts marked by tuning rules" in text_of(analyst.get("/dashboard/"))


def test_what_was_not_previewed_is_not_stored(analyst):
    seen = hidden(analyst.post("/tuning-rules/add/", RULE | {"deed": "preview"}))
    first = analyst.post("/tuning-rules/add/", RULE | {"deed": "store"})
    other = analyst.post("/tuning-rules/add/", seen | RULE | {"target": "", "deed": "store"})

    assert (first.status_code, other.status_code) == (200, 200)
    assert "No tuning rule yet" in text_of(analyst.get("/tuning-rules/"))


WRONG = [
    ({"signature": "", "target": "10.2.0.0/16"}, "a network no wider than /24"),
    ({"signature": "x"}, "Write it like 1:2021648"),
    ({"target": "10.2.0.1/24"}, "That is no network"),
    ({"expires_at": ""}, "This field is required"),
    ({"expires_at": "2001-01-01"}, "A rule must end: within 180 days"),
    ({"reason": " "}, "This field is required"),
    ({"bound": str(int(Verdict.AFFECTED))}, "Select a valid choice"),
    ({"mark": "confirmed_positive"}, "Select a valid choice"),
    ({"zone": "nowhere"}, "Select a valid choice"),
]


def test_a_rule_that_is_too_broad_or_makes_no_sense_says_why_beside_its_field(analyst):
    for change, said in WRONG:
        for deed in ("preview", "store"):
            answer = analyst.post("/tuning-rules/add/", RULE | change | {"deed": deed})
            assert said in text_of(answer)
            assert "and later ones" not in answer.text
    assert "No tuning rule yet" in text_of(analyst.get("/tuning-rules/"))


def test_an_administrator_must_name_affected_targets_expressly(browser, alerts):
    client = browser(Role.ADMIN)
    bound = {"bound": str(int(Verdict.AFFECTED))}

    assert "must say expressly" in text_of(client.post("/tuning-rules/add/", RULE | bound | {"deed": "preview"}))
    assert stored(client, **bound, affected_named="on").status_code == 302
    assert text_of(client.get("/alerts/")).count("by rule") == 3


def test_a_rule_is_edited_and_switched_and_its_history_shows_all(analyst):
    address = stored(analyst)["Location"]
    form = analyst.get(f"{address}edit/")
    seen = hidden(analyst.post(f"{address}edit/", hidden(form) | RULE | {"target": "", "deed": "preview"}))
    changed = analyst.post(f"{address}edit/", seen | RULE | {"target": "", "deed": "store"})
    off = analyst.post(f"{address}switch/", {"on": "no", "seen": "2", "reason": "the scanner is gone"})
    late = analyst.post(f"{address}switch/", {"on": "yes", "seen": "2"})
    said = text_of(analyst.get(address))

    assert (form.status_code, changed.status_code, off.status_code, late.status_code) == (200, 302, 302, 409)
    assert "switched off" in said
    assert "the scanner is gone" in said
    assert analyst.get(address).text.count('<td data-label="State">') == 3
    assert "by rule" not in text_of(analyst.get("/alerts/"))


def test_rules_of_other_zones_are_nowhere_and_operators_only_read(browser, alerts):
    stored(browser(Role.ANALYST, name="ann"), zone="east", signature="1:5")
    theirs, operator = browser(Role.ANALYST, name="bob", zones=("default",)), browser(Role.OPERATOR)

    for address in ("/tuning-rules/1/", "/tuning-rules/1/edit/"):
        assert theirs.get(address).status_code == 404
    assert theirs.post("/tuning-rules/1/switch/", {"on": "no", "seen": "1"}).status_code == 404
    assert "Select a valid choice" in text_of(theirs.post("/tuning-rules/add/", RULE | {"zone": "east"}))
    assert operator.get("/tuning-rules/1/").status_code == 200
    for address in ("/tuning-rules/add/", "/tuning-rules/1/switch/", "/alert-selection/"):
        assert operator.post(address, RULE).status_code == 403


def test_a_form_from_elsewhere_makes_no_rule_and_no_review(alerts, user):
    from django.test import Client

    client = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    client.force_login(user(Role.ADMIN), backend="django.contrib.auth.backends.ModelBackend")

    for address in ("/tuning-rules/add/", "/tuning-rules/1/switch/", "/alert-selection/"):
        assert client.post(address, RULE).status_code == 403


def test_a_script_in_a_reason_runs_nowhere(analyst):
    address = stored(analyst, reason=SCRIPT)["Location"]
    analyst.post(f"/alerts/{ALERTS[3].id}/", {"decision": "noise", "reason": SCRIPT, "scope": "alert"})
    store_alerts([Judged(4, Verdict.AFFECTED, sid=9, judged=1)])

    for page in (
        address,
        f"{address}edit/",
        "/tuning-rules/",
        f"/alerts/{ALERTS[3].id}/",
        "/alerts/?review=contradicted",
    ):
        assert unsafe(analyst.get(page)) == []


def test_evidence_against_a_review_is_shown_with_its_date_and_counted(analyst):
    address = f"/alerts/{ALERTS[3].id}/"
    analyst.post(address, {"decision": "confirmed_false_positive", "reason": "a joke", "scope": "alert", "seen": "0"})
    store_alerts([Judged(4, Verdict.AFFECTED, sid=9, judged=1)])
    said = text_of(analyst.get(address))

    assert "Contradicted since 2026-" in said
    assert "“a joke”" in said
    assert "Contradicted (1)" in text_of(analyst.get("/false-positives/?list=contradicted"))
    assert "1 alert contradicts what a person said" in text_of(analyst.get("/dashboard/"))
    assert "contradicted since" in text_of(analyst.get("/alerts/?review=contradicted"))


def test_a_review_of_a_signature_is_made_on_the_page_of_an_alert_and_must_end(analyst):
    address = f"/alerts/{ALERTS[0].id}/"
    form = analyst.get(address)
    said = {"decision": "noise", "reason": "x", "scope": "signature_on_target"}
    endless = analyst.post(address, hidden(form) | said)
    sent = analyst.post(address, hidden(form) | said | {"expires_at": SOON})

    assert "(3 alerts in 2 groups now)" in text_of(form)
    assert (endless.status_code, sent.status_code) == (400, 302)
    assert "must end" in text_of(endless)
    assert "its signature on 10.2.0.1" in text_of(analyst.get(f"/alerts/{ALERTS[1].id}/"))


def test_a_selection_is_confirmed_with_its_count_or_not_stored(analyst):
    address = "/alert-selection/?verdict=UNKNOWN"
    form = analyst.get(address)
    said = hidden(form) | {"decision": "noise", "reason": "x", "covers": "alerts"}
    unconfirmed = analyst.post(address, said)
    store_alerts([Judged(9, Verdict.UNKNOWN, sid=9)])
    stale = analyst.post(address, said | {"confirmed": "on"})
    sent = analyst.post(address, said | hidden(stale) | {"confirmed": "on"})

    assert "Review 3 alerts in 3 groups" in text_of(form)
    assert "I mean 3 alerts in 3 groups" in text_of(form)
    assert (unconfirmed.status_code, stale.status_code, sent.status_code) == (400, 409, 302)
    assert "Nothing was stored" in text_of(stale)
    assert " checked" not in re.search(r'<input[^>]*name="confirmed"[^>]*>', stale.text)[0]
    assert "I mean 4 alerts in 3 groups" in text_of(stale)
    assert "4 reviews stored" in text_of(analyst.get(sent["Location"]))


@pytest.fixture
def program(alerts, user):
    """A program of an analyst."""
    return Program(token_of(user(Role.ANALYST), Right.READ, Right.REVIEW))


def test_a_program_makes_changes_and_ends_a_rule(program):
    rule = {"zone": "default", "signature": "1:2021648", "target": "10.2.0.0/24", "reason": "ours", "expires_at": SOON}
    tried = program.ask("POST", "/tuning-previews", rule).json()
    made = program.ask("POST", "/tuning-rules", rule | {"marked": tried["marked"]})
    number = made.json()["rule"]
    changed = program.ask("PUT", f"/tuning-rules/{number}", rule | {"marked": 2, "seen": 1, "bound": "NOT_AFFECTED"})
    late = program.ask("PUT", f"/tuning-rules/{number}", rule | {"marked": 2, "seen": 1})
    marked = program.ask("GET", "/alerts?marked=true").json()["alerts"]
    off = program.ask("POST", "/tuning-switches", {"rule": number, "on": False, "seen": 2})
    broad = program.ask("POST", "/tuning-rules", rule | {"signature": "", "target": "10.0.0.0/8", "marked": 99})

    assert (tried["marked"], tried["left"], tried["affected_or_worse"], tried["problems"]) == (2, 1, 1, [])
    assert [answer.status_code for answer in (made, changed, late, off, broad)] == [201, 200, 409, 200, 422]
    assert [(row["id"], row["tuning_rule"]) for row in marked] == [(ALERTS[0].id, number)]
    assert (off.json()["acting"], len(off.json()["history"])) == (False, 3)
    assert [row["rule"] for row in program.ask("GET", "/tuning-rules").json()["rules"]] == [number]


def test_a_program_reviews_a_selection_and_a_signature(program):
    found = program.ask("GET", "/alert-selection?verdict=UNKNOWN&zone=default").json()
    said = {
        "filter": {"verdict": ["UNKNOWN"], "zone": "default"}, "covers": "alerts", "decision": "noise", "reason": "x",
        **{name: found[name] for name in ("alerts", "groups", "until", "stamp")},
    }  # fmt: skip
    wrong = program.ask("POST", "/selection-reviews", said | {"alerts": 3})
    sent = program.ask("POST", "/selection-reviews", said)
    wide = {"alert": ALERTS[0].id, "scope": "signature_in_zone", "decision": "noise", "reason": "x"}
    endless = program.ask("POST", "/reviews", wide)
    made = program.ask("POST", "/reviews", wide | {"expires_at": SOON}).json()
    against = program.ask("GET", "/alerts?contradicted=true").json()["alerts"]

    assert (found["alerts"], found["groups"]) == (2, 2)
    assert (wrong.status_code, sent.status_code, endless.status_code) == (409, 201, 422)
    assert (made["scope"], made["signature"], made["alert"], made["verdict_seen"]) == (
        "signature_in_zone", "1:2021648", None, "POSSIBLY_AFFECTED",
    )  # fmt: skip
    assert [(row["id"], row["contradicted"]["number"]) for row in against] == [(ALERTS[2].id, made["number"])]
    assert program.ask("GET", "/dashboard").json()["contradicted"] == 1


def test_a_program_reviews_several_groups_no_further_than_it_saw(program):
    groups = {row["worst"]: row["id"] for row in program.ask("GET", "/alert-groups?zone=default").json()["groups"]}
    said = {"decision": "noise", "reason": "x", "groups": [{"group": groups["AFFECTED"], "verdict_seen": "UNKNOWN"}]}
    sent = program.ask("POST", "/group-reviews", said)
    against = program.ask("GET", "/alert-groups?contradicted=true").json()["groups"]

    assert sent.status_code == 201
    assert [row["id"] for row in against] == [groups["AFFECTED"]]
