"""`vatriage serve`: the web interface."""

import os
from typing import Annotated

import typer

from vatriage.cli.session import Session, say
from vatriage.model.viewer import COMMAND_LINE


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("serve")(serve)


def serve(
    context: typer.Context,
    address: Annotated[str, typer.Option(help="IP address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="TCP port.")] = 8000,
) -> None:
    """Serve the web interface until Ctrl-C; the first start makes the administrator."""
    session: Session = context.obj
    config = session.web_store()
    from granian import Granian  # noqa: PLC0415 - keeps --help fast
    from granian.constants import Interfaces  # noqa: PLC0415 - the same

    from vatriage.usecases.users import first_administrator  # noqa: PLC0415 - needs an open store
    from vatriage.wiring import close_store  # noqa: PLC0415 - the same

    password = first_administrator(who=COMMAND_LINE, clock=session.clock)
    if password is not None:
        say(f"First start: log in as admin with the one-time password {password.reveal()}")
    close_store()  # the workers open their own
    os.environ["VATRIAGE_HOME"] = str(config.home)
    say(f"vatriage serves http://{address}:{port}/")
    Granian(
        "vatriage.web.wsgi:make", factory=True, address=address, port=port, interface=Interfaces.WSGI,
        blocking_threads=8, log_enabled=False,
    ).serve()  # fmt: skip
