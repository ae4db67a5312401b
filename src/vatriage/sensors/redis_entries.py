"""What a list and a stream of Redis have in common: entries made into a delivery, the note of how far was read, restarts."""

from collections.abc import Sequence

import msgspec

from vatriage.net.redis_server import Client
from vatriage.sensors.interface import Delivery

COUNT = 1_000
"""Entries taken at a time."""


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """How far a list or stream was read, and on which run of its server."""

    entries: int = 0
    """Entries handed over so far, those that came again among them."""
    run: str = ""
    """The server's run id; another one means that it was started anew."""
    gone: int = 0
    """Of a stream: entries whose going was told already."""


class Told:
    """What is to be told with the next delivery: gaps and sentences."""

    def __init__(self) -> None:
        self.lost = 0
        self.notes: list[str] = []

    def lose(self, count: int, note: str) -> None:
        """Count a gap, or events that are known to be gone."""
        self.lost += count
        self.notes.append(note)

    def note(self, note: str) -> None:
        """Tell something that is no loss."""
        self.notes.append(note)

    def __bool__(self) -> bool:
        return bool(self.lost or self.notes)


def delivery_of(name: str, entries: Sequence[bytes], mark: Mark, told: Told, format_name: str) -> Delivery:
    """Return entries as a delivery, one a line.

    The data begin with a blank line, so that no entry can pass for a compressed file; lines are counted from there.
    """
    lines = [b" ".join(entry.split(b"\n")) for entry in entries]
    return Delivery(
        name=name,
        data=b"\n" + b"\n".join(lines) + b"\n" if lines else b"",
        first_line=mark.entries,
        format_name=format_name,
        bookmark=msgspec.json.encode(msgspec.structs.replace(mark, entries=mark.entries + len(entries))),
        lost=told.lost,
        notes=tuple(told.notes),
    )


def read_mark(bookmark: bytes) -> Mark:
    """Return the note in a bookmark; of an empty one, the beginning."""
    return msgspec.json.decode(bookmark, type=Mark) if bookmark else Mark()


def run_of(client: Client) -> str:
    """Return the run id of a server; empty where it does not tell."""
    from valkey.exceptions import ResponseError  # noqa: PLC0415 - an extra

    try:
        return str(client.info("server").get("run_id", ""))
    except ResponseError:
        return ""


def note_restart(client: Client, before: str, now: str, what: str, told: Told) -> None:
    """Tell of a server that was started anew: without an append-only file, what it held since its last save is gone."""
    from valkey.exceptions import ResponseError  # noqa: PLC0415 - an extra

    if not before or not now or before == now:
        return
    try:
        keeps = client.info("persistence").get("aof_enabled") == 1
    except ResponseError:
        keeps = False
    if keeps:
        told.note(f"{what}: its server was started anew; what its append-only file does not hold is lost")
    else:
        told.lose(1, f"{what}: its server was started anew and keeps no append-only file, a part may be lost")
