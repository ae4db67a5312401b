"""The product's own path from a scenario to its records: rule text, EVE lines, inventory rows, kernel."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO

from quality.scenario import Scenario
from quality.world import World
from vatriage.model.alert import Alert
from vatriage.model.policy import Policy
from vatriage.model.signature import SignatureIndex
from vatriage.model.verdict import VerdictRecord
from vatriage.signatures.index import build_index
from vatriage.signatures.knowledge import load_outcome_rules, load_transitive
from vatriage.signatures.signature_files import join_found, read_signature_files
from vatriage.triage.kernel import Kernel, Knowledge, outcome_index
from vatriage.wiring.readers import alert_reader

MOST = 1_000_000


@dataclass(frozen=True)
class Judged:
    """What the product says of a scenario."""

    records: tuple[VerdictRecord, ...]
    """Of the alerts that the label is about."""
    all_records: tuple[VerdictRecord, ...]
    """Of every alert of the file."""


def judge(scenario: Scenario) -> Judged:
    """Return the records of a scenario's alerts, in the order of its file."""
    records = judge_lines(scenario, scenario.events)
    about = {place + 1 for place in scenario.judged}
    return Judged(tuple(one for one in records if one.source_line in about), tuple(records))


def judge_lines(scenario: Scenario, lines: Sequence[bytes], *, batch: int = MOST) -> list[VerdictRecord]:
    """Return the records of some lines of EVE in a scenario's world.

    Args:
        scenario: its world, signatures and clock.
        lines: EVE.
        batch: alerts that the kernel is given at a time.
    """
    alerts = read(lines, scenario.zone)
    kernel = Kernel(knowledge(scenario), scenario.clock_us)
    outcomes = outcome_index(kernel, alerts, alerts)
    parts = (alerts[place : place + batch] for place in range(0, len(alerts), batch))
    return [record for part in parts for record in kernel.judge(part, outcomes)]


def knowledge(scenario: Scenario) -> Knowledge:
    """Return everything that a scenario's verdicts are computed from."""
    world = World(scenario.attack_us, scenario.hosts, scenario.checks, scenario.links)
    return replace(
        _base(), snapshot=world.snapshot(), signatures=signatures(scenario.signatures, scenario.signature_map)
    )


def read(lines: Iterable[bytes], zone: str) -> list[Alert]:
    """Return the alerts of lines of EVE, as the sensor's reader gives them."""
    source = BytesIO(b"".join(line.rstrip(b"\n") + b"\n" for line in lines))
    return [
        alert for batch in alert_reader().read(source, "eve.json", zone, keep_events=False) for alert in batch.alerts
    ]


@lru_cache(maxsize=64)
def signatures(rules: str, signature_map: str = "") -> SignatureIndex:
    """Return the index of rule text and of a sid-msg.map."""
    texts = [(rules, "quality.rules"), *([(signature_map, "sid-msg.map")] if signature_map else [])]
    found = join_found(read_signature_files(BytesIO(text.encode()), name) for text, name in texts)
    return build_index(found.signatures, found.classes)


@lru_cache(maxsize=1)
def _base() -> Knowledge:
    from vatriage.model.snapshot import Snapshot, empty_columns  # noqa: PLC0415 - replaced at once

    return Knowledge(
        snapshot=Snapshot(columns=empty_columns(), id="none", knowledge_base="none"),
        signatures=SignatureIndex(),
        policy=Policy(),
        outcome_rules=load_outcome_rules(),
        transitive=load_transitive(),
    )
