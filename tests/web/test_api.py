"""The REST API: what it answers, what it refuses and how it says so."""

import json
import re
import shutil
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from end_to_end_program import DETECTIONS, HOSTS, KNOWLEDGE, alert
from fakes.alert_samples import FAST
from vatriage.model.viewer import Right, Role
from web.api_client import BODIES, DEVICE_PASSWORD, Program, add_device, ask, furnish, token_of, whole_text

NEW = BODIES["POST /devices"]


@pytest.fixture(autouse=True)
def forgiven():
    """Failed attempts of one test are not held against the next."""
    from vatriage.web.api.failures import FAILURES

    yield FAILURES.forget()
    FAILURES.forget()


@pytest.fixture
def admin(store, user):
    """A program of an administrator."""
    return Program(token_of(user(Role.ADMIN)))


@pytest.fixture
def zoned(store, user):
    """A program of an administrator of one of two zones that hold the same addresses, devices in both."""
    from vatriage.store.places import Zone

    for name in ("dmz", "lan"):
        Zone.objects.get_or_create(name=name)
        add_device(store, f"of {name}", zone=name)
        store.take(HOSTS, DETECTIONS, KNOWLEDGE, zone=name)
    return Program(token_of(user(Role.ADMIN, name="zoned", zones=["dmz"])))


def problem(answer):
    """Return an answer's problem, which must be a whole one."""
    told = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "hint", "errors", "exit_code"} == told.keys()
    assert told["status"] == answer.status_code
    return told


def test_a_device_is_submitted_changed_with_its_stamp_and_activated(admin):
    made = admin.ask("POST", "/devices", NEW)
    etag = admin.ask("GET", "/devices/new").headers["ETag"]
    changed = admin.ask("PATCH", "/devices/new", {"login": "v"}, If_Match=etag)
    late = admin.ask("PATCH", "/devices/new", {"login": "w"}, If_Match=etag)
    done = admin.ask("POST", "/changes/activate", {})

    assert (made.status_code, made.json()["pending"]) == (201, "add")
    assert (changed.json()["login"], problem(late)["status"]) == ("v", 409)
    assert done.json() == {"activated": ["new"], "refused": []}
    assert admin.ask("GET", "/devices/new").json()["login"] == "v"
    assert DEVICE_PASSWORD not in made.text + changed.text + admin.ask("GET", "/changes").text


def test_a_change_without_a_stamp_is_refused_and_a_star_is_a_stamp(admin, store):
    add_device(store)

    assert problem(admin.ask("PATCH", "/devices/d", {"login": "v"}))["errors"][0]["field"] == "header.If-Match"
    assert admin.ask("PATCH", "/devices/d", {"login": "v"}, If_Match="*").status_code == 200


def test_a_device_is_deleted_once_that_is_activated_and_can_be_restored(admin, store):
    add_device(store)
    admin.ask("DELETE", "/devices/d", If_Match="*")
    during = admin.ask("GET", "/devices/d").json()
    admin.ask("POST", "/changes/activate", {})
    after = admin.ask("GET", "/devices/d").status_code
    admin.ask("POST", "/versions/restore", {"kind": "device", "subject": "d", "number": 1})
    admin.ask("POST", "/changes/activate", {})
    versions = admin.ask("GET", "/versions/device/d").json()["versions"]

    assert (during["pending"], after, admin.ask("GET", "/devices/d").status_code) == ("delete", 404, 200)
    assert [(item["number"], item["content"] is None) for item in versions] == [(3, False), (2, True), (1, False)]


def test_a_scan_that_nobody_confirmed_is_not_activated_and_the_problem_names_its_device(admin):
    admin.ask("POST", "/devices", NEW | {"url": "127.0.0.1:1/msp/scan.php?ip=198.51.100.1-198.51.100.4"})
    refused = problem(admin.ask("POST", "/changes/activate", {}))
    partly = admin.ask("POST", "/changes/activate", {"partly": True}).json()
    done = admin.ask("POST", "/changes/activate", {"confirmed": {"new": 4}}).json()

    assert (refused["status"], refused["errors"][0]["field"]) == (409, "device.new")
    assert (partly["activated"], partly["refused"][0]["subject"], done["activated"]) == ([], "new", ["new"])


def test_the_number_that_stands_for_asset_groups_confirms_nothing(admin):
    admin.ask("POST", "/devices", NEW | {"url": "127.0.0.1:1/msp/scan.php?asset_groups=All"})
    refused = problem(admin.ask("POST", "/changes/activate", {"confirmed": {"new": 2**31 - 1}}))

    assert refused["status"] == 422
    assert [item["subject"] for item in admin.ask("GET", "/changes").json()["changes"]] == ["new"]


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("GET", "/nowhere", None, {}, 404),
        ("DELETE", "/me", None, {}, 405),
        ("GET", "/devices?zone=dmz", None, {}, 422),
        ("GET", "/devices?limit=501", None, {}, 422),
        ("GET", "/hosts?after=x", None, {}, 422),
        ("GET", "/hosts/10.1.0.7?as_of=noon", None, {}, 422),
        ("GET", "/hosts/nobody", None, {}, 422),
        ("GET", "/devices/a%00b", None, {}, 422),
        ("POST", "/devices", NEW | {"colour": "red"}, {}, 422),
        ("POST", "/devices", NEW | {"password": 7}, {}, 422),
        ("POST", "/devices", NEW | {"url": "https://127.0.0.1/x y"}, {}, 422),
        ("POST", "/devices", NEW | {"login": "a\0b"}, {}, 400),
        ("POST", "/devices", "no JSON", {}, 415),
        ("POST", "/explain", {}, {}, 415),
        ("POST", "/explain", "two\nlines", {}, 422),
        ("POST", "/triage?store=perhaps", alert(1), {}, 422),
        ("POST", "/devices", NEW, {"Idempotency_Key": "two words"}, 422),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_a_problem_with_a_hint(admin, method, path, body, headers, status):
    told = problem(admin.ask(method, path, body, **headers))

    assert told["status"] == status
    assert told["detail"].endswith(".")
    assert told["hint"].endswith(".")
    assert DEVICE_PASSWORD not in json.dumps(told)


def test_too_much_is_refused_before_it_is_read(admin, monkeypatch):
    from vatriage.web.api import gate

    monkeypatch.setattr(gate, "MOST_LINES_BYTES", 1_000)
    lines = problem(admin.ask("POST", "/triage", alert(1) * 3))
    body = problem(admin.ask("POST", "/devices", NEW | {"url": "x" * 6_000_000}))

    assert (lines["status"], body["status"]) == (413, 413)


def test_events_that_unpack_to_nobody_knows_what_are_refused(admin):
    assert problem(admin.ask("POST", "/triage", "BZh91AY"))["detail"] == "The events are compressed."


def test_nobody_and_a_token_that_does_not_work_are_asked_who_they_are(store, admin):
    nobody = ask("GET", "/me")
    wrong = Program("vt_00000000_" + "0" * 40).ask("GET", "/me")
    basic = ask("GET", "/me", authorization="Basic YTpi")

    assert [problem(answer)["status"] for answer in (nobody, wrong, basic)] == [401] * 3
    assert all(answer.headers["WWW-Authenticate"].startswith("Bearer") for answer in (nobody, wrong, basic))


def test_who_guesses_tokens_is_not_listened_to_for_a_while(admin):
    codes = [Program("vt_00000000_x").ask("GET", "/me").status_code for _ in range(21)]
    shut = admin.ask("GET", "/me")

    assert codes == [401] * 20 + [429]
    assert (problem(shut)["status"], int(shut.headers["Retry-After"]) > 0) == (429, True)


def test_who_must_change_the_first_password_reads_nothing(browser):
    from vatriage.store.users import User

    client = browser(Role.ADMIN)
    User.objects.update(must_change_password=True)

    assert problem(client.get("/api/v1/me"))["detail"] == "Your first password must be changed."


def test_a_database_that_fails_is_told_apart_from_a_bug(admin, caplog):
    from django.db import OperationalError, connection

    def locked(execute, sql, params, many, context):
        if "devices" in sql:
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    def broken(execute, sql, params, many, context):
        if "devices" in sql:
            raise RuntimeError("nobody foresaw this")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(locked):
        failed = problem(admin.ask("GET", "/devices"))
    with connection.execute_wrapper(broken):
        bug = problem(admin.ask("GET", "/devices"))

    assert (failed["status"], failed["exit_code"]) == (503, 8)
    assert (bug["status"], bug["exit_code"], "foresaw" in str(bug)) == (500, 70, False)
    (reference,) = re.findall(r"with this reference: ([0-9a-f]{10})$", bug["hint"])
    assert f"has the reference {reference}" in caplog.text


def test_the_same_key_does_an_action_once_and_gets_the_same_answer(database, admin):
    first, again = (admin.ask("POST", "/devices", NEW, Idempotency_Key="k") for _ in range(2))
    other = admin.ask("POST", "/devices", NEW | {"name": "other"}, Idempotency_Key="k")
    without = admin.ask("POST", "/devices", NEW)

    assert (first.status_code, again.status_code, first.content) == (201, 201, again.content)
    assert (problem(other)["status"], problem(without)["status"]) == (422, 422)
    assert len(admin.ask("GET", "/devices").json()["devices"]) == 1


def test_a_refusal_is_remembered_as_well(admin, store):
    first = admin.ask("POST", "/pulls", {"device": "d"}, Idempotency_Key="k")
    add_device(store)
    again = admin.ask("POST", "/pulls", {"device": "d"}, Idempotency_Key="k")

    assert (first.status_code, first.content) == (404, again.content)


def test_a_key_belongs_to_its_owner(admin, user):
    other = Program(token_of(user(Role.ADMIN, name="other")))
    admin.ask("POST", "/devices", NEW, Idempotency_Key="k")

    assert problem(other.ask("POST", "/devices", NEW, Idempotency_Key="k"))["detail"].startswith("A device named 'new'")


def test_an_action_under_way_is_not_begun_again_and_one_that_died_is(admin):
    from vatriage.store.users import DoneAction
    from vatriage.web import house
    from vatriage.web.api.once import TAKEN_OVER_S

    admin.ask("POST", "/devices", NEW, Idempotency_Key="k")
    DoneAction.objects.update(status=0, answer=None)
    waits = admin.ask("POST", "/devices", NEW, Idempotency_Key="k")
    DoneAction.objects.update(at=house.now_s() - TAKEN_OVER_S - 1)
    taken_over = admin.ask("POST", "/devices", NEW, Idempotency_Key="k")

    assert (problem(waits)["status"], waits.headers["Retry-After"]) == (409, "1")
    assert problem(taken_over)["detail"].startswith("A device named 'new' is here already")


def test_of_many_with_the_same_key_at_once_one_acts(database, admin):
    from django.db import connections

    from vatriage.store.audit import Audit

    def once(_number):
        try:
            return admin.ask("POST", "/devices", NEW, Idempotency_Key="k")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(once, range(8)))

    codes = sorted(answer.status_code for answer in answers)
    assert set(codes) <= {201, 409}
    assert codes[0] == 201
    assert Audit.objects.filter(action="device added").count() == 1
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1


def test_an_action_and_its_answer_are_kept_together_or_not_at_all(database, admin):
    from django.db import connection

    from vatriage.store.devices import Device
    from vatriage.store.users import DoneAction

    def dies(execute, sql, params, many, context):
        if sql.startswith("UPDATE") and "done_actions" in sql:
            raise RuntimeError("the power is gone")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(dies):
        broken = admin.ask("POST", "/devices", NEW, Idempotency_Key="k")

    assert (broken.status_code, Device.objects.count(), DoneAction.objects.count()) == (500, 0, 0)
    assert admin.ask("POST", "/devices", NEW, Idempotency_Key="k").status_code == 201


def test_lists_are_paged_by_key(admin, store):
    for name in ("a", "b", "c"):
        add_device(store, name)
    pages, after = [], ""
    while after is not None:
        page = admin.ask("GET", f"/devices?limit=2&after={after}").json()
        pages.append([item["name"] for item in page["devices"]])
        after = page["next"]

    assert pages == [["a", "b"], ["c"]]


def test_hosts_are_paged_and_shown_as_at_another_time(database, admin, store):
    store.take(HOSTS, DETECTIONS, KNOWLEDGE)
    store.take(HOSTS.replace("10.1.0.7", "10.1.0.8").replace("<ID>7<", "<ID>8<"))
    first = admin.ask("GET", "/hosts?limit=1").json()
    rest = admin.ask("GET", f"/hosts?limit=1&after={first['next']}").json()
    now = admin.ask("GET", "/hosts/10.1.0.7").json()["hosts"][0]["detections"]
    then = admin.ask("GET", "/hosts/10.1.0.7?as_of=2026-10-01")

    assert [item["address"] for item in first["hosts"] + rest["hosts"]] == ["10.1.0.7", "10.1.0.8"]
    assert (rest["next"], [item["qid"] for item in now], problem(then)["status"]) == (None, [99000], 404)


def test_who_sees_one_zone_sees_nothing_of_another(database, zoned):
    devices = [item["name"] for item in zoned.ask("GET", "/devices").json()["devices"]]
    hosts = {item["zone"] for item in zoned.ask("GET", "/hosts").json()["hosts"]}
    host = {item["zone"] for item in zoned.ask("GET", "/hosts/10.1.0.7").json()["hosts"]}
    pulls = {item["zone"] for item in zoned.ask("GET", "/pulls").json()["pulls"]}
    refused = [
        zoned.ask("GET", "/devices/of lan"),
        zoned.ask("PATCH", "/devices/of lan", {"login": "x"}, If_Match="*"),
        zoned.ask("DELETE", "/devices/of lan", If_Match="*"),
        zoned.ask("POST", "/connectivity-tests", {"device": "of lan"}),
        zoned.ask("POST", "/pulls", {"device": "of lan"}),
        zoned.ask("GET", "/versions/device/of lan"),
        zoned.ask("GET", "/hosts?zone=lan"),
        zoned.ask("POST", "/explain?zone=lan", alert(1)),
        zoned.ask("POST", "/triage?zone=lan", alert(1)),
        zoned.ask("POST", "/devices", NEW | {"zone": "lan"}),
        zoned.ask("PATCH", "/devices/of dmz", {"zone": "lan"}, If_Match="*"),
        zoned.ask("GET", "/rules"),
        zoned.ask("GET", "/system"),
    ]

    assert (devices, hosts, host, pulls) == (["of dmz"], {"dmz"}, {"dmz"}, {"dmz"})
    assert [answer.status_code for answer in refused] == [404] * 6 + [403] * 7


def test_who_sees_one_zone_activates_and_drops_what_waits_there_only(zoned, admin):
    admin.ask("PATCH", "/devices/of lan", {"login": "x"}, If_Match="*")
    zoned.ask("PATCH", "/devices/of dmz", {"login": "y"}, If_Match="*")
    named = zoned.ask("POST", "/changes/discard", {"only": [{"kind": "device", "subject": "of lan"}]})
    done = zoned.ask("POST", "/changes/activate", {}).json()

    assert (named.status_code, done["activated"]) == (404, ["of dmz"])
    assert [item["subject"] for item in admin.ask("GET", "/changes").json()["changes"]] == ["of lan"]


def test_an_alert_of_another_zone_is_not_there(store, user):
    from vatriage.store.places import Zone

    values = furnish(store)
    Zone.objects.create(name="dmz")
    theirs = Program(token_of(user(Role.ANALYST, zones=["dmz"]), Right.READ))
    ours = Program(token_of(user(Role.OPERATOR), Right.READ))

    assert theirs.ask("GET", f"/alerts/{values['alert']}").status_code == 404
    assert ours.ask("GET", f"/alerts/{values['alert']}").json()["record"]["verdict"] == "AFFECTED"


def test_a_batch_is_judged_as_the_command_line_judges_a_file(store, admin):
    furnish(store)
    answer = admin.ask("POST", "/triage", f"{alert(1)}\nno event\n{alert(2)}\n").json()

    assert [(item["verdict"], item["source_line"]) for item in answer["records"]] == [
        ("AFFECTED", 1),
        ("NOT_AFFECTED", 3),
    ]
    assert (answer["events"], answer["alerts"], answer["rejected"], answer["stored"]) == (2, 2, 1, False)
    assert answer["rejects"][0]["line"] == 2


def test_a_batch_is_judged_by_what_a_writer_committed_who_died_before_its_snapshot(store, admin):
    furnish(store)
    shutil.copytree(store.config.snapshots, store.folder / "before")
    store.take(DETECTIONS.replace(">99000<", ">99001<"), complete=False)
    shutil.rmtree(store.config.snapshots)
    shutil.copytree(store.folder / "before", store.config.snapshots)
    (store.config.snapshots / f"behind.{2**22 + 1}.1.{socket.gethostname()}").touch()

    assert [item["verdict"] for item in admin.ask("POST", "/triage", alert(2)).json()["records"]] == ["AFFECTED"]


def test_more_batches_than_may_be_judged_at_once_are_told_to_come_again(admin):
    from vatriage.web.api import judging

    taken = [judging._PLACES.acquire(blocking=False) for _ in range(judging.AT_ONCE)]
    try:
        refused = admin.ask("POST", "/triage", alert(2))
    finally:
        for _ in filter(None, taken):
            judging._PLACES.release()

    assert all(taken)
    assert (refused.status_code, refused["Retry-After"]) == (503, "5")
    assert admin.ask("POST", "/triage", alert(2)).status_code == 200


def test_the_api_reads_other_formats_than_eve(admin):
    told = admin.ask("POST", "/triage?time_zone=UTC", FAST.decode()).json()

    assert (told["events"], told["alerts"], told["rejected"]) == (1, 1, 0)
    assert told["records"][0]["signature"] == "1:9900001:1"


def test_verdicts_are_kept_only_on_request_and_by_who_may_review(store, user):
    furnish(store)
    reader = Program(token_of(user(Role.OPERATOR), Right.READ))
    reviewer = Program(token_of(user(Role.ANALYST), Right.READ, Right.REVIEW))
    line = alert(2)
    number = reader.ask("POST", "/explain", line).json()["record"]["id"]
    before = reader.ask("GET", f"/alerts/{number}").status_code
    refused = reader.ask("POST", "/triage?store=true", line).status_code
    kept = reviewer.ask("POST", "/triage?store=true", line).json()["stored"]

    assert (before, refused, kept, reader.ask("GET", f"/alerts/{number}").status_code) == (404, 403, True, 200)


def test_run_now_is_asked_once_and_the_controller_finds_it(database, store, admin):
    from vatriage.store.update_rules import RunRequest

    furnish(store)
    asked = [admin.ask("POST", "/pulls", {"device": "d"}).json() for _ in range(2)]
    run = admin.ask("POST", "/rule-runs", {"rule": "d"}).json()

    assert [item["asked"] for item in asked] == ["asked", "waits already"]
    assert (run["asked"], run["controller"], RunRequest.objects.count()) == ("asked", False, 2)


def test_rules_and_system_parameters_are_submitted_with_their_stamps(admin, store):
    furnish(store)
    rule = {"selectors": [{"kind": "zone", "zone": "default"}], "schedule": {"kind": "daily", "times": ["02:00"]}}
    made = admin.ask("POST", "/rules", rule | {"name": "nightly"}).json()
    etag = admin.ask("GET", "/rules/nightly").headers["ETag"]
    rule["schedule"]["times"] = ["03:00"]
    changed = [admin.ask("PUT", "/rules/nightly", rule, If_Match=etag).status_code for _ in range(2)]
    seen = admin.ask("GET", "/system/proxy").headers["ETag"]
    proxy = {"mode": "http", "address": "127.0.0.1", "port": 1, "user": "u", "password": DEVICE_PASSWORD}
    answers = [admin.ask("PATCH", "/system/proxy", proxy, If_Match=seen) for _ in range(2)]
    wrong = admin.ask("PATCH", "/system/proxy", {"mode": "magic"}, If_Match="*")

    assert (made["pending"], changed) == ("add", [200, 409])
    assert [answer.status_code for answer in answers] == [200, 409]
    assert answers[0].json()["settings"]["password_set"]
    assert DEVICE_PASSWORD not in answers[0].text + admin.ask("GET", "/changes").text
    assert problem(wrong)["errors"][0]["field"] == "body.mode"


def test_neither_a_token_nor_a_password_is_in_an_answer_the_log_or_the_audit_log(store, admin, caplog):
    from django.core import serializers

    from vatriage.store.audit import Audit
    from vatriage.store.users import DoneAction
    from web.api_client import ENDPOINTS, ROOT, filled

    caplog.set_level("DEBUG")
    values, texts = furnish(store), []
    for method, path in ENDPOINTS:
        name = f"{method} {path.removeprefix(ROOT)}"
        body = BODIES.get(name)
        keys = [{"Idempotency_Key": "k" + name.replace(" ", "-")}, {}]
        answers = [admin.ask(method, filled(path, values), body, If_Match="*", **key) for key in keys]
        texts += [whole_text(answer) for answer in answers if name != "POST /me/tokens"]
        wrong = admin.ask(
            method, filled(path, values), (body | {"x": DEVICE_PASSWORD}) if isinstance(body, dict) else body
        )
        texts.append(whole_text(wrong))
    secret = admin.token.rpartition("_")[2]
    kept = serializers.serialize("json", [*Audit.objects.all(), *DoneAction.objects.all()])
    everything = "".join([*texts, caplog.text, kept])

    assert len(texts) > 80
    assert (secret in everything, DEVICE_PASSWORD in everything, "gAAAA" in everything) == (False, False, False)


def test_the_document_says_of_every_endpoint_what_it_needs_and_answers(admin):
    told = admin.ask("GET", "/openapi.json").json()
    operations = [operation for methods in told["paths"].values() for operation in methods.values()]

    assert all(
        operation["security"] == [{"Token": []}] and operation["x-right"] in list(Right) for operation in operations
    )
    assert all({"401", "403", "422", "429", "500", "503"} <= operation["responses"].keys() for operation in operations)
    assert len({operation["operationId"] for operation in operations}) == len(operations)
