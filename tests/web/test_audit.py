"""Admin > Audit Log: who sees it, what it shows, how it is searched and exported; nothing in it is a secret."""

import csv
import io
import json
import re

import pytest

from vatriage.model.secret import Secret
from vatriage.model.viewer import Role, Who

CANARY = "canary-5b1e"


def write(action="device changed", subject="d", actor="ann", at=1_780_000_000, before=None, after=None, address=""):
    from vatriage.store.audit import note

    note(Who(actor, address), at, action, subject, before, after)


def body(answer):
    return b"".join(answer.streaming_content).decode()


def test_a_line_shows_who_when_from_where_what_before_and_after(browser):
    write(address="192.0.2.5", before={"url": "a.example", "zone": "dmz"}, after={"url": "b.example", "zone": "dmz"})
    text = browser(Role.ADMIN).get("/audit/").text

    for words in ("ann", "2026-05-28 20:26:40 UTC", "192.0.2.5", "device changed", "<del>a.example", "<ins>b.example"):
        assert words in text
    assert "zone:" not in text


@pytest.mark.parametrize("role", [Role.ANALYST, Role.OPERATOR, Role.NOTIFIED])
def test_only_an_admin_sees_or_exports_it(browser, role):
    client = browser(role)

    assert [client.get(path).status_code for path in ("/audit/", "/audit/export/csv/")] == [403, 403]


def test_an_admin_who_sees_some_zones_does_not_see_the_log_of_all(browser, store):
    from vatriage.store.places import Zone

    Zone.objects.create(name="dmz")
    client = browser(Role.ADMIN, zones=["dmz"])

    assert [client.get(path).status_code for path in ("/audit/", "/audit/export/csv/")] == [403, 403]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"actor": "ANN"}, ["one"]),
        ({"action": "rule"}, ["two"]),
        ({"subject": "w"}, ["two"]),
        ({"text": "b.example"}, ["one"]),
        ({"text": "zürich"}, ["two"]),
        ({"text": "192.0.2"}, ["two"]),
        ({"text": "%"}, []),
        ({"begin": "2026-05-30"}, ["two"]),
        ({"end": "2026-05-29"}, ["one"]),
        ({"begin": "2026-05-28T20:26:40Z", "end": "2026-05-28"}, ["one"]),
    ],
)
def test_a_search_narrows_by_who_action_subject_text_and_time(browser, query, found):
    write(subject="one", after={"url": "b.example"})
    write("rule added", "two", "bob", 1_780_200_000, after={"city": "zürich"}, address="192.0.2.5")
    client = browser(Role.ADMIN)
    answer = client.get("/audit/export/jsonl/", query)
    subjects = [json.loads(line)["subject"] for line in body(answer).splitlines()]

    assert [name for name in subjects if name in ("one", "two")] == found


def test_a_time_that_is_none_is_told_beside_its_field(browser):
    answer = browser(Role.ADMIN).get("/audit/", {"begin": "yesterday"})

    assert answer.status_code == 400
    assert "Write it like 2026-05-03" in answer.text


def test_every_line_is_on_exactly_one_page_even_while_the_log_grows(browser):
    for number in range(120):
        write(subject=f"s{number:03}")
    client = browser(Role.ADMIN)
    seen, query = [], {"action": "device changed"}
    while True:
        text = client.get("/audit/", query).text
        seen += re.findall(r"<td>(s\d{3})</td>", text)
        write(subject="newer")
        following = re.search(r'after=(\d+)" rel="next"', text)
        if following is None:
            break
        query["after"] = following[1]

    assert seen == [f"s{number:03}" for number in reversed(range(120))]


def test_the_csv_holds_every_line_and_no_formula(browser):
    for number in range(1_050):
        write(subject=f"=HYPERLINK({number})")
    answer = browser(Role.ADMIN).get("/audit/export/csv/", {"subject": "hyperlink"})
    rows = list(csv.DictReader(io.StringIO(body(answer))))

    assert answer.headers["Content-Disposition"] == 'attachment; filename="vatriage-audit.csv"'
    assert [row["subject"] for row in rows] == [f"'=HYPERLINK({number})" for number in range(1_050)]
    assert rows[0]["at"] == "2026-05-28T20:26:40Z"


def test_the_export_itself_is_noted(browser):
    from vatriage.store.audit import Audit

    body(browser(Role.ADMIN).get("/audit/export/csv/"))

    assert Audit.objects.filter(action="audit log exported", actor="admin").count() == 1


def test_no_password_is_in_the_log_its_page_or_its_export(browser, store):
    from vatriage.usecases.devices import DeviceForm, add_device, edit_device
    from vatriage.vault import open_vault
    from vatriage.wiring.servers import changes

    desk, vault = changes(store.clock), open_vault(store.config.key)
    form = DeviceForm(url="qualys.example/msp/scan_report_list.php?last=yes", login="u", password=Secret(CANARY))
    add_device("d", form, vault=vault, changes=desk, who=Who("ann"))
    edit_device("d", DeviceForm(password=Secret(CANARY + "2")), vault=vault, changes=desk, who=Who("ann"))
    write(after={"password": CANARY, "proxy": {"password_token": CANARY}})
    client = browser(Role.ADMIN)
    client.post("/login/", {"username": "admin", "password": CANARY})
    everything = [
        client.get("/audit/").text,
        *(body(client.get(f"/audit/export/{kind}/")) for kind in ("csv", "jsonl")),
    ]

    assert CANARY not in "".join(everything)
    assert "***" in everything[0]
