"""`vatriage user`: people who may log in."""

from typing import Annotated

import typer

from vatriage.cli.session import Session, say, show_json, show_table
from vatriage.model.viewer import COMMAND_LINE, Role

app = typer.Typer(help="Users: people who may log in to the web interface.", no_args_is_help=True)
_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The login.")],
    role: Annotated[Role, typer.Option(help="What the user may do.")] = Role.OPERATOR,
    zone: Annotated[
        list[str] | None, typer.Option(help="A zone the user sees (default: all); may be repeated.")
    ] = None,
    email: Annotated[str, typer.Option(help="Where to notify the user.")] = "",
    as_json: _JSON = False,
) -> None:
    """Add a user; the one-time password is printed once and must be changed at the first login."""
    session: Session = context.obj
    session.web_store()
    from vatriage.usecases.users import add_user, one_time_password, shown_user  # noqa: PLC0415 - needs an open store

    password = one_time_password()
    user = add_user(name, role, password, zones=zone or (), email=email, who=COMMAND_LINE, clock=session.clock)
    if as_json:
        show_json(shown_user(user) | {"one_time_password": password.reveal()})
    else:
        say(
            f"User {name!r} is added ({role.label}). One-time password, to be changed at the first login: {password.reveal()}"
        )


@app.command("list")
def list_all(context: typer.Context, as_json: _JSON = False) -> None:
    """List the users."""
    session: Session = context.obj
    session.web_store()
    from vatriage.usecases.users import all_users, shown_user  # noqa: PLC0415 - needs an open store

    users = [shown_user(user) for user in all_users()]
    if as_json:
        show_json({"users": users})
        return
    rows = [
        [user["login"], Role(user["role"]).label, ", ".join(user["zones"]) or "all", "yes" if user["active"] else "no"]
        for user in users
    ]
    show_table("Users", ["login", "role", "zones", "active"], rows)
