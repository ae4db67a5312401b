"""What people say of a host: that it is not one host, its OS, services, mitigations and MACs (ADR 18).

It stands beside the evidence, with author, reason and expiry, and lowers no verdict; nothing is deleted, only withdrawn.
"""

from dataclasses import dataclass
from pathlib import Path

from vatriage.clock import Clock, now_us
from vatriage.errors import NotFoundError, UsageError
from vatriage.model.identity import Said
from vatriage.model.instant import US
from vatriage.model.mac import canonical_mac
from vatriage.model.viewer import Who
from vatriage.store import said_rows
from vatriage.store.audit import note
from vatriage.store.bulk import plain
from vatriage.store.said_rows import StatementRow
from vatriage.store.turns import writers_turn
from vatriage.usecases.said_form import checked_reason, checked_span
from vatriage.usecases.snapshots import follow

TEXT_LENGTH = 500
_ALWAYS = frozenset({Said.NOT_ONE_HOST, Said.MAC})
"""What holds for earlier alerts too, where no start is given: both only raise doubt, or name one more candidate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementForm:
    """What a person says."""

    kind: Said
    text: str
    """At most TEXT_LENGTH characters; may be empty for NOT_ONE_HOST."""
    reason: str
    valid_from: int = 0
    """Seconds; 0 = from now, or always for what only raises doubt."""
    valid_until: int = 0
    """Seconds; compulsory for everything but NOT_ONE_HOST."""


def state_of_host(
    host: int, form: StatementForm, *, who: Who, zones: frozenset[str] | None, clock: Clock, snapshots: Path
) -> int:
    """Keep what a person says of a host; return the statement's number.

    Args:
        host: the store's number (`number` of `vatriage host show --json`).
        form: what they say.
        who: the person.
        zones: names of the zones that they may see, None = all.
        clock: for its date.
        snapshots: folder of the snapshot that is built afterwards.

    Raises:
        NotFoundError: there is no such host that they may see.
        UsageError: the text, the reason or the expiry is missing or wrong.
    """
    now = now_us(clock) // US
    zone = _zone_of(host, zones)
    text, reason = _checked_text(form), checked_reason(form.reason)
    must_end = form.kind is not Said.NOT_ONE_HOST
    start = form.valid_from or (0 if form.kind in _ALWAYS else now)
    checked_span(start, form.valid_until, now, must_end=must_end)
    row = StatementRow(host, str(form.kind), text, plain(who.name), reason, start, form.valid_until, now)
    with writers_turn():
        number = said_rows.save_statement(row)
        after = {
            "kind": row.kind,
            "text": text,
            "reason": reason,
            "from": start,
            "until": form.valid_until,
            "zone": zone,
        }
        note(who, now, "host stated", f"host {host}", None, after | {"statement": number})
        follow(snapshots)
    return number


def withdraw_statement(
    number: int, reason: str, *, who: Who, zones: frozenset[str] | None, clock: Clock, snapshots: Path
) -> None:
    """Let a statement count no more.

    Raises:
        NotFoundError: there is none of that number that they may see.
        UsageError: the reason is missing, or it is withdrawn already.
    """
    now, why = now_us(clock) // US, checked_reason(reason)
    found = said_rows.statements(number=number) if 0 < number < 1 << 63 else []
    if not found or (zones is not None and found[0]["zone"] not in zones):
        raise NotFoundError(f"There is no statement {number}.", "The host's page lists what was said of it.")
    with writers_turn():
        if not said_rows.withdraw_statement(number, now, plain(who.name), why):
            raise UsageError(f"The statement {number} is withdrawn already.", "Make another one, if it holds again.")
        before = {name: found[0][name] for name in ("kind", "text", "author")}
        note(
            who,
            now,
            "statement withdrawn",
            f"host {found[0]['host_id']}",
            before,
            {"statement": number, "reason": why},
        )
        follow(snapshots)


def _zone_of(host: int, zones: frozenset[str] | None) -> str:
    zone = said_rows.zone_of_host(host) if 0 < host < 1 << 63 else None
    if zone is None or (zones is not None and zone not in zones):
        raise NotFoundError(
            f"There is no host {host} that you may see.", "`vatriage host show ADDRESS --json` names its number."
        )
    return zone


def _checked_text(form: StatementForm) -> str:
    text = plain(" ".join(form.text.split()))
    if form.kind is Said.MAC:
        return _checked_mac(text)
    if len(text) > TEXT_LENGTH or not (text or form.kind is Said.NOT_ONE_HOST):
        raise UsageError(f"A statement has 1 to {TEXT_LENGTH} characters.", "Say it shorter; the reason may be long.")
    return text


def _checked_mac(text: str) -> str:
    try:
        return canonical_mac(text)
    except ValueError as error:
        raise UsageError(f"{error}.", "Write it like 00:11:22:33:44:55.") from error
