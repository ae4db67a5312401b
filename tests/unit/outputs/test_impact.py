"""Firepower's impact: what we cannot decide is never called safe."""

import pytest

from unit.outputs.judged_alerts import TARGET, record
from vatriage.model.verdict import TargetRecord, Verdict
from vatriage.outputs.impact import impact

NOBODY = TargetRecord("224.0.0.1", None, "udp", "destination", "header", None)


@pytest.mark.parametrize(
    ("verdict", "target", "reasons", "number"),
    [
        ("COMPROMISE_INDICATED", TARGET, (), 1),
        ("AFFECTED", TARGET, (), 1),
        ("POSSIBLY_AFFECTED", TARGET, (), 2),
        ("UNKNOWN", TARGET, ("stale",), 2),
        ("UNKNOWN", NOBODY, ("host_unknown",), 4),
        ("UNVERIFIABLE", TARGET, ("no_claim",), 2),
        ("UNVERIFIABLE", NOBODY, ("no_single_victim",), 0),
        ("NOT_AFFECTED", TARGET, ("tested_absent",), 3),
    ],
)
def test_every_verdict_has_its_impact(verdict, target, reasons, number):
    assert impact(record(verdict, target=target, reasons=reasons)) == number


@pytest.mark.parametrize("verdict", [item.name for item in Verdict])
def test_only_what_is_refuted_is_called_not_vulnerable(verdict):
    assert (impact(record(verdict)) == 3) is (verdict in {"NOT_AFFECTED", "FALSE_POSITIVE"})
