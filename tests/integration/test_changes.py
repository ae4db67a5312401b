"""Submit and Activate: what is submitted acts only once it is activated; nobody overwrites anybody unnoticed."""

import pytest

from vatriage.errors import NotFoundError, UsageError
from vatriage.model.secret import Secret
from vatriage.model.viewer import Who
from vatriage.vault import open_vault

ANN, BOB = Who("ann", "192.0.2.1"), Who("bob", "192.0.2.2")
SAVED = "qualys.example/msp/scan_report_list.php?last=yes"
SCAN = "qualys.example/msp/scan.php?ip=198.51.100.1-198.51.100.4"
CANARY = "canary-7c1f"


class Desk:
    """The desk, with the forms of devices."""

    def __init__(self, store):
        from vatriage.wiring.servers import changes

        self.changes = changes(store.clock)
        self.vault = open_vault(store.config.key)

    def add(self, name="d", who=ANN, url=SAVED):
        """Submit a new device."""
        from vatriage.usecases.devices import DeviceForm, add_device

        form = DeviceForm(url=url, login="u", password=Secret(CANARY))
        return add_device(name, form, vault=self.vault, changes=self.changes, who=who)

    def edit(self, who=ANN, seen=None, **values):
        """Submit a change of device d."""
        from vatriage.usecases.devices import DeviceForm, edit_device

        return edit_device("d", DeviceForm(**values), vault=self.vault, changes=self.changes, who=who, seen=seen)

    def row(self):
        """Return what acts."""
        from vatriage.usecases.devices import find_device

        return find_device("d")


@pytest.fixture
def desk(store):
    return Desk(store)


def audit():
    from vatriage.store.audit import Audit

    return [(row.actor, row.address, row.action, row.subject) for row in Audit.objects.order_by("id")]


def test_a_submitted_device_acts_only_once_it_is_activated(desk):
    desk.add()
    before = desk.row().active
    done = desk.changes.activate(BOB)

    assert (before, desk.row().active, done.activated, done.refused) == (False, True, [("device", "d")], [])
    assert desk.changes.pending() == []
    assert audit() == [("ann", "192.0.2.1", "device added", "d"), ("bob", "192.0.2.2", "device activated", "d")]


def test_an_edited_device_goes_on_as_it_was_until_the_edit_is_activated(desk):
    desk.add()
    desk.changes.activate(ANN)
    desk.edit(login="other")
    during = desk.row()
    (waiting,) = desk.changes.pending()
    desk.changes.activate(ANN)

    assert (during.active, during.login, desk.row().login) == (True, "u", "other")
    assert (waiting.action, waiting.by, waiting.differences) == ("changed", "ann", [("login", "u", "other")])


def test_the_second_of_two_editors_is_told_and_overwrites_nothing(desk):
    from vatriage.usecases.changes import ConflictError

    desk.add()
    desk.changes.activate(ANN)
    seen = desk.changes.stamp("device", "d")
    desk.edit(who=ANN, seen=seen, login="anns")
    with pytest.raises(ConflictError, match="by ann after you opened it"):
        desk.edit(who=BOB, seen=seen, login="bobs")

    desk.changes.activate(ANN)
    assert desk.row().login == "anns"


def test_who_saw_an_older_activation_is_told_as_well(desk):
    from vatriage.usecases.changes import ConflictError

    desk.add()
    seen = desk.changes.stamp("device", "d")
    desk.changes.activate(ANN)
    with pytest.raises(ConflictError):
        desk.edit(who=BOB, seen=seen, login="bobs")


def test_all_changes_are_activated_or_none(desk):
    from vatriage.usecases.changes import ActivationRefusedError

    desk.add("a")
    desk.add("d", url=SCAN)
    with pytest.raises(ActivationRefusedError, match=r"'d'.*nobody has confirmed"):
        desk.changes.activate(ANN)

    assert len(desk.changes.pending()) == 2
    assert desk.changes.activate(ANN, confirmed={"d": 4}).activated == [("device", "a"), ("device", "d")]


def test_a_confirmation_is_asked_for_with_its_number_and_voided_by_a_new_url(desk):
    desk.add(url=SCAN)
    asked = desk.changes.pending()[0].to_confirm
    desk.changes.activate(ANN, confirmed={"d": 4})
    confirmed = desk.row().scan_ceiling
    desk.edit(url=SCAN.replace(".4", ".9"))

    assert (asked, confirmed, desk.row().scan_ceiling, desk.changes.pending()[0].to_confirm) == (4, 4, 0, 9)


GROUPS_SCAN = "qualys.example/msp/scan.php?asset_groups=All"


@pytest.mark.parametrize("confirmed", [{"confirmed": {"d": 2**31 - 2}}, {"confirmed": {"*": 1}}, {}])
def test_no_number_confirms_a_scan_of_asset_groups(desk, confirmed):
    from vatriage.usecases.changes import ActivationRefusedError

    desk.add(url=GROUPS_SCAN)
    with pytest.raises(ActivationRefusedError, match="the asset groups of its URL"):
        desk.changes.activate(ANN, **confirmed)

    assert (desk.row().active, desk.changes.pending()[0].to_confirm) == (False, 0)


@pytest.mark.parametrize("confirmed", [{"confirmed": {"d": 2**31 - 1}}, {"groups": True}])
def test_the_word_for_asset_groups_confirms_them_and_no_addresses(desk, confirmed):
    desk.add(url=GROUPS_SCAN)
    desk.add("e", url=SCAN)
    also = {"e": 3} if "groups" in confirmed else {"e": 2**31 - 1}
    named = {"confirmed": confirmed.get("confirmed", {}) | also, "groups": confirmed.get("groups", False)}
    done = desk.changes.activate(ANN, **named, partly=True)

    assert (done.activated, desk.row().scan_ceiling) == ([("device", "d")], 2**31 - 1)
    assert [subject for subject, _ in done.refused] == [("device", "e")]


def test_a_discarded_change_leaves_no_trace_but_in_the_log(desk):
    desk.add("new")
    desk.add()
    desk.changes.activate(ANN, only=[("device", "d")])
    desk.edit(login="other")
    dropped = desk.changes.discard(BOB)

    from vatriage.usecases.devices import all_devices

    assert sorted(dropped) == [("device", "d"), ("device", "new")]
    assert [(device.name, device.login) for device in all_devices()] == [("d", "u")]
    assert ("bob", "192.0.2.2", "device change discarded", "d") in audit()


def test_an_old_version_is_submitted_again_and_acts_once_activated(desk):
    desk.add()
    desk.changes.activate(ANN)
    desk.edit(login="other")
    desk.changes.activate(BOB)
    numbers = [(version.number, version.activated_by) for version in desk.changes.versions("device", "d")]
    desk.changes.restore("device", "d", 1, who=ANN)
    before = desk.row().login
    desk.changes.activate(ANN)

    assert (numbers, before, desk.row().login) == ([(2, "bob"), (1, "ann")], "other", "u")


def test_a_deleted_device_can_be_restored_from_its_versions(desk):
    from vatriage.usecases.devices import all_devices, remove_device

    desk.add()
    desk.changes.activate(ANN)
    remove_device("d", changes=desk.changes, who=BOB)
    gone = all_devices()
    desk.changes.restore("device", "d", 1, who=ANN)
    desk.changes.activate(ANN)

    assert (gone, desk.row().active) == ([], True)
    assert desk.vault.unlock(desk.row().password_token, "d").reveal() == CANARY


def test_a_version_that_never_was_is_named(desk):
    desk.add()
    with pytest.raises(NotFoundError, match="no version 7"):
        desk.changes.restore("device", "d", 7, who=ANN)


def test_no_page_of_changes_shows_a_secret(desk):
    desk.add()
    desk.changes.activate(ANN)
    desk.edit(password=Secret(CANARY + "2"))
    shown = str([desk.changes.pending(), desk.changes.versions("device", "d"), audit()])

    assert CANARY not in shown
    assert "gAAAA" not in shown
    assert ("password", None, "changed") in desk.changes.pending()[0].differences


def test_a_change_back_to_what_acts_is_no_change(desk):
    desk.add()
    desk.changes.activate(ANN)
    desk.edit(login="other")
    desk.edit(login="u")

    assert desk.changes.pending() == []


def test_a_stored_password_is_never_sent_to_a_server_it_was_not_stored_for(desk):
    desk.add()
    desk.changes.activate(ANN)
    with pytest.raises(UsageError, match=r"changes from qualys\.example to other\.example: .* not sent elsewhere"):
        desk.edit(url="other.example")
    with pytest.raises(UsageError, match=r"to qualys\.example:8443"):
        desk.edit(url="qualys.example:8443")
    desk.edit(url="QUALYS.example:443/msp/scan_report_list.php?last=yes", login="v")
    desk.edit(url="other.example", password=Secret("another"))

    assert desk.changes.submitted("device", "d")["url"] == "other.example"


def test_neither_a_clone_nor_a_test_sends_a_stored_password_to_another_server(desk):
    from vatriage.usecases.devices import DeviceForm, clone_device, drafted_device

    desk.add()
    elsewhere = DeviceForm(url="evil.example")
    with pytest.raises(UsageError, match="not sent elsewhere"):
        clone_device("d", "e", elsewhere, vault=desk.vault, changes=desk.changes, who=ANN)
    with pytest.raises(UsageError, match="not sent elsewhere"):
        drafted_device("d", elsewhere, vault=desk.vault, changes=desk.changes)

    assert [item.subject for item in desk.changes.pending()] == ["d"]


def test_a_version_with_its_own_password_can_be_restored_after_the_server_changed(desk):
    desk.add()
    desk.changes.activate(ANN)
    desk.edit(url="other.example", password=Secret("another"))
    desk.changes.activate(ANN)
    desk.changes.restore("device", "d", 1, who=ANN)

    assert desk.changes.submitted("device", "d")["url"] == SAVED


def test_the_password_of_a_devices_own_proxy_stays_with_that_proxy(desk):
    from vatriage.usecases.parameters import ProxyForm

    desk.add()
    way = {"mode": "http", "address": "p.example", "port": 3128, "user": "u"}
    desk.edit(proxy_mode="own", proxy=ProxyForm(**way, password=Secret(CANARY)))
    with pytest.raises(UsageError, match="Another proxy"):
        desk.edit(proxy=ProxyForm(address="evil.example"))
    desk.edit(proxy=ProxyForm(address="evil.example", password=Secret("another")))

    assert desk.changes.submitted("device", "d")["proxy"]["address"] == "evil.example"


def test_a_rules_content_is_shown_once_in_words(desk):
    from vatriage.usecases.update_rules import add_rule

    desk.add()
    content = {
        "selectors": [{"kind": "device", "device": "d"}],
        "schedule": {"kind": "daily", "times": ["02:00"], "jitter_s": 60},
    }
    add_rule("r", content, changes=desk.changes, who=ANN)
    shown = next(item.after for item in desk.changes.pending() if item.kind == "update rule")

    assert shown == {
        "selects": ["device d"], "schedule": "Daily at 02:00 UTC", "jitter_s": 60, "missed": "run once",
    }  # fmt: skip
