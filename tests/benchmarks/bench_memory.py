"""How much memory an import takes at several sizes, and triage at several numbers of alerts.

`python -m benchmarks.bench_memory [MEGABYTES ...]`, from the folder `tests`. Each figure is the peak of a process of its
own, with an inventory of its own. The figures to watch are the ratios to the first line. Limits: an import of 200 MB
takes at most 30 MB more than one of 13 MB; ten times the alerts take no more. What may grow is the snapshot: about 150
bytes a finding while it is built.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.bench_read_eve import made_alerts
from benchmarks.generate_reports import write_report

SIZES = (13, 50, 106, 200)
"""Megabytes."""
ALERTS = (70_000, 700_000)


def peak(home: Path, *arguments: str) -> tuple[float, float]:
    """Return the peak memory of one run of the program in MB, and its processor time in seconds."""
    command = [sys.executable, "-m", "vatriage", "--home", str(home), *arguments]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as program:
        _, status, used = os.wait4(program.pid, 0)
        program.returncode = os.waitstatus_to_exitcode(status)
    if program.returncode:
        raise SystemExit(f"{' '.join(command)} ended with exit code {program.returncode}")
    return used.ru_maxrss * 1024 / 1_000_000, used.ru_utime


def write_alerts(path: Path, count: int) -> None:
    """Write that many alerts, in blocks of 10,000."""
    block = made_alerts(10_000)
    with path.open("wb") as file:
        file.writelines(block for _ in range(count // 10_000))


def show(rows: list[tuple[str, tuple[float, float]]]) -> None:
    """Print a line a run, with its ratio to the first."""
    for name, (megabytes, seconds) in rows:
        print(f"{name:<24}{megabytes:7.0f} MB  {seconds:6.1f} s user  {megabytes / rows[0][1][0]:5.2f}")


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("megabytes", type=int, nargs="*", default=SIZES)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report, alerts = Path(folder, "detections.xml"), Path(folder, "alerts.json")
        rows = []
        for size in given.megabytes:
            write_report(report, size * 1_000_000)
            home = Path(folder, f"home-{size}")
            rows.append((f"import {size} MB", peak(home, "import", str(report))))
            rows.append((f"import {size} MB again", peak(home, "import", str(report))))
        show(rows)
        judged = []
        for count in ALERTS:
            write_alerts(alerts, count)
            judged.append((f"triage {count:,}", peak(home, "triage", "--output", "jsonl", str(alerts))))
        show(judged)


if __name__ == "__main__":
    main()
