"""`vatriage controller`: runs update rules and pulls until it is told to end."""

import os
import sys
import threading
from typing import Annotated

import typer

from vatriage.cli.session import Session, say
from vatriage.cli.stopping import Stopped, deafen, silence, tell
from vatriage.lifeline import end_with


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("controller")(controller)


def controller(
    context: typer.Context,
    parent: Annotated[int, typer.Option(min=0, hidden=True, help="End with this process.")] = 0,
) -> None:
    """Run update rules, and what Run Now asks for, until Ctrl-C or SIGTERM; prints one line for every event."""
    session: Session = context.obj
    if parent:
        end_with(parent)
    from vatriage.model.instant import format_instant  # noqa: PLC0415 - keeps --help fast
    from vatriage.wiring.controller import run_controller  # noqa: PLC0415 - the same

    def event(line: str) -> None:
        now = int(session.clock.now().timestamp()) * 1_000_000
        try:
            say(f"{format_instant(now)} {line}")
            sys.stdout.flush()
        except OSError:  # whoever read our lines has left; the work goes on
            silence(sys.stdout)

    try:
        run_controller(session.config, threading.Event(), event)
    except Stopped as stopped:
        deafen()
        tell(stopped)
        os._exit(stopped.exit_code)  # a thread may still read from a slow server: its pull survives that like a kill
