"""docs/reference/json.md names the keys of real output: all of them, and no others."""

import json
import re

import pytest

from docs.console import DOCS, SIMULATED, workplace

_SECTION = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)
_OUTPUTS = {
    "import": "vatriage import hosts.xml detections.xml knowledge.xml --complete --json",
    "signatures": "vatriage signatures load example.rules --json",
    "coverage": "vatriage signatures coverage --json",
    "verdict record": "vatriage triage eve.json --output jsonl 2>/dev/null",
    "explain": "for line in 1 2 3 4 5 6; do vatriage explain --from eve.json --line $line --json; done",
    "hosts": "vatriage host list --json",
    "host": "vatriage host show 10.30.0.11 --json",
    "kb": "vatriage kb show 990001 --json",
    "device": f"echo simulator | vatriage device add d --url {SIMULATED} --login demo_ap1 --password-stdin "
    "--ca-file ca.pem --activate --json",
    "connectivity": "vatriage device test d --json",
    "system": "vatriage system show --json",
    "pull": "vatriage pull --json",
    "pulls": "vatriage pulls --json",
    "replay": "vatriage replay 2 --json",
    "doctor": "vatriage doctor d --json",
    "token": "vatriage user add ann > ann.txt; vatriage token add ann siem --json",
    "shadow report": "vatriage shadow report --json",
    "rule": "vatriage rule add nightly --network 165.193.18.12/255.255.255.255 --daily 02:00 --json",
    "rejects": "sed 's/<QID>990001/<QID>none/' detections.xml > odd.xml; vatriage import odd.xml > odd.txt 2>&1; "
    "vatriage rejects --json",
    "demo": "vatriage demo --json",
}


@pytest.fixture(scope="module")
def documented():
    page = (DOCS / "reference" / "json.md").read_text()
    return {name: set(_ROW.findall(text)) for name, text in _SECTION.findall(page)}


@pytest.fixture(scope="module")
def printed():
    with workplace(SIMULATED) as place:
        return {name: place.run(command) for name, command in _OUTPUTS.items()}


def test_every_section_has_an_output(documented):
    assert documented.keys() == _OUTPUTS.keys()


@pytest.mark.parametrize("name", _OUTPUTS)
def test_the_keys_are_those_of_real_output(name, documented, printed):
    keys = set()
    for value in _values(printed[name]):
        keys |= set(_leaves(value, "", documented[name]))
    assert keys, printed[name]

    assert sorted(keys) == sorted(documented[name])


def _values(text):
    decoder, rest = json.JSONDecoder(), text.strip()
    while rest:
        value, end = decoder.raw_decode(rest)
        yield value
        rest = rest[end:].strip()


def _leaves(value, path, told_whole):
    """Yield the paths of what is neither object nor list of objects; what the page tells as a whole counts as one."""
    if path in told_whole or not isinstance(value, dict | list):
        yield path
    elif isinstance(value, dict):
        for key, child in value.items():
            yield from _leaves(child, f"{path}.{key}" if path else key, told_whole)
    else:
        for child in value:
            yield from _leaves(child, f"{path}[]", told_whole)
