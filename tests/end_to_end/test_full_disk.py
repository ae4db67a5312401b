"""A disk that is full (a limit on the size of files stands for it): a sentence, and earlier data stand."""

import json
import os
import resource
import subprocess
import sys

import pytest

from end_to_end_program import ROOT, alert, run, take, verdicts, write_files
from pulled_subscription import add_device, make_subscription
from vatriage_simulator.server import SimulatorServer


def run_with_room(home, room, *arguments):
    """Run the program where no file may grow beyond so many bytes."""

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    environment = {
        **os.environ, "VATRIAGE_HOME": str(home), "PYTHONPATH": f"{ROOT}/src:{ROOT}/simulator",
        "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "vatriage", *map(str, arguments)],
        check=False, capture_output=True, text=True, env=environment, cwd=home.parent, preexec_fn=limited,
    )  # fmt: skip


def levels(files):
    return [record["verdict"] for record in verdicts(files, alert(1), alert(2))]


@pytest.mark.parametrize("room", [0, 4_096, 40_000])
def test_an_import_onto_a_full_disk_says_so_and_changes_nothing(tmp_path, room):
    write_files(tmp_path)
    take(tmp_path, "h.xml", "d.xml", "k.xml")
    before = levels(tmp_path)
    (tmp_path / "more.xml").write_text((tmp_path / "d.xml").read_text().replace("99000", "99001"))
    done = run_with_room(tmp_path / "home", room, "import", tmp_path / "more.xml", "--complete")

    assert done.returncode == 8, done.stderr
    assert "Traceback" not in done.stderr
    assert "disk" in done.stderr
    assert levels(tmp_path) == before


def test_the_first_run_on_a_full_disk_says_so(tmp_path):
    done = run_with_room(tmp_path / "home", 0, "init")

    assert (done.returncode, "Traceback" in done.stderr) == (8, False)


def test_a_pull_onto_a_full_disk_says_so_keeps_what_came_and_goes_on_when_there_is_room(tmp_path):
    home = tmp_path / "home"
    sim = make_subscription()
    host = sim.host("10.1.0.20").scanned(sim.clock.now(), authenticated=True)
    for number in range(40):
        host.detect(qid=99001, port=2_000 + number, results=os.urandom(60_000).hex())
    with SimulatorServer(sim) as server:
        add_device(home, server)
        room = (home / "vatriage.sqlite3").stat().st_size + 3_000_000
        failed = run_with_room(home, room, "pull")
        asked = len(server.requests)
        done = run(home, "pull", "--json")

        assert failed.returncode == 8, failed.stderr
        assert "Traceback" not in failed.stderr
        assert "cannot be written" in failed.stderr
        assert "Make room on the disk" in failed.stderr
        assert done.returncode == 0, done.stderr
        (result,) = json.loads(done.stdout)["pulls"]
        assert (result["state"], result["resumed"], result["hosts_expected"]) == ("complete", True, 4)
        assert "/api/5.0/fo/asset/host/" not in {request.path for request in server.requests[asked:]}
