"""Destinations on the page and in the API: who may, what is shown, and what never is."""

from fakes.receivers import SyslogReceiver
from vatriage.model.viewer import Right, Role
from web.api_client import Program, token_of

SECRET = "0123456789abcdef-secret"
FORM = {"name": "soc", "url": "https://soc.example/in", "secret": SECRET, "least": "AFFECTED"}


def test_a_destination_is_added_changed_tested_and_removed_on_the_page(store, browser):
    admin = browser(Role.ADMIN)
    with SyslogReceiver() as receiver:
        url = f"tcp://127.0.0.1:{receiver.port}"
        added = admin.post("/destinations/add/", FORM, follow=True)
        moved = admin.post("/destinations/edit/soc/", FORM | {"url": url, "secret": ""})
        changed = admin.post("/destinations/edit/soc/", FORM | {"url": url, "private": "on"}, follow=True)
        tested = admin.post("/destinations/test/", {"name": "soc"}, follow=True)
    failed = admin.post("/destinations/test/", {"name": "soc"}, follow=True)
    removed = admin.post("/destinations/remove/", {"name": "soc"}, follow=True)

    assert "are sent to &#x27;soc&#x27; from now on" in added.text
    assert moved.status_code == 400
    assert "the stored secret is not sent elsewhere" in moved.text
    assert url in changed.text
    assert "took the test message" in tested.text
    assert b"vatriage test message" in receiver.heard[0]
    assert "got as far as TCP" in failed.text
    assert "Verdicts are sent nowhere" in removed.text
    assert SECRET not in "".join(page.text for page in (added, moved, changed, tested, failed, removed))


def test_a_webhook_without_a_secret_or_with_a_short_one_is_refused(store, browser):
    admin = browser(Role.ADMIN)

    assert "needs a secret" in admin.post("/destinations/add/", FORM | {"secret": ""}).text
    assert "16 printable characters" in admin.post("/destinations/add/", FORM | {"secret": "short"}).text


def test_who_sees_some_zones_only_sees_no_destination(store, user):
    from vatriage.store.places import Zone

    Zone.objects.get_or_create(name="west")
    all_seeing = Program(token_of(user(Role.ADMIN, name="all"), *Right))
    zoned = Program(token_of(user(Role.ADMIN, name="zoned", zones=["west"]), *Right))
    content = {"name": "soc", "url": "https://soc.example/in", "secret": SECRET, "zones": ["west"]}

    added = all_seeing.ask("POST", "/destinations", content)
    seen = all_seeing.ask("GET", "/destinations/soc")
    wrong = all_seeing.ask("PATCH", "/destinations/soc", {"url": "https://other.example/in"})
    asked = [
        zoned.ask("GET", "/destinations"), zoned.ask("PATCH", "/destinations/soc", {"paused": True}),
        zoned.ask("DELETE", "/destinations/soc"), zoned.ask("POST", "/destination-tests", {"destination": "soc"}),
    ]  # fmt: skip

    assert (added.status_code, seen.json()["zones"], seen.json()["secret_set"]) == (201, ["west"], True)
    assert wrong.status_code == 422
    assert [answer.status_code for answer in asked] == [403] * 4
    assert SECRET not in added.content.decode() + seen.content.decode()
    assert all_seeing.ask("DELETE", "/destinations/soc").status_code == 204
