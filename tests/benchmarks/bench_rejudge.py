"""P13: judging stored alerts again after a pull that changed some hosts, against judging all of them.

`python -m benchmarks.bench_rejudge [--alerts 20000] [--hosts 2000] [--changed 0.01]`, from the folder `tests`. A store of its own in a temporary folder, SQLite. Prints one JSON object: seconds of the selection with its judging, seconds
of judging all, their ratio, and how many alerts were judged in both.
"""

import argparse
import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from fakes.small_inventory import SmallInventory, host
from fakes.small_snapshot import columns_of
from integration_store import opened
from unit.triage.strategies import LAST_DAY, claims_of, day, knowledge_of
from vatriage.config import read_config
from vatriage.inventory.snapshot import name_snapshot
from vatriage.model.alert import Alert
from vatriage.model.evidence import Check, Finding, Holding, Kind, Link, Scan, ScanKind, Status
from vatriage.model.instant import US
from vatriage.model.outcome import OutcomeIndex
from vatriage.model.signature import Signature
from vatriage.triage.kernel import Kernel, Knowledge
from vatriage.wiring.readers import alert_reader

QIDS = 50
BATCH = 5_000


class Now:
    """The present instant of the benchmark."""

    def now(self):
        """See Clock.now."""
        from datetime import UTC, datetime

        return datetime.fromtimestamp(day(LAST_DAY + 5) // US, UTC)


def address_of(number: int) -> str:
    """Return a host's address."""
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


def inventory_of(hosts: int, changed: int) -> SmallInventory:
    """Return an inventory; the first `changed` hosts have a further finding."""
    scans = [Scan(day(1), ScanKind.AUTHENTICATED, whole=True, check_set=True, ports=frozenset())]
    checks = {
        qid: Check(qid, Kind.CONFIRMED, day(0), day(0), remote=True, authenticated=True, disabled=False)
        for qid in range(QIDS)
    }  # fmt: skip
    return SmallInventory(
        hosts=tuple(
            host(
                number, scans=scans,
                findings=[finding(qid) for qid in range(number % 7)] + ([finding(8)] if number < changed else []),
            )
            for number in range(hosts)
        ),
        addresses={
            ("default", address_of(number)): (Holding(number, day(0), day(14), 0, 0),) for number in range(hosts)
        },
        pairs={f"CVE-2026-{qid:04}": (Link(qid, 0, 0),) for qid in range(QIDS)}, checks=checks,
    )  # fmt: skip


def finding(qid: int) -> Finding:
    """Return a confirmed finding of the first day."""
    return Finding(qid, -1, 0, Kind.CONFIRMED, Status.ACTIVE, False, day(1), day(1), day(1), 0, 0, 0)


def alerts_of(count: int, hosts: int) -> list[Alert]:
    """Return attacks on all hosts in turn, by all signatures."""
    return [
        Alert(
            id=f"{number:032x}", zone="default", at_us=day(2) + number * 1_000, gid=1, sid=number // hosts % QIDS, rev=1,
            source_address="198.51.100.7", source_port=4_000, destination_address=address_of(number % hosts),
            destination_port=443, protocol="tcp", source_file="eve.json", source_line=number + 1,
        )
        for number in range(count)
    ]  # fmt: skip


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=20_000)
    parser.add_argument("--hosts", type=int, default=2_000)
    parser.add_argument("--changed", type=float, default=0.01, help="share of the hosts")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, opened(read_config(Path(folder) / "home", {})) as config:
        print(json.dumps(measured(config.snapshots, wanted.alerts, wanted.hosts, wanted.changed)))


def measured(folder: Path, alerts: int, hosts: int, changed: float) -> dict[str, float]:
    """Return what it took."""
    from vatriage.usecases.rejudge import Rejudging

    rules = [
        Signature(gid=1, sid=qid, rev=1, claims=claims_of([f"CVE-2026-{qid:04}"]), target="dest_ip")
        for qid in range(QIDS)
    ]  # fmt: skip
    known = knowledge_of(*rules)
    known = know(folder, known, inventory_of(hosts, 0))
    store(known, alerts_of(alerts, hosts))
    current = know(folder, known, inventory_of(hosts, int(hosts * changed)))
    work = Rejudging(lambda: current, alert_reader, folder, Now())
    begun = time.perf_counter()
    some = work.run()
    between = time.perf_counter()
    work.select_all()
    every = work.run()
    took, took_all = between - begun, time.perf_counter() - between
    return {
        "selected_s": round(took, 3), "all_s": round(took_all, 3), "ratio": round(took / took_all, 4),
        "judged": some.judged, "changed": some.changed, "judged_all": every.judged,
    }  # fmt: skip


def know(folder: Path, known: Knowledge, inventory: SmallInventory) -> Knowledge:
    """Make an inventory the current snapshot."""
    from vatriage.store.basis_rows import snapshots_rested_on
    from vatriage.store.snapshots import load_snapshot, save_snapshot

    save_snapshot(folder, name_snapshot(columns_of(inventory)), snapshots_rested_on())
    return replace(known, snapshot=load_snapshot(folder))


def store(known: Knowledge, alerts: list[Alert]) -> None:
    """Judge and store them."""
    from vatriage.sensors.interface import EventBatch
    from vatriage.usecases.keep_verdicts import keep_batch
    from vatriage.usecases.triage import JudgedBatch

    kernel = Kernel(known, day(LAST_DAY + 4))
    for start in range(0, len(alerts), BATCH):
        some = alerts[start : start + BATCH]
        records = kernel.judge(some, OutcomeIndex())
        keep_batch(JudgedBatch(events=EventBatch(alerts=some), records=records, kernel=kernel), Now())


if __name__ == "__main__":
    main()
