"""The first day: one-time password, a password of one's own, out and in again; with and without scripts."""

import pytest
from ground import PASSWORD
from playwright.sync_api import expect

from served import served

NEW = "another staple 4711"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_person_logs_in_for_the_first_time(surroundings, service, tmp_path, scripts):
    with served(tmp_path / "home") as fresh, surroundings.page(java_script_enabled=scripts) as page:
        page.goto(fresh.url)
        page.get_by_label("Username").fill("admin")
        page.get_by_label("Password").fill(fresh.password)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_text("This is your first login")).to_be_visible()
        page.get_by_label("Old password").fill(fresh.password)
        page.get_by_label("New password", exact=False).first.fill(NEW)
        page.get_by_label("New password confirmation").fill(NEW)
        page.get_by_role("button", name="Change password").click()
        expect(page.get_by_text("Your password is changed.")).to_be_visible()
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_role("button", name="Log in")).to_be_visible()


def test_what_was_typed_wrong_is_said_beside_the_form(surroundings):
    with surroundings.page() as page:
        page.goto("/account/")
        page.get_by_label("Username").fill("admin1")
        page.get_by_label("Password").fill(PASSWORD + "x")
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.get_by_label("Password")).to_have_value("")
        surroundings.shot(page, "login-wrong")
