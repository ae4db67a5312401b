"""`vatriage serve`: the appliance."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from vatriage.cli.session import Session, say, warn
from vatriage.config import Config
from vatriage.errors import UsageError
from vatriage.model.viewer import COMMAND_LINE

_MOST_WORKERS = 64


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("serve")(serve)


def serve(
    context: typer.Context,
    address: Annotated[str, typer.Option(help="IP address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="TCP port.")] = 8000,
    certificate: Annotated[Path | None, typer.Option(help="Serve HTTPS with this PEM certificate chain.")] = None,
    key: Annotated[Path | None, typer.Option(help="PEM key of the certificate.")] = None,
    plain_http: Annotated[
        bool, typer.Option("--plain-http", help="Listen without TLS on an address that others reach.")
    ] = False,
    workers: Annotated[
        int, typer.Option(min=0, max=_MOST_WORKERS, help="Web processes; 0 = one, or as many as cores on PostgreSQL.")
    ] = 0,
    no_controller: Annotated[
        bool, typer.Option("--no-controller", help="Serve pages only: update rules wait for a controller elsewhere.")
    ] = False,
    access_log: Annotated[
        bool, typer.Option("--access-log", help="Write every request to standard error as a line of JSON.")
    ] = False,
) -> None:
    """Serve the web interface, and run update rules, until Ctrl-C; the first start makes the administrator."""
    session: Session = context.obj
    from vatriage.cli.controller_beside import controller_beside  # noqa: PLC0415 - keeps --help fast
    from vatriage.cli.listening import checked_endpoint  # noqa: PLC0415 - the same
    from vatriage.cli.only_one import only_one  # noqa: PLC0415 - the same
    from vatriage.cli.web_server import serve_web  # noqa: PLC0415 - the same
    from vatriage.wiring.opening import close_store, open_web  # noqa: PLC0415 - the same

    endpoint = checked_endpoint(address, port, certificate=certificate, key=key, plain_http=plain_http)
    config = _reached_as(session.config, str(endpoint.address), https=certificate is not None)
    processes = _workers(config, workers)
    open_web(config, https=config.https)
    with only_one(config.home):
        _make_administrator(session)
        close_store()  # the workers open their own
        _pass_on(config)
        sys.stdout.flush()  # a forked worker must not print it again
        with controller_beside(wanted=not no_controller) as (start_it, ask_it_to_end):
            serve_web(
                endpoint, home=config.home, workers=processes, access_log=access_log, begun=start_it, ending=ask_it_to_end,
                answers=lambda: _say_now(f"The web interface answers at {endpoint.url}"),
            )  # fmt: skip


def _reached_as(config: Config, address: str, *, https: bool) -> Config:
    """Return the settings with what the command line adds: the address as a name browsers may use, TLS of our own."""
    if address in ("0.0.0.0", "::"):  # noqa: S104 - read, not listened to
        if config.hosts == Config(home=config.home).hosts:
            warn("Browsers on other machines are refused until VATRIAGE_HOSTS lists the names they use for this one.")
        hosts = config.hosts
    else:
        hosts = (f"[{address}]" if ":" in address else address, *config.hosts)
    return replace(config, hosts=tuple(dict.fromkeys(hosts)), https=config.https or https)


def _workers(config: Config, asked: int) -> int:
    if config.server is None and asked > 1:
        raise UsageError(
            "The embedded database is served by one web process.", "Leave --workers out, or use PostgreSQL."
        )
    return asked or (min(os.cpu_count() or 1, _MOST_WORKERS) if config.server else 1)


def _make_administrator(session: Session) -> None:
    """Make the first administrator and print the one-time password, but never into a log."""
    from vatriage.usecases.users import first_administrator, is_administered  # noqa: PLC0415 - needs an open store

    if _is_journal():
        if not is_administered():
            warn(
                "Nobody can administer yet, and a log is no place for a password: run `vatriage user add NAME --role admin`."
            )
        return
    password = first_administrator(who=COMMAND_LINE, clock=session.clock)
    if password is not None:
        say(f"First start: log in as admin with the one-time password {password.reveal()}")


def _is_journal() -> bool:
    """Whether standard output ends in systemd's journal (systemd.exec(5): JOURNAL_STREAM is device:inode)."""
    try:
        status = os.fstat(sys.stdout.fileno())
    except OSError:
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def _pass_on(config: Config) -> None:
    """Tell the child processes what the command line said."""
    os.environ["VATRIAGE_HOME"] = str(config.home)
    os.environ["VATRIAGE_HOSTS"] = ",".join(config.hosts)
    os.environ["VATRIAGE_HTTPS"] = "yes" if config.https else "no"


def _say_now(text: str) -> None:
    say(text)
    sys.stdout.flush()
