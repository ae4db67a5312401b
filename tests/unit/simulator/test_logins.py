from datetime import UTC, datetime

import pytest

NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
HOSTS = "/api/5.0/fo/asset/host/"
SESSION = "/api/2.0/fo/session/"
ABOUT = "/msp/about.php"


def cookie(reply):
    return "; ".join(value.split(";")[0] for value in reply.headers.get_all("Set-Cookie"))


def log_in(ask):
    return ask(SESSION, post={"action": "login", "username": "acme_ab1", "password": "bait"}, login=None)


@pytest.mark.parametrize("login", [None, ("acme_ab1", "wrong"), ("nobody", "bait")])
def test_a_wrong_login_is_challenged(ask, login):
    reply = ask(HOSTS, action="list", login=login)

    assert (reply.status, reply.one("CODE")) == (401, "2000")
    assert reply.headers["WWW-Authenticate"] == 'Basic realm="Qualys Front Office"'
    assert not any(name.lower().startswith("x-ratelimit") for name in reply.headers)


@pytest.mark.parametrize("header", ["Bearer x", "Basic ", "Basic !!!", "Basic /////w==", "Basic"])
def test_an_authorization_header_that_is_none_is_challenged(ask, header):
    reply = ask(HOSTS, action="list", login=None, headers={"Authorization": header})

    assert reply.status == 401


def test_the_header_against_forgery_is_obligatory(ask):
    reply = ask(HOSTS, action="list", headers={"X-Requested-With": ""})

    assert reply.status == 400
    assert "X-Requested-With" in reply.one("TEXT")


def test_an_account_without_api_access_looks_like_a_wrong_password(sim, ask):
    sim.accounts["acme_ab1"].api_access = False

    assert ask(HOSTS, action="list").one("CODE") == "2000"


def test_an_expired_account_gets_http_200(sim, ask):
    sim.accounts["acme_ab1"].expired = True

    reply = ask(HOSTS, action="list")
    about = ask(ABOUT)

    assert (reply.status, reply.xml.tag, reply.one("CODE")) == (200, "SIMPLE_RETURN", "2001")
    assert (about.status, about.xml.tag, about.xml.find("RETURN").attrib["number"]) == (200, "GENERIC_RETURN", "2001")


def test_an_incomplete_registration_is_refused(sim, ask):
    sim.accounts["acme_ab1"].eula_accepted = False

    assert ask(HOSTS, action="list").one("CODE") == "2003"


def test_about_needs_no_header_and_has_limits(ask):
    reply = ask(ABOUT, headers={"X-Requested-With": ""})

    assert reply.status == 200
    assert reply.xml.tag == "ABOUT"
    assert reply.xml.find("API-VERSION").attrib == {"MAJOR": "1", "MINOR": "4"}
    assert {"X-RateLimit-Limit", "X-Concurrency-Limit-Limit"} <= set(reply.headers)


def test_about_challenges_with_the_old_realm_and_plain_text(ask):
    reply = ask(ABOUT, login=None)

    assert (reply.status, reply.body) == (401, b"ACCESS DENIED\n")
    assert reply.headers["WWW-Authenticate"] == 'Basic realm="MSP Front Office"'


def test_a_session_stands_for_basic(ask):
    opened = log_in(ask)
    listed = ask(HOSTS, action="list", login=None, headers={"Cookie": cookie(opened)})
    closed = ask(SESSION, post={"action": "logout"}, login=None, headers={"Cookie": cookie(opened)})
    after = ask(HOSTS, action="list", login=None, headers={"Cookie": cookie(opened)})

    assert (opened.status, opened.one("TEXT")) == (200, "Logged in")
    assert listed.status == 200
    assert closed.one("TEXT") == "Logged out"
    assert after.status == 401


def test_a_session_has_both_cookies_and_no_limits(ask):
    reply = log_in(ask)

    first, second = reply.headers.get_all("Set-Cookie")
    assert first.startswith("QualysSession=")
    assert first.endswith("; path=/api; secure")
    assert second.startswith("DWRSESSIONID=")
    assert "X-RateLimit-Limit" not in reply.headers


def test_a_session_does_not_cover_v1(ask):
    opened = log_in(ask)

    assert ask(ABOUT, login=None, headers={"Cookie": cookie(opened)}).status == 401


def test_an_idle_session_ends(sim, ask):
    opened = log_in(ask)
    sim.clock.advance(minutes=61)

    assert ask(HOSTS, action="list", login=None, headers={"Cookie": cookie(opened)}).status == 401


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"action": "login", "username": "acme_ab1", "password": "no"}, 401, "2000"),
        ({"action": "login", "username": "acme_ab1"}, 400, "1903"),
        ({"action": "logout"}, 401, "2000"),
        ({"action": "dance"}, 400, "1905"),
        ({}, 400, "1903"),
    ],
)
def test_what_the_session_refuses(ask, form, status, code):
    reply = ask(SESSION, post=form, login=None)

    assert (reply.status, reply.one("CODE")) == (status, code)


def test_a_session_is_opened_by_post_only(ask):
    reply = ask(SESSION, login=None, action="login", username="acme_ab1", password="bait")

    assert (reply.status, reply.one("CODE")) == (400, "1908")


def test_the_log_holds_no_secret(server, ask):
    log_in(ask)
    ask(HOSTS, action="list")

    session, hosts = server.requests
    assert (session.method, session.status, session.login) == ("POST", 200, "acme_ab1")
    assert session.parameters == {"action": "login", "username": "acme_ab1"}
    assert (hosts.path, hosts.login, hosts.parameters) == (HOSTS, "acme_ab1", {"action": "list"})
    assert "bait" not in repr(server.requests)
    assert "authorization" not in hosts.headers
