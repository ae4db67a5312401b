"""SCHEDULEDSCANS: the scans that the service starts by itself (API v1, scheduled_scans.php).

Reads: SCAN@active, SCAN/TITLE, SCAN/TARGETS, SCAN/SCHEDULE/DAILY@frequency_days, WEEKLY@frequency_weeks,@weekdays,
SCAN/NEXTLAUNCH_UTC (there only while the schedule is active; UTC without the Z), SCAN/TYPE (a map scans nothing).
An empty list holds nothing but a comment.
"""

from vatriage.model.report import ReportPage, ScheduledScan
from vatriage.vendors.qualys.frame import DocumentFrame
from vatriage.vendors.xml.frame import Attributes

_DAY_S = 86_400


class ScanScheduleFrame(DocumentFrame):
    """Gathers the schedules."""

    def __init__(self, name: str) -> None:
        """See DocumentFrame."""
        super().__init__(name)
        self._facts: dict[str, str] = {}
        self._every_s = 0
        self._schedules: list[ScheduledScan] = []

    def element(self, path: tuple[str, ...], text: str, attributes: Attributes) -> None:
        """See DocumentFrame.element."""
        match path[1:]:
            case ("SCAN", "SCHEDULE", "DAILY" | "WEEKLY" as rhythm):
                self._every_s = _every_s(rhythm, {name.lower(): value for name, value in attributes.items()})
            case ("SCAN", "TITLE" | "TARGETS" | "NEXTLAUNCH_UTC" | "TYPE" as fact):
                self._facts[fact] = " ".join(text.split())
            case ("SCAN",):
                self._entry({name.lower(): value for name, value in attributes.items()}.get("active", "yes"))
            case _:
                super().element(path, text, attributes)

    @property
    def gathered(self) -> int:
        """See DocumentFrame.gathered."""
        return len(self._schedules) + super().gathered

    def take(self) -> ReportPage | None:
        """See DocumentFrame.take."""
        schedules, self._schedules = tuple(self._schedules), []
        rejects, self.rejects = tuple(self.rejects), []
        return ReportPage(schedules=schedules, rejects=rejects) if schedules or rejects else None

    def _entry(self, active: str) -> None:
        """Keep a schedule, unless it is a map's."""
        facts, every_s = self._facts, self._every_s
        self._facts, self._every_s = {}, 0
        if facts.get("TYPE", "SCAN").upper() == "MAP":
            return
        launch, title = facts.get("NEXTLAUNCH_UTC", ""), facts.get("TITLE", "")
        self._schedules.append(
            ScheduledScan(
                title=title,
                targets=facts.get("TARGETS", ""),
                active=active.strip().lower() in ("yes", "1"),
                next_launch_at=self._instant(f"the next launch of the scheduled scan {title!r}", launch)
                if launch
                else 0,
                every_s=every_s,
            )
        )


def _every_s(rhythm: str, attributes: Attributes) -> int:
    """Return the seconds between two launches, 0 if they differ or are not stated."""
    days = attributes.get("frequency_days", "") if rhythm == "DAILY" else attributes.get("frequency_weeks", "")
    if not (days.isascii() and days.isdigit() and len(days) < 4):
        return 0
    if rhythm == "DAILY":
        return int(days) * _DAY_S
    return 0 if "," in attributes.get("weekdays", "") else int(days) * 7 * _DAY_S
