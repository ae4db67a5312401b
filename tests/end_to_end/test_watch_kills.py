"""`vatriage watch` of a log, a list and a stream at once, ended by SIGKILL at any step: every alert is judged once."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import contextmanager

import pytest

from end_to_end_program import ROOT, alert, run, write_files
from soak import SOAK

INSTANTS = 100 if SOAK else 10


def event(number):
    """Return an alert; each ends in another second, and a third of them goes to each source."""
    return alert(1, at=f"2026-11-21T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}.000000+0000")


@contextmanager
def children(home, *arguments):
    """Yield a function that lets the program live until its n-th step; it returns the number of its steps, -1 = killed."""
    environment = {**os.environ, "VATRIAGE_HOME": str(home), "PYTHONPATH": f"{ROOT}/src:{ROOT}/simulator:{ROOT}/tests"}
    command = [sys.executable, f"{ROOT}/tests/killed_forks.py", *map(str, arguments)]
    with subprocess.Popen(
        command, env=environment, cwd=home.parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as warm:

        def live(step):
            warm.stdin.write(f"{step}\n")
            warm.stdin.flush()
            return int(warm.stdout.readline())

        yield live
        warm.stdin.close()
        assert warm.wait() == 0


class Sensors:
    """A log that is rotated, a list and a stream, written in turn."""

    def __init__(self, folder, valkey):
        self.log, self._valkey = folder / "eve.json", valkey
        self.sources = [self.log, valkey.address("list=l"), valkey.address("stream=s")]
        self.written, self._rotated = 0, 0
        self.log.touch()

    def write(self, count):
        """Write alerts to each."""
        with self._valkey.client() as client:
            for _ in range(count):
                with self.log.open("a") as log:
                    log.write(event(3 * self.written) + "\n")
                client.lpush("l", event(3 * self.written + 1))
                client.xadd("s", {"eve": event(3 * self.written + 2)})
                self.written += 1

    def rotate(self):
        """Rename the log."""
        self._rotated += 1
        self.log.rename(self.log.with_name(f"eve.json.{self._rotated}"))
        self.log.touch()


@pytest.fixture
def stage(tmp_path, valkey):
    home = tmp_path / "home"
    files = write_files(tmp_path)
    run(home, "import", *(files / name for name in ("h.xml", "d.xml", "k.xml")), "--complete")
    run(home, "signatures", "load", files / "r.rules")
    return home, Sensors(tmp_path, valkey)


def test_killed_at_any_instant_no_alert_of_a_log_a_list_or_a_stream_is_lost_or_judged_twice(
    stage, valkey, record_property
):
    home, sensors = stage
    sink = valkey.address("stream=verdicts")
    with children(home, "watch", *sensors.sources, "--once", "--to", sink) as live:
        sensors.write(2)
        live(0)
        sensors.write(2)
        steps = live(0)
        killed = 0
        for number in range(INSTANTS):
            sensors.write(1 + number % 3)
            if number % 4 == 3:
                sensors.rotate()
            killed += live(1 + (steps - 1) * number // (INSTANTS - 1)) < 0
        assert live(0) > 0
    with sqlite3.connect(home / "vatriage.sqlite3") as store:
        verdicts = store.execute("SELECT COUNT(*), COUNT(DISTINCT alert_id) FROM verdicts").fetchone()
        sources = store.execute("SELECT SUM(alerts), SUM(lost), SUM(redelivered) FROM bookmarks").fetchone()
        owed = store.execute("SELECT COUNT(*) FROM unsent").fetchone()
    with valkey.client() as client:
        records = [json.loads(entry[b"record"])["id"] for _, entry in client.xrange("verdicts")]
        left = [client.llen("l"), client.llen("l:vatriage:vatriage"), client.xpending("s", "vatriage")["pending"]]
    total, entries, sent = 3 * sensors.written, len(records), set(records)
    sys.stdout.write(f"{killed} of {INSTANTS} killed, {total} alerts, {sources[2]} redelivered, {entries} sent\n")

    assert killed >= INSTANTS - 2
    assert verdicts == (total, total)
    assert sources[:2] == (total, 0)
    assert len(sent) == total
    assert (left, owed) == ([0, 0, 0], (0,))
