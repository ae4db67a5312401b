"""Verdicts are bit-identical: over replays, whatever the order of the alerts, in batches of any size."""

import random
from pathlib import Path

import msgspec
import pytest

from quality.captures import RUN, captures, from_captures
from quality.judging import judge_lines, knowledge
from quality.scenario import synthetic
from vatriage.usecases.triage import TriageRun
from vatriage.wiring.readers import alert_reader

needs_corpus = pytest.mark.skipif(not RUN.exists(), reason="no corpus beside the checkout")
BATCHES = (1, 7, 1000)
STATES = ("patched-fresh-by-login", "two-hosts-one-vulnerable")


def bytes_of(records):
    """Return the records' bytes by alert; the line that an alert stands on is the one thing that its place decides."""
    plain = [msgspec.structs.replace(record, source_line=0) for record in records]
    return sorted(msgspec.json.encode(record) for record in plain)


def same_bytes(scenario):
    lines = list(scenario.events)
    first = bytes_of(judge_lines(scenario, lines))
    seen = [bytes_of(judge_lines(scenario, lines, batch=size)) for size in BATCHES]
    for order in (lines[::-1], random.Random(5).sample(lines, len(lines)), random.Random(6).sample(lines, len(lines))):
        seen += [bytes_of(judge_lines(scenario, order, batch=size)) for size in BATCHES]
    return [one == first for one in seen]


def test_synthetic_scenarios_give_the_same_bytes_in_every_order_and_batch():
    assert {one.id for one in synthetic() if not all(same_bytes(one))} == set()


@needs_corpus
@pytest.mark.parametrize("name", [one["name"] for one in captures()])
def test_captures_give_the_same_bytes_in_every_order_and_batch(name):
    wanted = {f"{name}/{state}" for state in STATES}
    mine = [one for one in from_captures() if one.id in wanted]

    assert [all(same_bytes(one)) for one in mine] == [True, True]


@needs_corpus
def test_all_captures_in_one_stream_give_the_bytes_that_each_gives_alone_but_for_its_neighbours():
    """Different hosts and times: no capture's verdicts depend on what else is in the batch."""
    state = "patched-fresh-by-login"
    apart = [one for one in from_captures() if one.id.endswith(f"/{state}") and "zerologon" in one.id]
    whole = [line for one in apart for line in one.events]
    for one in apart:
        alone = bytes_of(judge_lines(one, one.events))
        together = judge_lines(one, whole, batch=7)
        ids = {record.id for record in judge_lines(one, one.events)}
        assert alone == bytes_of(record for record in together if record.id in ids)


@needs_corpus
def test_the_gates_driver_says_what_the_programs_own_run_says(tmp_path: Path):
    for one in from_captures():
        if not one.id.endswith("/patched-fresh-by-login") or len(one.events) > 50:
            continue
        source = tmp_path / "eve.json"
        source.write_bytes(b"".join(line + b"\n" for line in one.events))
        run = TriageRun(knowledge(one), alert_reader(), one.zone, one.clock_us)
        records = [record for batch in run.judge([str(source)], keep_events=False) for record in batch.records]
        plain = [msgspec.structs.replace(record, source_file="eve.json") for record in records]

        assert bytes_of(plain) == bytes_of(judge_lines(one, one.events)), one.id
