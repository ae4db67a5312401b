"""How much memory a whole pull takes at two page sizes, and what a detection takes on disk afterwards.

`python -m benchmarks.bench_pull_memory [HOSTS]`, from the folder `tests`; 100,000 hosts with ten findings each unless told
otherwise. Each pull is a process of its own with an inventory of its own, against the simulated server over TLS. Limits:
400 MB, and the same at both sizes (20 % more or less).
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FINDINGS = 10
"""Of each host."""
PAGE_SIZES = (100, 5_000)


@contextmanager
def simulated(hosts: int) -> Iterator[dict[str, str]]:
    """Run the simulated server; yield what it greets with: url, login, password, ca file."""
    command = [
        sys.executable, "-u", "-m", "vatriage_simulator", "--hosts", str(hosts), "--detections-per-host", str(FINDINGS),
        "--rate", "1000000",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        try:
            told = [server.stdout.readline() for _ in range(5)]
            yield {line[:10].strip(): line[10:].strip() for line in told}
        finally:
            server.terminate()


def pull(home: Path, said: dict[str, str], page_hosts: int) -> tuple[float, float]:
    """Pull the subscription into a new inventory; return the peak memory in MB, and the seconds it took."""
    program = [sys.executable, "-m", "vatriage", "--home", str(home)]
    added = [*program, "device", "add", "d", "--url", said["url"].removeprefix("https://"), "--login", said["login"]]
    subprocess.run(
        [*added, "--password-stdin", "--ca-file", said["ca file"], "--complete-checks", "yes", "--activate"],
        input=said["password"] + "\n", text=True, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    began = time.perf_counter()
    environment = {**os.environ, "VATRIAGE_PAGE_HOSTS": str(page_hosts)}
    with subprocess.Popen([*program, "pull", "d"], stdout=subprocess.DEVNULL, env=environment) as running:
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise SystemExit(f"the pull ended with exit code {running.returncode}")
    return used.ru_maxrss * 1024 / 1_000_000, time.perf_counter() - began


def stored(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("hosts", type=int, nargs="?", default=100_000)
    hosts = arguments.parse_args().hosts
    first = 0.0
    with tempfile.TemporaryDirectory() as folder, simulated(hosts) as said:
        for page_hosts in PAGE_SIZES:
            home = Path(folder, str(page_hosts))
            megabytes, seconds = pull(home, said, page_hosts)
            first = first or megabytes
            database, raw = (home / "vatriage.sqlite3").stat().st_size, stored(home / "pages")
            each = hosts * FINDINGS
            print(
                f"{page_hosts:>5} hosts a page: {megabytes:4.0f} MB ({megabytes / first:.2f}), {seconds:6.1f} s; bytes a "
                f"detection: {database / each:.0f} in the database, {raw / each:.0f} in raw pages, "
                f"{stored(home) / each:.0f} in all",
                flush=True,
            )


if __name__ == "__main__":
    main()
