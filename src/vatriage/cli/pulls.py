"""`vatriage pulls`: the ledger of pulls and imports."""

from itertools import islice
from typing import Annotated, Any

import typer

from vatriage.cli.session import Session, say, show_json, show_table

CHANGES = (
    "hosts_new", "hosts_changed", "hosts_gone", "detections_new", "detections_changed", "detections_unchanged", "fixed",
    "reopened", "gone",
)  # fmt: skip
QIDS_SHOWN = 50


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("pulls")(pulls)


def pulls(
    context: typer.Context,
    number: Annotated[int | None, typer.Argument(help="Show this one, with the hosts it lacks.", min=1)] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="So many at most.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List pulls and imports, newest first, or show one: what came of it, and what is missing."""
    session: Session = context.obj
    if number is not None:
        _show(session, number, as_json=as_json)
        return
    found = _found(session, limit)
    if as_json:
        show_json({"pulls": found})
        return
    columns = ["pull", "origin", "device", "zone", "state", "whole", "started_at", "finished_at", "error"]
    rows = [[_cell(item[name]) for name in columns] for item in found]
    show_table("Pulls and imports", [name.replace("_at", "") for name in columns], rows)


def _show(session: Session, number: int, *, as_json: bool) -> None:
    shown = _one(session, number)
    if as_json:
        show_json(shown)
        return
    counts, changes = shown["counts"], shown["counts"].get("changes") or shown["counts"]
    say(
        f"{shown['origin'].capitalize()} {number} of {shown['device'] or 'files'}, zone {shown['zone']}: {shown['state']}."
    )
    say(f"  from {shown['started_at']} to {shown['finished_at'] or '(it runs)'}")
    if counts.get("mode"):
        say(f"  {counts['mode']}: {counts['why_mode']}")
    if "hosts_expected" in counts:
        say(
            f"  hosts: {counts['hosts_expected']:,} asked for, {shown['hosts_received']:,} came, {shown['hosts_missing']:,} missing"
        )
    say("  " + ", ".join(f"{name.replace('_', ' ')} {changes[name]:,}" for name in CHANGES if name in changes))
    say(f"  records or fields rejected: {shown['rejects']:,}")
    for qids in filter(None, [counts.get("qids_without_entry")]):
        say(f"  QIDs without a KnowledgeBase entry ({len(qids):,}): {', '.join(map(str, qids[:QIDS_SHOWN]))}")
    for note in [*counts.get("notes", []), *filter(None, [shown["error"]])]:
        say(f"  {note}")
    if shown["missing"]:
        rows = [[str(item["id"]), item["address"] or "-", item["reason"]] for item in shown["missing"]]
        show_table("Missing hosts", ["id", "address", "reason"], rows)


def _one(session: Session, number: int) -> dict[str, Any]:
    if session.remote is not None:
        shown: dict[str, Any] = session.remote.get("pulls", str(number))
        return shown
    session.store()
    from vatriage.usecases.pull_ledger import pull_shown  # noqa: PLC0415 - needs an open store

    return pull_shown(number, None)


def _found(session: Session, limit: int) -> list[dict[str, Any]]:
    if session.remote is not None:
        return list(islice(session.remote.pages("pulls", key="pulls"), limit))
    session.store()
    from vatriage.usecases.pull_ledger import pulls_page  # noqa: PLC0415 - needs an open store

    return pulls_page(None, 0, limit)[0]


def _cell(value: object) -> str:
    return (
        {True: "yes", False: "no", None: "-"}.get(value, str(value)) if isinstance(value, bool | None) else str(value)
    )
