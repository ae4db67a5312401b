"""Virtual addresses: who stands behind them, as people say (ADR 18). Nothing is deleted, only withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vatriage.clock import Clock, now_us
from vatriage.errors import NotFoundError, UsageError
from vatriage.model.address import names_no_single_host, pack_address
from vatriage.model.identity import ANY_PORT
from vatriage.model.instant import US
from vatriage.model.viewer import Who
from vatriage.store import said_rows
from vatriage.store.audit import note
from vatriage.store.bulk import plain
from vatriage.store.said_rows import PoolRow
from vatriage.store.turns import writers_turn
from vatriage.usecases.lookups import canonical_address
from vatriage.usecases.said_form import checked_reason, checked_span
from vatriage.usecases.snapshots import follow
from vatriage.usecases.told_statements import told

MOST_MEMBERS = 256
_HIGHEST_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolForm:
    """What a person says of an address."""

    zone: str
    address: str
    port: int | None
    """None = every port."""
    members: Sequence[str]
    """`10.0.0.5`, `10.0.0.5:8443` or `[2001:db8::5]:8443`; none = it is shared, and nobody knows by whom."""
    reason: str
    valid_from: int = 0
    """Seconds; 0 = from now."""
    valid_until: int = 0
    """Seconds; 0 = until it is withdrawn."""


def add_pool(form: PoolForm, *, who: Who, zones: frozenset[str] | None, clock: Clock, snapshots: Path) -> int:
    """Keep who stands behind an address; return the pool's number.

    Raises:
        NotFoundError: there is no such zone that they may see.
        UsageError: an address, a port, the reason or the time is wrong.
    """
    now = now_us(clock) // US
    zone_id = said_rows.zone_id_of(form.zone) if zones is None or form.zone in zones else None
    if zone_id is None:
        raise NotFoundError(f"There is no zone named {form.zone!r}.", "`vatriage zone list` shows all.")
    address, members = _checked_address(form.address), _checked_members(form)
    reason, start = checked_reason(form.reason), form.valid_from or now
    checked_span(start, form.valid_until, now, must_end=False)
    port = ANY_PORT if form.port is None else _checked_port(form.port)
    row = PoolRow(zone_id, address, port, members, plain(who.name), reason, start, form.valid_until, now)
    with writers_turn():
        number = said_rows.save_pool(row)
        after = row._asdict() | {"zone": form.zone, "pool": number}
        note(who, now, "virtual address added", f"{address} in {form.zone}", None, after)
        follow(snapshots)
    return number


def withdraw_pool(
    number: int, reason: str, *, who: Who, zones: frozenset[str] | None, clock: Clock, snapshots: Path
) -> None:
    """Let a pool count no more. Raises: NotFoundError: there is none; UsageError: no reason, or withdrawn already."""
    now, why = now_us(clock) // US, checked_reason(reason)
    found = said_rows.pools(number=number) if 0 < number < 1 << 63 else []
    if not found or (zones is not None and found[0]["zone"] not in zones):
        raise NotFoundError(f"There is no virtual address of number {number}.", "`vatriage pool list` shows all.")
    with writers_turn():
        if not said_rows.withdraw_pool(number, now, plain(who.name), why):
            raise UsageError(f"The virtual address {number} is withdrawn already.", "Add it again, if it holds again.")
        before = {name: found[0][name] for name in ("address", "port", "members", "author")}
        subject = f"{found[0]['address']} in {found[0]['zone']}"
        note(who, now, "virtual address withdrawn", subject, before, {"pool": number, "reason": why})
        follow(snapshots)


def list_pools(zones: frozenset[str] | None, *, withdrawn: bool = False) -> list[dict[str, Any]]:
    """Return the virtual addresses of the zones that may be seen, in order of zone and address."""
    return [_shown(row) for row in said_rows.pools(withdrawn=withdrawn) if zones is None or row["zone"] in zones]


def _shown(row: said_rows.Row) -> dict[str, Any]:
    return {
        "number": row["id"], "zone": row["zone"], "address": row["address"],
        "port": None if row["port"] == ANY_PORT else row["port"],
        "members": [written(one["address"], one["port"]) for one in row["members"]],
        "author": row["author"], "reason": row["reason"], "said_at": told(row["at"]),
        "valid_from": told(row["valid_from"]), "valid_until": told(row["valid_until"]),
        "withdrawn_at": told(row["withdrawn_at"]), "withdrawn_by": row["withdrawn_by"] or None,
        "withdrawn_why": row["withdrawn_why"] or None,
    }  # fmt: skip


def written(address: str, port: int) -> str:
    """Return a member as people write it."""
    if port == ANY_PORT:
        return address
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _checked_address(text: str) -> str:
    address = canonical_address(text)
    if names_no_single_host(pack_address(address)):
        raise UsageError(f"{address} can be no address of a host.", "Give the address that alerts name.")
    return address


def _checked_members(form: PoolForm) -> list[dict[str, Any]]:
    if len(form.members) > MOST_MEMBERS:
        raise UsageError(f"A virtual address has at most {MOST_MEMBERS} members.", "Name the port of each part.")
    virtual = _checked_address(form.address)
    found = sorted({_member(text) for text in form.members})
    if any(address == virtual for address, _port in found):
        raise UsageError(f"{virtual} cannot stand behind itself.", "Leave it out: as a host it is judged anyway.")
    return [{"address": address, "port": port} for address, port in found]


def _member(text: str) -> tuple[str, int]:
    """Return (address, port) of `10.0.0.5`, `10.0.0.5:8443` or `[2001:db8::5]:8443`."""
    host, port = text.strip(), ""
    if host.startswith("["):
        host, _, port = host[1:].partition("]")
        port = port.removeprefix(":")
    elif host.count(":") == 1:
        host, _, port = host.partition(":")
    if port and not (port.isascii() and port.isdecimal() and len(port) <= 5):
        raise UsageError(f"{text!r} names no port.", "Write a member like 10.0.0.5:8443.")
    return _checked_address(host), _checked_port(int(port)) if port else ANY_PORT


def _checked_port(port: int) -> int:
    if not 0 <= port <= _HIGHEST_PORT:
        raise UsageError(f"{port} is no port.", "Ports are 0 to 65535.")
    return port
