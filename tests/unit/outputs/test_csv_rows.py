"""CSV out: a row an alert, read back as written; nothing in it is a formula."""

import csv
import io

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from unit.outputs.judged_alerts import ALERT, record
from vatriage.outputs.csv_rows import encode_head, encode_rows


def read(*pairs):
    """Return the rows as a reader of the format reads them."""
    return list(csv.DictReader(io.StringIO((encode_head() + encode_rows(pairs)).decode(), newline="")))


def test_a_row_tells_the_alert_and_the_verdict():
    (row,) = read((ALERT, record()))

    assert {key: row[key] for key in ("verdict", "impact", "message", "target_address", "cves", "qids", "expires")} == {
        "verdict": "NOT_AFFECTED", "impact": "3", "message": "ET EXPLOIT a | b = c", "target_address": "10.0.0.7",
        "cves": "CVE-2021-41773", "qids": "87460", "expires": "2025-11-29T10:00:00Z",
    }  # fmt: skip


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30))
def test_any_message_is_one_cell_and_no_formula(message):
    (row,) = read((msgspec.structs.replace(ALERT, message=message), record()))

    assert row["message"].removeprefix("'") == message.removeprefix("'") or row["message"] == message
    assert not row["message"].startswith(("=", "+", "-", "@"))
    assert row["source_line"] == "3"
