"""`vatriage destination`: where verdicts are sent; `vatriage send`: sends them now."""

import sys
from dataclasses import replace
from getpass import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vatriage.cli.session import Session, say, show_json, show_table, warn
from vatriage.errors import UsageError, VatriageError
from vatriage.model.secret import Secret
from vatriage.model.verdict import Verdict
from vatriage.model.viewer import COMMAND_LINE

if TYPE_CHECKING:
    from vatriage.usecases.destinations import Form

app = typer.Typer(help="Destinations: where verdicts are sent.", no_args_is_help=True)
_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_NAME = Annotated[str, typer.Argument(help="The destination.")]
_URL = (
    "https://HOST/PATH (webhook), tls://HOST, tcp://HOST or udp://HOST (CEF over syslog), smtps://HOST or smtp://HOST "
    "(e-mail digest), :PORT behind HOST if need be."
)
_LEAST = Annotated[str | None, typer.Option(help="The mildest verdict that is sent; AFFECTED at first.")]
_ZONES = Annotated[
    list[str] | None, typer.Option("--zone", help='Only verdicts of this zone; repeat it. "" = all zones, as at first.')
]
_STDIN = Annotated[bool, typer.Option("--secret-stdin", help="Read the secret from standard input.")]
_PRIVATE = Annotated[
    bool | None,
    typer.Option("--private/--public-only", help="It may be an address of this machine or a private network."),
]
_CA = Annotated[str | None, typer.Option(help='PEM file of a private authority of the receiver; "" = the system\'s.')]
_FROM = Annotated[str | None, typer.Option("--from", help="E-mail: the sender's address.")]
_TO = Annotated[list[str] | None, typer.Option("--to", help="E-mail: a recipient; repeat it.")]
_EVERY = Annotated[str | None, typer.Option(help="E-mail: hourly, or daily as at first.")]
_AT = Annotated[str | None, typer.Option(help="E-mail: when, UTC, HH:MM; 07:00 at first.")]
_LOGIN = Annotated[str | None, typer.Option(help="E-mail: login at the server; the secret is its password.")]
_PAUSED = Annotated[bool | None, typer.Option("--pause/--resume", help="Send nothing there, and keep what waits.")]


def register(main: typer.Typer) -> None:
    """Add the verb `send`."""
    main.command("send")(send)


@app.command("list")
def list_all(context: typer.Context, as_json: _JSON = False) -> None:
    """List the destinations: what they want, what waits, what went wrong."""
    session: Session = context.obj
    session.store()
    from vatriage.usecases.destinations import destinations  # noqa: PLC0415 - needs an open store

    found = destinations()
    if as_json:
        show_json({"destinations": found})
        return
    rows = [
        [one["name"], one["url"], one["least"], ", ".join(one["zones"]) or "all", str(one["waiting"]), str(one["sent"]),
         str(one["lost"]), "paused" if one["paused"] else one["error"] or "-"]
        for one in found
    ]  # fmt: skip
    show_table("Destinations", ["name", "URL", "least", "zones", "waiting", "sent", "given up", "trouble"], rows)


@app.command("add")
def add(
    context: typer.Context,
    name: _NAME,
    url: Annotated[str, typer.Argument(help=_URL)],
    least: _LEAST = None,
    zone: _ZONES = None,
    secret_stdin: _STDIN = False,
    private: _PRIVATE = None,
    ca_file: _CA = None,
    sender: _FROM = None,
    to: _TO = None,
    every: _EVERY = None,
    at: _AT = None,
    login: _LOGIN = None,
    as_json: _JSON = False,
) -> None:
    """Add a destination; it acts at once. A webhook asks for the secret that signs what is sent."""
    session: Session = context.obj
    config = session.store()
    from vatriage.usecases.destinations import add_destination, shown  # noqa: PLC0415 - needs an open store
    from vatriage.vault import open_vault  # noqa: PLC0415 - keeps --help fast

    wanted = secret_stdin or url.strip().startswith("https:") or login
    secret = _secret(stdin=secret_stdin) if wanted else None
    form = replace(_form(url, least, zone, secret, private, ca_file, None), **_mail(sender, to, every, at, login))
    row = add_destination(name, form, vault=open_vault(config.key), who=COMMAND_LINE, clock=session.clock)
    _tell(shown(row), f"Verdicts from {Verdict(row.least).name} on are sent to {name!r} from now on.", as_json=as_json)


@app.command("edit")
def edit(
    context: typer.Context,
    name: _NAME,
    url: Annotated[str | None, typer.Option(help=_URL)] = None,
    least: _LEAST = None,
    zone: _ZONES = None,
    secret_stdin: _STDIN = False,
    private: _PRIVATE = None,
    ca_file: _CA = None,
    paused: _PAUSED = None,
    sender: _FROM = None,
    to: _TO = None,
    every: _EVERY = None,
    at: _AT = None,
    login: _LOGIN = None,
    as_json: _JSON = False,
) -> None:
    """Change a destination; it acts at once. Another server needs the secret again."""
    session: Session = context.obj
    config = session.store()
    from vatriage.usecases.destinations import change_destination, shown  # noqa: PLC0415 - needs an open store
    from vatriage.vault import open_vault  # noqa: PLC0415 - keeps --help fast

    secret = _secret(stdin=True) if secret_stdin else None
    form = replace(_form(url, least, zone, secret, private, ca_file, paused), **_mail(sender, to, every, at, login))
    row = change_destination(name, form, vault=open_vault(config.key), who=COMMAND_LINE, clock=session.clock)
    _tell(shown(row), f"Destination {name!r} is changed.", as_json=as_json)


@app.command("remove")
def remove(context: typer.Context, name: _NAME) -> None:
    """Remove a destination, and what waits for it."""
    session: Session = context.obj
    session.store()
    from vatriage.usecases.destinations import remove_destination  # noqa: PLC0415 - needs an open store

    remove_destination(name, who=COMMAND_LINE, clock=session.clock)
    say(f"Destination {name!r} is removed.")


@app.command("test")
def test(context: typer.Context, name: _NAME) -> None:
    """Send a test message, and tell how far it got."""
    session: Session = context.obj
    config = session.store()
    from vatriage.usecases.destination_tests import send_test  # noqa: PLC0415 - needs an open store
    from vatriage.wiring.sending import destination_opening  # noqa: PLC0415 - keeps --help fast

    say(send_test(name, destination_opening(config, session.clock), who=COMMAND_LINE, clock=session.clock))


def send(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Send what is due now, and end.")] = False,
    as_json: _JSON = False,
) -> None:
    """Send what waits for its destinations. The controller does this all the time; here for machines without one."""
    session: Session = context.obj
    if not once:
        raise UsageError("Only --once can be asked for.", "The controller sends all the time: `vatriage controller`.")
    config = session.store()
    from vatriage.wiring.sending import send_verdicts  # noqa: PLC0415 - keeps --help fast

    counts = send_verdicts(config, session.clock)
    for sentence in counts.failed:
        warn(sentence)
    if as_json:
        show_json({"sent": counts.sent, "given_up": counts.lost, "failed": counts.failed})
    else:
        say(f"{counts.sent:,} sent, {counts.lost:,} given up.")
    if counts.failed:
        raise VatriageError("Some destinations did not take what waits for them.", "It is kept and tried again.")


def _form(
    url: str | None, least: str | None, zones: list[str] | None, secret: Secret | None, private: bool | None,
    ca_file: str | None, paused: bool | None,
) -> "Form":  # fmt: skip
    from vatriage.usecases.destinations import Form  # noqa: PLC0415 - needs an open store

    return Form(
        url=url, least=None if least is None else _verdict(least), secret=secret, private=private, ca_file=ca_file,
        zones=None if zones is None else [name for name in zones if name], paused=paused,
    )  # fmt: skip


def _mail(
    sender: str | None, recipients: list[str] | None, every: str | None, at: str | None, login: str | None
) -> dict[str, Any]:
    from vatriage.usecases.destinations import Every  # noqa: PLC0415 - needs an open store

    if every is not None and every not in list(Every):
        raise UsageError(f"{every!r} is no rhythm of a digest.", "Choose hourly or daily.")
    return {
        "sender": sender, "recipients": recipients, "every": None if every is None else Every(every), "at": at,
        "login": login,
    }  # fmt: skip


def _verdict(text: str) -> Verdict:
    try:
        return Verdict[text.upper()]
    except KeyError as error:
        raise UsageError(
            f"{text!r} is no verdict.", f"Choose one of {', '.join(one.name for one in Verdict)}."
        ) from error


def _secret(*, stdin: bool) -> Secret:
    try:
        return Secret(sys.stdin.readline().rstrip("\r\n") if stdin else getpass("Secret: "))
    except EOFError as error:
        raise UsageError("No secret came.", "Type it, or send it to --secret-stdin.") from error


def _tell(content: dict[str, Any], sentence: str, *, as_json: bool) -> None:
    if as_json:
        show_json(content)
    else:
        say(sentence)
