"""Submit and Activate, for everything that acts: a change is stored at once and acts only once it is activated.

One subject (a device, a rule, the proxy settings) has at most one pending change. Who submits says which state they saw
(`stamp`), so that two editors cannot overwrite each other unnoticed. All pending changes are activated in one
transaction; each activation leaves a version that can be restored.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db import transaction

from vatriage.clock import Clock, now_us
from vatriage.errors import NotFoundError, UsageError, VatriageError
from vatriage.model.instant import US
from vatriage.model.scan_ceiling import GROUPS
from vatriage.model.viewer import Who
from vatriage.store.audit import note
from vatriage.store.changes import PendingChange
from vatriage.usecases.change_views import Waiting, action, before_after, waiting
from vatriage.usecases.config_kind import ConfigKind, Content, Subject
from vatriage.usecases.config_versions import Version, content_of, keep, last_number, versions


class ConflictError(UsageError):
    """Somebody else changed the subject since it was read."""


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
        return f"{last_number(kind, subject)}.{pending.pk if pending else 0}"

    def submitted(self, kind: str, subject: str) -> Content | None:
        """Return what a subject will be once everything is activated, with its secrets' tokens; None = not there."""
        pending = PendingChange.objects.filter(kind=kind, subject=subject).first()
        return pending.content if pending else self._kinds[kind].current(subject)

    def shown(self, kind: str, subject: str) -> Content | None:
        """Return what acts of a subject, or else what was submitted, without secrets; None = not there."""
        content = self._kinds[kind].current(subject) or self.submitted(kind, subject)
        return None if content is None else self._kinds[kind].shown(content)

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
        now = now_us(self._clock) // US
        config_kind = self._kinds[kind]
        with transaction.atomic():
            self._check_seen(kind, subject, seen)
            before, acting = self.submitted(kind, subject), config_kind.current(subject)
            if content is None and before is None:
                raise NotFoundError(f"There is no {kind} named {subject!r}.", "It may have been deleted meanwhile.")
            if content is not None:
                config_kind.check(subject, content)
            PendingChange.objects.filter(kind=kind, subject=subject).delete()
            if content != acting:
                PendingChange.objects.create(
                    kind=kind, subject=subject, content=content, submitted_by=who.name, address=who.address,
                    submitted_at=now,
                )  # fmt: skip
            config_kind.noted(subject, content, now)
            note(who, now, f"{kind} {action(before, content)}", subject, *before_after(config_kind, before, content))

    def pending(self) -> list[Waiting]:
        """Return the changes that wait for their activation, in the order of the kinds and of time."""
        return [waiting(row, self._kinds[row.kind]) for row in self._rows(None)]

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
        done, now = Activation(), now_us(self._clock) // US
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
        now = now_us(self._clock) // US
        with transaction.atomic():
            for subject, stamp in (seen or {}).items():
                self._check_seen(*subject, stamp)
            dropped = self._rows(only)
            for row in dropped:
                config_kind = self._kinds[row.kind]
                row.delete()
                config_kind.noted(row.subject, config_kind.current(row.subject), now)
                before = None if row.content is None else config_kind.shown(row.content)
                note(who, now, f"{row.kind} change discarded", row.subject, before, None)
        return [(row.kind, row.subject) for row in dropped]

    def versions(self, kind: str, subject: str) -> list[Version]:
        """Return every version of a subject that was activated, newest first."""
        return versions(self._kinds[kind], subject)

    def restore(self, kind: str, subject: str, number: int, *, who: Who, seen: str | None = None) -> None:
        """Submit an old version again; it acts once it is activated. Raises: NotFoundError, ConflictError, UsageError."""
        self.submit(kind, subject, content_of(kind, subject, number), who=who, seen=seen)

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
        config_kind, content = self._kinds[row.kind], row.content
        before = config_kind.current(row.subject)
        if content is not None:
            for addresses in confirmed:
                content = config_kind.confirmed(content, addresses)
            config_kind.check(row.subject, content)
        config_kind.apply(row.subject, content, now)
        keep(row, before, content, who.name, now)
        note(who, now, f"{row.kind} activated", row.subject, *before_after(config_kind, before, content))
        PendingChange.objects.filter(pk=row.pk).delete()


def _confirmations(subject: str, confirmed: Mapping[str, int], *, groups: bool) -> list[int]:
    """Return the ceilings that a person confirmed for a subject."""
    return [ceiling for ceiling in (confirmed.get(subject, confirmed.get("*", 0)), GROUPS if groups else 0) if ceiling]
