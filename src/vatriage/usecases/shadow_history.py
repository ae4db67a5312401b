"""Where the simulation of hiding finds its alerts. The store is one place; an archive of older ones can be another."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from vatriage.model.alert_filter import Decision
from vatriage.model.instant import US
from vatriage.model.shadow import Said, Settled
from vatriage.store.shadow_rows import (
    Spoken,
    Window,
    count_alerts,
    count_hidden,
    escalated,
    hidden_alerts,
    spoken_of,
)


class ShadowHistory(Protocol):
    """Judged alerts of the past, with every verdict they were given."""

    def count(self, window: Window) -> tuple[int, int, int]:
        """Return how many alerts a window holds, how many would have been hidden, and how many of these were raised later."""

    def settled(self, window: Window) -> list[Settled]:
        """Return those that would have been hidden and of which something came to light, each once."""

    def candidates(self, window: Window) -> Iterator[tuple[str, int]]:
        """Yield id and instant of all that would have been hidden, each once."""


class StoredHistory:
    """See ShadowHistory: the alerts of the store."""

    def count(self, window: Window) -> tuple[int, int, int]:
        """See ShadowHistory.count."""
        return count_alerts(window), *count_hidden(window)

    def settled(self, window: Window) -> list[Settled]:
        """See ShadowHistory.settled."""
        said = said_of(spoken_of(window))
        risen = dict(escalated(window))
        at_us = risen | {name: instant for name, (instant, _) in said.items()}
        return [
            Settled(name, instant, said.get(name, (0, Said.NOTHING))[1], name in risen)
            for name, instant in sorted(at_us.items())
        ]

    def candidates(self, window: Window) -> Iterator[tuple[str, int]]:
        """See ShadowHistory.candidates."""
        return hidden_alerts(window)


def said_of(spoken: Iterable[Spoken]) -> dict[str, tuple[int, Said]]:
    """Return by alert its instant and what people say of it: the later one of what they said of it and of its group.

    That a group is harmless, said before an alert of it was judged, says nothing of that alert: nobody had seen it. That
    a group is an attack holds for all of it, whenever it was said, and whether that review has expired or not.
    """
    newest: dict[str, Spoken] = {}
    for one in spoken:
        if one.alert_id not in newest or newest[one.alert_id].number < one.number:
            newest[one.alert_id] = one
    found = {name: (one.at_us, _said(one)) for name, one in newest.items()}
    return {name: (at_us, said) for name, (at_us, said) in found.items() if said is not Said.NOTHING}


def _said(one: Spoken) -> Said:
    if one.decision == Decision.CONFIRMED_POSITIVE:
        return Said.WRONG
    return Said.RIGHT if one.said_at >= one.first_judged_us // US else Said.NOTHING
