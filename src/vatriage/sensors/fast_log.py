"""Alerts on one line: fast.log of Suricata, `alert_fast` of Snort 2 and 3.

`08/28/2026-12:14:15.123456  [Drop] [**] [1:2009187:4] message [**] [Classification: ...] [Priority: 1] {TCP} a:1 -> b:2`.
Source: Suricata's `src/alert-fastlog.c`, Snort 2's `spo_alert_fast.c`, Snort 3's `alert_fast.cc`. For ICMP Suricata writes
type and code where ports stand.
"""

import re

from vatriage.model.alert import Alert
from vatriage.sensors.dating import Calendar, Dating
from vatriage.sensors.eve_lenient import LineError
from vatriage.sensors.report import Report, make_alert
from vatriage.sensors.snort_text import STARS, disposition_of, read_text
from vatriage.sensors.snort_time import TIME, wall_of
from vatriage.sensors.text_reading import text_of

_MARKS = re.compile(r"\s*((?:\[\w{1,12}\]\s*)*)\[\*\*\]\s*", re.ASCII)


class FastLog:
    """See LineFormat."""

    json = False

    def __init__(self, zone: str, name: str, dating: Dating) -> None:
        self._zone, self._name = zone, name
        self._calendar = Calendar(dating)

    def alert_of(self, line: bytes, number: int) -> tuple[Alert | None, bytes]:
        """See LineFormat.alert_of."""
        text = text_of(line)
        time = TIME.match(text)
        marks = _MARKS.match(text, time.end()) if time else None
        if time is None or marks is None:
            raise LineError(f"the line does not begin with a time and {STARS}")
        parts = read_text(text[marks.end() :])
        wall = wall_of(time[0], year_first=parts.quoted)
        report = Report(
            dated=self._calendar.date(wall),
            gid=parts.gid,
            sid=parts.sid,
            rev=parts.rev,
            message=parts.message,
            category=parts.category,
            alert_priority=parts.alert_priority,
            source_address=parts.source.address,
            source_port=parts.source.port,
            destination_address=parts.destination.address,
            destination_port=parts.destination.port,
            protocol=parts.protocol,
            disposition=disposition_of(marks[1]),
            doubts=(*parts.source.doubts, *parts.destination.doubts),
        )
        return make_alert(report, self._zone, self._name, number), line
