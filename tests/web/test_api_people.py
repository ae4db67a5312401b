"""Users, zones, the audit log, lists of alerts and reviews through the REST API."""

import pytest

from vatriage.model.viewer import Right, Role
from web.api_client import Program, furnish, token_of


@pytest.fixture
def admin(store, user):
    """A program of an administrator."""
    return Program(token_of(user(Role.ADMIN)))


def test_a_user_is_made_changed_and_deleted_and_the_password_is_told_once(database, admin):
    made = admin.ask("POST", "/users", {"login": "eve", "role": "analyst", "zones": []}).json()
    changed = admin.ask("PUT", "/users/eve", {"role": "operator", "active": False}).json()
    again = admin.ask("POST", "/user-passwords", {"login": "eve"}).json()["one_time_password"]
    listed = admin.ask("GET", "/users").text
    gone = [admin.ask(method, "/users/eve").status_code for method in ("DELETE", "GET")]

    assert (made["role"], changed["role"], changed["active"], gone) == ("analyst", "operator", False, [204, 404])
    assert made["one_time_password"] != again
    assert made["one_time_password"] not in listed + admin.ask("GET", "/audit").text


def test_nobody_shuts_themselves_out_and_an_analyst_makes_no_admin(admin, user):
    analyst = Program(token_of(user(Role.ANALYST)))

    assert admin.ask("PUT", "/users/admin", {"role": "operator"}).status_code == 403
    assert analyst.ask("POST", "/users", {"login": "x", "role": "admin"}).status_code == 403
    assert analyst.ask("POST", "/users", {"login": "x", "role": "notified"}).status_code == 201


def test_a_token_with_less_than_its_owner_makes_less_than_its_owner(user):
    narrow = Program(token_of(user(Role.ADMIN), Right.NOTIFIED_USERS))

    assert narrow.ask("POST", "/users", {"login": "x", "role": "operator"}).status_code == 403
    assert narrow.ask("POST", "/users", {"login": "x", "role": "notified"}).status_code == 201


def test_the_audit_log_is_searched_and_paged(admin):
    for name in ("a", "b", "c"):
        admin.ask("POST", "/zones", {"name": name, "networks": []})
    first = admin.ask("GET", "/audit?action=zone&limit=2").json()
    rest = admin.ask("GET", f"/audit?action=zone&limit=2&after={first['next']}").json()

    assert [line["subject"] for line in first["lines"] + rest["lines"]] == ["c", "b", "a"]
    assert ({line["actor"] for line in first["lines"]}, rest["next"]) == ({"admin"}, None)


def test_who_sees_some_zones_reads_no_audit_log(store, user):
    from vatriage.store.places import Zone

    Zone.objects.create(name="dmz")

    assert Program(token_of(user(Role.ADMIN, zones=["dmz"]))).ask("GET", "/audit").status_code == 403


def test_a_zone_is_submitted_with_its_stamp_and_stays_while_it_is_used(admin, store):
    furnish(store)
    made = admin.ask("POST", "/zones", {"name": "dmz", "networks": ["198.51.100.0/24"]}).json()
    etag = admin.ask("GET", "/zones/dmz").headers["ETag"]
    changed = [
        admin.ask("PUT", "/zones/dmz", {"networks": ["203.0.113.0/24"]}, If_Match=etag).status_code for _ in range(2)
    ]
    wrong = admin.ask("POST", "/zones", {"name": "x", "networks": ["nowhere"]})
    used = admin.ask("DELETE", "/zones/default", If_Match="*")
    admin.ask("POST", "/changes/activate", {})

    assert (made["pending"], changed, wrong.status_code, used.status_code) == ("add", [200, 409], 422, 422)
    assert admin.ask("GET", "/zones/dmz").json()["networks"] == ["203.0.113.0/24"]


def test_stored_alerts_are_listed_filtered_and_reviewed_beside_their_verdict(database, admin, store):
    number = furnish(store)["alert"]
    listed = admin.ask("GET", "/alerts?verdict=AFFECTED&address=10.1.0.7&begin=2026-11-01").json()["alerts"]
    others = admin.ask("GET", "/alerts?verdict=UNKNOWN").json()["alerts"]
    said = {"alert": number, "decision": "confirmed_positive", "reason": "seen it", "seen": 0}
    made = admin.ask("POST", "/reviews", said, Idempotency_Key="k")
    again = admin.ask("POST", "/reviews", said, Idempotency_Key="k")
    late = admin.ask("POST", "/reviews", said)
    reviewed = admin.ask("GET", "/alerts?list=positive").json()["alerts"]
    groups = admin.ask("GET", "/alert-groups").json()["groups"]

    assert ([item["id"] for item in listed], others) == ([number], [])
    assert (listed[0]["target_port"], listed[0]["signature"], listed[0]["review"]) == (443, "1:1:1", None)
    assert (made.status_code, made.content, late.status_code) == (201, again.content, 409)
    assert [(item["verdict"], item["review"]["decision"]) for item in reviewed] == [("AFFECTED", "confirmed_positive")]
    assert [item["by"] for item in admin.ask("GET", f"/alerts/{number}/reviews").json()["reviews"]] == ["admin"]
    assert [(item["alerts"], item["verdicts"]["AFFECTED"], item["worst"]) for item in groups] == [(1, 1, "AFFECTED")]


def test_an_alert_of_another_zone_is_neither_listed_nor_reviewed(store, user):
    from vatriage.store.places import Zone

    number = furnish(store)["alert"]
    Zone.objects.create(name="dmz")
    theirs = Program(token_of(user(Role.ANALYST, zones=["dmz"])))
    said = {"alert": number, "decision": "noise", "reason": "x"}

    assert theirs.ask("GET", "/alerts").json() == {
        "alerts": [], "next": None, "hidden": {"alerts": 0, "more": False, "left_out": False},
    }  # fmt: skip
    assert theirs.ask("GET", "/alert-groups").json() == {
        "groups": [], "next": None, "hidden": {"alerts": 0, "more": False, "left_out": False},
    }  # fmt: skip
    assert theirs.ask("GET", "/alerts?zone=default").status_code == 403
    assert [theirs.ask("GET", f"/alerts/{number}/reviews").status_code, theirs.ask("POST", "/reviews", said).status_code] == [404, 404]  # fmt: skip


@pytest.mark.parametrize(
    "said", [{"decision": "noise", "reason": "x"}, {"alert": "00", "group": "00", "decision": "noise", "reason": "x"}]
)
def test_a_review_names_an_alert_or_a_group(admin, said):
    assert admin.ask("POST", "/reviews", said).status_code == 422


def test_the_dashboard_counts_the_alerts_of_ones_zones(admin, store, user):
    from vatriage.store.places import Zone

    furnish(store)
    Zone.objects.create(name="dmz")
    theirs = Program(token_of(user(Role.ANALYST, zones=["dmz"])))
    ours = admin.ask("GET", "/dashboard?step=day&columns=7").json()

    assert (ours["alerts"], ours["decided"], ours["verdicts"]["AFFECTED"], len(ours["over_time"])) == (1, 1, 1, 7)
    assert sum(sum(column["verdicts"].values()) for column in ours["over_time"]) == 1
    assert theirs.ask("GET", "/dashboard").json()["alerts"] == 0
