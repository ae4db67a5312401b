"""Every format of alerts: its name, how it is read, where a piece of a growing file may end. A new format is one entry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vatriage.errors import UsageError
from vatriage.sensors.cef import Cef
from vatriage.sensors.dating import Calendar, Dating
from vatriage.sensors.fast_log import FastLog
from vatriage.sensors.interface import AlertReader
from vatriage.sensors.leef import Leef
from vatriage.sensors.snort_csv import SnortCsv
from vatriage.sensors.snort_full import FullReader
from vatriage.sensors.snort_json import SnortJson
from vatriage.sensors.suricata_eve import SuricataEve
from vatriage.sensors.syslog import Syslog
from vatriage.sensors.text_reading import MakeLineFormat, TextReader
from vatriage.sensors.unified2 import Unified2, count_records, whole_records

EVE = "eve"


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format."""

    title: str
    """For people."""
    reader: Callable[[Dating], AlertReader]
    whole: Callable[[bytes], int]
    """How many of the first bytes of a growing source are whole alerts."""
    count: Callable[[bytes], int] = lambda data: data.count(b"\n")
    """How many lines, or records, whole alerts take."""


def _whole_lines(data: bytes) -> int:
    return data.rfind(b"\n") + 1


def _whole_blocks(data: bytes) -> int:
    for gap in (b"\n\n", b"\n\r\n"):
        if (place := data.rfind(gap)) >= 0:
            return place + len(gap)
    return 0


def _lines(title: str, make: MakeLineFormat) -> Format:
    return Format(title=title, reader=lambda dating: TextReader(make, dating), whole=_whole_lines)


FORMATS: Mapping[str, Format] = {
    EVE: Format(title="Suricata's EVE JSON", reader=lambda _dating: SuricataEve(), whole=_whole_lines),
    "snort-json": _lines("Snort 3's alert_json", SnortJson),
    "fast": _lines("fast.log of Suricata or Snort", FastLog),
    "snort-full": Format(
        title="Snort's alert_full", reader=lambda dating: FullReader(lambda: Calendar(dating)), whole=_whole_blocks
    ),
    "snort-csv": _lines("Snort 2's alert_csv", SnortCsv),
    "syslog": _lines("syslog", Syslog),
    "cef": _lines("CEF", Cef),
    "leef": _lines("LEEF", Leef),
    "unified2": Format(
        title="Snort's unified2", reader=lambda _dating: Unified2(), whole=whole_records, count=count_records
    ),
}


def format_named(name: str) -> Format:
    """Return a format. Raises: UsageError: there is none of that name."""
    if name not in FORMATS:
        raise UsageError(f"There is no format {name[:40]!r}.", f"Formats are: {', '.join(FORMATS)}.")
    return FORMATS[name]
