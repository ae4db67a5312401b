"""CEF out: one line whatever texts hold, and every value is read back."""

import re

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from unit.outputs.judged_alerts import ALERT, record
from vatriage.outputs.cef import encode_cef


def parsed(line):
    """Return header and fields as a strict reader of the standard reads them."""
    parts = split_header(line)
    return parts[:7], split_fields(parts[7])


def split_header(line):
    """Return the seven parts of the header and the rest."""
    parts, part, place = [], "", 0
    while len(parts) < 7:
        if line[place] == "\\":
            part += line[place + 1]
            place += 1
        elif line[place] == "|":
            parts.append(part)
            part = ""
        else:
            part += line[place]
        place += 1
    return [*parts, line[place:]]


def split_fields(text):
    """Return the fields: a key begins after a blank and ends with an unescaped equals sign."""
    starts = list(re.finditer(r"(?:^| )([A-Za-z0-9]+)(?<!\\)=", text))
    ends = [found.start() for found in starts[1:]] + [len(text)]
    raw = {found[1]: text[found.end() : end] for found, end in zip(starts, ends, strict=True)}
    return {
        key: re.sub(r"\\(.)", lambda found: {"n": "\n", "r": "\r"}.get(found[1], found[1]), value)
        for key, value in raw.items()
    }


def test_the_line_says_who_what_and_how_bad():
    head, fields = parsed(encode_cef(ALERT, record()).decode())

    assert head == ["CEF:0", "vatriage", "vatriage", "0.1.0", "1:2034125:2", "ET EXPLOIT a | b = c", "1"]
    assert fields == {
        "rt": "1763892000250", "externalId": "a" * 32, "act": "allowed", "cat": ALERT.category, "proto": "TCP",
        "src": "192.0.2.9", "spt": "40000", "dst": "10.0.0.7", "dpt": "443", "dvchost": "ids1", "cs1Label": "verdict",
        "cs1": "NOT_AFFECTED", "cs2Label": "reasons", "cs2": "tested_absent", "cs3Label": "cves", "cs3": "CVE-2021-41773",
        "cs4Label": "qids", "cs4": "87460", "cs5Label": "expires", "cs5": "2025-11-29T10:00:00Z", "cs6Label": "zone",
        "cs6": "default", "cn1Label": "impact", "cn1": "3", "cn2Label": "priority", "cn2": "40",
    }  # fmt: skip


def test_what_cannot_be_decided_is_as_severe_as_the_sensor_says():
    urgent = encode_cef(ALERT, record("UNKNOWN")).decode()
    quiet = encode_cef(msgspec.structs.replace(ALERT, alert_priority=4), record("UNKNOWN")).decode()

    assert (parsed(urgent)[0][6], parsed(quiet)[0][6]) == ("8", "3")


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_stays_on_one_line_and_adds_no_field(message, sensor):
    alert = msgspec.structs.replace(ALERT, message=message, sensor=sensor)
    line = encode_cef(alert, record()).decode()

    assert len(re.split("[\r\n]", line)) == 1
    assert split_header(line)[4] == "1:2034125:2"
    assert set(parsed(line)[1]) >= {"rt", "externalId", "src", "dst"}
    assert parsed(line)[1]["cs1"] == "NOT_AFFECTED"
