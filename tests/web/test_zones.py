"""Zones and their networks: validated, submitted, activated; which zone an address belongs to."""

import re
from html import unescape

import pytest

from vatriage.errors import UsageError
from vatriage.model.viewer import Role
from web.test_activate import press
from web.test_devices import text_of, value_of


@pytest.fixture
def admin(browser):
    return browser(Role.ADMIN)


def add(client, name="lab", networks="192.0.2.0/24\n10.0.0.0/8"):
    return client.post("/zones/add/", {"name": name, "networks": networks})


def acting(name="lab"):
    from vatriage.usecases.zone_kind import ZoneKind

    return ZoneKind().current(name)


def test_a_zone_acts_once_it_is_activated(admin):
    sent = add(admin)
    before = acting()
    listed = text_of(admin.get("/zones/"))
    press(admin, all="")

    assert (sent.status_code, before) == (302, None)
    assert "lab none named 0 add pending" in listed
    assert acting() == {"networks": ["10.0.0.0/8", "192.0.2.0/24"]}
    assert "lab 10.0.0.0/8 , 192.0.2.0/24 0 active" in text_of(admin.get("/zones/"))


@pytest.mark.parametrize(
    ("networks", "said"),
    [
        ("192.0.2.7/24", "'192.0.2.7/24' is an address inside the network 192.0.2.0/24"),
        ("192.0.2", "'192.0.2' is no network"),
        ("192.0.2.0/33", "is no network"),
        ("10.0.0.0/8\n10.1.0.0/16", "10.1.0.0/16 lies inside 10.0.0.0/8"),
        ("192.0.2.1\n192.0.2.1/32", "192.0.2.1/32 is given twice"),
        ("2001:db8::/32\n10.0.0.0/8\n2001:db8:1::/48", "2001:db8:1::/48 lies inside 2001:db8::/32"),
    ],
)
def test_networks_that_cannot_be_meant_are_refused_beside_their_field(admin, networks, said):
    answer = add(admin, networks=networks)
    errors = re.findall(r'<p class="error"[^>]*>(.*?)</p>', answer.text)

    assert answer.status_code == 200
    assert said in unescape(errors[0])
    assert networks.splitlines()[0] in answer.text


@pytest.mark.parametrize(("name", "said"), [("", "required"), ("x" * 65, "at most 64"), ("a\u200b", "cannot be seen")])
def test_a_name_that_is_none_is_refused(admin, name, said):
    assert said in text_of(add(admin, name=name))


def test_a_zone_is_not_added_twice_but_edited(admin):
    add(admin)
    twice = add(admin)
    press(admin, all="")
    form = admin.get("/zones/edit/lab/")
    seen = value_of(form, "seen")
    admin.post("/zones/edit/lab/", {"name": "lab", "networks": "198.51.100.0/24", "seen": seen})
    stale = admin.post("/zones/edit/lab/", {"name": "lab", "networks": "", "seen": seen})
    press(admin, all="")

    assert "is here already" in text_of(twice)
    assert "10.0.0.0/8\n192.0.2.0/24" in form.text
    assert stale.status_code == 409
    assert acting() == {"networks": ["198.51.100.0/24"]}


def test_two_zones_may_have_the_same_network_and_it_is_explained(admin):
    add(admin)
    add(admin, name="dmz", networks="10.20.0.0/16")
    press(admin, all="")
    from vatriage.usecases.zones import zone_of, zones_of

    assert "10.0.0.0/8 : dmz" in text_of(admin.get("/zones/edit/lab/"))
    assert "each alert is judged only by its own zone" in text_of(admin.get("/zones/edit/dmz/"))
    assert (zone_of("10.1.1.1"), zone_of("10.20.1.1"), zone_of("203.0.113.1")) == ("lab", "dmz", None)
    add(admin, name="other", networks="10.20.0.0/16")
    press(admin, all="")
    assert (zone_of("10.20.1.1"), zones_of("10.20.1.1")) == (None, ["dmz", "other"])
    with pytest.raises(UsageError, match="no IP address"):
        zone_of("10.20.1")


def test_the_page_tells_which_zone_has_an_address(admin):
    add(admin)
    add(admin, name="twin", networks="192.0.2.0/24")
    press(admin, all="")

    assert "10.0.0.1 belongs to zone lab" in text_of(admin.get("/zones/?address=10.0.0.1"))
    assert "192.0.2.1 is used by 2 zones: lab, twin" in text_of(admin.get("/zones/?address=192.0.2.1"))
    assert "No zone names a network with 203.0.113.1" in text_of(admin.get("/zones/?address=203.0.113.1"))
    assert "'x' is no IP address" in text_of(admin.get("/zones/?address=x"))


def test_a_zone_is_deleted_after_a_question_and_not_while_something_belongs_to_it(admin, browser, store):
    add(admin)
    press(admin, all="")
    seen = value_of(admin.get("/zones/delete/lab/"), "seen")
    admin.post("/zones/delete/lab/", {"seen": seen})
    during = acting()
    browser(Role.OPERATOR, name="ann", zones=["lab"])
    refused = press(admin, all="")
    asked = admin.get("/zones/delete/lab/")
    from vatriage.store.users import User

    User.objects.filter(username="ann").delete()
    press(admin, all="")

    assert during is not None
    assert "still has users, so it cannot be deleted" in text_of(refused)
    assert asked.status_code == 404
    assert acting() is None


def test_who_sees_only_some_zones_sees_and_changes_no_other(admin, browser):
    add(admin)
    add(admin, name="dmz", networks="10.0.0.0/8")
    press(admin, all="")
    limited = browser(Role.ADMIN, name="limited", zones=["dmz"])

    assert "<strong>lab</strong>" not in limited.get("/zones/").text
    assert [limited.get(f"/zones/{page}/lab/").status_code for page in ("edit", "delete")] == [404, 404]
    assert "belongs to zone dmz" in text_of(limited.get("/zones/?address=10.0.0.1"))
    assert "You see only some zones" in text_of(add(limited, name="new"))


def test_who_only_reads_changes_no_zone(admin, browser):
    add(admin)
    press(admin, all="")
    reader = browser(Role.OPERATOR)
    listed = reader.get("/zones/")
    codes = [reader.get(f"/zones/{page}").status_code for page in ("add/", "edit/lab/", "delete/lab/")]
    posts = [reader.post(f"/zones/{page}", {}).status_code for page in ("add/", "edit/lab/", "delete/lab/")]

    assert listed.status_code == 200
    assert "/zones/edit/" not in listed.text
    assert codes == posts == [403] * 3


def test_a_zone_is_renamed_in_its_form_and_its_users_see_it_under_the_new_name(admin, browser):
    add(admin)
    press(admin, all="")
    limited = browser(Role.OPERATOR, name="limited", zones=["lab"])
    form = {"name": "plant", "networks": "10.0.0.0/8", "seen": value_of(admin.get("/zones/edit/lab/"), "seen")}
    sent = admin.post("/zones/edit/lab/", form)
    waits = text_of(admin.get("/activate/"))
    press(admin, all="")

    assert (sent.status_code, "Name lab plant" in waits) == (302, True)
    assert (acting(), acting("plant")) == (None, {"networks": ["10.0.0.0/8"]})
    assert "plant 10.0.0.0/8" in text_of(limited.get("/zones/"))


def test_a_zone_that_must_keep_its_name_says_so_beside_the_name(admin):
    form = {"name": "other", "networks": "10.0.0.0/8", "seen": ""}
    add(admin, name="default", networks="10.0.0.0/8")
    answer = admin.post("/zones/edit/default/", form)

    assert "The zone 'default' keeps its name" in text_of(answer)
