"""How fast EVE alerts are read, beside orjson over every line: `python tests/benchmarks/bench_read_eve.py [FILE] [N]`.

Without a file, alerts of our own making are read. The figure to watch is the ratio: both sides slow down together on a
busy machine. Limit: 1.5 s for 100,000 alerts. Measured on a machine with two cores: 0.9 s and a ratio of 4.7 on alerts of our own
making (small, so that orjson has little to do), 0.8 s and 2.3 to 3.4 on real ones.
"""

import gzip
import io
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import orjson

from vatriage.sensors.suricata_eve import SuricataEve

REPEATS = 3


def made_alerts(count: int) -> bytes:
    """Return that many alerts of our own making, one a line, about 800 bytes each."""
    lines = []
    for number in range(count):
        event = {
            "timestamp": f"2026-01-02T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}.000006+0000",
            "flow_id": number,
            "event_type": "alert",
            "src_ip": f"192.0.2.{number % 250}",
            "src_port": 1024 + number % 60000,
            "dest_ip": f"10.{number % 7}.{number % 100}.{number % 250}",
            "dest_port": 443,
            "proto": "TCP",
            "alert": {
                "action": "allowed",
                "gid": 1,
                "signature_id": 9000000 + number % 300,
                "rev": 4,
                "signature": "BENCH An attempt (CVE-2026-12345)",
                "category": "Attempted Administrator Privilege Gain",
                "severity": 1,
                "metadata": {"cve": ["CVE_2026_12345"], "confidence": ["High"], "created_at": ["2026_01_01"]},
            },
            "http": {"hostname": "www.example.org", "url": "/" + "x" * 200, "status": 200},
            "direction": "to_server",
            "flow": {"pkts_toserver": 4, "bytes_toserver": 500, "src_ip": f"192.0.2.{number % 250}", "src_port": 1024},
        }
        lines.append(json.dumps(event))
    return "\n".join(lines).encode() + b"\n"


def seconds(work: Callable[[], int]) -> tuple[float, int]:
    """Return the best of several runs and what the work returned."""
    best = float("inf")
    result = 0
    for _ in range(REPEATS):
        start = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - start)
    return best, result


def main(arguments: list[str]) -> None:
    """Print one line a reader and the ratio."""
    count = int(arguments[1]) if len(arguments) > 1 else 100_000
    if arguments:
        path = Path(arguments[0])
        content = path.read_bytes()
        content = gzip.decompress(content) if path.suffix == ".gz" else content
        content *= max(1, -(-count // content.count(b"\n")))
    else:
        content = made_alerts(count)
    lines = content.splitlines()

    def ours() -> int:
        return sum(len(batch.alerts) for batch in SuricataEve().read(io.BytesIO(content), "bench", "default"))

    def theirs() -> int:
        return sum(1 for line in lines if orjson.loads(line))

    read_s, alerts = seconds(ours)
    loads_s, _ = seconds(theirs)
    print(f"SuricataEve    {alerts:>9,} alerts {read_s:6.2f} s {alerts / read_s:>10,.0f} alerts/s")
    print(f"orjson.loads   {len(lines):>9,} lines  {loads_s:6.2f} s {len(lines) / loads_s:>10,.0f} lines/s")
    print(f"ratio          {read_s / loads_s:9.2f}   {read_s * 100_000 / max(alerts, 1):.2f} s for 100,000 alerts")


if __name__ == "__main__":
    main(sys.argv[1:])
