"""Cancel and Retry on the page of a pull: asked for by an Admin who sees its zone, done once, noted."""

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
