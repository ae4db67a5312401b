"""A device or zone gets another name through Submit and Activate: everything that names it follows, and nothing else."""

import pytest

from integration.test_changes import ANN, BOB, CANARY, SAVED, SCAN, Desk
from vatriage.errors import NotFoundError, UsageError
from vatriage.model.secret import Secret


class Renaming(Desk):
    """The desk, with what names devices and zones."""

    def rename(self, name="d", new="e", **values):
        """Submit another name of a device."""
        from vatriage.usecases.devices import DeviceForm, edit_device

        form = DeviceForm(name=new, **values)
        return edit_device(name, form, vault=self.vault, changes=self.changes, who=ANN)

    def rule(self, *selectors, name="r"):
        """Submit an update rule."""
        from vatriage.usecases.update_rules import add_rule

        content = {"selectors": list(selectors), "schedule": {"kind": "on demand"}}
        add_rule(name, content, changes=self.changes, who=ANN)

    def password(self, name):
        """Return the password with which a device is pulled."""
        from vatriage.usecases.devices import find_device

        device = find_device(name)
        return self.vault.unlock(device.password_token, device.owner).reveal()


@pytest.fixture
def desk(store):
    from vatriage.wiring.servers import changes

    made = Renaming(store)
    made.changes = changes(store.clock, store.config.snapshots)
    return made


def names():
    from vatriage.usecases.devices import all_devices

    return [(device.name, device.active) for device in all_devices()]


def rule(name="r"):
    from vatriage.store.update_rules import RuleRow

    return [item.get("device") or item.get("zone") for item in RuleRow.objects.get(name=name).selectors]


def test_a_renamed_device_is_called_so_once_that_is_activated_and_keeps_its_password_and_number(desk):
    from vatriage.usecases.devices import find_device

    desk.add()
    desk.changes.activate(ANN)
    number = find_device("d").pk
    desk.rename()
    during, (waiting,) = names(), desk.changes.pending()
    done = desk.changes.activate(BOB)

    assert during == [("d", True)]
    assert waiting.differences == [("name", "d", "e")]
    assert (names(), done.activated, find_device("e").pk) == ([("e", True)], [("device", "e")], number)
    assert desk.password("e") == CANARY
    assert desk.changes.pending() == []


def test_a_device_that_never_acted_is_renamed_at_once(desk):
    desk.add()
    made = desk.rename()

    assert (made.name, names()) == ("e", [("e", False)])
    assert [(item.subject, item.action) for item in desk.changes.pending()] == [("e", "added")]
    desk.changes.activate(ANN)
    assert desk.password("e") == CANARY


def test_a_password_typed_with_or_after_another_name_works(desk):
    desk.add()
    desk.changes.activate(ANN)
    desk.rename(password=Secret("second"))
    desk.changes.activate(ANN)
    second = desk.password("e")
    desk.rename("e", "f", password=Secret("third"))
    desk.changes.activate(ANN)

    assert (second, desk.password("f")) == ("second", "third")


def test_the_password_of_its_own_proxy_follows_and_a_clone_of_it_has_passwords_of_its_own(desk):
    from vatriage.usecases.devices import DeviceForm, clone_device, find_device
    from vatriage.usecases.parameters import ProxyForm, device_route

    desk.add()
    way = ProxyForm(mode="http", address="p.example", port=1, user="u", password=Secret("of the proxy"))
    desk.edit(proxy_mode="own", proxy=way)
    desk.changes.activate(ANN)
    desk.rename()
    clone_device("d", "copy", DeviceForm(), vault=desk.vault, changes=desk.changes, who=ANN)
    desk.changes.activate(ANN)
    routes = [device_route(find_device(name), desk.vault) for name in ("e", "copy")]

    assert [route.proxy.password.reveal() for route in routes] == ["of the proxy"] * 2
    assert (desk.password("copy"), find_device("copy").owner) == (CANARY, "copy")


def test_rules_that_choose_it_those_that_wait_and_old_ones_name_it_anew(desk):
    desk.add()
    desk.rule({"kind": "device", "device": "d"})
    desk.changes.activate(ANN)
    desk.rule({"kind": "device", "device": "d"}, name="waits")
    desk.rename()
    desk.changes.activate(ANN, only=[("device", "d")])
    desk.changes.activate(ANN)
    desk.changes.restore("update rule", "r", 1, who=ANN)

    assert (rule(), rule("waits")) == (["e"], ["e"])
    assert desk.changes.submitted("update rule", "r")["selectors"] == [{"kind": "device", "device": "e"}]


def test_a_rule_and_the_name_of_its_device_change_in_one_activation(desk):
    desk.add()
    desk.changes.activate(ANN)
    desk.rule({"kind": "device", "device": "d"})
    desk.rename()
    desk.changes.activate(ANN)

    assert rule() == ["e"]


def test_the_confirmation_of_its_scan_stays(desk):
    from vatriage.usecases.devices import find_device

    desk.add(url=SCAN)
    desk.changes.activate(ANN, confirmed={"d": 4})
    desk.rename()
    (waiting,) = desk.changes.pending()
    desk.changes.activate(ANN)

    assert (waiting.to_confirm, find_device("e").scan_ceiling) == (None, 4)


def test_its_versions_go_with_it_and_an_old_one_can_be_restored_without_the_old_name(desk):
    desk.add()
    desk.changes.activate(ANN)
    desk.edit(login="v")
    desk.changes.activate(ANN)
    desk.rename()
    desk.changes.activate(ANN)
    numbers = [version.number for version in desk.changes.versions("device", "e")]
    desk.changes.restore("device", "e", 1, who=ANN)
    desk.changes.activate(ANN)

    assert (numbers, desk.changes.versions("device", "d")) == ([3, 2, 1], [])
    assert (names(), desk.password("e")) == ([("e", True)], CANARY)


def test_versions_of_a_deleted_device_of_the_new_name_stay_before_them(desk):
    from vatriage.usecases.devices import remove_device

    desk.add("e", url="old.example")
    desk.changes.activate(ANN)
    remove_device("e", changes=desk.changes, who=ANN)
    desk.add()
    desk.changes.activate(ANN)
    desk.rename()
    desk.changes.activate(ANN)
    urls = [version.content and version.content["url"] for version in desk.changes.versions("device", "e")]

    assert urls == [SAVED, SAVED, None, "old.example"]


def test_pulls_and_runs_follow(desk):
    from vatriage.store import ledger
    from vatriage.store.pull_list import PullSearch
    from vatriage.store.update_rules import RuleRun, RunPull
    from vatriage.usecases.devices import find_device
    from vatriage.usecases.sight import sight

    desk.add()
    desk.changes.activate(ANN)
    device = find_device("d")
    pull = ledger.open_pull(zone="default", account="a", origin="pull", started_at=1, device_id=device.pk, request={})
    run = RuleRun.objects.create(due=1, state="complete", started_at=1, finished_at=2)
    RunPull.objects.create(run=run, device=device, device_name="d", state="complete", finished_at=2)
    desk.rename()
    desk.changes.activate(ANN)
    from vatriage.store.pull_list import newest_pulls

    found = newest_pulls(PullSearch(device="e"), sight(None), below=0, limit=9)
    assert [row.id for row in found] == [pull.id]
    assert RunPull.objects.get().device_name == "e"


def test_a_name_that_somebody_has_or_will_have_is_a_clear_error(desk):
    desk.add()
    desk.add("e")
    with pytest.raises(UsageError, match="device named 'e' is here already"):
        desk.rename()
    desk.changes.activate(ANN)
    with pytest.raises(UsageError, match="device named 'e' is here already"):
        desk.rename()
    desk.rename(new="f")
    with pytest.raises(UsageError, match=r"'d' is to be renamed to 'f' once that is activated"):
        desk.rename("e", "f")
    with pytest.raises(UsageError, match="to be renamed to 'f'"):
        desk.add("f")
    with pytest.raises(UsageError, match="device name"):
        desk.rename("e", "")

    assert [item.subject for item in desk.changes.pending()] == ["d"]


def test_a_discarded_name_leaves_everything_as_it_was_and_one_taken_back_is_no_change(desk):
    desk.add()
    desk.changes.activate(ANN)
    desk.rename()
    desk.changes.discard(ANN)
    after = names()
    desk.rename()
    desk.rename("d", "d")

    assert (after, desk.changes.pending()) == ([("d", True)], [])


def test_other_edits_keep_the_name_that_waits_and_the_old_name_is_free_afterwards(desk):
    desk.add()
    desk.changes.activate(ANN)
    desk.rename()
    desk.edit(login="v")
    desk.changes.activate(ANN)
    desk.add("d")
    desk.changes.activate(ANN)

    assert names() == [("d", True), ("e", True)]
    assert (desk.password("d"), desk.password("e")) == (CANARY, CANARY)


def test_the_audit_log_has_both_names(desk):
    from vatriage.store.audit import Audit

    desk.add()
    desk.changes.activate(ANN)
    desk.rename()
    desk.changes.activate(BOB)
    row = Audit.objects.get(action="device renamed")

    assert (row.actor, row.subject, row.before, row.after) == ("bob", "e", {"name": "d"}, {"name": "e"})


def zone(desk, name="plant", new="works", networks=("10.0.0.0/8",)):
    from vatriage.usecases.zones import submit_zone

    submit_zone(name, list(networks), changes=desk.changes, who=ANN, new_name=new)


def test_a_renamed_zone_takes_its_devices_networks_users_imports_and_rules_along(desk, store):
    from vatriage.model.viewer import Role
    from vatriage.store.places import Account
    from vatriage.usecases.devices import find_device
    from vatriage.usecases.users import add_user
    from vatriage.usecases.zones import all_zones

    zone(desk, new="")
    desk.changes.activate(ANN)
    add_user("olga", Role.OPERATOR, Secret("correct horse battery"), zones=["plant"], who=ANN, clock=store.clock)
    Account.objects.create(name="offline:plant")
    desk.add()
    desk.edit(zone="plant")
    desk.rule({"kind": "zone", "zone": "plant"})
    desk.changes.activate(ANN)
    desk.edit(login="v")
    zone(desk)
    done = desk.changes.activate(ANN)
    desk.changes.restore("device", "d", 1, who=ANN)
    from vatriage.store.snapshots import is_behind
    from vatriage.store.users import User

    assert ("zone", "works") in done.activated
    assert [(line.name, line.networks, line.devices) for line in all_zones()] == [
        ("default", [], 0), ("works", ["10.0.0.0/8"], 1),
    ]  # fmt: skip
    assert (find_device("d").zone.name, find_device("d").login, rule()) == ("works", "v", ["works"])
    assert list(User.objects.get(username="olga").zones.values_list("name", flat=True)) == ["works"]
    assert Account.objects.get().name == "offline:works"
    assert desk.changes.submitted("device", "d")["zone"] == "works"
    assert not is_behind(store.config.snapshots)


def test_a_zone_keeps_its_name_where_alerts_were_judged_in_it_and_so_does_the_default_one(desk):
    from vatriage.store.reviews import Review
    from vatriage.usecases.zones import submitted_networks

    zone(desk, new="")
    desk.changes.activate(ANN)
    with pytest.raises(UsageError, match="'default' keeps its name"):
        zone(desk, "default", "other", [])
    zone(desk)
    Review.objects.create(
        **{field.name: "" for field in Review._meta.fields if field.get_internal_type() in ("TextField", "CharField")}
        | {
            field.name: 0
            for field in Review._meta.fields
            if "Integer" in field.get_internal_type() and not field.primary_key
        }
        | {"zone": "plant", "alert_id": "a"}
    )
    with pytest.raises(UsageError, match="Alerts were judged in the zone 'plant'"):
        desk.changes.activate(ANN)
    with pytest.raises(UsageError, match="Alerts were judged in the zone 'plant'"):
        zone(desk)

    assert submitted_networks("plant", desk.changes) == ["10.0.0.0/8"]
    with pytest.raises(NotFoundError):
        submitted_networks("works", desk.changes)
