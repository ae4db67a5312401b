"""`vatriage replay`: the kept pages of a pull, read again after a reader was mended."""

from typing import TYPE_CHECKING, Annotated

import typer

from vatriage.cli.session import Session, progress, say, show_json, warn
from vatriage.model.viewer import COMMAND_LINE

if TYPE_CHECKING:
    from vatriage.usecases.replay import ReplayResult


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("replay")(replay)


def replay(
    context: typer.Context,
    pull: Annotated[int, typer.Argument(min=1, max=(1 << 63) - 1, help="Number of the pull (`vatriage pulls`).")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Read the kept pages of a pull again: what was not understood before is added, nothing is refuted.

    Exit code 6 if a page is not kept any more, or damaged; what could be read is merged.
    """
    session: Session = context.obj
    config = session.store()
    from vatriage.usecases.replay import replay_pull  # noqa: PLC0415 - needs an open store
    from vatriage.wiring.pulls import replay_tools  # noqa: PLC0415 - keeps --help fast

    with progress(f"Replaying pull {pull}", None, "pages") as advance:
        result = replay_pull(pull, replay_tools(config, session.clock, advance), COMMAND_LINE)
    if as_json:
        show_json(result.to_dict())
    else:
        say(_told(result))
    if result.error:
        warn(f"Not everything could be read: {result.error}.")
        raise typer.Exit(6)


def _told(result: "ReplayResult") -> str:
    changes = result.changes
    return (
        f"Pull {result.pull} replayed as {result.replay}: {result.read} of {result.pages} pages read, {result.rejects:,} "
        f"rejects (before: {result.rejects_before:,}); detections new {changes.detections_new:,}, changed "
        f"{changes.detections_changed:,}, unchanged {changes.detections_unchanged:,}; nothing was refuted."
    )
