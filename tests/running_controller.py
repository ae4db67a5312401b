"""Starting the controller as a person does, waiting for its runs, and ending it at any instant."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager

from end_to_end_program import ROOT

PATIENCE_S = 180
"""A busy machine starts a controller in half a minute."""


def start(home, *program, **environment):
    """Start a controller (or `program` in its place); its lines come from the process's stdout."""
    command = program or (sys.executable, "-m", "vatriage", "controller")
    return subprocess.Popen(
        [str(part) for part in command], cwd=home.parent, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={
            **os.environ, "VATRIAGE_HOME": str(home), "PYTHONPATH": f"{ROOT}/src:{ROOT}/simulator",
            "PYTHONDONTWRITEBYTECODE": "1", **environment,
        },
    )  # fmt: skip


@contextmanager
def controller(home, **environment):
    """Run a controller; it is ended by SIGTERM afterwards, if it still runs."""
    process = start(home, **environment)
    try:
        yield process
    finally:
        if process.poll() is None:
            stop(process)
        process.stdout.close()


def stop(process):
    """End a controller; return its exit code and what it said."""
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=PATIENCE_S)
    return process.returncode, said


def rows(home, sql):
    """Return the rows of a query on the embedded inventory."""
    with closing(sqlite3.connect(home / "vatriage.sqlite3", timeout=20)) as database:
        return database.execute(sql).fetchall()


def await_rows(ask, process, seen=bool):
    """Wait until a query answers what is wanted; return it."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        found = ask()
        if seen(found):
            return found
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.1)
    raise AssertionError(f"nothing came in {PATIENCE_S} s: {ask()}")
