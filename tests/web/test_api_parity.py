"""What the API does as the pages do it: devices with drafts, clones and advice; raw pages, certificates, filters, lists."""

import pytest

from end_to_end_program import KNOWLEDGE
from integration_store import report
from stored_alerts import Judged, store_alerts
from vatriage.model.verdict import Verdict
from vatriage.model.viewer import Right, Role
from web.api_client import BODIES, DEVICE_PASSWORD, Program, add_device, furnish, token_of
from web.test_pull_control import waiting_pull
from web.test_pulls import CANARY, world

__all__ = ["world"]
SCAN = "/msp/scan.php?ip=198.51.100.1-198.51.100.4"


@pytest.fixture
def admin(store, user):
    """A program of an administrator."""
    return Program(token_of(user(Role.ADMIN)))


@pytest.fixture
def zoned(store, user):
    """A program of an administrator who sees the zone west only."""
    from vatriage.store.ledger import zone_number

    for zone in ("east", "west"):
        zone_number(zone)
    return Program(token_of(user(Role.ADMIN, name="zoned", zones=["west"])))


def test_a_url_is_explained_and_built_and_one_that_cannot_be_meant_is_refused(admin):
    told = admin.ask("GET", f"/url-explanations?url=q.example{SCAN.replace('?', '%3F').replace('=', '%3D')}").json()
    built = admin.ask("GET", "/built-urls?server=q.example&kind=real%20time&addresses=198.51.100.1-198.51.100.4").json()
    wrong = admin.ask("GET", "/url-explanations?url=q.example/msp/delete.php")

    assert (told["kind"], told["scans"], told["scan_addresses"], told["server"]) == (
        "real time", "4 addresses", 4, "q.example",
    )  # fmt: skip
    assert built == told
    assert wrong.status_code == 422


def test_a_draft_is_tested_before_anything_is_stored(admin, world):
    from vatriage.store.devices import Device

    draft = {"url": world.server.address, "login": "reader", "password": CANARY, "ca_file": str(world.server.ca_file)}
    good = admin.ask("POST", "/connectivity-tests", draft).json()
    bad = admin.ask("POST", "/connectivity-tests", draft | {"password": "wrong"}).json()
    half = admin.ask("POST", "/connectivity-tests", {"url": world.server.address})

    assert (good["ok"], bad["ok"], half.status_code, Device.objects.count()) == (True, False, 422, 0)
    assert bad["trouble"] is not None
    assert CANARY not in str(good) + str(bad)


def test_a_stored_password_goes_to_no_other_server_and_proxy(admin, store):
    add_device(store)
    own = {
        "proxy_mode": "own",
        "proxy": {"mode": "http", "address": "127.0.0.1", "port": 1, "user": "u", "password": "p"},
    }
    kept = admin.ask("PATCH", "/devices/d", own, If_Match="*")
    refused = [
        admin.ask("PATCH", "/devices/d", {"url": "127.0.0.1:2"}, If_Match="*"),
        admin.ask("POST", "/connectivity-tests", {"device": "d", "url": "127.0.0.1:2"}),
        admin.ask("POST", "/appliance-lists", {"device": "d", "url": "127.0.0.1:2"}),
        admin.ask("POST", "/device-clones", {"source": "d", "name": "e", "url": "127.0.0.1:2"}),
        admin.ask("PATCH", "/devices/d", {"proxy": {"address": "127.0.0.2"}}, If_Match="*"),
    ]
    admin.ask("PATCH", "/system/proxy", own["proxy"], If_Match="*")
    refused.append(admin.ask("PATCH", "/system/proxy", {"port": 2}, If_Match="*"))
    anew = admin.ask("PATCH", "/devices/d", {"url": "127.0.0.1:2", "password": "typed"}, If_Match="*")

    assert [answer.status_code for answer in refused] == [422] * 6
    assert {answer.json()["errors"][0]["field"] for answer in refused} == {"body.password"}
    assert (kept.status_code, anew.status_code, anew.json()["pending"]) == (200, 200, "change")


def test_a_device_has_a_proxy_and_a_policy_of_its_own_and_loses_them_again(admin, store):
    add_device(store)
    own = {"proxy_mode": "own", "proxy": {"mode": "socks5", "address": "127.0.0.1", "port": 1}, "tls": {"mode": "pin"}}
    admin.ask("PATCH", "/devices/d", own, If_Match="*")
    admin.ask("POST", "/changes/activate", {})
    content = admin.ask("GET", "/device-states/d").json()["content"]
    both = admin.ask("PATCH", "/devices/d", {"tls": {"mode": "pin"}, "tls_as_all": True}, If_Match="*")
    admin.ask("PATCH", "/devices/d", {"proxy_mode": "inherit", "tls_as_all": True, "ca_file": ""}, If_Match="*")
    admin.ask("POST", "/changes/activate", {})
    after = admin.ask("GET", "/device-states/d").json()["content"]

    assert (content["proxy_mode"], content["proxy"]["address"], content["tls"]["mode"]) == ("own", "127.0.0.1", "pin")
    assert (both.status_code, "proxy_mode" in after, "tls" in after) == (422, False, False)


def test_a_device_and_a_zone_get_another_name_once_that_is_activated(admin, store):
    add_device(store)
    admin.ask("POST", "/zones", {"name": "lab", "networks": ["198.51.100.0/24"]})
    admin.ask("POST", "/changes/activate", {})
    answers = [
        admin.ask("PATCH", "/devices/d", {"new_name": "head-office"}, If_Match="*"),
        admin.ask("PUT", "/zones/lab", {"networks": ["198.51.100.0/24"], "new_name": "dmz"}, If_Match="*"),
    ]
    before = admin.ask("GET", "/devices/head-office").status_code
    admin.ask("POST", "/changes/activate", {})

    assert ([answer.status_code for answer in answers], before) == ([200, 200], 404)
    assert [admin.ask("GET", path).status_code for path in ("/devices/head-office", "/devices/d", "/zones/dmz")] == [
        200, 404, 200,
    ]  # fmt: skip


def test_a_clone_takes_the_password_along_unseen(admin, store):
    from vatriage.usecases.devices import find_device
    from vatriage.web import house

    add_device(store)
    made = admin.ask("POST", "/device-clones", {"source": "d", "name": "e", "complete_checks": "yes"})
    clone = find_device("e")

    assert (made.status_code, made.json()["complete_checks"], made.json()["pending"]) == (201, "yes", "add")
    assert house.vault().unlock(bytes(clone.password_token), "e").reveal() == DEVICE_PASSWORD
    assert DEVICE_PASSWORD not in made.text


def test_a_pull_is_looked_into_and_who_takes_a_raw_page_is_noted(admin, world, user):
    world.device()
    number = world.pull()
    stands = admin.ask("GET", f"/pulls/{number}/progress").json()
    pages = admin.ask("GET", f"/pulls/{number}/pages").json()["pages"]
    raw = admin.ask("GET", f"/pulls/{number}/pages/1/raw")
    kept = admin.ask("GET", f"/pulls/{number}/pages/1/raw?form=zst")
    noted = admin.ask("GET", "/audit?action=raw%20page").json()["lines"]
    analyst = Program(token_of(user(Role.ANALYST)))

    assert {one["state"] for one in stands["stages"]} == {"done"}
    assert (stands["live"], stands["hosts_received"], stands["hosts_expected"]) == (False, 3, 3)
    assert [page["number"] for page in pages] == list(range(1, len(pages) + 1))
    assert b"<IP>10.1.0.7</IP>" in b"".join(raw)
    assert b"".join(kept)[:4] == b"\x28\xb5\x2f\xfd"
    assert [line["subject"] for line in noted] == [f"pull {number} page 1"] * 2
    assert analyst.ask("GET", f"/pulls/{number}/pages/1/raw").status_code == 403
    assert admin.ask("GET", f"/pulls/{number}/pages/99/raw").status_code == 404
    assert admin.ask("GET", f"/pulls/{number}/rejects").json() == {"rejects": [], "next": None}


def test_a_wait_of_the_controller_is_listed_for_who_sees_its_zone_and_cancelled(admin, zoned, world):
    from vatriage.web import house

    number = waiting_pull(world, house.now_s() + 7_200)
    (wait,) = admin.ask("GET", "/pull-waits").json()["waits"]
    theirs = zoned.ask("GET", "/pull-waits").json()
    cancelled = admin.ask("POST", "/pulls/cancel", {"device": "d"}).status_code

    assert (wait["device"], wait["pull"], wait["attempts"]) == ("d", number, 1)
    assert wait["reason"] == "The account's limit for detections lets nobody call."
    assert (theirs, cancelled, admin.ask("GET", "/pull-waits").json()) == ({"waits": []}, 202, {"waits": []})


def test_the_account_is_asked_when_to_pull_and_for_its_appliances(admin, world):
    world.device()
    advice = admin.ask("POST", "/pull-advice", {"device": "d", "at": "2026-12-01T02:00:00Z"}).json()
    appliances = admin.ask("POST", "/appliance-lists", {"device": "d"})

    assert advice["pull_at"] == "2026-12-01T02:00:00Z"
    assert advice["nothing"].startswith("The account has no scheduled scan") or advice["advice"]
    assert (appliances.status_code, list(appliances.json())) == (200, ["appliances"])


def test_pulls_of_a_device_and_of_a_time_are_listed(admin, world):
    world.device()
    number = world.pull()
    world.store.take(report(9, {1: []}))
    asked = {
        query: [item["pull"] for item in admin.ask("GET", f"/pulls?{query}").json()["pulls"]]
        for query in (
            "device=d",
            "origin=pull&state=complete",
            "device=e",
            "end=2020-01-01",
            "zone=default&origin=pull",
        )
    }

    assert asked == {
        "device=d": [number], "origin=pull&state=complete": [number], "device=e": [], "end=2020-01-01": [],
        "zone=default&origin=pull": [number],
    }  # fmt: skip


def test_a_changed_certificate_is_accepted_by_the_fingerprint_that_was_read(admin, zoned):
    from vatriage.store.parameters import Pin

    Pin.objects.create(server="q.example:443", sha256="a" * 64, first_seen=1, changed_sha256="b" * 64, changed_seen=2)
    sent = [{"server": "q.example", "sha256": sha256} for sha256 in ("", " " * 64, "c" * 64, ":".join(["bb"] * 32))]
    limited = zoned.ask("POST", "/certificate-acceptances", sent[3])
    answers = [admin.ask("POST", "/certificate-acceptances", one) for one in sent]

    assert (limited.status_code, [answer.status_code for answer in answers]) == (403, [422, 422, 404, 200])
    assert answers[3].json() == {"server": "q.example:443", "sha256": "b" * 64, "before": "a" * 64}
    assert (Pin.objects.get().sha256, Pin.objects.get().accepted_by) == ("b" * 64, "admin")


def test_hosts_are_narrowed_and_their_services_listed(admin, store):
    store.take(report(9, {1: [(5, "Active")], 2: []}), KNOWLEDGE, zone="east")
    store.take(report(10, {3: []}), zone="west")
    asked = {
        query: [item["address"] for item in admin.ask("GET", f"/hosts?{query}").json()["hosts"]]
        for query in ("text=10.2.0.2", "zone=west", "scanned=agent", "gone=true", "gone=false&limit=2", "stale=true")
    }
    services = admin.ask("GET", "/host-services/10.2.0.1").json()["services"]

    assert asked["text=10.2.0.2"] == ["10.2.0.2"]
    assert asked["zone=west"] == ["10.2.0.3"]
    assert (asked["scanned=agent"], asked["gone=true"], len(asked["gone=false&limit=2"])) == ([], [], 2)
    assert set(asked["stale=true"]) <= {"10.2.0.1", "10.2.0.2", "10.2.0.3"}
    assert [(item["protocol"], item["port"], item["zone"]) for item in services] == [("tcp", 443, "east")]


def test_the_knowledge_base_is_searched_and_paged(admin, store):
    store.take(report(9, {1: []}), KNOWLEDGE)
    whole = admin.ask("GET", "/kb?limit=1").json()
    qid = whole["entries"][0]["qid"]
    claim = whole["entries"][0]["claims"][0]

    assert [item["qid"] for item in admin.ask("GET", f"/kb?text={qid}").json()["entries"]] == [qid]
    assert qid in [item["qid"] for item in admin.ask("GET", f"/kb?text={claim}").json()["entries"]]
    assert admin.ask("GET", "/kb?severity=1&severity=2&kind=information").json()["entries"] == []
    assert admin.ask("GET", "/kb?severity=9").status_code == 422


def test_a_filter_is_kept_and_deleted_by_its_owner_alone(store, user):
    analyst, other = (Program(token_of(user(Role.ANALYST, name=name))) for name in ("ann", "bob"))
    query = {"verdict": ["AFFECTED", "UNKNOWN"], "review": ["no"]}
    kept = analyst.ask("PUT", "/alert-filters/mine", {"query": query})
    wrong = [
        analyst.ask("PUT", "/alert-filters/x", {"query": bad})
        for bad in ({"colour": ["red"]}, {"verdict": ["BAD"]}, {"review": []})
    ]
    gone = [analyst.ask("DELETE", "/alert-filters/mine").status_code for _ in range(2)]

    assert (kept.json()["query"], [answer.status_code for answer in wrong]) == (query, [422, 422, 422])
    assert other.ask("GET", "/alert-filters").json() == {"filters": []}
    assert gone == [204, 404]


def test_groups_are_reviewed_all_or_none_and_the_event_is_sent_as_it_was(admin, store):
    alerts = [Judged(1, Verdict.NOT_AFFECTED, sid=11), Judged(2, Verdict.NOT_AFFECTED, sid=12)]
    store_alerts(alerts)
    groups = [item["id"] for item in admin.ask("GET", "/alert-groups?list=unconfirmed").json()["groups"]]
    said = {"decision": "confirmed_false_positive", "reason": "our scanner"}
    half = admin.ask("POST", "/group-reviews", said | {"groups": [{"group": groups[0]}, {"group": "f" * 32}]})
    before = admin.ask("GET", f"/alert-groups/{groups[0]}").json()["reviews"]
    done = admin.ask("POST", "/group-reviews", said | {"groups": [{"group": group} for group in groups]})
    late = admin.ask("POST", "/group-reviews", said | {"groups": [{"group": groups[0], "seen": 0}]})
    shown = admin.ask("GET", f"/alert-groups/{groups[0]}").json()
    event = admin.ask("GET", f"/alert-events/{alerts[0].id}")

    assert (half.status_code, before, done.status_code, late.status_code) == (404, [], 201, 409)
    assert (len(done.json()["numbers"]), shown["review"]["reason"], len(shown["reviews"])) == (2, "our scanner", 1)
    assert event.headers["Content-Type"] == "application/octet-stream"
    assert b'"signature_id":11' in event.content


def test_pieces_of_another_zone_are_not_there(zoned, store):
    store_alerts([Judged(1, zone="east"), Judged(2, zone="west")])
    store.take(report(9, {1: []}), zone="east")
    add_device(store, "of east", zone="east")
    from vatriage.usecases.alert_page import show_alert

    group = show_alert(Judged(1).id, zones=None, now=0).group["id"]
    asked = [
        zoned.ask("GET", f"/alert-groups/{group}"), zoned.ask("GET", f"/alert-events/{Judged(1).id}"),
        zoned.ask("GET", "/host-services/10.2.0.1"), zoned.ask("GET", "/device-states/of east"),
        zoned.ask("POST", "/pull-advice", {"device": "of east"}), zoned.ask("GET", "/pulls/1/progress"),
        zoned.ask("POST", "/appliance-lists", {"device": "of east"}), zoned.ask("GET", "/pulls/1/pages"),
        zoned.ask("POST", "/device-clones", {"source": "of east", "name": "e"}), zoned.ask("GET", "/pulls/1/rejects"),
        zoned.ask("GET", "/pulls/1/pages/1/raw"), zoned.ask("POST", "/connectivity-tests", {"device": "of east"}),
    ]  # fmt: skip
    board = zoned.ask("GET", "/dashboard").json()

    assert [answer.status_code for answer in asked] == [404] * 12
    assert zoned.ask("GET", "/device-states").json() == {"devices": [], "next": None}
    assert (board["alerts"], [line["zone"] for line in board["data_age"]]) == (1, ["west"])
    assert zoned.ask("GET", "/audit-export").status_code == 403
    assert zoned.ask("POST", "/quota-plans", BODIES["POST /quota-plans"]).status_code == 403


def test_the_offered_rule_is_planned_and_submitted_as_it_is(admin, store):
    add_device(store)
    (offered,) = admin.ask("GET", "/rule-offers").json()["rules"]
    plan = admin.ask("POST", "/quota-plans", offered)
    made = admin.ask("POST", "/rules", offered)

    assert (plan.status_code, plan.json()["too_much"], made.status_code) == (200, False, 201)
    assert admin.ask("GET", "/rule-offers").json() == {"rules": []}


def test_a_change_that_was_not_read_is_neither_activated_nor_discarded(admin, store):
    add_device(store)
    admin.ask("PATCH", "/devices/d", {"login": "v"}, If_Match="*")
    (read,) = admin.ask("GET", "/changes").json()["changes"]
    admin.ask("PATCH", "/devices/d", {"login": "w"}, If_Match="*")
    only = {"only": [{"kind": "device", "subject": "d", "seen": read["stamp"]}]}

    assert admin.ask("POST", "/changes/activate", only).status_code == 409
    assert admin.ask("POST", "/changes/discard", only).status_code == 409
    assert admin.ask("GET", "/changes").json()["changes"][0]["after"]["login"] == "w"


def test_sessions_are_listed_and_ended(admin, browser):
    browser(Role.OPERATOR)
    sessions = admin.ask("GET", "/user-sessions/operator").json()
    own = Program(token_of(_user("operator"), Right.OWN))
    listed = own.ask("GET", "/me/sessions").json()["sessions"]
    ended = [own.ask("DELETE", f"/me/sessions/{listed[0]['number']}").status_code for _ in range(2)]

    assert (sessions["login"], len(sessions["sessions"]), sessions["failed"]) == ("operator", 1, [])
    assert (len(listed), ended, own.ask("GET", "/me/sessions").json()) == (1, [204, 404], {"sessions": []})


def test_the_zones_that_hold_an_address_are_asked_for(admin, store):
    furnish(store)

    assert [item["name"] for item in admin.ask("GET", "/zones?address=192.0.2.9").json()["zones"]] == ["d"]
    assert admin.ask("GET", "/zones?address=198.51.100.1").json()["zones"] == []
    assert admin.ask("GET", "/zones?address=x").status_code == 422


def test_the_audit_log_is_exported_and_that_is_noted(admin, store):
    add_device(store)
    table = b"".join(admin.ask("GET", "/audit-export?action=device")).decode()
    lines = b"".join(admin.ask("GET", "/audit-export?form=jsonl")).decode()

    assert table.startswith('"id","at","actor"')
    assert "device added" in table
    assert '"audit log exported"' in lines


def _user(name):
    from vatriage.store.users import User

    return User.objects.get(username=name)
