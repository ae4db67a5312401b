"""One page of a report into the inventory: parse is done, commit is the caller's.

The page's hosts are found, merged and saved; then their addresses and scans; then the detections, set-based, writing
only what changed. What only a whole report may say (absence) is noted in the ledger and decided in `vouching`.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vatriage.inventory.changes import ChangeKind, difference
from vatriage.inventory.coverage import ports_by_host
from vatriage.inventory.hosts import addresses, merge_host, network_of, sights, tracked_by_address
from vatriage.inventory.versions import merge_versions
from vatriage.model.evidence import ScanKind
from vatriage.model.host import HostSight
from vatriage.model.report import ReportPage
from vatriage.model.versions import NUMBERS, Versions
from vatriage.store.change_rows import save_changes
from vatriage.store.detection_rows import (
    key_text,
    load_current,
    load_past,
    mark_again,
    note_missing,
    replace_past,
    save_current,
)
from vatriage.store.host_rows import addresses_of, adopt, find_hosts, known_at, save_hosts, see_addresses
from vatriage.store.ledger import HostNote, OpenPull, keep_rejects, note_hosts, note_scans
from vatriage.store.result_texts import name_of, save_texts
from vatriage.store.scan_rows import save_scans
from vatriage.usecases.merge_knowledge import merge_knowledge

_CLOCKS_S = 3_600
"""How far the vendor's clocks may differ from each other."""


class Silence(Enum):
    """Whose findings a page lists, so that what it leaves out may be absent, if somebody vouches for it."""

    PROVES_NOTHING = "proves nothing"
    """It is no list of findings, or nobody knows what narrowed it."""
    OF_ONE_SCAN = "of one scan"
    """All that one scan found: it says nothing of any other scan, nor of what only another scan can find."""
    OF_ALL_SCANS = "of all scans"
    """All that is known of its hosts, by every scan up to the page's date."""


@dataclass(slots=True, kw_only=True)
class MergeCounts:
    """What merging changed; sums over pages."""

    hosts_new: int = 0
    hosts_changed: int = 0
    hosts_gone: int = 0
    detections_new: int = 0
    detections_changed: int = 0
    detections_unchanged: int = 0
    fixed: int = 0
    reopened: int = 0
    gone: int = 0


def merge_page(
    pull: OpenPull,
    page: ReportPage,
    *,
    generated_at: int,
    recorded_at: int,
    listed: bool,
    silence: Silence,
    counts: MergeCounts,
    confirms: bool = False,
    live: bool = False,
) -> None:
    """Merge one page; must run inside a transaction together with the page's ledger line.

    Args:
        pull: the open ledger.
        page: whole hosts, or KnowledgeBase entries.
        generated_at: the report's own date, seconds; 0 = not stated.
        recorded_at: now, seconds.
        listed: the page's hosts count as listed: its kind states scan dates.
        silence: whose findings the page's kind lists; its hosts are received if they are anybody's.
        counts: is added to.
        confirms: the page shows that hosts whose findings were asked for before are still there. Its scans may be
            newer than those findings, so they are not taken: their findings were never seen.
        live: the page was made just now, so that dates up to our own clock are none of the future, even where the
            server's clock is slow.
    """
    keep_rejects(pull, page.rejects)
    merge_knowledge(page, generated_at, recorded_at)
    if not page.hosts.num_rows:
        return
    dated_at = generated_at or recorded_at
    seen = _named(pull, sights(page.hosts, dated_at))
    numbers, fresh = _merge_hosts(pull, seen, recorded_at, counts)
    if not confirms:
        _merge_scans(pull, page, seen, numbers, by_findings=silence is not Silence.PROVES_NOTHING)
    note_hosts(
        pull,
        [
            HostNote(
                numbers[sight.row],
                sight.key.vendor_id,
                listed=listed,
                received=silence is not Silence.PROVES_NOTHING and not sight.rejected,
                received_at=generated_at if silence is Silence.OF_ALL_SCANS else 0,
                seen_again=confirms,
                rejected=sight.rejected,
            )
            for sight in seen
        ],
    )
    if page.detections.num_rows:
        latest = max(dated_at, recorded_at) if live else dated_at
        open_rows = _merge_detections(
            pull,
            _incoming(page.detections, numbers, dated_at, latest),
            set(numbers.values()),
            fresh,
            dated_at,
            recorded_at,
            counts,
        )
        if silence is Silence.OF_ALL_SCANS:
            scanned = {numbers[sight.row]: sight.seen_at for sight in seen}
            note_missing(pull.id, [(detection, scanned[host]) for detection, host in open_rows])


def _named(pull: OpenPull, seen: list[HostSight]) -> list[HostSight]:
    """Return the sights, those without vendor id under the id of the host that is tracked by their address.

    Reports of the API of 2008 and tables name a host by its address only. Kept apart, the same host would be two at one
    address, and nobody could say which of them an alert hit. Where they differ in the network they state, it is two.
    """
    place = (pull.zone_id, pull.account_id)
    held = {
        sight.row: (sight.facts[0] or sight.facts[1], network_of(sight)) for sight in seen if not sight.key.vendor_id
    }
    known = known_at(*place, {address for address, _ in held.values()}) if held else {}
    adopt(*place, tracked_by_address(seen))
    named = {row: known[where] for row, where in held.items() if where in known}
    return [sight._replace(key=named.get(sight.row, sight.key)) for sight in seen]


def _merge_hosts(
    pull: OpenPull, seen: list[HostSight], recorded_at: int, counts: MergeCounts
) -> tuple[dict[int, int], frozenset[int]]:
    """Save the page's hosts; return the store's number for each row of the page, and the numbers of new hosts."""
    stored = find_hosts(pull.zone_id, pull.account_id, [sight.key for sight in seen])
    merged = dict(stored)
    for sight in seen:
        merged[sight.key] = merge_host(merged.get(sight.key), sight)
    changed = [state for key, state in merged.items() if stored.get(key) != state]
    numbers = {key: state.id for key, state in stored.items()} | save_hosts(pull.zone_id, pull.account_id, changed)
    fresh = frozenset(number for key, number in numbers.items() if key not in stored)
    counts.hosts_new += len(fresh)
    counts.hosts_changed += len(changed) - len(fresh)
    known = addresses_of(numbers[key] for key in stored)
    sighted = sorted({(numbers[sight.key], address, sight.seen_at) for sight in seen for address in addresses(sight)})
    see_addresses(sighted)
    moved = [
        (host, ChangeKind.ADDRESS_MOVED, at, recorded_at, pull.id, 0, -1, 0, address)
        for host, address, at in sighted
        if host in known and address not in known[host]
    ]
    appeared = [
        (numbers[sight.key], ChangeKind.APPEARED, sight.seen_at, recorded_at, pull.id, 0, -1, 0, "")
        for sight in {sight.key: sight for sight in reversed(seen)}.values()
        if numbers[sight.key] in fresh
    ]
    save_changes([*appeared, *moved])
    return {sight.row: numbers[sight.key] for sight in seen}, fresh


def _merge_scans(
    pull: OpenPull, page: ReportPage, seen: list[HostSight], numbers: dict[int, int], *, by_findings: bool
) -> None:
    reached = ports_by_host(page.hosts, page.detections, page.open_ports)
    scans = [
        (numbers[sight.row], at, kind, reached.get(sight.row) if kind == ScanKind.REMOTE else None)
        for sight in seen
        for at, kind in sight.scans
    ]
    save_scans(scans)
    note_scans(pull, [(host, at, kind, by_findings) for host, at, kind, _ in scans])


def _merge_detections(
    pull: OpenPull,
    incoming: Versions,
    hosts: set[int],
    fresh: frozenset[int],
    dated_at: int,
    recorded_at: int,
    counts: MergeCounts,
) -> list[tuple[int, int]]:
    """Merge the page's detections; return (detection, host) of the stored ones that are open and not in it.

    What had gone only after the page's date (`dated_at`) stays gone: an older report cannot take a newer one back.
    """
    known = sorted(hosts - fresh)
    current, marks = load_current(known)
    past, past_ends = load_past(known)
    merged = merge_versions(current, past, incoming)
    change = difference(current, merged.current, incoming)
    later = marks[:, 1] > dated_at
    returned = np.isin(np.arange(len(marks)), change.missing, invert=True) & (marks[:, 1] > 0) & ~later
    save_current(merged.current.take(change.written))
    _unmark(current, returned)
    mark_again([(int(gone_at), int(detection)) for detection, gone_at in marks[later]])
    _save_past(past, past_ends, merged.past, merged.superseded)
    open_rows = [row for row in change.missing.tolist() if marks[row, 1] == 0 and current.column("status")[row] != 4]
    events = [event for event in change.events if event.host not in fresh]
    save_changes(
        (event.host, event.kind, event.at, recorded_at, pull.id, event.qid, event.port, event.protocol, "")
        for event in events
    )
    new = len(merged.current) - len(current)
    counts.detections_new += new
    counts.detections_changed += len(change.written) - new
    counts.detections_unchanged += len(merged.current) - len(change.written)
    counts.fixed += sum(event.kind is ChangeKind.FIXED for event in events)
    counts.reopened += sum(event.kind is ChangeKind.REOPENED for event in events)
    return [(int(marks[row, 0]), int(current.column("host")[row])) for row in open_rows]


def _unmark(current: Versions, returned: np.typing.NDArray[np.bool_]) -> None:
    """Write rows again that had been marked as gone and are reported again; writing takes the mark off."""
    if returned.any():
        save_current(current.take(returned))


def _save_past(
    old: Versions, old_ends: np.typing.NDArray[np.int64], new: Versions, new_ends: np.typing.NDArray[np.int64]
) -> None:
    """Replace the earlier versions of the hosts whose history changed."""
    before = {int(host) for host in old.column("host")}
    after = {int(host) for host in new.column("host")}
    touched = []
    for host in sorted(before | after):
        was, now = old.column("host") == host, new.column("host") == host
        if not _same(old.take(was), old_ends[was], new.take(now), new_ends[now]):
            touched.append(host)
    if touched:
        rows = np.isin(new.column("host"), touched)
        replace_past(touched, new.take(rows), new_ends[rows])


def _same(
    old: Versions, old_ends: np.typing.NDArray[np.int64], new: Versions, new_ends: np.typing.NDArray[np.int64]
) -> bool:
    def ordered(versions: Versions, ends: np.typing.NDArray[np.int64]) -> list[tuple[object, ...]]:
        texts = zip(versions.instance, versions.service, versions.results, ends.tolist(), strict=True)
        return sorted((numbers, *rest) for numbers, rest in zip(versions.numbers.tolist(), texts, strict=True))

    return ordered(old, old_ends) == ordered(new, new_ends)


def _incoming(detections: pa.Table, numbers: dict[int, int], generated_at: int, latest: int) -> Versions:
    """Return the page's detections as versions of the store's hosts; rows of hosts that have no key are left out.

    Args:
        detections: of the page.
        numbers: the store's number for each row of the page's hosts.
        generated_at: the date of rows that bear none, or one of the future, seconds.
        latest: what is no date of the future, seconds.
    """
    results = detections["results"].combine_chunks().dictionary_encode()
    texts = results.dictionary.to_pylist()
    names = np.array([name_of(text or "") for text in texts] or [""], dtype=object)
    save_texts({name: text for name, text in zip(names.tolist(), texts, strict=False) if text})
    places = results.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    row_of_host = detections["host"].to_numpy().astype(np.int64)
    wide = np.full(int(row_of_host.max()) + 1, -1, dtype=np.int64)
    for row, number in numbers.items():
        if row < len(wide):
            wide[row] = number
    columns = {name: _integers(detections, name) for name in NUMBERS if name in detections.column_names}
    columns["host"] = wide[row_of_host]
    instants = ("first_found", "last_found", "last_test", "last_fixed", "last_update", "last_processed")
    stamp = np.max([_integers(detections, name) for name in instants], axis=0)
    # A date from the future would beat every later report.
    columns["stamp"] = columns["since"] = np.where((stamp > 0) & (stamp <= latest + _CLOCKS_S), stamp, generated_at)
    versions = Versions(
        numbers=np.column_stack([columns[name] for name in NUMBERS]),
        instance=np.array([key_text(text) for text in _texts(detections, "instance")], dtype=object),
        service=_texts(detections, "service"),
        results=np.where(places >= 0, names[places], ""),
    )
    return versions.take(columns["host"] >= 0)


def _integers(table: pa.Table, name: str) -> np.typing.NDArray[np.int64]:
    column = table[name]
    values: np.typing.NDArray[np.int64] = pc.fill_null(pc.cast(column, pa.int64()), 0).to_numpy()
    return values


def _texts(table: pa.Table, name: str) -> np.typing.NDArray[np.object_]:
    values: np.typing.NDArray[np.object_] = pc.fill_null(table[name], "").to_numpy(zero_copy_only=False).astype(object)
    return values
