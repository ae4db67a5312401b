"""Snort 2's `alert_csv` with its default columns.

Source: the table of columns in Snort 2's manual (2.6.7) and `spo_alert_csv.c`. The columns have no heads, so another
order cannot be told from this one but by its values: a line whose columns are not what they should be is refused.
"""

import csv

from vatriage.model.alert import Alert
from vatriage.sensors.dating import Calendar, Dating
from vatriage.sensors.eve_lenient import FieldError, LineError
from vatriage.sensors.loose import number_of
from vatriage.sensors.report import Report, make_alert, protocol_name
from vatriage.sensors.snort_time import wall_of
from vatriage.sensors.text_reading import text_of

COLUMNS = (
    "timestamp", "sig_generator", "sig_id", "sig_rev", "msg", "proto", "src", "srcport", "dst", "dstport", "ethsrc",
    "ethdst", "ethlen", "tcpflags", "tcpseq", "tcpack", "tcplen", "tcpwindow", "ttl", "tos", "id", "dgmlen", "iplen",
    "icmptype", "icmpcode", "icmpid", "icmpseq",
)  # fmt: skip


class SnortCsv:
    """See LineFormat."""

    json = False

    def __init__(self, zone: str, name: str, dating: Dating) -> None:
        self._zone, self._name = zone, name
        self._calendar = Calendar(dating)

    def alert_of(self, line: bytes, number: int) -> tuple[Alert | None, bytes]:
        """See LineFormat.alert_of."""
        row = _row(text_of(line))
        report = Report(
            dated=self._calendar.date(wall_of(row["timestamp"])),
            gid=_number(row, "sig_generator"),
            sid=_number(row, "sig_id"),
            rev=_number(row, "sig_rev"),
            message=row["msg"].strip('"'),
            source_address=row["src"] or None,
            source_port=_number(row, "srcport") if row["srcport"] else None,
            destination_address=row["dst"] or None,
            destination_port=_number(row, "dstport") if row["dstport"] else None,
            protocol=protocol_name(row["proto"]),
            identity=(row["tcpseq"], row["id"]),
        )
        return make_alert(report, self._zone, self._name, number), line


def _row(text: str) -> dict[str, str]:
    try:
        cells = next(csv.reader([text], skipinitialspace=True, strict=True))
    except csv.Error as error:
        raise LineError(f"the line is no CSV: {error}") from error
    if len(cells) not in (len(COLUMNS), len(COLUMNS) + 1):
        raise LineError(f"the line has {len(cells)} columns, Snort's default has {len(COLUMNS)}")
    return dict(zip(COLUMNS, (cell.strip() for cell in cells), strict=False))


def _number(row: dict[str, str], column: str) -> int:
    number = number_of(row[column])
    if number is None:
        raise FieldError(column, row[column])
    return number
