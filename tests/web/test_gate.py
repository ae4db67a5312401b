"""The gate: nothing is shown to who may not see it; errors become pages."""

import pytest

from vatriage.model.viewer import Right, Role


def test_nobody_sees_anything_before_logging_in(browser):
    answer = browser(None).get("/account/")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/login/?next=%2Faccount%2F")


def test_an_address_that_leads_nowhere_is_told_without_a_traceback(browser):
    answer = browser(Role.OPERATOR).get("/no/such/page")

    assert answer.status_code == 404
    assert "Nothing here" in answer.text
    assert "Log out" in answer.text


def test_an_address_that_leads_nowhere_tells_a_stranger_no_more(browser):
    answer = browser(None).get("/no/such/page")

    assert answer.status_code == 404
    assert "Log out" not in answer.text


def test_a_method_that_a_page_does_not_know_is_refused(browser):
    assert browser(Role.ADMIN).delete("/account/").status_code == 405
    assert browser(Role.ADMIN, name="again").get("/logout/").status_code == 405


def test_the_first_password_must_be_changed_before_anything_else(browser, store):
    from vatriage.store.users import User

    client = browser(Role.ADMIN)
    User.objects.update(must_change_password=True)
    turned = client.get("/account/")
    form = {
        "old_password": "correct horse battery",
        "new_password1": "a longer one 17",
        "new_password2": "a longer one 17",
    }
    changed = client.post("/account/password/", form)
    after = client.get("/account/")

    assert (turned.status_code, turned.headers["Location"]) == (302, "/account/password/")
    assert (changed.status_code, after.status_code) == (302, 200)


@pytest.mark.parametrize("role", list(Role))
def test_everybody_may_change_their_own_password(browser, role):
    assert browser(role).get("/account/password/").status_code == 200


def test_a_login_that_fails_too_often_is_shut_out_for_a_while(browser, user):
    user(Role.ADMIN)
    client = browser(None)
    codes = [client.post("/login/", {"username": "admin", "password": "wrong"}).status_code for _ in range(6)]
    right = client.post("/login/", {"username": "admin", "password": "correct horse battery"})

    assert codes[:4] == [200] * 4
    assert codes[5] == right.status_code == 429


def test_after_logging_in_one_is_taken_to_the_page_one_came_for_but_never_elsewhere(browser, user):
    user(Role.ADMIN)
    form = {"username": "admin", "password": "correct horse battery"}
    ours = browser(None).post("/login/", form | {"next": "/account/"})
    theirs = browser(None).post("/login/", form | {"next": "https://evil.example/"})

    assert (ours.headers["Location"], theirs.headers["Location"]) == ("/account/", "/")


def test_a_form_from_elsewhere_stores_nothing(store, user):
    from django.test import Client

    user(Role.ADMIN)
    client = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    answer = client.post("/login/", {"username": "admin", "password": "correct horse battery"})

    assert answer.status_code == 403
    assert "too old" in answer.text


def test_every_page_declares_a_right_or_is_the_login_or_the_health_check():
    from vatriage.web import urls
    from vatriage.web.page import PAGES

    assert urls.urlpatterns
    assert [name for name, page in PAGES.items() if page.right is None] == ["health", "login"]
    assert all(page.right in Right for page in PAGES.values() if page.right is not None)


def test_every_answer_forbids_foreign_scripts_and_frames(browser):
    headers = browser(Role.ADMIN).get("/account/").headers

    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert (headers["X-Frame-Options"], headers["Cache-Control"]) == ("DENY", "no-store")


def test_the_health_check_tells_nobody_anything_else(browser):
    answer = browser(None).get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_the_health_check_fails_with_the_database(browser, store):
    from django.db import OperationalError, connection

    def broken(execute, sql, params, many, context):
        raise OperationalError("gone")

    client = browser(None)
    with connection.execute_wrapper(broken):
        answer = client.get("/healthz")

    assert answer.status_code == 503
