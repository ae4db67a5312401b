"""An import judges stored alerts again by itself, or the controller does; both verdicts are shown."""

import json
import time

import pytest

from end_to_end_program import DETECTIONS, alert, run, take, write_files
from running_controller import await_rows, controller, rows, start
from soak import SOAK

RISEN = "SELECT before, after FROM escalations"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Two alerts are stored, one of them cleared; a report of its finding lies in late.xml."""
    monkeypatch.delenv("VATRIAGE_DATABASE", raising=False)
    home = write_files(tmp_path) / "home"
    (tmp_path / "late.xml").write_text(DETECTIONS.replace("2026-11-20T", "2026-11-22T").replace("99000", "99001"))
    (tmp_path / "eve.json").write_text(f"{alert(1)}\n{alert(2)}\n")
    take(tmp_path, "h.xml", "d.xml", "k.xml")
    run(home, "signatures", "load", tmp_path / "r.rules")
    assert "AFFECTED 1, NOT_AFFECTED 1" in run(home, "triage", tmp_path / "eve.json", "--store").stdout
    return home


@pytest.mark.parametrize("killed_after_s", [0.5, 1, 1.5, 2, 2.5, 3, 4] if SOAK else [2])
def test_the_controller_judges_again_what_an_import_left_and_goes_on_after_a_kill(home, killed_after_s):
    told = run(home, "import", home.parent / "late.xml", "--no-rejudge").stdout
    assert "stored alerts may be judged otherwise now: run `vatriage rejudge`." in told
    process = start(home)
    time.sleep(killed_after_s)
    process.kill()
    process.communicate()
    with controller(home) as process:
        await_rows(lambda: rows(home, "SELECT 1 FROM rejudgements WHERE finished_at > 0"), process)

    assert rows(home, RISEN) == [(1, 5)]
    assert rows(home, "SELECT 1 FROM rejudge_due") == []


def test_a_finding_that_comes_later_raises_the_stored_alert_and_both_verdicts_are_shown(home):
    told = run(home, "import", home.parent / "late.xml").stdout
    assert "1 escalated: `vatriage escalations`." in told
    for verb in ("rejudge", "escalations"):
        refused = run(home, verb, "--zone", "nope")
        assert (refused.returncode, "There is no zone named 'nope'." in refused.stderr) == (3, True)
    (rise,) = json.loads(run(home, "escalations", "--json").stdout)["escalations"]
    both = run(home, "explain", rise["alert"]).stdout

    assert (rise["from"], rise["to"], rise["cause"]) == ("NOT_AFFECTED", "AFFECTED", "evidence")
    assert "): NOT_AFFECTED; known now (" in both
