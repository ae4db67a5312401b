"""Tokens: keys to the REST API. Shown once; only a hash is kept; each may do no more than its owner, and less on request."""

import hmac
import secrets
from collections.abc import Collection
from hashlib import sha256
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Q

from vatriage.clock import Clock, now_us
from vatriage.errors import NotFoundError, UsageError
from vatriage.model.instant import format_instant
from vatriage.model.name import checked_name
from vatriage.model.secret import Secret
from vatriage.model.viewer import Right, Role, Viewer, Who
from vatriage.store.audit import note
from vatriage.store.users import Token, User

MARK = "vt"
"""Begins every token, so that people and secret scanners know one when they see it."""
MOST_DAYS = 365
"""A token that lives longer is forgotten by its owner before it ends."""
MOST_TOKENS = 50
"""Of one owner that still work."""
USED_EVERY_S = 60
"""The last use is written down at most so often."""
_PREFIX_BYTES, _SECRET_BYTES = 4, 20
_LONGEST = 200
_NOBODYS = sha256(b"nobody's token").hexdigest()
"""Compared with where no token has the prefix, so that the answer takes as long."""


class NewToken(NamedTuple):
    """A token and the only sight of its secret."""

    token: Token
    secret: Secret


def create_token(
    owner: User, name: str, *, scopes: Collection[Right], days: int, who: Who, clock: Clock, most: Viewer | None = None
) -> NewToken:
    """Make a token.

    Args:
        owner: whose rights and zones it has, as they are whenever it is used.
        name: the owner's word for it, unique among the owner's tokens that work.
        scopes: the rights that it may use.
        days: 1 to 365, until it expires.
        who: for the log.
        clock: for the log.
        most: makes the token of a token, which may not have more rights than this one; None = the owner's own.

    Raises:
        UsageError: the name is taken, the owner (or the token) lacks a right, or it would live too long.
    """
    checked_name("token's name", name)
    _check(owner, scopes, days, most)
    now, prefix, random = now_us(clock) // 1_000_000, secrets.token_hex(_PREFIX_BYTES), secrets.token_hex(_SECRET_BYTES)
    secret = Secret(f"{MARK}_{prefix}_{random}")
    try:
        with transaction.atomic():
            # A name is free again once its token does not work any more; the audit log remembers the old one.
            Token.objects.filter(_dead(now), owner=owner, name=name).delete()
            token = Token.objects.create(
                owner=owner, name=name, prefix=prefix, sha256=_hash(secret), scopes=sorted(scopes), created_at=now,
                expires_at=now + days * 86_400,
            )  # fmt: skip
            note(who, now, "token created", name, None, shown_token(token) | {"owner": owner.username})
    except IntegrityError as error:
        raise UsageError(f"A token named {name!r} is here already.", "Choose another name or revoke it.") from error
    return NewToken(token, secret)


def revoke_token(owner: User, name: str, *, who: Who, clock: Clock) -> Token:
    """End a token at once. Raises: NotFoundError: the owner has no token of that name."""
    now = now_us(clock) // 1_000_000
    with transaction.atomic():
        token = Token.objects.filter(owner=owner, name=name).first()
        if token is None:
            raise NotFoundError(f"{owner.username!r} has no token named {name!r}.", "The account page lists them.")
        if token.revoked_at == 0:
            before = shown_token(token)
            token.revoked_at = now
            token.save(update_fields=["revoked_at"])
            note(who, now, "token revoked", name, before, shown_token(token) | {"owner": owner.username})
    return token


def tokens_of(owner: User) -> list[Token]:
    """Return a user's tokens, also those that do not work any more, newest first."""
    return list(Token.objects.select_related("owner").filter(owner=owner).order_by("-created_at", "-pk"))


def all_tokens() -> list[Token]:
    """Return everybody's tokens in order of owner and age."""
    return list(Token.objects.select_related("owner").order_by("owner__username", "created_at", "pk"))


def viewer_of_token(text: str, address: str, clock: Clock) -> Viewer | None:
    """Return whom a token lets in, None if it is no token, is not known, revoked or expired, or its owner is shut out.

    Args:
        text: what the client sent.
        address: where it came from, for the audit log.
        clock: for the expiry and the last use.
    """
    mark, _, rest = text.partition("_")
    prefix = rest.partition("_")[0]
    fits = mark == MARK and len(text) < _LONGEST and text.isascii()
    token = Token.objects.select_related("owner").filter(prefix=prefix).first() if fits else None
    same = hmac.compare_digest(token.sha256 if token else _NOBODYS, _hash(Secret(text)))
    now = now_us(clock) // 1_000_000
    if token is None or not same or state_of(token, now) != "works" or not token.owner.is_active:
        return None
    if token.last_used_at <= now - USED_EVERY_S:
        Token.objects.filter(pk=token.pk, last_used_at__lte=now - USED_EVERY_S).update(last_used_at=now)
    owner = token.owner
    zones = frozenset(owner.zones.values_list("name", flat=True))
    scopes = frozenset(right for right in Right if right.value in token.scopes)
    return Viewer(name=owner.username, role=Role(owner.role), zones=zones or None, address=address, scopes=scopes)


def state_of(token: Token, now: int) -> str:
    """Return `works`, `expired` or `revoked`."""
    return "revoked" if token.revoked_at else "works" if token.expires_at > now else "expired"


def shown_token(token: Token) -> dict[str, Any]:
    """Return what may be shown of a token: everything but its secret and hash."""
    return {
        "name": token.name, "prefix": f"{MARK}_{token.prefix}", "scopes": list(token.scopes),
        "created_at": _instant(token.created_at), "expires_at": _instant(token.expires_at),
        "last_used_at": _instant(token.last_used_at), "revoked_at": _instant(token.revoked_at),
    }  # fmt: skip


def _check(owner: User, scopes: Collection[Right], days: int, most: Viewer | None) -> None:
    if not 1 <= days <= MOST_DAYS:
        raise UsageError(f"A token cannot live {days} days.", f"Choose 1 to {MOST_DAYS} days.")
    if not scopes:
        raise UsageError("A token without a right can do nothing.", "Choose at least one right.")
    had = Role(owner.role).rights if most is None else {right for right in Right if most.may(right)}
    if missing := sorted(set(scopes) - had):
        raise UsageError(
            f"A token of {owner.username!r} cannot have the right {missing[0].value!r}.",
            f"It may have: {', '.join(sorted(right.value for right in had))}.",
        )
    if Token.objects.filter(owner=owner, revoked_at=0).count() >= MOST_TOKENS:
        raise UsageError(f"{owner.username!r} has {MOST_TOKENS} tokens.", "Revoke those that nobody uses.")


def _dead(now: int) -> Q:
    return Q(revoked_at__gt=0) | Q(expires_at__lte=now)


def _hash(secret: Secret) -> str:
    return sha256(secret.reveal().encode(errors="replace")).hexdigest()


def _instant(seconds: int) -> str | None:
    return format_instant(seconds * 1_000_000) if seconds else None
