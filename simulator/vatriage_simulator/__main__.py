"""`vatriage-simulator`: serves a generated subscription on loopback until Ctrl-C."""

import argparse
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from threading import Event

from vatriage_simulator.clock import SimulatedClock
from vatriage_simulator.generated import LOGIN, MAX_HOSTS, PASSWORD, generate
from vatriage_simulator.server import SimulatorServer

APPLIANCE = "demo_appliance"
"""The Scanner Appliance with which scan.php reaches the generated hosts, which are private."""
WEEKLY = "10.0.0.1-10.0.3.255"
"""What the saved scan report is about: the first of the generated hosts."""
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
    clock = SimulatedClock(asked.now, running=True)
    try:
        sim = generate(asked.seed, asked.hosts, now=asked.now, clock=clock)
        sim.scan("Weekly scan", targets=WEEKLY, taken=asked.now - timedelta(days=1), appliance=APPLIANCE)
        sim.scan_pace(host_s=HOST_S)
    except ValueError as error:
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


def _parser() -> argparse.ArgumentParser:
    """Return the parser; its defaults are read when it is made."""
    parser = argparse.ArgumentParser(
        prog="vatriage-simulator", description="A Qualys API server on loopback with invented hosts."
    )
    parser.add_argument("--port", type=_port, default=0, help="port on 127.0.0.1; 0 takes a free one (default)")
    parser.add_argument("--hosts", type=int, default=50, help=f"how many hosts, 0 to {MAX_HOSTS} (default 50)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same hosts (default 1)")
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
