"""What a list of alerts leaves out where hiding is on, and how many that are. Nothing is hidden without a number."""

from dataclasses import dataclass, replace

from vatriage.clock import Clock, now_us
from vatriage.model.alert_filter import AlertFilter
from vatriage.model.instant import US
from vatriage.store.hidden_counts import COUNTED, count_left_out
from vatriage.usecases.alert_lists import signatures_of
from vatriage.usecases.hiding_watch import EndedByItself, ended_by_itself, standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """A list's filter as it is applied, and what that leaves out."""

    wanted: AlertFilter
    alerts: int = 0
    """That fit the filter and are hidden, whether or not they are shown this time."""
    more: bool = False
    """There are more than were counted."""
    left_out: bool = False
    """They are not in the list."""
    ended: tuple[EndedByItself, ...] = ()
    """Where hiding ended by itself lately."""


def as_listed(wanted: AlertFilter, *, zones: frozenset[str] | None, clock: Clock, show: bool) -> Hidden:
    """Return how a list is shown.

    A list that asks for a verdict, for what a person said, or for one group leaves nothing out: somebody wants to see just
    that.

    Args:
        wanted: the filter.
        zones: names of the zones that the viewer may see, None = all.
        clock: for reviews and policies that expire.
        show: the viewer wants to see what is hidden as well.
    """
    policies = standing(clock)
    ended = tuple(ended_by_itself(zones, now_us(clock) // US))
    asked = wanted.within(zones)
    here = frozenset((zone, level) for zone, level in policies if asked.zones is None or zone in asked.zones)
    if not here or wanted.verdicts or wanted.decisions or wanted.reviewed or wanted.group_id:
        return Hidden(wanted=wanted, ended=ended)
    number = count_left_out(asked, here, signatures_of(wanted.signature), now_us(clock) // US)
    return Hidden(
        wanted=wanted if show else replace(wanted, leave_out=here), alerts=min(number, COUNTED), more=number > COUNTED,
        left_out=not show, ended=ended,
    )  # fmt: skip
