"""An alert and its verdict, as the outputs take them."""

from typing import Any

import msgspec

from vatriage.model.alert import Alert
from vatriage.model.verdict import (
    ClaimRecord,
    EvidenceRecord,
    Inputs,
    Justification,
    TargetRecord,
    VerdictRecord,
)  # fmt: skip

ALERT = Alert(
    id="a" * 32, zone="default", at_us=1_763_892_000_250_000, gid=1, sid=2034125, rev=2, message="ET EXPLOIT a | b = c",
    category="Attempted Administrator Privilege Gain", alert_priority=1, source_address="192.0.2.9", source_port=40000,
    destination_address="10.0.0.7", destination_port=443, protocol="tcp", sensor="ids1",
)  # fmt: skip
TARGET = TargetRecord("10.0.0.7", 443, "tcp", "destination", "flow", "17")


def record(verdict: str = "NOT_AFFECTED", **changed: Any) -> VerdictRecord:
    """Return the verdict of ALERT: refuted by a scan of the day before unless the arguments say otherwise."""
    refuted = verdict == "NOT_AFFECTED"
    made = VerdictRecord(
        schema=1, id="a" * 32, timestamp="2025-11-23T10:00:00.250000Z", judged_at="2025-11-23T12:00:00Z", zone="default",
        signature="1:2034125:2", target=TARGET, other_target=None, claims=(ClaimRecord("CVE-2021-41773", ("reference",)),),
        verdict=verdict, conflict=False, reasons=("tested_absent",) if refuted else ("host_unknown",),
        justifications=(
            (Justification("CVE-2021-41773", "vulnerability_tested_absent", (87460,), "2025-11-29T10:00:00Z"),)
            if refuted else ()
        ),
        evidence=(
            (EvidenceRecord("absence", "-", "CVE-2021-41773", 87460, "2025-11-22T10:00:00Z", "authenticated"),)
            if refuted else ()
        ),
        disposition="allowed", priority=40, expires="2025-11-29T10:00:00Z" if refuted else None,
        inputs=Inputs("p", "s", "k", "n"), source_file="eve.json", source_line=3,
    )  # fmt: skip
    return msgspec.structs.replace(made, **changed)
