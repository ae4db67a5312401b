"""Cancel and Retry on the page of a pull: asked for by an Admin who sees its zone, done once, noted."""

import time

import pytest

from vatriage.model.viewer import Role
from web.test_pulls import running_pull, text_of, world

__all__ = ["world"]


def audit():
    from vatriage.store.audit import Audit

    return [(line.actor, line.action, line.subject) for line in Audit.objects.order_by("id")]


def requests():
    from vatriage.store.update_rules import RunRequest

    return [(row.device.name, row.requested_by) for row in RunRequest.objects.all()]


def test_a_running_pull_that_is_cancelled_ends_keeps_its_pages_and_says_who_did_it(world, browser):
    world.device()
    client = browser(Role.ADMIN)

    def cancel(_pages, text):
        if text == "host_list":
            client.post("/pulls/1/cancel/")

    number = world.pull(told=cancel)
    page = text_of(client, f"/pulls/{number}/")

    assert "The pull was cancelled by admin" in page
    assert all(words in page for words in ("incomplete", "host_list", "Retry"))
    assert ("admin", "pull cancelled", "d") in audit()


def test_retry_asks_the_controller_once_however_often_it_is_clicked(world, browser):
    world.device()
    number = world.pull()
    client = browser(Role.ADMIN)
    for _ in range(2):
        client.post(f"/pulls/{number}/again/")
    told = text_of(client, "/pulls/")

    assert requests() == [("d", "admin")]
    assert all(words in told for words in ("is asked for", "and waits", "No controller runs"))
    assert audit().count(("admin", "pull now", "d")) == 1


@pytest.mark.parametrize("role", [Role.ANALYST, Role.OPERATOR, Role.NOTIFIED])
@pytest.mark.parametrize("deed", ["cancel", "again"])
def test_nobody_but_an_admin_starts_or_cancels_a_pull(world, browser, role, deed):
    number = running_pull(world)
    client = browser(role)

    assert client.post(f"/pulls/{number}/{deed}/").status_code == 403
    assert requests() == []
    if role is not Role.NOTIFIED:
        assert '<button class="danger"' not in text_of(client, f"/pulls/{number}/")


@pytest.mark.parametrize("deed", ["cancel", "again"])
def test_an_admin_of_another_zone_does_not_reach_it(world, browser, deed):
    from vatriage.store.places import Zone

    Zone.objects.create(name="dmz")
    number = running_pull(world)

    assert browser(Role.ADMIN, zones=["dmz"]).post(f"/pulls/{number}/{deed}/").status_code == 404
    assert requests() == []


def test_a_pull_that_has_ended_cannot_be_cancelled(world, browser):
    world.device()
    number = world.pull()
    answer = browser(Role.ADMIN).post(f"/pulls/{number}/cancel/")

    assert (answer.status_code, "not under way" in answer.text) == (400, True)


def test_cancel_is_heard_while_a_pull_waits_for_the_accounts_limit(world, browser):
    from vatriage.store.devices import PermitLimit
    from vatriage.usecases.devices import find_device
    from vatriage.web import house
    from vatriage.wiring.servers import account_of

    world.device()
    device, client = find_device("d"), browser(Role.ADMIN)
    PermitLimit.objects.create(
        account=account_of(device.url, device.login), resource="detections", not_before=house.now_s() + 100,
        noted_at=house.now_s(),
    )  # fmt: skip

    def cancel(_pages, text):
        if "waiting" in text:
            client.post("/pulls/1/cancel/")

    begun = time.monotonic()
    number = world.pull(told=cancel)

    assert time.monotonic() - begun < 60
    assert "The pull was cancelled by admin" in text_of(client, f"/pulls/{number}/")


def waiting_pull(world, until):
    """Let the controller's pull of device d wait; return its number."""
    from vatriage.store.update_rules import RuleRun, RunPull
    from vatriage.usecases.devices import find_device

    world.device()
    world.server.subscription.break_next("detection_list", "html-page")
    number = world.pull()
    run = RuleRun.objects.create(due=1, state="running", started_at=1)
    RunPull.objects.create(
        run=run, device=find_device("d"), device_name="d", state="waiting", pull=number, attempts=1,
        waiting_until=until, error="The account's limit for detections lets nobody call.",
    )  # fmt: skip
    return number


def test_a_wait_of_the_controller_is_shown_with_its_end_and_reason_and_can_be_cancelled(world, browser):
    from vatriage.store.places import Zone
    from vatriage.store.update_rules import RunPull
    from vatriage.web import house

    until = house.now_s() + 7_200
    number = waiting_pull(world, until)
    Zone.objects.create(name="dmz")
    client = browser(Role.ADMIN)
    page, listed = text_of(client, f"/pulls/{number}/"), text_of(client, "/pulls/")
    elsewhere = text_of(browser(Role.ADMIN, name="limited", zones=["dmz"]), "/pulls/")
    cancelled = client.post(f"/pulls/{number}/cancel/")

    assert all("The account&#x27;s limit for detections lets nobody call." in text for text in (page, listed))
    assert "The controller goes on with it in " in page
    assert "goes on" in listed
    assert "limit for detections" not in elsewhere
    assert (cancelled.status_code, RunPull.objects.get().state) == (302, "cancelled")
    assert "goes on with it" not in text_of(client, f"/pulls/{number}/")
