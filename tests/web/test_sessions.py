"""Logins and sessions: what they leave in the log, how long they last, who ends them; nothing tells who has an account."""

import pytest

from vatriage.model.viewer import Role

PASSWORD = "correct horse battery"
CANARY = "canary-8f2d-typed-too-early"


def login(client, name="operator", password=PASSWORD, **headers):
    return client.post("/login/", {"username": name, "password": password}, **headers)


def lines():
    from vatriage.store.audit import Audit

    return [
        (line.actor, line.address, line.action) for line in Audit.objects.order_by("id") if line.action != "user added"
    ]


def age(**columns):
    """Let the sessions be older by so many seconds."""
    from django.db.models import F

    from vatriage.store.sessions import UserSession

    UserSession.objects.update(**{name: F(name) - seconds for name, seconds in columns.items()})


def test_logins_failed_logins_logouts_and_the_lockout_are_noted_with_their_address(browser, user):
    user(Role.OPERATOR)
    client = browser(None)
    login(client)
    client.post("/logout/")
    for _ in range(7):
        login(client, password="wrong")

    here = ("operator", "127.0.0.1")
    assert lines() == [
        (*here, "logged in"), (*here, "logged out"), *[(*here, "login failed")] * 4, (*here, "login shut out"),
    ]  # fmt: skip


def test_a_lockout_holds_for_one_login_from_one_address(browser, user):
    user(Role.OPERATOR)
    user(Role.ADMIN)
    client = browser(None)
    for _ in range(5):
        login(client, password="wrong")
    codes = (
        login(client).status_code, login(client, "admin").status_code,
        login(browser(None), REMOTE_ADDR="192.0.2.9").status_code,
    )  # fmt: skip

    assert codes == (429, 302, 302)


def test_an_address_that_tries_many_logins_is_shut_out_whatever_it_tries_and_others_are_not(browser, user):
    user(Role.OPERATOR)
    client = browser(None)
    codes = {login(client, f"guess{number}", password="wrong").status_code for number in range(50)}
    shut, elsewhere = login(client), login(browser(None), REMOTE_ADDR="192.0.2.9")

    assert (codes, shut.status_code, elsewhere.status_code) == ({200}, 429, 302)
    assert [line[2] for line in lines()].count("address shut out") == 1


def test_who_hammers_on_one_login_shuts_out_that_login_and_not_the_address(browser, user):
    user(Role.OPERATOR)
    user(Role.ADMIN)
    client = browser(None)
    for _ in range(60):
        login(client, password="wrong")

    assert login(client, "admin").status_code == 302


def test_behind_a_named_proxy_the_client_counts_and_what_others_forward_does_not(browser, user, store, monkeypatch):
    from dataclasses import replace

    from django.conf import settings

    from vatriage.config import read_config
    from vatriage.store.sessions import UserSession

    read = read_config(store.config.home, {"VATRIAGE_TRUSTED_PROXIES": "127.0.0.1"})
    monkeypatch.setattr(settings, "HOUSE_CONFIG", replace(store.config, proxies=read.proxies))
    user(Role.OPERATOR)
    through = {"headers": {"x-forwarded-for": "10.0.0.1, 203.0.113.7"}}
    for _ in range(5):
        login(browser(None), password="wrong", **through)
    codes = [
        login(browser(None), **through).status_code,
        login(browser(None), headers={"x-forwarded-for": "203.0.113.8"}).status_code,
        login(browser(None), REMOTE_ADDR="192.0.2.9", headers={"x-forwarded-for": "10.9.9.9"}).status_code,
    ]

    assert codes == [429, 302, 302]
    assert list(UserSession.objects.order_by("id").values_list("address", flat=True)) == ["203.0.113.8", "192.0.2.9"]
    assert ("operator", "203.0.113.7", "login failed") in lines()


def test_a_password_typed_as_the_login_is_nowhere_in_the_database(browser, store):
    from django.db import connection

    for _ in range(6):
        login(browser(None), CANARY, CANARY)
    connection.close()
    files = b"".join(path.read_bytes() for path in store.config.home.rglob("*") if path.is_file())

    assert CANARY.encode() not in files
    assert b"unknown login" in files


def test_an_unknown_login_costs_as_much_hashing_as_a_wrong_password(browser, user, settings_with_counter):
    user(Role.OPERATOR)
    costs = []
    for name in ("operator", "nobody"):
        settings_with_counter.clear()
        answer = login(browser(None), name, "wrong")
        costs.append((len(settings_with_counter), answer.status_code))

    assert costs[0] == costs[1] == (1, 200)


@pytest.fixture
def settings_with_counter(store):
    """Argon2 as it is, counted."""
    from django.test import override_settings

    import web.counting_hasher as counting

    with override_settings(PASSWORD_HASHERS=["web.counting_hasher.CountingHasher"]):
        yield counting.DONE


def test_who_does_nothing_for_half_an_hour_is_logged_out(browser):
    client = browser(Role.OPERATOR)
    age(seen_at=29 * 60)
    before = client.get("/account/").status_code
    age(seen_at=30 * 60)
    after = client.get("/account/")

    assert (before, after.status_code, after.headers["Location"]) == (200, 302, "/login/?next=%2Faccount%2F")
    assert lines()[-1][2] == "session ended"


def test_doing_something_keeps_a_session_awake(browser):
    client = browser(Role.OPERATOR)
    codes = []
    for _ in range(3):
        age(seen_at=20 * 60)
        codes.append(client.get("/account/").status_code)

    assert codes == [200, 200, 200]


def test_a_session_ends_after_twelve_hours_whatever_is_done(browser):
    client = browser(Role.OPERATOR)
    age(started_at=12 * 3600)

    assert client.get("/account/").status_code == 302


def test_the_sixth_session_ends_the_oldest(browser, user):
    user(Role.OPERATOR)
    clients = [browser(None) for _ in range(6)]
    for client in clients:
        login(client)

    assert [client.get("/account/").status_code for client in clients] == [302, 200, 200, 200, 200, 200]


def test_one_sees_ones_own_sessions_and_ends_one_of_them(browser, user):
    from vatriage.store.sessions import UserSession

    user(Role.OPERATOR)
    here, there = browser(None), browser(None)
    login(there, REMOTE_ADDR="192.0.2.7", headers={"user-agent": "Old Browser"})
    number = UserSession.objects.get().pk
    login(here)
    page = here.get("/account/").text
    here.post(f"/account/sessions/{number}/end/")

    assert all(word in page for word in ("192.0.2.7", "Old Browser", "this one"))
    assert (there.get("/account/").status_code, here.get("/account/").status_code) == (302, 200)


def test_nobody_ends_the_session_of_somebody_else_by_its_number(browser):
    from vatriage.store.sessions import UserSession

    theirs = browser(Role.ADMIN)
    number = UserSession.objects.get().pk
    answer = browser(Role.OPERATOR).post(f"/account/sessions/{number}/end/")

    assert (answer.status_code, theirs.get("/account/").status_code) == (404, 200)


def test_a_changed_password_ends_the_other_sessions_and_not_this_one(browser, user):
    user(Role.OPERATOR)
    here, there = browser(None), browser(None)
    login(here), login(there)
    form = {"old_password": PASSWORD, "new_password1": "a longer one 17", "new_password2": "a longer one 17"}
    here.post("/account/password/", form)

    assert (here.get("/account/").status_code, there.get("/account/").status_code) == (200, 302)


def test_a_notifications_only_user_has_an_account_page_and_a_password_and_nothing_else(browser):
    from vatriage.web.page import PAGES

    client = browser(Role.NOTIFIED)
    seen = sorted(
        name for name, page in PAGES.items()
        if page.right is not None and "<" not in page.route and "GET" in page.methods
        and client.get(f"/{page.route}").status_code != 403
    )  # fmt: skip

    assert seen == ["account", "home", "password"]


def test_a_session_cookie_from_before_a_restored_database_is_worth_nothing(browser):
    from vatriage.store.sessions import UserSession

    client = browser(Role.ADMIN)
    UserSession.objects.all().delete()

    assert client.get("/users/").status_code == 302
