"""Submit and Activate, for everything that acts: a change is stored at once and acts only once it is activated.

One subject (a device, a rule, the proxy settings) has at most one pending change. Who submits says which state they saw
(`stamp`), so that two editors cannot overwrite each other unnoticed. All pending changes are activated in one
transaction; each activation leaves a version that can be restored.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db import transaction

from vatriage.clock import Clock, now_us
from vatriage.errors import NotFoundError, UsageError, VatriageError
from vatriage.model.viewer import Who
from vatriage.store.audit import note
from vatriage.store.changes import ConfigVersion, PendingChange
from vatriage.usecases.scan_confirmation import GROUPS

Content = dict[str, Any]
SECRET = "_token"  # noqa: S105 - the name of a field, not a secret
"""Ends the name of every field that holds a secret's token."""
Subject = tuple[str, str]
"""The name of a kind and of a subject: ("device", "head office")."""


class ConflictError(UsageError):
    """Somebody else changed the subject since it was read."""


class ConfigKind(Protocol):
    """What is configured: how its content is checked, applied and shown. Content is JSON; passwords are vault tokens."""

    name: str
    """In the singular, as people call it: "device"."""

    def current(self, subject: str) -> Content | None:
        """Return what acts at present, None if nothing does."""

    def check(self, subject: str, content: Content) -> None:
        """Raise: UsageError: the content cannot be meant; the message names the field."""

    def noted(self, subject: str, content: Content | None, now: int) -> None:
        """Take note of a submitted change (or of its end, None): what a list shows before it acts."""

    def confirmed(self, content: Content, addresses: int) -> Content:
        """Return the content after a person confirmed that so many addresses may be scanned.

        Args:
            content: what is to be activated.
            addresses: `scan_confirmation.GROUPS` = however many its asset groups hold.
        """

    def to_confirm(self, content: Content) -> int | None:
        """Return how many addresses somebody must confirm before the content acts, None = nothing to.

        0 = as many as its asset groups hold, which only the server knows: that is confirmed by GROUPS, by no number.
        """

    def apply(self, subject: str, content: Content | None, now: int) -> None:
        """Make the content act; None deletes the subject. Raises: UsageError: it cannot act."""

    def shown(self, content: Content) -> Content:
        """Return the content without secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A pending change, as people see it."""

    kind: str
    subject: str
    action: str
    """added, changed or deleted."""
    before: Content | None
    after: Content | None
    """Both without secrets; a changed secret shows as "changed"."""
    by: str
    at: int
    """Seconds."""
    to_confirm: int | None
    """Addresses to confirm before it acts, 0 = as many as asset groups hold, None = nothing to confirm."""

    @property
    def differences(self) -> list[tuple[str, Any, Any]]:
        """The fields that change: name, before, after."""
        before, after = self.before or {}, self.after or {}
        names = [*before, *(name for name in after if name not in before)]
        return [(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What was activated once, without secrets."""

    number: int
    content: Content | None
    submitted_by: str
    activated_by: str
    activated_at: int


@dataclass(slots=True)
class Activation:
    """What an activation did."""

    activated: list[Subject] = field(default_factory=list)
    refused: list[tuple[Subject, VatriageError]] = field(default_factory=list)
    """With what speaks against each; these changes stay pending."""


class ActivationRefusedError(UsageError):
    """Something speaks against one of the changes, so none of them was activated."""

    def __init__(self, refused: list[tuple[Subject, VatriageError]]) -> None:
        text = " ".join(f"{kind.capitalize()} {subject!r}: {error.message}" for (kind, subject), error in refused)
        super().__init__(f"Nothing was activated. {text}", refused[0][1].hint)
        self.refused = refused


class Changes:
    """The desk where changes are submitted and activated.

    Args:
        kinds: everything that can be configured, in the order in which it must be applied.
        clock: for the log.
    """

    def __init__(self, kinds: Iterable[ConfigKind], clock: Clock) -> None:
        self._kinds = {kind.name: kind for kind in kinds}
        self._clock = clock

    @property
    def kinds(self) -> list[str]:
        """The names of all that can be configured, in the order in which it is applied."""
        return list(self._kinds)

    def stamp(self, kind: str, subject: str) -> str:
        """Return what tells one state of a subject from the next; a form carries it from reading to submitting."""
        pending = PendingChange.objects.filter(kind=kind, subject=subject).first()
        return f"{_last_number(kind, subject)}.{pending.pk if pending else 0}"

    def submitted(self, kind: str, subject: str) -> Content | None:
        """Return what a subject will be once everything is activated, with its secrets' tokens; None = not there."""
        pending = PendingChange.objects.filter(kind=kind, subject=subject).first()
        return pending.content if pending else self._kinds[kind].current(subject)

    def shown(self, kind: str, subject: str) -> Content | None:
        """Return what acts of a subject, or else what was submitted, without secrets; None = not there."""
        content = self._kinds[kind].current(subject) or self.submitted(kind, subject)
        return None if content is None else self._kinds[kind].shown(content)

    def check(self, kind: str, subject: str, content: Content) -> None:
        """Raise: UsageError: a content cannot be meant. Nothing is stored."""
        self._kinds[kind].check(subject, content)

    def submit(self, kind: str, subject: str, content: Content | None, *, who: Who, seen: str | None = None) -> None:
        """Store a change; nothing acts on it yet.

        Args:
            kind: one of the kinds' names.
            subject: the subject's name.
            content: the whole new content, None to delete the subject.
            who: for the log.
            seen: the stamp the person saw; None trusts the caller to have read just now.

        Raises:
            UsageError: the content cannot be meant.
            ConflictError: somebody else was faster.
            NotFoundError: what is to be deleted is not there.
        """
        now = now_us(self._clock) // 1_000_000
        desk = self._kinds[kind]
        with transaction.atomic():
            self._check_seen(kind, subject, seen)
            before, acting = self.submitted(kind, subject), desk.current(subject)
            if content is None and before is None:
                raise NotFoundError(f"There is no {kind} named {subject!r}.", "It may have been deleted meanwhile.")
            if content is not None:
                desk.check(subject, content)
            PendingChange.objects.filter(kind=kind, subject=subject).delete()
            if content != acting:
                PendingChange.objects.create(
                    kind=kind, subject=subject, content=content, submitted_by=who.name, address=who.address,
                    submitted_at=now,
                )  # fmt: skip
            desk.noted(subject, content, now)
            note(who, now, f"{kind} {_action(before, content)}", subject, *self._before_after(desk, before, content))

    def pending(self) -> list[Waiting]:
        """Return the changes that wait for their activation, in the order of the kinds and of time."""
        return [self._waiting(row) for row in self._rows(None)]

    def activate(
        self, who: Who, *, confirmed: Mapping[str, int] | None = None, groups: bool = False,
        only: Collection[Subject] | None = None, partly: bool = False, seen: Mapping[Subject, str] | None = None,
    ) -> Activation:  # fmt: skip
        """Make pending changes act, in one transaction.

        Args:
            who: for the log.
            confirmed: by the device's name, how many addresses a person lets it scan at every pull; "*" = any device.
                A scan of asset groups is confirmed by GROUPS alone.
            groups: a person lets every device scan its asset groups, however many addresses they hold.
            only: these subjects; None = all.
            partly: activate what can be activated, where something speaks against the rest.
            seen: the stamps of the changes that the person read before activating them.

        Raises:
            ConflictError: a change is not the one that was read.
            ActivationRefusedError: something speaks against a change; without `partly` nothing was activated then.
        """
        done, now = Activation(), now_us(self._clock) // 1_000_000
        with transaction.atomic():
            for subject, stamp in (seen or {}).items():
                self._check_seen(*subject, stamp)
            for row in self._rows(only):
                try:
                    with transaction.atomic():
                        self._apply(row, who, now, _confirmations(row.subject, confirmed or {}, groups=groups))
                except VatriageError as error:
                    done.refused.append(((row.kind, row.subject), error))
                else:
                    done.activated.append((row.kind, row.subject))
            if done.refused and not partly:
                raise ActivationRefusedError(done.refused)
        return done

    def discard(
        self, who: Who, only: Collection[Subject] | None = None, *, seen: Mapping[Subject, str] | None = None
    ) -> list[Subject]:
        """Drop pending changes (all of them without `only`); return whose. Raises: ConflictError: see `activate`."""
        now = now_us(self._clock) // 1_000_000
        with transaction.atomic():
            for subject, stamp in (seen or {}).items():
                self._check_seen(*subject, stamp)
            dropped = self._rows(only)
            for row in dropped:
                desk = self._kinds[row.kind]
                row.delete()
                desk.noted(row.subject, desk.current(row.subject), now)
                before = None if row.content is None else desk.shown(row.content)
                note(who, now, f"{row.kind} change discarded", row.subject, before, None)
        return [(row.kind, row.subject) for row in dropped]

    def versions(self, kind: str, subject: str) -> list[Version]:
        """Return every version of a subject that was activated, newest first."""
        desk = self._kinds[kind]
        return [
            Version(
                number=row.number, content=None if row.content is None else desk.shown(row.content),
                submitted_by=row.submitted_by, activated_by=row.activated_by, activated_at=row.activated_at,
            )
            for row in ConfigVersion.objects.filter(kind=kind, subject=subject).order_by("-number")
        ]  # fmt: skip

    def restore(self, kind: str, subject: str, number: int, *, who: Who, seen: str | None = None) -> None:
        """Submit an old version again; it acts once it is activated. Raises: NotFoundError, ConflictError, UsageError."""
        row = ConfigVersion.objects.filter(kind=kind, subject=subject, number=number).first()
        if row is None:
            raise NotFoundError(f"The {kind} {subject!r} has no version {number}.", "Its page lists the versions.")
        self.submit(kind, subject, row.content, who=who, seen=seen)

    def _rows(self, only: Collection[Subject] | None) -> list[PendingChange]:
        order = list(self._kinds)
        rows = [
            row for row in PendingChange.objects.filter(kind__in=order)
            if only is None or (row.kind, row.subject) in only
        ]  # fmt: skip
        return sorted(rows, key=lambda row: (order.index(row.kind), row.pk))

    def _check_seen(self, kind: str, subject: str, seen: str | None) -> None:
        if seen is None or seen == self.stamp(kind, subject):
            return
        pending = PendingChange.objects.filter(kind=kind, subject=subject).first()
        whose = f" by {pending.submitted_by}" if pending else ""
        raise ConflictError(
            f"The {kind} {subject!r} was changed{whose} after you opened it, so nothing of yours was stored.",
            "Open it again: you will see the other change, and can make yours on top of it.",
        )

    def _apply(self, row: PendingChange, who: Who, now: int, confirmed: Iterable[int]) -> None:
        desk, content = self._kinds[row.kind], row.content
        before = desk.current(row.subject)
        if content is not None:
            for addresses in confirmed:
                content = desk.confirmed(content, addresses)
            desk.check(row.subject, content)
        number = _last_number(row.kind, row.subject)
        if number == 0 and before is not None:
            number += 1
            _keep(row, number, before, "before versions were kept", now)
        desk.apply(row.subject, content, now)
        _keep(row, number + 1, content, who.name, now)
        note(who, now, f"{row.kind} activated", row.subject, *self._before_after(desk, before, content))
        PendingChange.objects.filter(pk=row.pk).delete()

    def _waiting(self, row: PendingChange) -> Waiting:
        desk = self._kinds[row.kind]
        acting = desk.current(row.subject)
        before, after = self._before_after(desk, acting, row.content)
        return Waiting(
            kind=row.kind, subject=row.subject, action=_action(acting, row.content), before=before, after=after,
            by=row.submitted_by, at=row.submitted_at,
            to_confirm=None if row.content is None else desk.to_confirm(row.content),
        )  # fmt: skip

    @staticmethod
    def _before_after(
        desk: ConfigKind, before: Content | None, after: Content | None
    ) -> tuple[Content | None, Content | None]:
        """Return both as they may be shown; what differs only in its secret is marked."""
        was = None if before is None else desk.shown(before)
        will = None if after is None else desk.shown(after)
        if before and after and any(before.get(name) != after.get(name) for name in after if name.endswith(SECRET)):
            will = (will or {}) | {"password": "changed"}
        return was, will


def _confirmations(subject: str, confirmed: Mapping[str, int], *, groups: bool) -> list[int]:
    """Return the ceilings that a person confirmed for a subject."""
    return [ceiling for ceiling in (confirmed.get(subject, confirmed.get("*", 0)), GROUPS if groups else 0) if ceiling]


def _last_number(kind: str, subject: str) -> int:
    newest = ConfigVersion.objects.filter(kind=kind, subject=subject).order_by("-number").first()
    return newest.number if newest else 0


def _keep(row: PendingChange, number: int, content: Content | None, activated_by: str, now: int) -> None:
    ConfigVersion.objects.create(
        kind=row.kind, subject=row.subject, number=number, content=content, submitted_by=row.submitted_by,
        activated_by=activated_by, activated_at=now,
    )  # fmt: skip


def _action(before: Content | None, after: Content | None) -> str:
    if before is None:
        return "added"
    return "deleted" if after is None else "changed"
