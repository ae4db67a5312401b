"""How fast detection reports are read, against bare tokenisation by expat (`pyexpat`, no handlers).

Both read the same file in the same process, in turn; the median of the rounds counts. Only the ratio means something
on a shared machine.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat

from benchmarks.generate_reports import write_report
from vatriage.vendors.qualys.readers import QualysReader


def tokenise(path: Path) -> int:
    """Let expat see every byte; return nothing of use."""
    parser = expat.ParserCreate()
    with path.open("rb") as file:
        parser.ParseFile(file)
    return 0


def read(path: Path) -> int:
    """Read the report as vatriage does; return the number of detections."""
    with path.open("rb") as file:
        return sum(page.detections.num_rows for page in QualysReader().open(file, path.name).pages())


def seconds_of(work: Callable[[Path], int], path: Path) -> float:
    """Return how long one run takes."""
    start = time.perf_counter()
    work(path)
    return time.perf_counter() - start


def main() -> None:
    """Print the table: `python -m benchmarks.bench_read_reports [MEGABYTES] [ROUNDS]`, from the folder `tests`."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("megabytes", type=int, nargs="?", default=50)
    arguments.add_argument("rounds", type=int, nargs="?", default=5)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "detections.xml")
        write_report(path, given.megabytes * 1_000_000)
        rows = read(path)
        rounds = [(seconds_of(tokenise, path), seconds_of(read, path)) for _ in range(given.rounds)]
    bare, ours = (statistics.median(times) for times in zip(*rounds, strict=True))
    print(f"{given.megabytes} MB, {rows} detections, median of {given.rounds} rounds")
    print(f"expat, no handlers   {bare:7.3f} s  {given.megabytes / bare:6.0f} MB/s")
    print(f"vatriage to Arrow    {ours:7.3f} s  {given.megabytes / ours:6.0f} MB/s")
    print(f"ratio                {ours / bare:7.2f}")


if __name__ == "__main__":
    main()
