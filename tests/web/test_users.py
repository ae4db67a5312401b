"""Admin > User Management: who may make, change, unlock and delete whom; the last Admin stays."""

import re
from functools import partial

import pytest

from vatriage.model.viewer import Role

_ONCE = re.compile(r'class="once"><code>([a-z2-9-]{19})</code>')


def number_of(name):
    from vatriage.store.users import User

    return User.objects.get(username=name).pk


def row(name):
    from vatriage.store.users import User

    return User.objects.get(username=name)


def zone(name):
    from vatriage.store.places import Zone

    return Zone.objects.get_or_create(name=name)[0]


def audit():
    from vatriage.store.audit import Audit

    return [(line.actor, line.action, line.subject) for line in Audit.objects.order_by("id")]


def add(client, login="ann", role="operator", **values):
    return client.post("/users/add/", {"login": login, "role": role, **values})


def test_the_one_time_password_is_shown_once_and_lets_its_owner_in(browser, store):
    admin = browser(Role.ADMIN)
    answer = add(admin, email="ann@example.org")
    (password,) = _ONCE.findall(answer.text)
    client = browser(None)
    login = client.post("/login/", {"username": "ann", "password": password})
    first = client.get("/account/")

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert (login.status_code, first.headers["Location"]) == (302, "/account/password/")
    assert password not in admin.get("/users/").text + admin.get(f"/users/{number_of('ann')}/").text
    assert ("admin", "user added", "ann") in audit()


def test_the_list_shows_role_zones_and_state_of_everybody_to_an_admin(browser, user):
    zone("dmz")
    user(Role.OPERATOR, name="olga", zones=["dmz"])
    text = browser(Role.ADMIN).get("/users/").text

    assert all(word in text for word in ("olga", "Operator", "dmz", "admin", "User Management"))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"login": "admin"}, "is here already"),
        ({"login": ""}, "required"),
        ({"login": " blank"}, "no blank at either end"),
        ({"email": "nowhere"}, "valid email"),
        ({"role": "king"}, "not one of the available choices"),
        ({"zones": ["nowhere"]}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_meant_is_told_beside_its_field_and_stores_nobody(browser, values, words):
    from vatriage.store.users import User

    answer = add(browser(Role.ADMIN), **values)

    assert answer.status_code == 200
    assert words in answer.text
    assert User.objects.count() == 1


def test_a_changed_role_ends_the_users_sessions_and_is_noted_with_before_and_after(browser, user):
    from vatriage.store.audit import Audit

    zone("dmz")
    theirs = browser(Role.ANALYST)
    answer = browser(Role.ADMIN).post(
        f"/users/{number_of('analyst')}/", {"role": "operator", "zones": ["dmz"], "active": "on"}
    )
    line = Audit.objects.get(action="user changed")

    assert answer.status_code == 302
    assert (row("analyst").role, theirs.get("/account/").status_code) == ("operator", 302)
    assert (line.before["role"], line.after["role"], line.after["zones"]) == ("analyst", "operator", ["dmz"])
    assert ("admin", "sessions ended", "analyst") in audit()


@pytest.mark.parametrize("deed", ["deactivate", "password", "sessions/end", "delete"])
def test_what_shuts_a_user_out_ends_their_sessions(browser, deed):
    theirs = browser(Role.OPERATOR)
    admin = browser(Role.ADMIN)
    number = number_of("operator")
    before = theirs.get("/account/").status_code
    if deed == "deactivate":
        admin.post(f"/users/{number}/", {"role": "operator"})
    else:
        admin.post(f"/users/{number}/{deed}/")

    assert (before, theirs.get("/account/").status_code) == (200, 302)


def test_a_deleted_user_is_gone_and_what_they_did_stays_in_the_log(browser):
    operator = browser(Role.OPERATOR)
    operator.post("/logout/")
    admin = browser(Role.ADMIN)
    admin.post(f"/users/{number_of('operator')}/delete/")

    admin.get("/users/")  # shows the message, which names them once more

    assert ">operator<" not in admin.get("/users/").text
    assert ("operator", "logged out", "operator") in audit()
    assert audit()[-1] == ("admin", "user deleted", "operator")


@pytest.mark.parametrize("deed", ["demote", "deactivate", "delete"])
def test_the_last_active_admin_stays(browser, user, store, deed):
    """Somebody else does it: oneself one may not change in any case."""
    from vatriage.errors import VatriageError
    from vatriage.model.viewer import Viewer
    from vatriage.usecases import user_changes

    user(Role.ADMIN)
    gone = Viewer(name="an admin whose session outlived their account", role=Role.ADMIN)
    form = user_changes.UserForm(role=Role.ADMIN if deed == "deactivate" else Role.OPERATOR, active=deed == "demote")
    do = user_changes.delete_user if deed == "delete" else partial(user_changes.change_user, form=form)
    with pytest.raises(VatriageError, match="last active Admin"):
        do("admin", viewer=gone, clock=store.clock)

    assert (row("admin").role, row("admin").is_active) == ("admin", True)


def test_nobody_changes_their_own_role_deactivates_or_deletes_themselves(browser, user):
    user(Role.ADMIN, name="second")
    client = browser(Role.ADMIN)
    number = number_of("admin")
    demoted = client.post(f"/users/{number}/", {"role": "operator", "active": "on"})
    shut = client.post(f"/users/{number}/", {"role": "admin"})
    deleted = client.post(f"/users/{number}/delete/")

    assert "Nobody can change their own role" in demoted.text
    assert "Nobody can change their own role" in shut.text
    assert deleted.status_code == 403
    assert (row("admin").role, row("admin").is_active) == ("admin", True)


def test_an_analyst_makes_and_changes_notifications_only_users_and_nobody_else(browser, user):
    user(Role.OPERATOR, name="olga")
    user(Role.NOTIFIED, name="nina")
    client = browser(Role.ANALYST)
    made, king = add(client, "ned", "notified"), add(client, "king", "admin")
    listed = client.get("/users/").text
    hers, others = number_of("nina"), number_of("olga")

    assert _ONCE.search(made.text)
    assert "not one of the available choices" in king.text
    assert ("nina" in listed, "ned" in listed, "olga" in listed) == (True, True, False)
    assert _ONCE.search(client.post(f"/users/{hers}/password/").text)
    assert client.get(f"/users/{others}/").status_code == 403
    for deed in ("password", "sessions/end", "unlock", "delete"):
        assert client.post(f"/users/{others}/{deed}/").status_code == 403
    assert "not one of the available choices" in client.post(f"/users/{hers}/", {"role": "admin", "active": "on"}).text
    assert row("nina").role == "notified"


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.NOTIFIED])
def test_who_may_not_manage_users_sees_no_page_of_it(browser, user, role):
    user(Role.ADMIN)
    client = browser(role)
    number = number_of("admin")

    assert [client.get(path).status_code for path in ("/users/", "/users/add/", f"/users/{number}/")] == [403] * 3
    assert client.post(f"/users/{number}/delete/").status_code == 403
    assert row("admin").is_active


def test_who_sees_one_zone_gives_no_more_than_that_one(browser, user):
    zone("dmz"), zone("office")
    user(Role.OPERATOR, name="everywhere")
    user(Role.OPERATOR, name="elsewhere", zones=["office"])
    client = browser(Role.ADMIN, zones=["dmz"])
    everything, other, own = (
        add(client, name, "operator", zones=zones) for name, zones in (("a", []), ("b", ["office"]), ("c", ["dmz"]))
    )
    listed = client.get("/users/").text

    assert "You see the zones dmz only" in everything.text
    assert "not one of the available choices" in other.text
    assert _ONCE.search(own.text)
    assert "everywhere" not in listed
    assert "elsewhere" not in listed
    assert client.post(f"/users/{number_of('everywhere')}/password/").status_code == 403


def test_an_admin_lets_a_login_in_again_that_failed_too_often(browser, user):
    user(Role.OPERATOR)
    stranger = browser(None)
    form = {"username": "operator", "password": "correct horse battery"}
    for _ in range(5):
        stranger.post("/login/", form | {"password": "wrong"})
    shut, admin = stranger.post("/login/", form).status_code, browser(Role.ADMIN)
    page = admin.get(f"/users/{number_of('operator')}/").text
    admin.post(f"/users/{number_of('operator')}/unlock/")

    assert ("127.0.0.1" in page, "Unlock" in page) == (True, True)
    assert (shut, stranger.post("/login/", form).status_code) == (429, 302)
    assert ("admin", "user unlocked", "operator") in audit()


def test_a_user_who_is_not_there_is_told_so(browser):
    assert browser(Role.ADMIN).get("/users/4711/").status_code == 404
