"""`vatriage system`: proxy, DNS and TLS settings of the appliance, and the certificates that were accepted."""

import sys
from datetime import timedelta
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vatriage.cli.session import Session, say, show_json, warn
from vatriage.errors import UsageError
from vatriage.model.viewer import COMMAND_LINE

if TYPE_CHECKING:
    from vatriage.model.secret import Secret

app = typer.Typer(help="System parameters: proxy, DNS, TLS.", no_args_is_help=True)
_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_ACTIVATE = Annotated[bool, typer.Option("--activate", help="Activate it at once.")]


@app.command("show")
def show(context: typer.Context, as_json: _JSON = False) -> None:
    """Show the settings that act, what waits for activation, and the accepted certificates."""
    session: Session = context.obj
    session.store()
    from vatriage.usecases.parameters import everything_shown  # noqa: PLC0415 - needs an open store

    shown = everything_shown()
    if as_json:
        show_json(shown)
        return
    for kind in ("proxy", "dns", "tls"):
        say(f"{kind}{'  (a change waits for `vatriage activate`)' if kind in shown['pending'] else ''}")
        for name, value in shown[kind].items():
            say(f"  {name.replace('_', ' '):14} {_text(value)}")
    for pin in shown["certificates"]:
        say(f"certificate of {pin['server']}: {pin['sha256']}, accepted {pin['first_seen']}")
        if pin["changed_sha256"]:
            say(f"  CHANGED, waits to be accepted: {pin['changed_sha256']}, seen {pin['changed_seen']}")


@app.command("proxy")
def proxy(
    context: typer.Context,
    mode: Annotated[str | None, typer.Option(help="none, http or socks5.")] = None,
    address: Annotated[str | None, typer.Option(help="The proxy's name or address.")] = None,
    port: Annotated[int | None, typer.Option(help="Its port.")] = None,
    user: Annotated[str | None, typer.Option(help="Who logs in to it; an empty one takes the login away.")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the proxy's password from standard input.")
    ] = False,
    bypass: Annotated[
        list[str] | None,
        typer.Option(help="A server reached without it: name, .suffix, address, block; repeat it. 'none' = no server."),
    ] = None,
    activate: _ACTIVATE = False,
    as_json: _JSON = False,
) -> None:
    """Submit proxy settings; what is not given stays as it is."""
    session: Session = context.obj
    config = session.store()
    from vatriage.usecases.parameters import ProxyForm, filled_proxy  # noqa: PLC0415 - needs an open store
    from vatriage.vault import open_vault  # noqa: PLC0415 - keeps --help fast

    entries = None if bypass is None else [entry for entry in bypass if entry != "none"]
    form = ProxyForm(
        mode=mode, address=address, port=port, user=user, bypass=entries,
        password=_password() if password_stdin else None,
    )  # fmt: skip
    content = filled_proxy(_submitted(session, "proxy"), form, vault=open_vault(config.key))
    _submit(session, "proxy", content, activate=activate, as_json=as_json)


@app.command("dns")
def dns(
    context: typer.Context,
    server: Annotated[
        list[str] | None, typer.Option(help="ADDRESS or ADDRESS:PORT; repeat it. 'system' = the system's resolver.")
    ] = None,
    search: Annotated[list[str] | None, typer.Option(help="A search domain; repeat it. 'none' = none.")] = None,
    activate: _ACTIVATE = False,
    as_json: _JSON = False,
) -> None:
    """Submit DNS settings; what is not given stays as it is."""
    session: Session = context.obj
    session.store()
    content = _submitted(session, "dns")
    if server is not None:
        content["servers"] = [text for text in server if text != "system"]
    if search is not None:
        content["search"] = [text for text in search if text != "none"]
    if not content["servers"] and search is None:
        content["search"] = []
    _submit(session, "dns", content, activate=activate, as_json=as_json)


@app.command("tls")
def tls(
    context: typer.Context,
    mode: Annotated[
        str, typer.Option(help="authorities (the system's), private (--bundle), pin, or always (--hours).")
    ],
    bundle: Annotated[Path | None, typer.Option(help="private: PEM file of authorities; its content is kept.")] = None,
    hours: Annotated[int, typer.Option(min=0, max=168, help="always: for so long anything is accepted.")] = 0,
    activate: _ACTIVATE = False,
    as_json: _JSON = False,
) -> None:
    """Submit the TLS policy: whose certificates are believed."""
    session: Session = context.obj
    session.store()
    from vatriage.model.instant import format_instant, from_datetime  # noqa: PLC0415 - keeps --help fast

    content = _submitted(session, "tls") | {"mode": mode, "until": ""}
    if bundle is not None:
        content["bundle"] = _read(bundle)
    if hours:
        content["until"] = format_instant(
            from_datetime(session.clock.now().replace(microsecond=0) + timedelta(hours=hours))
        )
    if mode == "always":
        warn("Warning: until then any certificate is accepted, an attacker's too, who then reads login and password.")
    _submit(session, "tls", content, activate=activate, as_json=as_json)


@app.command("accept-certificate")
def accept(
    context: typer.Context,
    server: Annotated[str, typer.Argument(help="HOST or HOST:PORT.")],
    fingerprint: Annotated[
        str, typer.Option(help="The SHA-256 that its owner told you; without it what was seen last is accepted.")
    ] = "",
    as_json: _JSON = False,
) -> None:
    """Accept the certificate that a server shows now, in place of the one that was accepted before (TLS policy pin)."""
    session: Session = context.obj
    session.store()
    from vatriage.usecases.parameters import accept_certificate  # noqa: PLC0415 - needs an open store

    before = accept_certificate(server, fingerprint, who=COMMAND_LINE, clock=session.clock)
    if as_json:
        show_json({"server": before.server, "accepted": before.changed_sha256, "before": before.sha256})
    else:
        say(f"{before.server}: {before.changed_sha256} is accepted, in place of {before.sha256}.")


def _submitted(session: Session, kind: str) -> dict[str, Any]:
    from vatriage.usecases.parameters import APPLIANCE  # noqa: PLC0415 - needs an open store
    from vatriage.wiring.servers import changes  # noqa: PLC0415 - keeps --help fast

    return dict(changes(session.clock, session.config.snapshots).submitted(kind, APPLIANCE) or {})


def _submit(session: Session, kind: str, content: dict[str, Any], *, activate: bool, as_json: bool) -> None:
    from vatriage.usecases.parameters import APPLIANCE, shown  # noqa: PLC0415 - needs an open store
    from vatriage.wiring.servers import changes  # noqa: PLC0415 - keeps --help fast

    desk = changes(session.clock, session.config.snapshots)
    desk.submit(kind, APPLIANCE, content, who=COMMAND_LINE)
    if activate:
        desk.activate(COMMAND_LINE, only=[(kind, APPLIANCE)])
    if as_json:
        show_json(shown(kind, content) | {"active": activate})
    else:
        say(f"The {kind} settings are {'active' if activate else 'submitted; run `vatriage activate`'}.")


def _password() -> "Secret":
    from vatriage.model.secret import Secret  # noqa: PLC0415 - keeps --help fast

    text = sys.stdin.readline().rstrip("\r\n") if not sys.stdin.isatty() else getpass("Password of the proxy: ")
    if not text:
        raise UsageError("No password came.", "Send it to --password-stdin.")
    return Secret(text)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The bundle {path} cannot be read: {error}.", "It must be a PEM file.") from error


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return "-" if value in ("", None) else str(value)
