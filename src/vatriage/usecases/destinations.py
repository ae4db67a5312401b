"""Where verdicts are sent: added, changed, paused, removed and listed. It acts at once, and stands in the audit log.

A secret is bound to its server: who changes the server must give the secret anew, so that nobody who may change a
destination can have its secret sent to himself.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
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


class Every(StrEnum):
    """How often a digest is sent."""

    HOURLY = "hourly"
    DAILY = "daily"


_MAIL = {"sender": "", "recipients": [], "every": Every.DAILY.value, "at": "07:00", "login": ""}
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}", re.ASCII)
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_MOST_RECIPIENTS = 50
_HOUR_S, _DAY_S = 3_600, 86_400


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
    sender: str | None = None
    """Of an e-mail: its address."""
    recipients: Sequence[str] | None = None
    every: Every | None = None
    """How often a digest is sent."""
    at: str | None = None
    """When, UTC, `HH:MM`; of an hourly one the minutes count."""
    login: str | None = None
    """At the mail server, "" = none."""


def add_destination(name: str, form: Form, *, vault: Vault, who: Who, clock: Clock) -> Destination:
    """Add a destination; what is judged from then on is sent there.

    Raises: UsageError: the name is taken or none, or something that was said cannot be meant.
    """
    checked_name("destination", name)
    if form.url is None:
        raise UsageError("A destination needs a URL.", "https://, tls://, tcp://, udp://, smtps:// or smtp://.")
    with transaction.atomic():
        if Destination.objects.filter(name=name).exists():
            raise UsageError(f"A destination named {name!r} is here already.", "Change it, or choose another name.")
        if Destination.objects.count() >= MOST:
            raise UsageError(f"There are {MOST} destinations already.", "Remove one first.")
        row = Destination(name=name, least=int(Verdict.AFFECTED))
        _fill(row, form, vault)
        row.next_at = next_due(row, _now(clock))
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
        row.next_at, row.failures, row.error = next_due(row, _now(clock)), 0, ""
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
    if form.least is not None:
        if form.least not in LEAST:
            raise UsageError(f"{form.least.name} is no verdict of the machine.", "Choose NOT_AFFECTED or a worse one.")
        row.least = int(form.least)
    if form.zones is not None:
        row.zones = _zones(form.zones)
    if form.paused is not None:
        row.paused = form.paused
    row.settings = _settings(row, form, place.kind)


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


def _settings(row: Destination, form: Form, kind: Kind) -> dict[str, Any]:
    said: dict[str, Any] = {"private": form.private, "ca_file": form.ca_file}
    if form.ca_file and "\0" in form.ca_file:
        raise UsageError("That is no path of a file.", "Name a PEM file.")
    filled: dict[str, Any] = {"private": False, "ca_file": "", **row.settings}
    if kind is Kind.MAIL:
        filled = _MAIL | filled
        said |= {
            "sender": form.sender, "recipients": None if form.recipients is None else list(form.recipients),
            "every": None if form.every is None else form.every.value, "at": form.at, "login": form.login,
        }  # fmt: skip
    filled |= {key: value for key, value in said.items() if value is not None}
    if kind is Kind.MAIL:
        _check_mail(filled)
    return filled


def _check_mail(settings: dict[str, Any]) -> None:
    """Raise: UsageError: a digest could not be sent so."""
    if not settings["recipients"] or len(settings["recipients"]) > _MOST_RECIPIENTS:
        raise UsageError(f"An e-mail needs 1 to {_MOST_RECIPIENTS} recipients.", "Name them (--to).")
    for address in (settings["sender"], *settings["recipients"]):
        if not _ADDRESS.fullmatch(address):
            raise UsageError(
                f"{address[:80]!r} is no e-mail address.", "Name sender and recipients like soc@example.org."
            )
    if not _TIME.fullmatch(settings["at"]):
        raise UsageError(f"{settings['at'][:20]!r} is no time of the day.", "Write it like 07:00, in UTC.")
    if len(settings["login"]) > 255 or not (settings["login"].isprintable() and settings["login"].isascii()):
        raise UsageError("That is no login.", "A login has printable characters of ASCII only.")


def next_due(row: Destination, now: int) -> int:
    """Return when a destination is next sent to, seconds; 0 = at once: only digests wait for their time."""
    if place_of(row.url).kind is not Kind.MAIL:
        return 0
    settings = _MAIL | row.settings
    hours, minutes = map(int, str(settings["at"]).split(":"))
    every, after = (
        (_HOUR_S, minutes * 60) if settings["every"] == Every.HOURLY else (_DAY_S, hours * _HOUR_S + minutes * 60)
    )
    return (now - after) // every * every + every + after


def _zones(names: Sequence[str]) -> list[str]:
    unknown = sorted(set(names) - set(Zone.objects.values_list("name", flat=True)))
    if unknown:
        raise UsageError(f"There is no zone named {unknown[0]!r}.", "`vatriage zone list` shows all.")
    return sorted(set(names))


def _noted(row: Destination) -> dict[str, Any]:
    return {
        "url": row.url, "least": Verdict(row.least).name, "zones": list(row.zones), "paused": row.paused,
        "private": bool(row.settings.get("private")), "ca_file": row.settings.get("ca_file") or None,
        "secret_set": bool(row.secret_token), "mail": _mail(row),
    }  # fmt: skip


def _mail(row: Destination) -> dict[str, Any] | None:
    """Return what is said of an e-mail, None for what is none."""
    return (
        {name: row.settings.get(name, usual) for name, usual in _MAIL.items()} if "recipients" in row.settings else None
    )


def _instant(seconds: int) -> str | None:
    return format_instant(seconds * 1_000_000) if seconds else None


def _now(clock: Clock) -> int:
    return now_us(clock) // 1_000_000
