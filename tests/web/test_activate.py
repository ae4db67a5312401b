"""The Activate page and the versions: everything that waits, with before and after; all act or none does."""

import re
from html import unescape

import pytest

from vatriage.model.viewer import COMMAND_LINE, Role
from web.test_devices import SCAN, add, device, edit, text_of

ALL = {"all": ""}


def form_of(client, **more):
    """Return what the Activate page would send, as it is shown now."""
    shown = client.get("/activate/").text
    fields = {
        name: [unescape(value) for value in re.findall(rf'name="{name}" value="([^"]*)"', shown)]
        for name in ("key", "stamp")
    }
    return fields | more


@pytest.fixture
def admin(browser):
    return browser(Role.ADMIN)


def press(client, **more):
    return client.post("/activate/", form_of(client, **more), follow=True)


def test_the_banner_counts_what_waits_and_leads_admins_to_activate(browser, admin):
    add(admin)
    shown, reader = admin.get("/devices/"), browser(Role.OPERATOR).get("/devices/")

    assert "1 submitted change waits for activation" in text_of(shown)
    assert '<a class="button primary" href="/activate/">' in shown.text
    assert "1 submitted change waits" in text_of(reader)
    assert "/activate/" not in reader.text


def test_the_page_shows_who_changed_what_before_and_after(admin, store, browser):
    add(admin)
    press(admin, **ALL)
    edit(browser(Role.ADMIN, name="ann"), login="writer", password="new")
    said = text_of(admin.get("/activate/"))

    assert "Device d changed by ann" in said
    assert "Login reader writer" in said
    assert "Password \N{EN DASH} changed" in said


def test_activate_makes_everything_act_at_once(admin):
    add(admin)
    add(admin, name="e")
    done = press(admin, **ALL)

    assert "Activated: device 'd', device 'e'." in text_of(done)
    assert "Nothing waits" in text_of(done)
    assert device().active
    assert device("e").active


def test_only_what_is_ticked_is_activated_or_discarded(admin):
    add(admin)
    add(admin, name="e")
    press(admin, chosen="", change=["device:d"])
    dropped = press(admin, discard="", change=["device:e"])
    from vatriage.usecases.devices import all_devices

    assert "Discarded: device 'e'" in text_of(dropped)
    assert [(item.name, item.active) for item in all_devices()] == [("d", True)]


def test_a_scan_is_activated_only_with_its_confirmation_in_addresses(admin):
    add(admin, url=SCAN)
    add(admin, name="e")
    asked = admin.get("/activate/")
    unticked = press(admin, **ALL)
    wrong = press(admin, confirm=["device:d"], **ALL | {"addresses:device:d": "many"})
    few = press(admin, confirm=["device:d"], **ALL | {"addresses:device:d": "3"})
    states = [device().active, device("e").active]
    done = press(admin, confirm=["device:d"], **ALL | {"addresses:device:d": "4"})

    assert "Each pull will scan 4 addresses" in text_of(asked)
    assert 'value="4"' in asked.text
    assert (unticked.status_code, few.status_code, wrong.status_code) == (409, 409, 400)
    assert "Nothing was activated" in text_of(unticked)
    assert "nobody has confirmed that" in text_of(unticked)
    assert "'many' is no number of addresses" in text_of(wrong)
    assert "3 are confirmed" in text_of(few)
    assert states == [False, False]
    assert "Activated" in text_of(done)
    assert (device().active, device().scan_ceiling) == (True, 4)


def test_what_changed_after_the_page_was_read_is_not_activated(admin, browser):
    add(admin)
    press(admin, **ALL)
    edit(admin, login="mine", password="x")
    read = form_of(admin, **ALL)
    edit(browser(Role.ADMIN, name="ann"), login="theirs", password="y")
    answer = admin.post("/activate/", read)

    assert answer.status_code == 409
    assert "was changed by ann after you opened it" in text_of(answer)
    assert device().login == "reader"


def test_what_was_submitted_after_the_page_was_read_waits_for_the_next_time(admin):
    add(admin)
    read = form_of(admin, **ALL)
    add(admin, name="later")
    admin.post("/activate/", read)

    assert (device().active, device("later").active) == (True, False)


def test_what_somebody_else_activated_meanwhile_is_told(admin):
    add(admin)
    read = form_of(admin, **ALL)
    press(admin, **ALL)
    answer = admin.post("/activate/", read)

    assert answer.status_code == 409
    assert "does not wait any more" in text_of(answer)


def test_nothing_ticked_is_told(admin):
    add(admin)

    assert "nothing was ticked" in text_of(press(admin, chosen=""))


def test_an_old_version_is_restored_from_its_page(admin):
    add(admin)
    press(admin, **ALL)
    edit(admin, login="writer", password="x")
    press(admin, **ALL)
    shown = admin.get("/versions/?kind=device&subject=d")
    seen = re.search(r'name="seen" value="([^"]*)"', shown.text)[1]
    values = {"kind": "device", "subject": "d", "number": "1", "seen": seen}
    restored = admin.post("/versions/restore/", values, follow=True)
    before = device().login
    press(admin, **ALL)
    late = admin.post("/versions/restore/", values)

    assert "Version 1 of device 'd' is submitted" in text_of(restored)
    assert (before, device().login) == ("writer", "reader")
    assert late.status_code == 409


def test_a_version_or_kind_that_never_was_is_told(admin):
    add(admin)
    press(admin, **ALL)
    codes = [
        admin.get(f"/versions/?{query}").status_code for query in ("", "kind=device&subject=x", "kind=x&subject=d")
    ]
    posts = [
        admin.post("/versions/restore/", {"kind": "device", "subject": "d", "number": number}).status_code
        for number in ("9", "x", "")
    ]

    assert set(codes + posts) == {404}


def test_only_admins_activate_and_restore(browser, admin):
    add(admin)
    press(admin, **ALL)
    for role in (Role.OPERATOR, Role.ANALYST):
        reader = browser(role)
        versions = reader.get("/versions/?kind=device&subject=d")
        assert reader.get("/activate/").status_code == 403
        assert reader.post("/activate/", ALL).status_code == 403
        assert reader.post("/versions/restore/", {}).status_code == 403
        assert versions.status_code == 200
        assert "Restore" not in versions.text


def test_asset_groups_are_confirmed_in_words_and_by_no_number(browser, store):
    from vatriage.model.scan_ceiling import GROUPS
    from vatriage.model.secret import Secret
    from vatriage.model.viewer import COMMAND_LINE
    from vatriage.usecases.devices import DeviceForm, add_device, find_device
    from vatriage.vault import open_vault
    from vatriage.wiring.servers import changes

    form = DeviceForm(url="qualys.example/msp/scan.php?asset_groups=All", login="u", password=Secret("bait"))
    desk = changes(store.clock)
    add_device("groups", form, vault=open_vault(store.config.key), changes=desk, who=COMMAND_LINE)
    stamp = desk.stamp("device", "groups")
    sent = {"key": "device:groups", "stamp": stamp, "all": "1"}
    client = browser()
    page = client.get("/activate/").text
    number = client.post("/activate/", sent | {"confirm": "device:groups", "addresses:device:groups": "2000000000"})
    words = client.post("/activate/", sent | {"confirm_groups": "device:groups"})

    assert "however many they hold" in page
    assert (number.status_code, words.status_code) == (409, 302)
    assert find_device("groups").scan_ceiling == GROUPS


def test_the_page_shows_the_quota_plan_of_what_waits_where_a_rule_or_a_device_changes(admin):
    from vatriage.usecases.update_rules import add_rule
    from vatriage.web import house

    admin.post("/zones/add/", {"name": "plant", "networks": ""})
    plain = text_of(admin.get("/activate/"))
    add(admin)
    content = {"selectors": [{"kind": "device", "device": "d"}], "schedule": {"kind": "every", "every_minutes": 1}}
    add_rule("r", content, changes=house.changes(), who=COMMAND_LINE)
    planned = text_of(admin.get("/activate/"))

    assert "Quota plan" not in plain
    assert "Quota plan after activation" in planned
    assert "scan_report 60 300" in planned
    assert "no host of it is known yet" in planned


def test_who_sees_some_zones_sees_counts_and_activates_only_their_changes(browser, admin):
    from vatriage.usecases.update_rules import add_rule
    from vatriage.web import house

    admin.post("/zones/add/", {"name": "dmz", "networks": ""})
    press(admin, **ALL)
    add(admin)
    desk = house.changes()
    desk.submit("zone", "default", {"networks": ["10.0.0.0/8"]}, who=COMMAND_LINE)
    desk.submit("dns", "appliance", {"servers": ["192.0.2.53"], "search": []}, who=COMMAND_LINE)
    content = {"selectors": [{"kind": "device", "device": "d"}], "schedule": {"kind": "on demand"}}
    add_rule("r", content, changes=house.changes(), who=COMMAND_LINE)
    limited = browser(Role.ADMIN, name="limited", zones=["dmz"])
    add(limited, name="mine", zone="dmz")
    page, banners = limited.get("/activate/"), [text_of(client.get("/devices/")) for client in (limited, admin)]
    forged = limited.post(
        "/activate/", {"key": "update rule:r", "stamp": "0.1", "change": "update rule:r", "chosen": ""}
    )
    press(limited, **ALL)

    assert "1 submitted change waits" in banners[0]
    assert [key in page.text for key in ("device:mine", "device:d", "update rule:r", "zone:default", "dns:")] == [
        True, False, False, False, False,
    ]  # fmt: skip
    assert "5 submitted changes wait" in banners[1]
    assert forged.status_code == 409
    assert {item.subject for item in house.changes().pending()} == {"d", "default", "appliance", "r"}


def test_who_sees_some_zones_is_turned_away_from_what_holds_for_all(browser, admin):
    admin.post("/zones/add/", {"name": "dmz", "networks": ""})
    press(admin, **ALL)
    limited = browser(Role.ADMIN, name="limited", zones=["dmz"])
    answers = [limited.get(f"/system/{page}/") for page in ("proxy", "dns", "tls")]
    answers.append(limited.post("/system/dns/", {"servers": "192.0.2.53", "search": ""}))
    answers.append(limited.post("/system/tls/accept/", {"server": "s", "sha256": "0" * 64}))

    assert [answer.status_code for answer in answers] == [403] * 5
    assert "Not for your zones or role" in text_of(answers[0])
