"""Where verdicts are sent: added, changed, paused, removed and listed. It acts at once, and stands in the audit log.

A secret is bound to its server: who changes the server must give the secret anew, so that nobody who may change a
destination can have its secret sent to himself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from vatriage.clock import Clock, now_us
from vatriage.errors import NotFoundError, UsageError
from vatriage.model.destination import Kind, Place, place_of
from vatriage.model.instant import format_instant
from vatriage.model.name import checked_name
from vatriage.model.secret import Secret
from vatriage.model.verdict import Verdict
from vatriage.model.viewer import Who
from vatriage.store.audit import note
from vatriage.store.destinations import Destination
from vatriage.store.outbox_rows import count_waiting
from vatriage.store.places import Zone
from vatriage.vault import Vault

MOST = 100
"""Destinations that are kept."""
SHORTEST_SECRET = 16
"""Characters of a secret that signs: fewer can be guessed from one signed message."""
LEAST = (Verdict.NOT_AFFECTED, Verdict.UNVERIFIABLE, Verdict.UNKNOWN, Verdict.POSSIBLY_AFFECTED, Verdict.AFFECTED,
         Verdict.COMPROMISE_INDICATED)  # fmt: skip
"""Verdicts that may be the mildest that is sent: those of the machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a person said of a destination; None = as it is, or the default."""

    url: str | None = None
    secret: Secret | None = None
    least: Verdict | None = None
    zones: Sequence[str] | None = None
    """Empty = all."""
    private: bool | None = None
    """It may be an address of this machine or of a private network."""
    ca_file: str | None = None
    """PEM file of a private authority in place of the system's, "" = none."""
    paused: bool | None = None


def add_destination(name: str, form: Form, *, vault: Vault, who: Who, clock: Clock) -> Destination:
    """Add a destination; what is judged from then on is sent there.

    Raises: UsageError: the name is taken or none, or something that was said cannot be meant.
    """
    checked_name("destination", name)
    if form.url is None:
        raise UsageError("A destination needs a URL.", "https://..., tls://..., tcp://... or udp://...")
    with transaction.atomic():
        if Destination.objects.filter(name=name).exists():
            raise UsageError(f"A destination named {name!r} is here already.", "Change it, or choose another name.")
        if Destination.objects.count() >= MOST:
            raise UsageError(f"There are {MOST} destinations already.", "Remove one first.")
        row = Destination(name=name, least=int(Verdict.AFFECTED))
        _fill(row, form, vault)
        row.save()
        note(who, _now(clock), "destination added", name, None, _noted(row))
    return row


def change_destination(name: str, form: Form, *, vault: Vault, who: Who, clock: Clock) -> Destination:
    """Change a destination; what waits for it is sent to where it is from then on.

    Raises:
        NotFoundError: there is none of that name.
        UsageError: something that was said cannot be meant; or another server, and no secret was given for it.
    """
    with transaction.atomic():
        row = find_destination(name)
        before = _noted(row)
        _fill(row, form, vault)
        row.next_at, row.failures, row.error = 0, 0, ""
        row.save()
        after = _noted(row) | ({"secret": "changed"} if form.secret is not None else {})
        note(who, _now(clock), "destination changed", name, before, after)
    return row


def remove_destination(name: str, *, who: Who, clock: Clock) -> None:
    """Remove a destination and what waits for it. Raises: NotFoundError: there is none of that name."""
    with transaction.atomic():
        row = find_destination(name)
        note(who, _now(clock), "destination removed", name, _noted(row), None)
        row.delete()


def find_destination(name: str) -> Destination:
    """Return a destination. Raises: NotFoundError: there is none of that name."""
    row = Destination.objects.filter(name=name).first()
    if row is None:
        raise NotFoundError(f"There is no destination named {name!r}.", "`vatriage destination list` shows all.")
    return row


def destinations() -> list[dict[str, Any]]:
    """Return all destinations as people see them, by name."""
    waits = count_waiting()
    return [shown(row, waits.get(row.pk, 0)) for row in Destination.objects.order_by("name")]


def shown(row: Destination, waits: int = 0) -> dict[str, Any]:
    """Return a destination without its secret."""
    return {
        "name": row.name, "kind": place_of(row.url).kind.value, **_noted(row), "waiting": waits, "sent": row.sent,
        "lost": row.lost, "last_sent_at": _instant(row.last_sent_at), "error": row.error or None,
        "next_at": _instant(row.next_at) if row.failures else None,
    }  # fmt: skip


def owner_of(place: Place) -> str:
    """Return whose secret a destination's is: its server's, so that it is never sent to another one."""
    return f" destination {place.kind} {place.server}"


def secret_of(row: Destination, vault: Vault) -> Secret:
    """Return a destination's secret, an empty one if it has none. Raises: VaultError: it cannot be decrypted."""
    token = bytes(row.secret_token)
    return vault.unlock(token, owner_of(place_of(row.url))) if token else Secret("")


def _fill(row: Destination, form: Form, vault: Vault) -> None:
    """Fill in what was said. Raises: UsageError: it cannot be meant."""
    before = place_of(row.url) if row.url else None
    place = place_of(form.url if form.url is not None else row.url)
    if before is not None and owner_of(before) != owner_of(place) and form.secret is None and row.secret_token:
        raise UsageError(
            f"The server changes from {before.server} to {place.server}: the stored secret is not sent elsewhere.",
            "Give the secret again (on the command line: --secret-stdin).",
        )
    row.url = place.url
    if form.secret is not None:
        row.secret_token = _locked(form.secret, place, vault)
    if place.kind is Kind.WEBHOOK and not row.secret_token:
        raise UsageError("A webhook needs a secret that signs what is sent.", "Give one (--secret-stdin).")
    if place.kind is Kind.MAIL:
        raise UsageError("E-mail is not sent yet.", "Use a webhook (https://) or syslog (tls://, tcp://, udp://).")
    if form.least is not None:
        if form.least not in LEAST:
            raise UsageError(f"{form.least.name} is no verdict of the machine.", "Choose NOT_AFFECTED or a worse one.")
        row.least = int(form.least)
    if form.zones is not None:
        row.zones = _zones(form.zones)
    if form.paused is not None:
        row.paused = form.paused
    row.settings = _settings(row, form)


def _locked(secret: Secret, place: Place, vault: Vault) -> bytes:
    text = secret.reveal()
    if not text:
        return b""
    if place.kind is Kind.WEBHOOK and (len(text) < SHORTEST_SECRET or not text.isprintable()):
        raise UsageError(
            f"A secret that signs has {SHORTEST_SECRET} printable characters or more.",
            "`openssl rand -hex 32` makes one.",
        )
    return vault.lock(secret, owner_of(place))


def _settings(row: Destination, form: Form) -> dict[str, Any]:
    said = {"private": form.private, "ca_file": form.ca_file}
    if form.ca_file and "\0" in form.ca_file:
        raise UsageError("That is no path of a file.", "Name a PEM file.")
    filled: dict[str, Any] = {"private": False, "ca_file": "", **row.settings}
    return filled | {key: value for key, value in said.items() if value is not None}


def _zones(names: Sequence[str]) -> list[str]:
    unknown = sorted(set(names) - set(Zone.objects.values_list("name", flat=True)))
    if unknown:
        raise UsageError(f"There is no zone named {unknown[0]!r}.", "`vatriage zone list` shows all.")
    return sorted(set(names))


def _noted(row: Destination) -> dict[str, Any]:
    return {
        "url": row.url, "least": Verdict(row.least).name, "zones": list(row.zones), "paused": row.paused,
        "private": bool(row.settings.get("private")), "ca_file": row.settings.get("ca_file") or None,
        "secret_set": bool(row.secret_token),
    }  # fmt: skip


def _instant(seconds: int) -> str | None:
    return format_instant(seconds * 1_000_000) if seconds else None


def _now(clock: Clock) -> int:
    return now_us(clock) // 1_000_000
