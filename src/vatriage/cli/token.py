"""`vatriage token`: keys to the REST API."""

from pathlib import Path
from typing import Annotated

import typer

from vatriage.cli.session import Session, say, show_json, show_table
from vatriage.model.viewer import COMMAND_LINE, Right

app = typer.Typer(help="Tokens: keys to the REST API.", no_args_is_help=True)
_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_OWNER = Annotated[str, typer.Argument(help="The owner's login.")]
_NAME = Annotated[str, typer.Argument(help="The token's name.")]


@app.command("add")
def add(
    context: typer.Context,
    owner: _OWNER,
    name: _NAME,
    right: Annotated[
        list[Right] | None, typer.Option(help="What it may do of what its owner may (default: read); may be repeated.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=365, help="Until it expires.")] = 90,
    out: Annotated[
        Path | None, typer.Option(help="Write it to this new file (mode 0600) in place of printing it.")
    ] = None,
    as_json: _JSON = False,
) -> None:
    """Make a token; it is shown this once and never again."""
    session: Session = context.obj
    session.web_store()
    from vatriage.cli.token_file import write_token  # noqa: PLC0415 - keeps --help fast
    from vatriage.usecases.tokens import create_token, shown_token  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.users import find_user  # noqa: PLC0415 - the same

    scopes = set(right or [Right.READ])
    made = create_token(find_user(owner), name, scopes=scopes, days=days, who=COMMAND_LINE, clock=session.clock)
    if out is not None:
        write_token(out, made.secret)
    secret = made.secret.reveal() if out is None else None
    if as_json:
        show_json(shown_token(made.token) | {"owner": owner, "token": secret})
    else:
        say(f"Token {name!r} of {owner!r}: {secret or f'written to {out}'}")


@app.command("list")
def list_all(
    context: typer.Context,
    owner: Annotated[str | None, typer.Option(help="Only this user's.")] = None,
    as_json: _JSON = False,
) -> None:
    """List tokens, also those that do not work any more."""
    session: Session = context.obj
    session.web_store()
    from vatriage.usecases.tokens import all_tokens, shown_token, tokens_of  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.users import find_user  # noqa: PLC0415 - the same

    found = all_tokens() if owner is None else tokens_of(find_user(owner))
    tokens = [shown_token(token) | {"owner": token.owner.username} for token in found]
    if as_json:
        show_json({"tokens": tokens})
        return
    columns = ["owner", "name", "prefix", "scopes", "expires_at", "last_used_at", "revoked_at"]
    rows = [[_cell(token[name]) for name in columns] for token in tokens]
    show_table("Tokens", [name.replace("_at", "").replace("_", " ") for name in columns], rows)


@app.command("revoke")
def revoke(context: typer.Context, owner: _OWNER, name: _NAME, as_json: _JSON = False) -> None:
    """End a token at once."""
    session: Session = context.obj
    session.web_store()
    from vatriage.usecases.tokens import revoke_token, shown_token  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.users import find_user  # noqa: PLC0415 - the same

    token = revoke_token(find_user(owner), name, who=COMMAND_LINE, clock=session.clock)
    if as_json:
        show_json(shown_token(token) | {"owner": owner})
    else:
        say(f"Token {name!r} of {owner!r} is revoked.")


def _cell(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "-")
