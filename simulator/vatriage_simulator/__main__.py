"""`vatriage-simulator`: serves a generated subscription on loopback until Ctrl-C.

Up to 5,000 hosts it is an office kept in memory (`generated`); with more, or where the number of detections or QIDs is
given, its hosts are made as they are asked for (`bulk`).
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

from vatriage_simulator.bulk import make_bulk
from vatriage_simulator.clock import SimulatedClock
from vatriage_simulator.fault_file import FaultFileError, load_faults
from vatriage_simulator.fault_schedule import FaultSchedule
from vatriage_simulator.generated import LOGIN, MAX_HOSTS, PASSWORD, generate
from vatriage_simulator.server import SimulatorServer
from vatriage_simulator.subscription import Subscription

APPLIANCE = "demo_appliance"
"""The Scanner Appliance with which scan.php reaches the generated hosts, which are private."""
WEEKLY = "10.0.0.1-10.0.3.255"
"""What the saved scan report is about: the first of the generated hosts."""
WEEKLY_OF_BULK = "10.0.0.1-10.0.0.20"
"""The same where hosts may have thousands of detections."""
OFFICE_HOSTS = 5_000
"""Up to so many hosts are kept in memory."""
DETECTIONS_PER_HOST, KB_QIDS = 10, 10_000
"""What a subscription has that is made as it is asked for, if nothing else is said."""
HOST_S = 20.0
"""How long scan.php takes for a host, seconds."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C or SIGTERM; return the exit code (0; 1: the port is taken; 2: wrong usage)."""
    stop = Event()
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    return serve(arguments, stop)


def serve(arguments: Sequence[str] | None, stop: Event) -> int:
    """Serve until `stop` is set. See main."""
    asked = _parser().parse_args(arguments)
    try:
        sim = _subscription(asked)
        _order_faults(sim, asked)
    except (ValueError, FaultFileError) as error:
        _parser().error(str(error))
    try:
        with SimulatorServer(sim, port=asked.port) as server:
            _tell(f"url       {server.url}")
            _tell(f"login     {LOGIN}")
            _tell(f"password  {PASSWORD}")
            _tell(f"appliance {APPLIANCE}")
            _tell(f"ca file   {server.ca_file}")
            _tell(f"{asked.hosts} hosts of seed {asked.seed}; Ctrl-C ends it.")
            stop.wait()
    except OSError as error:
        sys.stderr.write(f"vatriage-simulator: cannot listen on port {asked.port}: {error}. Choose another --port.\n")
        return 1
    return 0


def _subscription(asked: argparse.Namespace) -> Subscription:
    """Return the subscription that was asked for. Raises: ValueError: a number is out of its bounds."""
    clock = SimulatedClock(asked.now, running=True)
    is_office = asked.hosts <= OFFICE_HOSTS and asked.detections_per_host is None and asked.kb_qids is None
    if is_office or asked.hosts > MAX_HOSTS:
        sim = generate(asked.seed, asked.hosts, now=asked.now, clock=clock)
    else:
        per_host = DETECTIONS_PER_HOST if asked.detections_per_host is None else asked.detections_per_host
        qids = KB_QIDS if asked.kb_qids is None else asked.kb_qids
        sim = make_bulk(asked.seed, asked.hosts, detections_per_host=per_host, qids=qids, now=asked.now, clock=clock)
    weekly = WEEKLY if is_office else WEEKLY_OF_BULK
    sim.scan("Weekly scan", targets=weekly, taken=asked.now - timedelta(days=1), appliance=APPLIANCE)
    sim.scan_pace(host_s=HOST_S)
    sim.limit(rate=asked.rate, window_s=asked.window, concurrency=asked.concurrency)
    return sim


def _order_faults(sim: Subscription, asked: argparse.Namespace) -> None:
    """Order the faults of the file and of the seed. Raises: FaultFileError: the file is wrong, or both have a seed."""
    if asked.faults is not None:
        has_seed = load_faults(sim, asked.faults)
        if has_seed and asked.fault_seed is not None:
            raise FaultFileError(f"{asked.faults} has a line with a seed. Leave out that line or --fault-seed.")
    if asked.fault_seed is not None:
        sim.faults.follow(FaultSchedule(asked.fault_seed))


def _parser() -> argparse.ArgumentParser:
    """Return the parser; its defaults are read when it is made."""
    parser = argparse.ArgumentParser(
        prog="vatriage-simulator", description="A Qualys API server on loopback with invented hosts."
    )
    parser.add_argument("--port", type=_port, default=0, help="port on 127.0.0.1; 0 takes a free one (default)")
    parser.add_argument("--hosts", type=int, default=50, help=f"how many hosts, 0 to {MAX_HOSTS} (default 50)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same hosts (default 1)")
    parser.add_argument(
        "--detections-per-host",
        type=_count,
        metavar="M",
        help=f"so many detections on every host (with more than {OFFICE_HOSTS} hosts: {DETECTIONS_PER_HOST})",
    )
    parser.add_argument(
        "--kb-qids",
        type=_count,
        metavar="K",
        help=f"so many QIDs in the KnowledgeBase (with more than {OFFICE_HOSTS} hosts: {KB_QIDS})",
    )
    parser.add_argument("--faults", type=Path, metavar="FILE", help="order the faults of a file, JSON lines")
    parser.add_argument(
        "--fault-seed", type=_count, metavar="S", help="let calls go wrong at random; same seed, same faults"
    )
    parser.add_argument("--rate", type=_count, help="calls of one resource in a window (default 300)")
    parser.add_argument("--window", type=_count, metavar="SECONDS", help="the window (default 3600)")
    parser.add_argument("--concurrency", type=_count, help="calls of one resource at the same time (default 2)")
    parser.add_argument(
        "--now",
        type=_instant,
        default=datetime.now(UTC).replace(microsecond=0),  # noqa: TID251 - vatriage.clock is out of reach here
        help="where its clock starts, ISO 8601 with a zone (default: now)",
    )
    return parser


def _port(written: str) -> int:
    """Return a port number, 0 to 65535."""
    if not written.isdecimal() or int(written) > 65_535:
        raise argparse.ArgumentTypeError(f"{written!r} is no port: 0 to 65535")
    return int(written)


def _count(written: str) -> int:
    """Return a whole number from 0."""
    if not (written.isascii() and written.isdecimal()):
        raise argparse.ArgumentTypeError(f"{written!r} is no whole number")
    return int(written)


def _instant(written: str) -> datetime:
    """Return an aware instant; one without a zone is UTC."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{written!r} is no ISO 8601 instant, such as 2026-05-03T10:00:00Z") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _tell(line: str) -> None:
    """Write a line at once, so that a program that reads it need not wait."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
