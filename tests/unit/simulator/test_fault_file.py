import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vatriage_simulator.__main__ import serve
from vatriage_simulator.bulk import make_bulk
from vatriage_simulator.fault_file import FaultFileError, load_faults

NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
HOSTS = "/api/5.0/fo/asset/host/"


@pytest.fixture
def written(tmp_path):
    """A file of faults with these lines."""

    def write(*lines):
        path = tmp_path / "faults.jsonl"
        path.write_text("\n".join(lines))
        return path

    return write


def test_each_line_orders_a_fault(sim, ask, written):
    sim.host("10.0.0.1").scanned(NOW)
    path = written(
        "# two that are scripted",
        '{"resource": "host_list", "kind": "internal", "after": 1, "times": 2}',
        "",
        '{"resource": "host_list", "kind": "rate-limit", "seconds": 42, "after": 3}',
        '{"resource": "host_list", "kind": "bad-login", "after": 5, "times": "always"}',
    )

    load_faults(sim, path)

    replies = [ask(HOSTS, action="list") for _ in range(8)]
    assert [reply.status for reply in replies] == [200, 500, 500, 409, 200, 401, 401, 401]
    assert replies[3].headers["X-RateLimit-ToWait-Sec"] == "42"


def test_a_line_with_a_seed_is_a_schedule(sim, ask, written):
    sim.host("10.0.0.1").scanned(NOW)

    has_seed = load_faults(
        sim, written('{"seed": 7, "share": 1, "kinds": ["empty"], "resources": ["*"], "until_call": 2, "wait_s": 1}')
    )

    assert has_seed
    assert [len(ask(HOSTS, action="list").body) > 0 for _ in range(3)] == [False, False, True]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"resource": "host_list", "kind": "melt"}', "field kind: 'melt' is none of bad-login"),
        ('{"resource": "hosts", "kind": "cut"}', "field resource: 'hosts' is none of host_list"),
        ('{"kind": "cut"}', "field resource: missing"),
        ('{"resource": "host_list"}', "field kind: missing"),
        ('{"resource": "host_list", "kind": "cut", "when": 3}', "field when: no such field. There are: resource"),
        ('{"resource": "host_list", "kind": "cut", "times": 0}', "field times: 0 is no whole number from 1"),
        ('{"resource": "host_list", "kind": "cut", "times": true}', "field times: True"),
        ('{"resource": "host_list", "kind": "cut", "after": -1}', "field after: -1 is no whole number from 0"),
        ('{"resource": "host_list", "kind": "stall", "seconds": "2"}', "field seconds: '2' is no number"),
        ('{"resource": "host_list", "kind": "stall", "seconds": -2}', "field seconds: only clock-skew"),
        ('{"resource": "host_list", "kind": "stall", "seconds": NaN}', "field seconds: nan"),
        ('{"resource": "knowledge_base", "kind": "overlap"}', "field kind: overlap cannot happen to knowledge_base"),
        ('{"seed": 1, "share": 2}', "field share: 2 is no number from 0 to 1"),
        ('{"seed": 1, "kinds": []}', "field kinds: \\[\\] is no list"),
        ('{"seed": 1, "kind": "cut"}', "field kind: no such field. There are: seed"),
        ("{", "no JSON"),
        ("[1]", "one JSON object"),
        ("[" * 100_000, "no JSON"),
    ],
)
def test_a_wrong_line_is_told_with_its_number_and_field_and_nothing_is_ordered(sim, ask, written, line, told):
    path = written('{"resource": "*", "kind": "internal"}', "# a comment", line)

    with pytest.raises(FaultFileError, match=f"faults.jsonl, line 3.*{told}"):
        load_faults(sim, path)
    assert ask(HOSTS, action="list").status == 200


def test_a_file_that_cannot_be_read_is_told(sim, tmp_path):
    with pytest.raises(FaultFileError, match=r"none\.jsonl cannot be read"):
        load_faults(sim, tmp_path / "none.jsonl")
    (tmp_path / "latin").write_bytes(b"\xff")
    with pytest.raises(FaultFileError, match="latin cannot be read"):
        load_faults(sim, tmp_path / "latin")


def test_the_example_of_the_documents_is_one(sim):
    assert load_faults(sim, Path(__file__).parents[3] / "docs" / "examples" / "faults.jsonl")


def test_two_seeds_are_refused(sim, written):
    with pytest.raises(FaultFileError, match="two lines have a seed"):
        load_faults(sim, written('{"seed": 1}', '{"seed": 2}'))


def served(*arguments):
    """Start the program with its end already asked for, and return its exit code."""
    stop = threading.Event()
    stop.set()
    return serve(list(arguments), stop)


def test_the_command_line_takes_scale_faults_and_limits(written, capsys):
    path = written('{"resource": "host_list", "kind": "internal"}')

    code = served(
        *("--hosts", "100000", "--detections-per-host", "10", "--kb-qids", "100000", "--faults", str(path)),
        *("--fault-seed", "7", "--rate", "2000", "--window", "60", "--concurrency", "10"),
    )

    assert code == 0
    assert "100000 hosts of seed 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--faults", "FILE"], "faults.jsonl, line 1, field kind: missing"),
        (["--faults", "/nowhere/at/all"], "cannot be read"),
        (["--hosts", "10", "--detections-per-host", "20", "--kb-qids", "5"], "no more than there are QIDs"),
        (["--kb-qids", "x"], "no whole number"),
    ],
)
def test_wrong_usage_is_told(written, capsys, arguments, told):
    path = str(written('{"resource": "host_list"}'))

    with pytest.raises(SystemExit) as end:
        served(*(path if word == "FILE" else word for word in arguments))

    assert end.value.code == 2
    assert told in capsys.readouterr().err


def test_a_seed_in_the_file_and_one_beside_it_are_refused(written, capsys):
    with pytest.raises(SystemExit):
        served("--faults", str(written('{"seed": 7}')), "--fault-seed", "8")
    assert "Leave out that line or --fault-seed" in capsys.readouterr().err


def test_a_saved_report_keeps_no_more_hosts_than_it_holds():
    sim = make_bulk(1, 50_000, detections_per_host=3, qids=50_000, now=NOW)

    sim.scan("weekly", targets="10.0.0.1-10.0.0.20")

    assert (len(sim.hosts._kept), len(sim.vulnerabilities._kept)) == (20, 0)
