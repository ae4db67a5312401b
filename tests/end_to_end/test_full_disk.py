"""A disk that is full (a limit on the size of files stands for it): a sentence, and earlier data stand."""

import os
import resource
import subprocess
import sys

import pytest

from end_to_end_program import ROOT, alert, take, verdicts, write_files


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
