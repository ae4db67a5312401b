"""What a pull does when the vendor's API changes: a version ends, a new element comes."""

import json

import pytest

from end_to_end_program import run
from pulled_subscription import add_device, make_subscription
from vatriage_simulator.server import SimulatorServer


@pytest.fixture
def sim():
    return make_subscription()


@pytest.fixture
def server(sim):
    with SimulatorServer(sim) as running:
        yield running


@pytest.fixture
def home(tmp_path, server):
    add_device(tmp_path / "home", server)
    return tmp_path / "home"


def test_a_version_that_has_ended_says_which_and_what_to_set_and_setting_it_mends_the_pull(
    home, sim, server, monkeypatch
):
    sim.break_next("knowledge_base", "moved", times=1)
    ended = run(home, "pull")
    monkeypatch.setenv("VATRIAGE_API_VERSIONS", "knowledge_base=3.0, host_list=4.0")
    done = run(home, "pull", "--json")

    assert ended.returncode == 6
    assert "version 4.0 of knowledge_base (any more): it answered with HTTP status 301" in ended.stderr
    assert "VATRIAGE_API_VERSIONS" in ended.stderr
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["pulls"][0]["state"] == "complete"
    assert server.requests[-1].path == "/api/3.0/fo/knowledge_base/vuln/"


def test_a_setting_that_cannot_be_meant_is_refused_before_anything_is_asked(home, server, monkeypatch):
    before = len(server.requests)
    monkeypatch.setenv("VATRIAGE_API_VERSIONS", "hosts=4.0")
    unknown = run(home, "pull")
    monkeypatch.setenv("VATRIAGE_API_VERSIONS", "host_list=new")
    odd = run(home, "pull")

    assert (unknown.returncode, odd.returncode) == (2, 2)
    assert "names 'hosts', which has no versions" in unknown.stderr
    assert "'host_list=new' cannot be read" in odd.stderr
    assert len(server.requests) == before


def test_new_elements_are_counted_in_the_pulls_notes_and_the_rest_is_read(home, sim):
    sim.break_next("detection_list", "unknown-elements")
    done = run(home, "pull", "--json")
    (result,) = json.loads(done.stdout)["pulls"]

    assert (done.returncode, result["state"], result["detections"]) == (0, "complete", 3)
    assert sum(result["unknown_elements"].values()) >= 6
    assert any("does not know were passed over" in note for note in result["notes"])
    assert all(name in " ".join(result["notes"]) for name in list(result["unknown_elements"])[:8])


def test_a_replay_counts_them_too(home, sim):
    sim.break_next("detection_list", "unknown-elements")
    (pulled,) = json.loads(run(home, "pull", "--json").stdout)["pulls"]
    replayed = json.loads(run(home, "replay", "1", "--json").stdout)

    assert replayed["unknown_elements"] == pulled["unknown_elements"] != {}


def test_an_undisturbed_pull_meets_nothing_unknown(home):
    (result,) = json.loads(run(home, "pull", "--json").stdout)["pulls"]

    assert result["unknown_elements"] == {}
