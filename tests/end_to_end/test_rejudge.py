"""An import judges stored alerts again by itself, and both verdicts are shown."""

import json

from end_to_end_program import DETECTIONS, alert, run, take, write_files


def test_a_finding_that_comes_later_raises_the_stored_alert_and_both_verdicts_are_shown(tmp_path, monkeypatch):
    monkeypatch.delenv("VATRIAGE_DATABASE", raising=False)
    home = write_files(tmp_path) / "home"
    (tmp_path / "late.xml").write_text(DETECTIONS.replace("2026-11-20T", "2026-11-22T").replace("99000", "99001"))
    (tmp_path / "eve.json").write_text(f"{alert(1)}\n{alert(2)}\n")
    take(tmp_path, "h.xml", "d.xml", "k.xml")
    run(home, "signatures", "load", tmp_path / "r.rules")
    assert "AFFECTED 1, NOT_AFFECTED 1" in run(home, "triage", tmp_path / "eve.json", "--store").stdout

    told = run(home, "import", tmp_path / "late.xml").stdout
    assert "1 escalated: `vatriage escalations`." in told
    (rise,) = json.loads(run(home, "escalations", "--json").stdout)["escalations"]
    both = run(home, "explain", rise["alert"]).stdout

    assert (rise["from"], rise["to"], rise["cause"]) == ("NOT_AFFECTED", "AFFECTED", "evidence")
    assert "): NOT_AFFECTED; known now (" in both
