"""Who asks, and their own tokens."""

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from vatriage.model.viewer import Right
from vatriage.store.users import User
from vatriage.usecases.tokens import MOST_DAYS, create_token, revoke_token, shown_token, tokens_of
from vatriage.web import house
from vatriage.web.api.endpoint import JSON, ApiRequest, endpoint
from vatriage.web.api.shapes import Instant, Name, Sent

RightName = Literal["own", "read", "review", "notified users", "admin"]


class Me(Schema):
    """Who asks, and what they may."""

    login: str
    role: str
    zones: list[str] | None = Field(description="null = all.")
    rights: list[str]


class TokenShown(Schema):
    """A token; never its secret."""

    name: str
    prefix: str
    scopes: list[str]
    created_at: Instant | None
    expires_at: Instant | None
    last_used_at: Instant | None
    revoked_at: Instant | None


class TokenMade(TokenShown):
    """A token that was made; `token` is told this once."""

    token: str


class TokenList(Schema):
    """One's own tokens, newest first."""

    tokens: list[TokenShown]


class TokenNew(Sent):
    """A token that is to be made."""

    name: Name
    scopes: Annotated[list[RightName], Field(min_length=1, max_length=10)]
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = 90


@endpoint("GET", "/me", right=Right.OWN, answer=Me)
def get_me(request: ApiRequest) -> Any:
    """Tell who asks and what they may."""
    viewer = request.viewer
    return {
        "login": viewer.name, "role": viewer.role.value,
        "zones": None if viewer.zones is None else sorted(viewer.zones),
        "rights": sorted(right.value for right in Right if viewer.may(right)),
    }  # fmt: skip


@endpoint("GET", "/me/tokens", right=Right.OWN, answer=TokenList)
def list_tokens(request: ApiRequest) -> Any:
    """List your tokens, also those that do not work any more."""
    return {"tokens": [shown_token(token) for token in tokens_of(_owner(request))]}


@endpoint("POST", "/me/tokens", right=Right.OWN, answer=TokenMade, status=201, body=JSON)
def make_a_token(request: ApiRequest, token: TokenNew) -> Any:
    """Make a token that may do no more than the one you use. Its secret is told this once."""
    made = create_token(
        _owner(request), token.name, scopes={Right(name) for name in token.scopes}, days=token.days, who=request.viewer.who,
        clock=house.clock(), most=request.viewer,
    )  # fmt: skip
    return shown_token(made.token) | {"token": made.secret.reveal()}


@endpoint("DELETE", "/me/tokens/{path:name}", right=Right.OWN, answer=TokenShown, errors=(404,))
def revoke_a_token(request: ApiRequest, name: str) -> Any:
    """End one of your tokens at once."""
    return shown_token(revoke_token(_owner(request), name, who=request.viewer.who, clock=house.clock()))


def _owner(request: ApiRequest) -> User:
    return User.objects.get(username=request.viewer.name)
