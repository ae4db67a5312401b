"""The raw rule inside an alert, as `metadata: rule: raw: yes` writes it."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatriage.model.claims import merge_claims
from vatriage.model.signature import ClaimSource
from vatriage.sensors.eve_rule import references_of
from vatriage.sensors.suricata_eve import SuricataEve

RAW = (
    'alert tcp any any -> any any (msg:"TEST"; reference:cve,2026-11111; reference:bugtraq,77; '
    "reference:url,example.org/cve-2026-9999; sid:7; rev:1; metadata:created_at 2026_01_01, cve CVE_2026_22222_CVE_2026_33333, cve 2026_44444, tag CVE_2026_55555;)"
)


def read(**changes):
    rule = {"action": "allowed", "gid": 1, "signature_id": 7, "rev": 1, **changes}
    event = {"timestamp": "2026-11-21T00:00:00.000000+0000", "event_type": "alert", "alert": rule}
    (batch,) = SuricataEve().read(io.BytesIO(json.dumps(event).encode() + b"\n"), "eve.json", "default")
    return batch.alerts[0]


def test_a_raw_rule_names_what_it_references_and_what_its_metadata_says():
    alert = read(rule=RAW)
    claims, conflict = merge_claims({ClaimSource.EVE_RULE: alert.rule_references})

    assert [claim.id for claim in claims] == [
        "BUGTRAQ-77",
        "CVE-2026-11111",
        "CVE-2026-22222",
        "CVE-2026-33333",
        "CVE-2026-44444",
        "CVE-2026-55555",
        "CVE-2026-9999",
    ]
    assert {claim.sources for claim in claims[:-1]} == {(ClaimSource.EVE_RULE,)}
    assert claims[-1].sources == (ClaimSource.REFERENCE_URL,)
    assert not conflict


@pytest.mark.parametrize("value", ["", None, 7, ["x"]])
def test_an_alert_without_raw_rule_has_nothing_of_it(value):
    assert read(rule=value).rule_references == ()
    assert read().rule_references == ()


def test_the_raw_rule_does_not_change_the_id_of_the_alert():
    assert read(rule=RAW).id == read().id


def test_a_malformed_id_in_a_raw_rule_is_kept():
    claims, _ = merge_claims(
        {ClaimSource.EVE_RULE: references_of("alert (reference:cve,20-1; metadata:cve nonsense;)")}
    )

    assert [(claim.id, claim.malformed) for claim in claims] == [("20-1", True), ("nonsense", True)]


@given(st.text())
def test_any_text_is_searched_without_raising(text):
    merge_claims({ClaimSource.EVE_RULE: references_of(text + RAW + text)})
