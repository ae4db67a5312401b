"""The command line's table of contents: which verb is where."""

from pathlib import Path
from typing import Annotated

import typer

from vatriage.cli import (
    archive,
    controller,
    demo,
    destination,
    device,
    doctor,
    explain,
    host,
    imports,
    init,
    kb,
    leases,
    pool,
    pull,
    pulls,
    ranking,
    rejects,
    rejudge,
    replay,
    rule,
    serve,
    shadow,
    signatures,
    system,
    token,
    triage,
    user,
    watch,
    zone,
)  # fmt: skip
from vatriage.cli.session import Session

app = typer.Typer(
    name="vatriage",
    help="Tells which IDS alerts hit a host that is really susceptible, and proves why.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def common(
    context: typer.Context,
    home: Annotated[Path | None, typer.Option(help="Folder of everything we keep. [env: VATRIAGE_HOME]")] = None,
    server: Annotated[
        str | None,
        typer.Option(help="Ask this server's REST API (device, activate, pull, pulls, host, explain, triage, shadow)."),
    ] = None,
    token_file: Annotated[Path | None, typer.Option(help="File that holds a token for --server.")] = None,
    ca_file: Annotated[Path | None, typer.Option(help="PEM file of the private authority of --server.")] = None,
) -> None:
    """Keep what all verbs share."""
    context.obj = Session(home)
    if server is not None:
        from vatriage.cli.remote import remote_of  # noqa: PLC0415 - only who asks another machine needs it

        context.obj.remote = remote_of(server, token_file, ca_file)


init.register(app)
app.add_typer(device.app, name="device")
app.add_typer(rule.app, name="rule")
pull.register(app)
pulls.register(app)
imports.register(app)
rejects.register(app)
replay.register(app)
app.add_typer(signatures.app, name="signatures")
triage.register(app)
watch.register(app)
explain.register(app)
app.add_typer(shadow.app, name="shadow")
rejudge.register(app)
app.add_typer(archive.app, name="archive")
app.add_typer(host.app, name="host")
app.add_typer(leases.app, name="leases")
app.add_typer(pool.app, name="pool")
app.add_typer(kb.app, name="kb")
app.add_typer(zone.app, name="zone")
app.add_typer(ranking.app, name="ranking")
app.add_typer(destination.app, name="destination")
destination.register(app)
app.add_typer(user.app, name="user")
app.add_typer(token.app, name="token")
serve.register(app)
controller.register(app)
app.add_typer(system.app, name="system")
doctor.register(app)
demo.register(app)
