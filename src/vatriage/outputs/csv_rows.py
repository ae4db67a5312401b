"""CSV out (RFC 4180): a row an alert, for spreadsheets; a text that a spreadsheet would run is defused."""

import csv
import io
from collections.abc import Iterable, Sequence

from vatriage.model.alert import Alert
from vatriage.model.spreadsheet import defused
from vatriage.model.verdict import VerdictRecord
from vatriage.outputs.cve_ids import cves, qids
from vatriage.outputs.impact import impact

COLUMNS = (
    "timestamp", "verdict", "reasons", "impact", "priority", "disposition", "conflict", "signature", "message",
    "source_address", "source_port", "destination_address", "destination_port", "protocol", "target_address",
    "target_port", "host", "zone", "cves", "qids", "expires", "judged_at", "id", "source_file", "source_line",
)  # fmt: skip


def encode_head() -> bytes:
    """Return the row of names."""
    return _encode([COLUMNS])


def encode_rows(judged: Iterable[tuple[Alert, VerdictRecord]]) -> bytes:
    """Return the rows of alerts with their verdicts, UTF-8."""
    return _encode([_row(alert, record) for alert, record in judged])


def _row(alert: Alert, record: VerdictRecord) -> list[str]:
    cells: list[object] = [
        record.timestamp, record.verdict, " ".join(record.reasons), impact(record), record.priority, record.disposition,
        "yes" if record.conflict else "no", record.signature, alert.message, alert.source_address, alert.source_port,
        alert.destination_address, alert.destination_port, alert.protocol, record.target.address, record.target.port,
        record.target.host, record.zone, " ".join(cves(record)), " ".join(map(str, qids(record))), record.expires,
        record.judged_at, record.id, record.source_file, record.source_line,
    ]  # fmt: skip
    return [_cell(cell) for cell in cells]


def _cell(value: object) -> str:
    return "" if value is None else defused(str(value))


def _encode(rows: Iterable[Sequence[str]]) -> bytes:
    target = io.StringIO(newline="")
    csv.writer(target, lineterminator="\r\n").writerows(rows)
    return target.getvalue().encode("utf-8", "replace")
