"""`vatriage rejects`: what was left out of reports and kept, and the first of it right after an import."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from vatriage.cli.printable import cut, printable, printable_bytes
from vatriage.cli.session import Session, say, show_json, warn

if TYPE_CHECKING:
    from vatriage.model.report import Reject

_GREATEST = 2**63 - 1
_RAW_SHOWN = 2_000
"""Characters of a record's bytes in the text output; --json has all that is kept (64 KiB)."""


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("rejects")(rejects)


def rejects(
    context: typer.Context,
    pull: Annotated[
        int | None, typer.Option(min=1, max=_GREATEST, help="Only those of this pull or import (default: all).")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="So many at most.")] = 100,
    raw: Annotated[bool, typer.Option("--raw", help="Show the rejected bytes as well, escaped.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List records, or fields of them, that could not be read: where they are, which they are, what is wrong with them."""
    session: Session = context.obj
    session.store()
    from vatriage.usecases.rejects import list_rejects  # noqa: PLC0415 - needs an open store

    items, total = list_rejects(pull, limit)
    if as_json:
        shown = [item | {"raw": printable_bytes(item["raw"]) if raw else None} for item in items]
        show_json({"rejects": shown, "total": total})
        return
    number = None
    for item in items:
        if item["pull"] != number:
            number = item["pull"]
            say(f"{item['origin']} {number}{' of ' + item['device'] if item['device'] else ''}, {item['at']}:")
        say(f"  {_line(item['place'], item['subject'], item['problem'])}")
        if raw:
            say(f"    {cut(printable_bytes(item['raw']), _RAW_SHOWN)}")
    if total > len(items):
        say(f"... and {total - len(items):,} more; --limit shows more of them.")
    elif not items:
        say("Nothing was rejected.")


def warn_of_kept(first: "Sequence[Reject]", count: int, pull: int) -> None:
    """Print the first rejects of an import and where the others are."""
    for item in first:
        warn(_line(item.where, item.subject, item.problem))
    if count:
        more = f"... and {count - len(first):,} more. " if count > len(first) else ""
        warn(f"{more}{count:,} rejected and kept: vatriage rejects --pull {pull}")


def _line(place: str, subject: str, problem: str) -> str:
    return ": ".join(printable(part) for part in (place, subject, problem) if part)
