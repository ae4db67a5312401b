"""Tokens: shown once, kept as a hash, never more than their owner; made and revoked in a browser or with the API."""

from datetime import UTC, datetime, timedelta

import pytest

from vatriage.errors import NotFoundError, UsageError
from vatriage.model.viewer import Right, Role, Who
from web.api_client import Program, token_of

ANN = Who("ann", "192.0.2.1")
T0 = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Clock:
    """Is put forward by hand."""

    def __init__(self):
        self.at = T0

    def now(self):
        """See Clock.now."""
        return self.at


@pytest.fixture
def clock():
    return Clock()


def create(owner, clock, name="t", scopes=(Right.READ,), days=30, **values):
    from vatriage.usecases.tokens import create_token

    return create_token(owner, name, scopes=scopes, days=days, who=ANN, clock=clock, **values)


def let_in(text, clock):
    from vatriage.usecases.tokens import viewer_of_token

    return viewer_of_token(text, "192.0.2.9", clock)


def test_a_token_lets_its_owner_in_with_its_scopes_and_zones(store, user, clock):
    from vatriage.store.places import Zone

    Zone.objects.create(name="dmz")
    text = create(user(Role.ANALYST, zones=["dmz"]), clock).secret.reveal()
    viewer = let_in(text, clock)

    assert text.startswith("vt_")
    assert (viewer.name, viewer.role, viewer.zones, viewer.address) == (
        "analyst", Role.ANALYST, {"dmz"}, "192.0.2.9",
    )  # fmt: skip
    assert (viewer.may(Right.READ), viewer.may(Right.OWN), viewer.may(Right.REVIEW)) == (True, False, False)


def test_only_a_hash_is_kept_and_neither_log_nor_list_tells_the_secret(store, user, clock):
    from django.core import serializers

    from vatriage.store.audit import Audit
    from vatriage.store.users import Token
    from vatriage.usecases.tokens import revoke_token, shown_token

    owner = user(Role.ADMIN)
    made = create(owner, clock)
    secret = made.secret.reveal().rpartition("_")[2]
    revoke_token(owner, "t", who=ANN, clock=clock)
    kept = serializers.serialize("json", [*Token.objects.all(), *Audit.objects.all()])

    assert secret not in kept + repr(made) + str(shown_token(made.token))
    assert [row.action for row in Audit.objects.order_by("pk")][-2:] == ["token created", "token revoked"]
    assert made.token.sha256 not in str([row.after for row in Audit.objects.all()])


@pytest.mark.parametrize("spoil", [lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"), str.upper, lambda _: "vt_",
                                   lambda text: text + "0", lambda text: text[3:], lambda _: "vt_\u00fc_x"])  # fmt: skip
def test_a_token_that_is_not_the_one_lets_nobody_in(store, user, clock, spoil):
    text = create(user(Role.ADMIN), clock).secret.reveal()

    assert let_in(text, clock) is not None
    assert let_in(spoil(text), clock) is None


def test_an_expired_or_revoked_token_or_one_of_somebody_shut_out_lets_nobody_in(store, user, clock):
    from vatriage.usecases.tokens import revoke_token

    owner = user(Role.ADMIN)
    short, revoked, kept = (create(owner, clock, name, days=days) for name, days in (("a", 1), ("b", 9), ("c", 9)))
    revoke_token(owner, "b", who=ANN, clock=clock)
    before = [let_in(made.secret.reveal(), clock) is not None for made in (short, revoked, kept)]
    clock.at += timedelta(days=1)
    after = [let_in(made.secret.reveal(), clock) is not None for made in (short, revoked, kept)]
    owner.is_active = False
    owner.save()

    assert (before, after) == ([True, False, True], [False, False, True])
    assert let_in(kept.secret.reveal(), clock) is None


def test_the_last_use_is_written_down_at_most_once_a_minute(store, user, clock):
    from vatriage.store.users import Token

    text, seen = create(user(Role.ADMIN), clock).secret.reveal(), []
    for _ in range(4):
        let_in(text, clock)
        seen.append(Token.objects.get().last_used_at - int(T0.timestamp()))
        clock.at += timedelta(seconds=30)

    assert seen == [0, 0, 60, 60]


def test_a_role_that_was_taken_away_is_taken_from_its_tokens_too(store, user, clock):
    owner = user(Role.ADMIN)
    text = create(owner, clock, scopes=set(Right)).secret.reveal()
    owner.role = Role.OPERATOR.value
    owner.save()

    assert not let_in(text, clock).may(Right.ADMIN)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"days": 0}, "cannot live 0 days"),
        ({"days": 366}, "cannot live 366 days"),
        ({"scopes": ()}, "without a right"),
        ({"scopes": (Right.ADMIN,)}, "cannot have the right 'admin'"),
        ({"name": "a\nb"}, "cannot be seen"),
    ],
)
def test_what_cannot_be_meant_is_said(store, user, clock, values, text):
    with pytest.raises(UsageError, match=text):
        create(user(Role.OPERATOR), clock, **values)


def test_a_name_is_taken_only_as_long_as_its_token_works(store, user, clock):
    from vatriage.usecases.tokens import revoke_token

    owner = user(Role.ADMIN)
    first = create(owner, clock)
    with pytest.raises(UsageError, match="here already"):
        create(owner, clock)
    revoke_token(owner, "t", who=ANN, clock=clock)
    second = create(owner, clock)

    assert first.secret != second.secret
    with pytest.raises(NotFoundError):
        revoke_token(owner, "other", who=ANN, clock=clock)


def test_a_token_makes_no_token_that_may_more_than_itself(store, user):
    program = Program(token_of(user(Role.ADMIN), Right.OWN, Right.READ))
    more = program.ask("POST", "/me/tokens", {"name": "x", "scopes": ["admin"]})
    less = program.ask("POST", "/me/tokens", {"name": "x", "scopes": ["read"], "days": 1})

    assert (more.status_code, less.status_code) == (422, 201)
    assert Program(less.json()["token"]).ask("GET", "/devices").status_code == 200
    assert Program(less.json()["token"]).ask("GET", "/me").status_code == 403


def test_the_account_page_shows_a_token_once_and_revokes_it(browser):
    client = browser(Role.OPERATOR)
    made = client.post("/account/tokens/", {"name": "laptop", "rights": ["read"], "days": "30"})
    text = made.text.partition("<code>vt_")[2].partition("<")[0]
    works = Program(f"vt_{text}").ask("GET", "/devices").status_code
    again = client.get("/account/tokens/").text
    client.post("/account/tokens/revoke/", {"name": "laptop"})

    assert (works, text in again, "laptop" in again) == (200, False, True)
    assert Program(f"vt_{text}").ask("GET", "/devices").status_code == 401


def test_the_account_page_says_what_is_wrong_beside_the_field(browser):
    client = browser(Role.OPERATOR)
    more = client.post("/account/tokens/", {"name": "x", "rights": ["admin"], "days": "30"})
    long = client.post("/account/tokens/", {"name": "x", "rights": ["read"], "days": "9999"})

    assert "Select a valid choice" in more.text
    assert "less than or equal to 365" in long.text
