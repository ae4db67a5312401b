"""Real Suricata reads captures and the program judges what it writes: the demo's own captures, and others' captures.

What Suricata wrote elsewhere is compared with what it writes here, modulo flow ids: same alerts, same verdicts.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from end_to_end_program import run
from quality.captures import captures, in_every_state
from quality.judging import judge
from vatriage.config import Config
from vatriage.usecases.triage import TriageRun
from vatriage.wiring.judging import triage_knowledge
from vatriage.wiring.readers import alert_reader
from vatriage_simulator.demo import record

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus" / "alerts"
RUN = CORPUS / "suricata-7.0.10-run"
STORED = sorted(RUN.glob("*.pcap.eve.json")) if RUN.exists() else []
CLOCK_US = 1_795_000_000 * 1_000_000
LABELLED = [one for one in captures() if one["eve"].endswith(".pcap.eve.json")]
OF_THE_RUN = {"flow_id", "community_id", "pcap_filename", "metadata"}
"""Differs from run to run, is told by this configuration only, or holds flow bits that the missing rules set."""

pytestmark = pytest.mark.skipif(record.find_suricata() is None, reason="suricata is not installed")


def capture_of(stored):
    """Return the capture that a stored EVE file was made of."""
    owner, *_, name = re.split("__|_testing_btest_Traces_tls_", stored.name.removesuffix(".eve.json"))
    (found,) = (path for path in CORPUS.rglob(name) if path.relative_to(CORPUS).parts[0] == owner)
    return found


def read_capture(capture, folder):
    """Return the EVE file that Suricata makes of a capture with the corpus's rules."""
    command = [
        shutil.which("suricata"), "-c", RUN / "suricata-ci.yaml", "-S", RUN / "mini.rules", "-r", capture, "-l", folder,
        "-k", "none", "--runmode=single",
    ]  # fmt: skip
    done = subprocess.run(
        [str(part) for part in command], check=False, capture_output=True, text=True, env={**os.environ, "TZ": "UTC"}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "eve.json"


def alerts_of(eve):
    """Return the lines of a file's alerts by what they are, modulo flow ids."""
    named = {}
    for line in eve.read_text().splitlines():
        event = json.loads(line)
        if event["event_type"] == "alert":
            ends = tuple(event.get(name) for name in ("src_ip", "src_port", "dest_ip", "dest_port"))
            named[event["timestamp"], event["alert"]["signature_id"], ends] = line
    return named


def write_lines(target, lines):
    target.write_text("".join(line + "\n" for line in lines))
    return target


def judged(eve, home):
    """Return what is said of every alert of a file, but for its id and its place."""
    run_ = TriageRun(triage_knowledge(Config(home=home), [RUN / "mini.rules"]), alert_reader(), "default", CLOCK_US)
    said = [item.to_dict() for batch in run_.judge([str(eve)], keep_events=False) for item in batch.records]
    for item in said:
        for name in ("id", "source_file", "source_line"):
            del item[name]
        item["evidence"] = [{**record, "source": ""} for record in item["evidence"]]  # named by ids that hold flow ids
    return sorted(said, key=json.dumps)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """What Suricata writes here of a capture: asked for by the stored run's file, read once."""
    known = {}

    def read(stored):
        if stored not in known:
            known[stored] = alerts_of(read_capture(capture_of(stored), tmp_path_factory.mktemp("fresh")))
        return known[stored]

    return read


def unlike(line, other):
    """Return in which keys two events differ that no run and no setting explains."""
    first, second = json.loads(line), json.loads(other)
    return {key for key in first.keys() | second.keys() if first.get(key) != second.get(key)} - OF_THE_RUN


@pytest.mark.skipif(not STORED, reason="no corpus beside the checkout")
@pytest.mark.parametrize("stored", STORED, ids=lambda path: path.name.partition(".")[0])
def test_a_capture_of_others_gives_the_very_alerts_of_their_own_run(stored, fresh):
    new, old = fresh(stored), alerts_of(stored)

    assert new.keys() <= old.keys()
    assert {key: unlike(line, old[key]) for key, line in new.items()} == {key: set() for key in new}


@pytest.mark.skipif(not STORED, reason="no corpus beside the checkout")
@pytest.mark.parametrize("capture", LABELLED, ids=lambda capture: capture["name"])
def test_what_suricata_writes_here_gets_the_labels_of_the_quality_gate(capture, fresh):
    """Real sensor, hand-made inventory: every state of knowledge, the verdict that a person gave it."""
    events = [json.loads(line) for _, line in sorted(fresh(CORPUS / capture["eve"]).items())]
    column = capture["column_by_few_rules"] or capture["column"]
    said = {
        one.id: {(record.verdict, *record.reasons) for record in judge(one).records}
        for one in in_every_state(capture, events, column)
    }

    assert said == {one.id: {(one.expect, *one.reasons)} for one in in_every_state(capture, events, column)}


@pytest.mark.skipif(not STORED, reason="no corpus beside the checkout")
@pytest.mark.parametrize("stored", STORED, ids=lambda path: path.name.partition(".")[0])
def test_a_capture_of_others_gives_the_verdicts_of_their_own_run(stored, fresh, tmp_path):
    """The stored run had some 10,000 rules, which raise alerts and set flow bits that few rules do not."""
    new, old = fresh(stored), alerts_of(stored)
    both = sorted(new.keys() & old.keys())
    here = judged(write_lines(tmp_path / "here.json", [new[key] for key in both]), tmp_path / "home")
    there = judged(write_lines(tmp_path / "there.json", [old[key] for key in both]), tmp_path / "home")

    assert both
    assert len(here) == len(both)
    assert here == there
    assert {item["verdict"] for item in here} <= {"UNKNOWN", "UNVERIFIABLE", "COMPROMISE_INDICATED"}


def test_the_demos_captures_read_anew_give_the_verdicts_it_tells(tmp_path):
    demo = tmp_path / "demo"
    assert run(tmp_path / "home", "demo", "--folder", demo).returncode == 0
    (tmp_path / "new.eve.json").write_bytes(record.record(tmp_path))
    done = run(
        demo,
        "--home",
        demo,
        "triage",
        tmp_path / "new.eve.json",
        "--as-of",
        "2026-11-23T06:00:00Z",
        "--output",
        "jsonl",
    )
    events = (tmp_path / "new.eve.json").read_text().splitlines()
    told = {(item["sid"], item["source"], item["destination"]): item["verdict"] for item in expected()}
    got = {}
    for item in map(json.loads, done.stdout.splitlines()):
        event = json.loads(events[item["source_line"] - 1])
        got[event["alert"]["signature_id"], event["src_ip"], event["dest_ip"]] = item["verdict"]

    assert got == told


def expected():
    return json.loads(record.EXPECTED.read_text())
