"""The device pages: what they show, what is wrong beside its field, and who may not."""

import re
from html import unescape
from urllib.parse import quote

import pytest

from vatriage.model.viewer import Role
from vatriage.vault import open_vault

SAVED = "qualys.example/msp/scan_report_list.php?last=yes"
SCAN = "qualys.example/msp/scan.php?ip=198.51.100.1-198.51.100.4"
CANARY = "canary-7c1f"
FORM = {
    "device_type": "qualys", "name": "d", "url": SAVED, "login": "reader", "password": CANARY, "zone": "default",
    "complete_checks": "unknown", "ca_file": "", "proxy-mode": "inherit", "tls-mode": "inherit",
}  # fmt: skip


HTMX = {"HX-Request": "true"}


def text_of(answer):
    """Return what a person reads of a page."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


def value_of(answer, name):
    """Return the value of a form's field."""
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', answer.text)[0]
    found = re.search(r'value="([^"]*)"', tag)
    return unescape(found[1]) if found else ""


@pytest.fixture
def admin(browser):
    return browser(Role.ADMIN)


def add(client, **changes):
    return client.post("/devices/add/?type=qualys", FORM | changes)


def edit(client, name="d", **changes):
    seen = value_of(client.get(f"/devices/edit/{name}/"), "seen")
    return client.post(f"/devices/edit/{name}/", FORM | {"name": name, "password": "", "seen": seen} | changes)


def activate(store, **confirmed):
    from vatriage.model.viewer import COMMAND_LINE
    from vatriage.wiring.servers import changes

    return changes(store.clock).activate(COMMAND_LINE, confirmed=confirmed)


def device(name="d"):
    from vatriage.usecases.devices import find_device

    return find_device(name)


def test_the_seeds_procedure_adds_a_device(admin, store):
    chooser = admin.get("/devices/add/")
    form = admin.get("/devices/add/?type=qualys")
    sent = add(admin)
    after = admin.get(sent.headers["Location"])

    assert "QualysGuard ANY" in chooser.text
    labels = re.findall(r"<label[^>]*>(.*?)</label>", form.text)
    plain = [re.sub(r"<span[^>]*>(.*?)</span>", r"\1", label) for label in labels if "input" not in label]
    seeds = ["Device Type", "*Device Name", "Access IP", "*URL", "Login", "Password"]
    assert [label for label in plain if label in seeds] == seeds
    assert (sent.status_code, value_of(form, "access_ip")) == (302, "165.193.18.12")
    assert "it is never pulled before it is activated" in text_of(after)
    assert device().active is False
    assert open_vault(store.config.key).unlock(device().password_token, "d").reveal() == CANARY


def test_no_page_shows_a_password(admin, store):
    add(admin)
    activate(store)
    edit(admin, password=CANARY + "2")
    pages = ["/devices/", "/devices/device/d/", "/devices/edit/d/", "/devices/clone/d/", "/activate/", "/versions/?kind=device&subject=d"]  # fmt: skip
    shown = "".join(admin.get(page).text for page in pages)

    assert CANARY not in shown
    assert "gAAAA" not in shown


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"url": "qualys.example/msp/scan.php?ip=198.51.100.x"}, "url", "at character 12"),
        ({"url": "http://qualys.example"}, "url", "plain http"),
        ({"url": ""}, "url", "required"),
        ({"name": ""}, "name", "required"),
        ({"name": " d"}, "name", "cannot be seen"),
        ({"login": ""}, "login", "login is missing"),
        ({"password": ""}, "password", "password is missing"),
        ({"zone": "nowhere"}, "zone", "valid choice"),
        ({"complete_checks": "perhaps"}, "complete_checks", "valid choice"),
        ({"ca_file": "/no/such/file.pem"}, "ca_file", "cannot be used"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(admin, changes, field, said):
    answer = add(admin, **changes)
    block = answer.text[answer.text.index(f'id="id_{field}"') :]
    error = re.search(r'<p class="error"[^>]*>(.*?)</p>', block)

    assert answer.status_code == 200
    assert said in unescape(error[1])
    from vatriage.usecases.devices import all_devices

    assert all_devices() == []


def test_a_name_that_is_taken_is_said_beside_it(admin):
    add(admin)
    answer = add(admin)

    assert "A device named 'd' is here already" in text_of(answer)


@pytest.mark.parametrize("name", ["a/b", "a b", "50%", "ü?#&", '<script>"', "add", "device/x/"])
def test_any_name_has_its_pages(admin, store, name):
    add(admin, name=name)
    activate(store)
    pages = [f"/devices/{page}/{quote(name, safe='/')}/" for page in ("device", "edit", "clone")]
    listed = admin.get("/devices/")

    assert [admin.get(page).status_code for page in pages] == [200, 200, 200]
    links = [unescape(link) for link in re.findall(r'href="(/devices/device/[^"]*)"', listed.text)]
    assert [admin.get(link).status_code for link in links] == [200]
    assert "<script>" + '"' not in listed.text


def test_a_real_time_url_says_how_many_addresses_it_scans_before_anything_is_stored(admin):
    piece = admin.get("/devices/url/", {"url": SCAN}, headers=HTMX)

    assert "Each pull will scan 4 addresses" in text_of(piece)
    assert "Real-time report from qualys.example" in text_of(piece)


def test_a_browser_without_scripts_gets_a_page_around_every_piece(admin):
    pages = [admin.get(f"/devices/{piece}/", {"url": SCAN}) for piece in ("url", "build")]

    assert all("<title>" in page.text for page in pages)
    assert "Each pull will scan 4 addresses" in text_of(pages[0])


def test_the_preview_warns_of_private_addresses_and_of_mssp(admin):
    url = "qualys.example/mssp/scan.php?ip=10.0.0.1"
    said = text_of(admin.get("/devices/url/", {"url": url}, headers=HTMX))

    assert "misprint of /msp/" in said
    assert "only a Scanner Appliance reaches it" in said


def test_the_preview_of_what_cannot_be_meant_says_why(admin):
    assert "no report query" in text_of(admin.get("/devices/url/", {"url": "qualys.example/api/x"}, headers=HTMX))
    assert text_of(admin.get("/devices/url/", {"url": ""}, headers=HTMX)) == ""


@pytest.mark.parametrize(
    ("chosen", "url"),
    [
        ({"build_kind": "current", "build_server": "q.example"}, "q.example"),
        ({"build_kind": "last saved", "build_server": "q.example"}, "q.example/msp/scan_report_list.php?last=yes"),
        (
            {"build_kind": "real time", "build_server": "q.example", "build_addresses": "10.0.0.1", "build_appliance": "dmz"},
            "q.example/msp/scan.php?ip=10.0.0.1&iscanner_name=dmz",
        ),
    ],
)  # fmt: skip
def test_the_builder_fills_in_the_url_with_scripts_and_without(admin, chosen, url):
    piece = admin.get("/devices/build/", chosen, headers=HTMX)
    whole = add(admin, build="", url="", password="", **chosen)

    assert (value_of(piece, "url"), value_of(whole, "url")) == (url, url)
    assert value_of(whole, "name") == "d"


def test_the_list_shows_where_a_device_stands(admin, store):
    add(admin, name="new")
    add(admin, name="acting")
    add(admin, name="changing")
    add(admin, name="leaving")
    from vatriage.model.viewer import COMMAND_LINE
    from vatriage.wiring.servers import changes

    desk = changes(store.clock)
    desk.activate(COMMAND_LINE, only=[("device", name) for name in ("acting", "changing", "leaving")])
    edit(admin, "changing", complete_checks="yes")
    desk.submit("device", "leaving", None, who=COMMAND_LINE)
    listed = admin.get("/devices/")

    rows = [re.sub(r"<[^>]+>", " ", row) for row in re.findall(r"<tr>.*?</tr>", listed.text, re.DOTALL)[1:]]
    states = [re.search(r"submitted|active|change pending|deletion pending", row)[0] for row in rows]
    assert states == ["active", "change pending", "deletion pending", "submitted"]
    assert all("never pulled" in row for row in rows)
    assert all("QualysGuard ANY" in row for row in rows)


def test_an_edit_keeps_a_blank_password_and_acts_only_once_activated(admin, store):
    add(admin)
    activate(store)
    sent = edit(admin, complete_checks="yes")
    during = device().complete_checks
    activate(store)

    assert (sent.status_code, during, device().complete_checks) == (302, "unknown", "yes")
    assert open_vault(store.config.key).unlock(device().password_token, "d").reveal() == CANARY


def test_the_stored_password_goes_to_no_other_server_and_login(admin, store):
    add(admin)
    activate(store)
    for changes in ({"url": SAVED.replace("qualys", "evil")}, {"login": "other"}):
        answer = admin.post("/devices/edit/d/", FORM | {"password": ""} | changes)
        tested = admin.post("/devices/test/", FORM | {"password": "", "stored": "d"} | changes)
        assert "type the password again" in text_of(answer)
        assert "type the password again" in text_of(tested)


def test_a_ca_file_can_be_taken_away_again(admin, store):
    import certifi

    add(admin, ca_file=certifi.where())
    activate(store)
    before = device().ca_file
    edit(admin)
    activate(store)

    assert (before, device().ca_file) == (certifi.where(), "")


def test_the_second_of_two_editors_sees_the_other_change_and_may_go_on_top_of_it(admin, store, browser):
    add(admin)
    activate(store)
    seen = value_of(admin.get("/devices/edit/d/"), "seen")
    other = browser(Role.ADMIN, name="ann")
    other.post("/devices/edit/d/", FORM | {"password": "", "complete_checks": "yes", "seen": seen})
    mine = FORM | {"password": "", "complete_checks": "no"}
    refused = admin.post("/devices/edit/d/", mine | {"seen": seen})
    during = admin.get("/activate/")
    again = admin.post("/devices/edit/d/", mine | {"seen": value_of(refused, "seen")})
    activate(store)

    assert refused.status_code == 409
    assert "The other change, by ann" in text_of(refused)
    assert "Complete checks unknown yes" in text_of(refused)
    assert "unknown yes" in text_of(during)
    assert (again.status_code, device().complete_checks) == (302, "no")


def test_a_clone_begins_as_the_other_and_takes_its_password_along(admin, store):
    add(admin, url=SCAN)
    activate(store, d=4)
    form = admin.get("/devices/clone/d/")
    sent = admin.post("/devices/clone/d/", FORM | {"name": "copy", "url": SCAN, "password": ""})

    assert (value_of(form, "name"), value_of(form, "url")) == ("", SCAN)
    assert sent.status_code == 302
    assert open_vault(store.config.key).unlock(device("copy").password_token, "copy").reveal() == CANARY
    assert (device("copy").active, device("copy").scan_ceiling, device("d").scan_ceiling) == (False, 0, 4)


def test_ticked_devices_are_deleted_after_a_question_and_once_activated(admin, store):
    add(admin)
    activate(store)
    add(admin, name="new")
    way = admin.post("/devices/", {"device": ["d", "new"], "delete": ""})
    asked = admin.get(way.headers["Location"])
    seen = re.findall(r'name="seen" value="([^"]*)"', asked.text)
    done = admin.post("/devices/delete/", {"device": ["d", "new"], "seen": seen}, follow=True)
    during = device().active
    activate(store)
    from vatriage.usecases.devices import all_devices

    assert "Delete 2 devices?" in text_of(asked)
    assert "Device 'd' will be deleted once that is activated" in text_of(done)
    assert "Device 'new' never acted, and is gone" in text_of(done)
    assert (during, all_devices()) == (True, [])


def test_a_device_that_changed_since_the_question_is_not_deleted(admin, store):
    add(admin)
    activate(store)
    seen = re.findall(r'name="seen" value="([^"]*)"', admin.get("/devices/delete/?device=d").text)
    edit(admin, complete_checks="yes")
    answer = admin.post("/devices/delete/", {"device": "d", "seen": seen})

    assert answer.status_code == 409
    assert device().active


def test_a_button_without_a_tick_says_so(admin):
    add(admin)
    add(admin, name="e")

    assert "nothing was ticked" in text_of(admin.post("/devices/", {"edit": ""}, follow=True))
    assert "one at a time" in text_of(admin.post("/devices/", {"edit": "", "device": ["d", "e"]}, follow=True))
    assert admin.post("/devices/", {"edit": "", "device": "d"}).headers["Location"] == "/devices/edit/d/"


def test_the_device_page_shows_its_pulls_and_what_went_wrong(admin, store):
    add(admin)
    activate(store)
    from vatriage.store import ledger

    for state, counts, error in (
        (
            ledger.COMPLETE,
            {"hosts_expected": 1234, "detections": 7, "newest_scan": "2020-09-13T12:26:40Z", "notes": ["said so"]},
            "",
        ),
        (ledger.FAILED, {}, "Invalid user credentials: no. Check login and password."),
    ):
        pull = ledger.open_pull(
            zone="default", account="reader@qualys.example", origin="pull", started_at=1_700_000_000,
            device_id=device().pk, request={},
        )  # fmt: skip
        ledger.close_pull(
            pull, state=state, finished_at=1_700_000_100, whole=True, vouched_checks=False, counts=counts, error=error
        )
    shown, listed = text_of(admin.get("/devices/device/d/")), text_of(admin.get("/devices/"))

    assert "The last pull is failed Invalid user credentials: no. Check login" in shown
    assert "1,234 7" in shown
    assert "1 min 40 s" in shown
    assert "said so" in shown
    assert "2020-09-13" in shown
    assert "failed" in listed


def test_the_account_limits_that_its_server_told_are_shown(admin, store):
    add(admin)
    from vatriage.store.devices import PermitLimit

    PermitLimit.objects.create(
        account="reader@qualys.example", resource="host_list", concurrency=2, not_before=4_000_000_000, noted_at=1
    )
    assert "host_list 2 in" in text_of(admin.get("/devices/device/d/"))


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ANALYST])
def test_who_only_reads_sees_devices_and_changes_none(browser, admin, role):
    add(admin)
    reader = browser(role)
    seen = [reader.get(page) for page in ("/devices/", "/devices/device/d/")]
    pages = ["add/", "edit/d/", "clone/d/", "delete/?device=d", "url/?url=x", "build/"]
    refused = [reader.get(f"/devices/{page}").status_code for page in pages]
    posted = [
        reader.post(f"/devices/{page}", FORM).status_code
        for page in ("", "add/", "edit/d/", "clone/d/", "delete/", "test/", "test/d/", "appliances/", "advice/d/")
    ]

    assert [answer.status_code for answer in seen] == [200, 200]
    assert all(word not in seen[0].text for word in ("device-add", "/devices/add/", 'name="delete"'))
    assert "/devices/edit/" not in seen[1].text
    assert set(refused) == set(posted) == {403}


def test_devices_of_other_zones_are_neither_listed_nor_shown_nor_changed(browser, admin, store):
    from vatriage.store.places import Zone

    Zone.objects.create(name="lab")
    Zone.objects.create(name="dmz")
    add(admin, zone="lab")
    add(admin, name="mine", zone="dmz")
    limited = browser(Role.ADMIN, name="limited", zones=["dmz"])
    answers = [limited.get(f"/devices/{page}") for page in ("device/d/", "edit/d/", "clone/d/", "delete/?device=d")]
    form = limited.get("/devices/add/?type=qualys")

    assert "/devices/device/d/" not in limited.get("/devices/").text
    assert [answer.status_code for answer in answers] == [404] * 4
    assert limited.post("/devices/delete/", {"device": "d", "seen": "0.1"}).status_code == 404
    assert re.findall(r'<option value="(\w+)"[^>]*>\w+</option>', form.text.split('id="id_zone"')[1])[0] == "dmz"
    assert 'value="lab"' not in form.text
    assert "device:d" not in limited.get("/activate/").text


def test_the_list_without_devices_says_what_to_do(browser, admin):
    assert "Add a device" in text_of(admin.get("/devices/"))
    assert "An administrator adds devices" in text_of(browser(Role.OPERATOR).get("/devices/"))


def test_a_stored_url_that_this_version_cannot_read_breaks_no_page(admin, store):
    add(admin)
    from vatriage.store.devices import Device

    Device.objects.update(url="qualys.example/msp/gone.php")
    listed, shown = admin.get("/devices/"), admin.get("/devices/device/d/")

    assert "URL cannot be read" in text_of(listed)
    assert "is no report query" in text_of(shown)


def test_the_age_of_the_data_is_that_of_the_newest_scan_that_was_pulled(admin, store):
    add(admin)
    activate(store)
    from vatriage.store import ledger
    from vatriage.usecases.device_overview import device_line

    for scanned in ("2020-01-02T00:00:00Z", "2020-01-01T00:00:00Z", None):
        pull = ledger.open_pull(
            zone="default", account="x", origin="pull", started_at=1_700_000_000, device_id=device().pk, request={}
        )
        ledger.close_pull(
            pull, state=ledger.COMPLETE, finished_at=1, whole=True, vouched_checks=False,
            counts={"newest_scan": scanned}, error="",
        )  # fmt: skip

    assert (device_line("d", None).data_at, device_line("d", None).complete_at) == (1_577_923_200, 1_700_000_000)


def test_the_device_page_says_when_it_is_pulled_next_and_by_which_rule(admin, store):
    from vatriage.model.viewer import COMMAND_LINE
    from vatriage.usecases.update_rules import add_rule, offered_rule
    from vatriage.wiring.servers import changes

    add(admin)
    activate(store)
    none = text_of(admin.get("/devices/device/d/"))
    name, content = offered_rule()
    add_rule(name, content, changes=changes(store.clock), who=COMMAND_LINE)
    activate(store)
    shown = text_of(admin.get("/devices/device/d/"))

    assert "no update rule says when" in none
    assert "an update rule must select it" in none
    assert "by rule daily" in shown
    assert "an update rule must select it" not in shown


def rename(client, new):
    seen = value_of(client.get("/devices/edit/d/"), "seen")
    return client.post("/devices/edit/d/", FORM | {"name": new, "password": "", "seen": seen})


def test_another_name_is_said_in_the_form_waits_and_acts_once_activated(admin, store):
    add(admin)
    activate(store)
    sent = rename(admin, "head office")
    during, again = text_of(admin.get("/devices/device/d/")), admin.get("/devices/edit/d/")
    activate(store)
    after = [admin.get(f"/devices/device/{name}/").status_code for name in ("head office", "d")]

    assert (sent.status_code, sent.headers["Location"]) == (302, "/devices/device/d/")
    assert "Name d head office" in during
    assert value_of(again, "name") == "head office"
    assert after == [200, 404]


def test_a_device_that_never_acted_has_its_new_name_at_once(admin):
    add(admin)
    sent = rename(admin, "e")

    assert (sent.status_code, sent.headers["Location"]) == (302, "/devices/device/e/")


def test_a_new_name_that_is_taken_stands_beside_its_field(admin):
    add(admin)
    add(admin, name="e")
    refused = rename(admin, "e")

    assert refused.status_code == 200
    assert "A device named 'e' is here already" in text_of(refused)
