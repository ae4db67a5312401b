"""Read only: what the faces show of hosts, the KnowledgeBase and stored verdicts."""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from vatriage.errors import NotFoundError, UsageError
from vatriage.model.address import format_address, pack_address
from vatriage.model.evidence import Kind, Status
from vatriage.model.instant import format_instant
from vatriage.model.name import checked_name
from vatriage.model.verdict import VerdictRecord
from vatriage.store.alert_rows import alerts_beginning, verdicts_of
from vatriage.store.change_rows import changes_of
from vatriage.store.host_pages import HostFilter
from vatriage.store.lookup_rows import detections_of, host_list, hosts_above, hosts_at, knowledge_entry, scans_of
from vatriage.store.result_texts import load_texts
from vatriage.usecases.host_doubt import doubt_of
from vatriage.usecases.one_host import leases_of, why_one_host
from vatriage.usecases.told_statements import statements_of

RESULTS_SHOWN = 4_000
"""Characters of a finding's RESULTS that are shown; some fill megabytes."""
_decoder = msgspec.json.Decoder(VerdictRecord)


def stored_verdicts(alert_id: str) -> list[VerdictRecord]:
    """Return all verdicts of one stored alert, oldest judgement first; its id may be cut to its first digits.

    Raises:
        NotFoundError: it is not stored.
        UsageError: several alerts begin with these digits.
    """
    found = alerts_beginning(alert_id, 2) if alert_id.isalnum() else []
    if not found:
        raise NotFoundError(
            f"No stored alert has the id {alert_id!r}.", "Alerts are stored by `vatriage triage --store`."
        )
    if len(found) > 1:
        raise UsageError(f"More than one stored alert begins with {alert_id!r}.", f"Two are {' and '.join(found)}.")
    return [_decoder.decode(record) for record in verdicts_of(found[0])]


def list_hosts(zone: str | None) -> list[dict[str, Any]]:
    """Return the hosts, in order of zone and address. Raises: UsageError: that cannot be a zone's name."""
    if zone is not None:
        checked_name("zone", zone)
    return [_listed(row) for row in host_list(zone)]


def _listed(row: tuple[Any, ...]) -> dict[str, Any]:
    return {
        "zone": row[0], "account": row[1], "id": row[2], "address": row[3], "dns": row[4], "os": row[5],
        "last_seen": _instant(row[6]), "detections": row[7], "gone_at": _instant(row[8]),
    }  # fmt: skip


def hosts_as_seen(
    zones: Collection[str] | None, after: int, limit: int, wanted: HostFilter | None = None
) -> tuple[list[dict[str, Any]], int]:
    """Return a page of the hosts in the order in which they were first seen, and where the next one begins.

    Args:
        zones: of these zones; None = all.
        after: where the page before ended, 0 = at the beginning.
        limit: so many hosts at most.
        wanted: which hosts (host_lists.host_filter); None = all, those that are gone as well.

    Returns:
        The hosts, in the shape of `list_hosts`; what `after` is for the next page, 0 = there is none.
    """
    rows = hosts_above(zones, after, limit + 1, wanted)
    return [_listed(row[1:]) for row in rows[:limit]], rows[limit - 1][0] if len(rows) > limit else 0


def show_host(address: str, as_of_us: int | None, zones: Collection[str] | None = None) -> list[dict[str, Any]]:
    """Return every host that held an address, with its detections, scans and history.

    Args:
        address: any spelling.
        as_of_us: show what had been observed by then; None = now.
        zones: in these zones; None = in all.

    Raises:
        UsageError: the text is no address.
        NotFoundError: no host held it.
    """
    limit = instant_limit(as_of_us)
    return [shown_host(row, limit, canonical_address(address)) for row in hosts_holding(address, limit, zones)]


def instant_limit(as_of_us: int | None) -> int:
    """Return the last second of which something is shown; None = all."""
    return (1 << 62) if as_of_us is None else as_of_us // 1_000_000


def canonical_address(address: str) -> str:
    """Return an address in its one spelling. Raises: UsageError: the text is no address."""
    try:
        return format_address(pack_address(address.strip()))
    except ValueError as error:
        raise UsageError(f"{address!r} is no IP address.", "Write it like 10.0.0.5 or 2001:db8::5.") from error


def hosts_holding(address: str, limit: int, zones: Collection[str] | None) -> list[tuple[Any, ...]]:
    """Return the rows (see lookup_rows.hosts_at) of the hosts that held an address by then, in zones that may be seen.

    Raises:
        UsageError: the text is no address.
        NotFoundError: no host held it.
    """
    canonical = canonical_address(address)
    hosts = [row for row in hosts_at(canonical) if row[-2] <= limit and (zones is None or row[1] in zones)]
    if not hosts:
        raise NotFoundError(f"No host of the inventory held {canonical}.", "`vatriage host list` shows all.")
    return hosts


def shown_host(row: tuple[Any, ...], limit: int, held: str) -> dict[str, Any]:
    """Return one host of `hosts_holding` with its detections, scans and history up to an instant (seconds).

    Leases are those of the address that it `held`; what people say of it is all they said until today.
    """
    number, zone, account, vendor_id, address, tracking, system, dns, netbios, first_seen, last_seen = row
    detections = [item for item in detections_of(number) if _was_known(item, limit)]
    texts = load_texts(item[15] for item in detections)
    return {
        "number": number, "zone": zone, "account": account, "id": vendor_id, "address": address, "tracking_method": tracking,
        "os": system, "dns": dns, "netbios": netbios, "held_from": _instant(first_seen),
        "held_until": _instant(min(last_seen, limit)), "doubt": doubt_of(number) or None,
        "why_one_host": why_one_host(number, limit), "statements": statements_of(number),
        "leases": leases_of(number, held, limit),
        "scans": [
            {"at": _instant(at), "kind": ("remote", "authenticated", "agent")[kind], "whole": bool(whole),
             "check_set": bool(check_set)}
            for at, kind, whole, check_set in scans_of(number) if at <= limit
        ],
        "detections": [_detection(item, limit, texts) for item in detections],
        "history": [
            {"kind": kind, "at": _instant(at), "qid": qid or None, "port": None if port < 0 else port, "detail": detail}
            for kind, at, _recorded, _pull, qid, port, _protocol, detail in changes_of(number) if at <= limit
        ],
    }  # fmt: skip


def _was_known(row: tuple[Any, ...], limit: int) -> bool:
    """Whether this version of a detection was the one in force at an instant."""
    first_found, since, superseded = row[7], row[12], row[13]
    return bool(max(first_found, since if row[14] else 0) <= limit and (superseded == 0 or superseded > limit))


def _detection(row: tuple[Any, ...], limit: int, texts: Mapping[str, str]) -> dict[str, Any]:
    qid, title, port, protocol, kind, severity, status, first, last, test, fixed, ignored = row[:12]
    results = texts.get(row[15])
    is_fixed = status == Status.FIXED and fixed <= limit
    return {
        "qid": qid, "title": title or None, "port": None if port < 0 else port, "protocol": protocol,
        "kind": Kind(kind).name.lower(), "qualys_severity": severity,
        "status": Status(status).name.lower() if status != Status.FIXED or is_fixed else "active",
        "first_found": _instant(first), "last_found": _instant(min(last, limit)),
        "last_test": _instant(min(test, limit)), "fixed": _instant(fixed) if is_fixed else None,
        "ignored": bool(ignored), "results": results and results[:RESULTS_SHOWN],
        "results_length": len(results or ""),
    }  # fmt: skip


def show_qid(qid: int) -> dict[str, Any]:
    """Return one KnowledgeBase entry. Raises: NotFoundError: the KnowledgeBase has none."""
    found = knowledge_entry(qid) if abs(qid) < 1 << 63 else None  # the store holds no greater number
    if found is None:
        raise NotFoundError(f"The KnowledgeBase here has no QID {qid}.", "Pull or import a KnowledgeBase.")
    entry, pairs = found
    names = ("qid", "kind", "qualys_severity", "title", "category", "published", "code_modified", "service_modified",
             "patchable", "remote", "auth_types", "disabled", "solution", "first_copy", "last_copy")  # fmt: skip
    shown = dict(zip(names, entry, strict=True))
    shown["kind"] = Kind(shown["kind"]).name.lower()
    for name in ("published", "code_modified", "service_modified", "first_copy", "last_copy"):
        shown[name] = _instant(shown[name])
    for name in ("patchable", "remote", "disabled"):
        shown[name] = bool(shown[name])
    shown["auth_types"] = [name for name in shown["auth_types"].split(",") if name]
    shown["claims"] = [claim for claim, by_copy in pairs if by_copy]
    shown["reported_claims"] = [claim for claim, by_copy in pairs if not by_copy]
    return shown


def _instant(seconds: int) -> str | None:
    return format_instant(seconds * 1_000_000) if 0 < seconds < 1 << 60 else None
