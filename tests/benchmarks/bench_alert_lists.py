"""How fast stored alerts are listed, grouped and counted, and what storing them costs.

`python -m benchmarks.bench_alert_lists [ALERTS] [--postgresql]`, from the folder `tests`. The alerts are few signatures on
many targets from many attackers, as in a real network: one signature makes a third of them, one group a twentieth.
"""

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from integration_store import opened
from postgresql_server import running
from vatriage.config import read_config
from vatriage.model.alert_filter import AlertFilter, Decision, Order
from vatriage.model.verdict import Verdict

BATCH = 5_000
DAYS = 90
START_US = 1_785_000_000_000_000
NOW = 1_794_000_000
RAW, RECORD = b"r" * 900, b"v" * 900
REASONS = ("stale", "never_scanned", "no_claim", "tested_absent", "confirmed", "host_unknown,stale", "potential")


def alerts(number: int) -> Iterator[Any]:
    """Yield judged alerts, the same for the same number."""
    from vatriage.store.alert_rows import StoredVerdict

    draw = random.Random(4)
    for place in range(number):
        popular = draw.random()
        sid = 2_000_000 if popular < 0.33 else 2_000_000 + int(draw.paretovariate(0.6)) % 3_000
        host, stranger = int(draw.paretovariate(0.7)) % 2_048, int(draw.paretovariate(0.5)) % 10_240
        target = "10.0.0.1" if popular < 0.05 else f"10.0.{host >> 8}.{host & 255}"
        attacker = "198.51.100.1" if popular < 0.05 else f"198.51.{stranger >> 8}.{stranger & 255}"
        verdict = draw.choices((1, 2, 3, 4, 5, 6), (30, 40, 25, 3, 1.9, 0.1))[0]
        yield StoredVerdict(
            alert_id=f"{draw.getrandbits(128):032x}", zone=("head office", "branch")[place % 20 == 0],
            at_us=START_US + (DAYS * 86_400_000_000 * place + draw.randrange(10**9)) // number, gid=1, sid=sid, rev=1, message=f"ET RULE {sid}",
            source_address=attacker, source_port=40_000, destination_address=target, destination_port=443,
            protocol="tcp", sensor="eth0", disposition=("allowed", "blocked")[place % 4 == 0], target_address=target,
            target_port=443, host="", verdict=verdict, priority=draw.choice((20, 40, 60)), conflict=False,
            reasons=REASONS[verdict if draw.random() > 0.01 else 0], attacker_address=attacker, raw=RAW,
            judged_at_us=NOW * 1_000_000, inputs="i", record=RECORD,
        )  # fmt: skip


def store(number: int) -> float:
    """Store the alerts; return how many a second."""
    from django.db import transaction

    from vatriage.store.alert_rows import save_verdicts

    rows, spent = alerts(number), 0.0
    while batch := [row for _, row in zip(range(BATCH), rows, strict=False)]:
        start = time.perf_counter()
        with transaction.atomic():
            save_verdicts(batch, 1 << 62)
        spent += time.perf_counter() - start
    return number / spent


def questions() -> dict[str, Callable[[], Any]]:
    """Return what the pages ask, by name."""
    from vatriage.usecases.alert_lists import MARS_LISTS, list_alerts, list_groups

    def listing(wanted: AlertFilter, order: Order = Order.RANK, *, pages: int = 1, of: Any = list_alerts) -> Any:
        after = None
        for _ in range(pages):
            page = of(wanted, zones=None, now=NOW, order=order, after=after)
            after = page.following
        return page

    some = frozenset({Verdict.AFFECTED, Verdict.POSSIBLY_AFFECTED})
    day = {"from_us": START_US + 10 * 86_400_000_000, "until_us": START_US + 11 * 86_400_000_000}
    return {
        "first page, worst first": lambda: listing(AlertFilter()),
        "first page, newest first": lambda: listing(AlertFilter(), Order.TIME),
        "20 pages, worst first": lambda: listing(AlertFilter(), pages=20),
        "two verdicts, newest first": lambda: listing(AlertFilter(verdicts=some), Order.TIME),
        "one zone": lambda: listing(AlertFilter(zones=frozenset({"branch"}))),
        "a busy target": lambda: listing(AlertFilter(address="10.0.0.1")),
        "a quiet target, newest first": lambda: listing(AlertFilter(address="10.0.3.77"), Order.TIME),
        "one signature": lambda: listing(AlertFilter(signature="2000000")),
        "part of a message": lambda: listing(AlertFilter(signature="rule 20009"), Order.TIME),
        "a rare reason, newest first": lambda: listing(AlertFilter(reason="host_unknown"), Order.TIME),
        "a rare reason, worst first": lambda: listing(AlertFilter(reason="host_unknown")),
        "one day, newest first": lambda: listing(AlertFilter(**day), Order.TIME),
        "one day, worst first": lambda: listing(AlertFilter(**day)),
        "not reviewed": lambda: listing(AlertFilter(reviewed=False)),
        "reviewed": lambda: listing(AlertFilter(reviewed=True)),
        "groups, worst first": lambda: listing(AlertFilter(), of=list_groups),
        "groups, newest first": lambda: listing(AlertFilter(), Order.TIME, of=list_groups),
        "groups of one day": lambda: listing(AlertFilter(**day), of=list_groups),
        "groups of a rare reason": lambda: listing(AlertFilter(reason="host_unknown"), of=list_groups),
        **{
            f"groups, {name}": (lambda wanted=wanted: listing(wanted, of=list_groups))
            for name, (_title, _text, wanted) in MARS_LISTS.items()
        },
    }


def review_some() -> None:
    """Let a person review the largest groups."""
    from vatriage.store.bulk import fetch
    from vatriage.store.review_rows import ReviewRow, save_review

    for zone, name in fetch("SELECT zone, id FROM alert_groups ORDER BY alerts DESC LIMIT 200"):
        save_review(ReviewRow(zone, "", name, Decision.CONFIRMED_FALSE_POSITIVE, "known", 6, 0, "somebody", NOW))


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("alerts", type=int, nargs="?", default=1_000_000)
    arguments.add_argument("--postgresql", action="store_true")
    given = arguments.parse_args()
    server = running() if given.postgresql else nullcontext()
    with (
        server as started,
        tempfile.TemporaryDirectory() as folder,
        started.database() if started else nullcontext("") as address,
    ):
        os.environ["VATRIAGE_DATABASE"] = address
        with opened(read_config(Path(folder, "home"))):
            measure(given.alerts)


def measure(number: int) -> None:
    """Store so many alerts and ask every question twice; the second answer is timed."""
    from vatriage.store.bulk import fetch

    print(f"{number:,} alerts stored, {store(number):,.0f} a second", flush=True)
    ((groups,),) = fetch("SELECT COUNT(*) FROM alert_groups")
    print(f"{groups:,} groups", flush=True)
    review_some()
    for name, ask in questions().items():
        ask()
        start = time.perf_counter()
        ask()
        print(f"{(time.perf_counter() - start) * 1000:9,.1f} ms  {name}", flush=True)


if __name__ == "__main__":
    main()
