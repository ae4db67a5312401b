"""EVE out: the sensor's line stays, the verdict comes as its last member."""

import json

import msgspec

from unit.outputs.judged_alerts import record
from vatriage.outputs.eve import enrich

LINE = b'{"event_type":"alert","payload":"\\u00e4"}'


def test_the_line_stays_byte_for_byte_and_gains_one_member():
    told = enrich(LINE, record())

    assert told.startswith(LINE[:-1] + b',"vatriage":{"schema":1,')
    assert json.loads(told)["vatriage"] == json.loads(msgspec.json.encode(record())) | {
        "impact": 3, "cves": ["CVE-2021-41773"], "qids": [87460], "scan_age_s": 86_400,
    }  # fmt: skip


def test_where_nothing_refutes_there_is_no_age_of_a_scan():
    assert json.loads(enrich(b"{}", record("UNKNOWN")))["vatriage"]["scan_age_s"] is None
