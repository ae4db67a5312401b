"""Hosts and the KnowledgeBase, page by page, and one host with everything that is known of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vatriage.errors import UsageError
from vatriage.model.evidence import PROTOCOL_NUMBERS, Kind, ScanKind
from vatriage.model.instant import US, format_instant
from vatriage.model.policy import Policy
from vatriage.store.host_pages import HostFilter, HostKey, hosts_after, ports_reached, qids_after, services_named
from vatriage.usecases.lookups import canonical_address, hosts_holding, instant_limit, shown_host

PAGE = 50
SCANNED = ("agent", "authenticated", "remote", "never")
_PROTOCOLS = {number: name for name, number in reversed(PROTOCOL_NUMBERS.items())}
EVENTS_SHOWN = 200
"""Newest events of a host's timeline."""
SCANS_SHOWN = 8
"""Newest scans."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """Some rows of a list, in order."""

    rows: list[dict[str, Any]]
    following: str | None
    """What `after` must be for the next page; None = this is the last."""


def host_page(
    *, zones: frozenset[str] | None, text: str = "", scanned: str = "", stale: bool = False, gone: bool | None = False,
    now: int, after: str | None = None, size: int = PAGE,
) -> ListPage:  # fmt: skip
    """Return a page of hosts, in order of zone and address.

    Args:
        zones: names of the zones to show, already within what the viewer sees; None = all.
        text: the beginning of an address, or a part of a name or of the OS.
        scanned: one of SCANNED, "" = any.
        stale: only hosts without a scan whose silence counts now.
        gone: only hosts that are gone (True), that are there (False), or both (None).
        now: seconds.
        after: `following` of the page before.
        size: rows.

    Raises: UsageError: `after` is not ours, or `scanned` is none of SCANNED.
    """
    wanted = host_filter(zones=zones, text=text, scanned=scanned, stale=stale, gone=gone, now=now)
    rows = hosts_after(wanted, _host_key(after), size + 1)
    for row in rows:
        row["scans"] = {ScanKind(kind).name.lower(): at for kind, at in row["scans"].items()}
        row["last_scan"] = max(row["scans"].values(), default=0)
    last = rows[size - 1] if len(rows) > size else None
    following = last and f"{last['number']}/{last['address']}/{last['zone']}"
    return ListPage(rows=rows[:size], following=str(following) if following else None)


def host_filter(
    *, zones: frozenset[str] | None = None, text: str = "", scanned: str = "", stale: bool = False,
    gone: bool | None = False, now: int,
) -> HostFilter:  # fmt: skip
    """Return which hosts are wanted; see `host_page`. Raises: UsageError: `scanned` is none of SCANNED."""
    if scanned and scanned not in SCANNED:
        raise UsageError(f"No host is scanned {scanned!r}.", f"Choose one of {', '.join(SCANNED)}.")
    policy = Policy()
    limits = tuple(now - policy.ttl_us(kind) // US for kind in ScanKind)
    return HostFilter(
        zones=zones, text=text.strip(), scanned=scanned, gone=gone,
        stale_before=(limits[0], limits[1], limits[2]) if stale else None,
    )  # fmt: skip


def show_hosts(address: str, *, zones: frozenset[str] | None, as_of_us: int | None = None) -> list[dict[str, Any]]:
    """Return every host that held an address, as `lookups.show_host` does, with `services`, `newest_scans` and `timeline`.

    Args:
        address: any spelling.
        zones: names of the zones that the viewer may see, None = all.
        as_of_us: show what had been observed by then; None = now.

    Raises:
        UsageError: the text is no address.
        NotFoundError: no host held it that the viewer may see.
    """
    limit = instant_limit(as_of_us)
    rows = hosts_holding(address, limit, zones)
    return [_with_services(shown_host(row, limit, canonical_address(address)), int(row[0]), limit) for row in rows]


def _with_services(host: dict[str, Any], number: int, limit: int) -> dict[str, Any]:
    names = services_named(number)
    host["services"] = [
        {"protocol": _PROTOCOLS.get(protocol, ""), "port": port, "service": names.get((protocol, port), ""),
         "seen": format_instant(at * US)}
        for protocol, port, at in ports_reached(number, limit)
    ]  # fmt: skip
    events = [
        *(one if one["qid"] else one | {"kind": f"host {one['kind']}"} for one in host["history"]),
        *(
            {"kind": f"{scan['kind']} scan", "at": scan["at"], "qid": None, "port": None, "detail": ""}
            for scan in host["scans"]
        ),
    ]
    events = sorted((one for one in events if one["at"]), key=lambda one: str(one["at"]), reverse=True)
    host["newest_scans"] = host["scans"][: -SCANS_SHOWN - 1 : -1]
    host["timeline"], host["timeline_length"] = events[:EVENTS_SHOWN], len(events)
    return host


def knowledge_page(
    *, text: str = "", kind: str = "", severities: Sequence[int] = (), after: str | None = None, size: int = PAGE
) -> ListPage:
    """Return a page of the KnowledgeBase, in order of QID.

    Args:
        text: a QID, a claim, or a part of the title.
        kind: confirmed, potential or information; "" = any.
        severities: of Qualys, 1 to 5 (5 worst); empty = any.
        after: `following` of the page before.
        size: rows.

    Raises: UsageError: `after` is not ours, or there is no such kind.
    """
    if kind and kind.upper() not in Kind.__members__:
        raise UsageError(f"There is no kind {kind!r}.", "Choose confirmed, potential or information.")
    if after and not (after.isdecimal() and len(after) < 19):
        raise _lost()
    rows = qids_after(text, Kind[kind.upper()] if kind else None, severities, int(after) if after else None, size + 1)
    for row in rows:
        row["kind"] = Kind(row["kind"]).name.lower()
    return ListPage(rows=rows[:size], following=str(rows[size - 1]["qid"]) if len(rows) > size else None)


def _host_key(after: str | None) -> HostKey | None:
    """Read `number/address/zone`."""
    if not after:
        return None
    number, _, rest = after.partition("/")
    address, _, zone = rest.partition("/")
    if not (number.isdecimal() and len(number) < 19):
        raise _lost()
    return zone, len(address), address, int(number)


def _lost() -> UsageError:
    return UsageError("The page cannot be found: its address was changed.", "Begin with the first page.")
