"""How long an import into PostgreSQL takes, against the same import into the embedded SQLite.

Whole processes, in turn, each into a new database; the second import of a round brings the same report again. Only the
ratio means something on a shared machine.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.generate_reports import write_report
from postgresql_server import Server, running


def vatriage(home: Path, address: str, *arguments: str | Path) -> float:
    """Return how long one run of the program takes; an empty address is SQLite."""
    environment = {**os.environ, "VATRIAGE_HOME": str(home), "VATRIAGE_DATABASE": address}
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "vatriage", *arguments], env=environment, check=True, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - start


def one_round(server: Server, folder: Path, report: Path) -> tuple[float, float, float, float]:
    """Return the seconds of SQLite and PostgreSQL for a new report, then of both for the same one again."""
    with server.database() as address:
        homes = [(folder / "sqlite", ""), (folder / "postgresql", address)]
        for home, where in homes:
            vatriage(home, where, "init")
        new = [vatriage(home, where, "import", report) for home, where in homes]
        again = [vatriage(home, where, "import", report) for home, where in homes]
    return (new[0], new[1], again[0], again[1])


def main() -> None:
    """Print the table: `python -m benchmarks.bench_import_databases [MEGABYTES] [ROUNDS]`, from the folder `tests`."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("megabytes", type=int, nargs="?", default=20)
    arguments.add_argument("rounds", type=int, nargs="?", default=3)
    given = arguments.parse_args()
    with running() as server, tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "detections.xml")
        write_report(report, given.megabytes * 1_000_000)
        rounds = [one_round(server, Path(folder, str(number)), report) for number in range(given.rounds)]
    sqlite_new, postgresql_new, sqlite_again, postgresql_again = (
        statistics.median(times) for times in zip(*rounds, strict=True)
    )
    ratios = [(row[1] / row[0], row[3] / row[2]) for row in rounds]
    print(f"{given.megabytes} MB, median of {given.rounds} rounds, whole processes")
    print("               new report  same again")
    print(f"SQLite         {sqlite_new:8.2f} s  {sqlite_again:8.2f} s")
    print(f"PostgreSQL     {postgresql_new:8.2f} s  {postgresql_again:8.2f} s")
    new, again = (statistics.median(column) for column in zip(*ratios, strict=True))
    print(f"ratio          {new:8.2f}    {again:8.2f}")


if __name__ == "__main__":
    main()
