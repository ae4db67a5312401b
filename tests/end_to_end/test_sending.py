"""From an alert on the command line to the receiver, with a kill in between: nothing is lost, and twice can be told."""

import json
import os
import signal
import sqlite3
import sys
from contextlib import closing

from end_to_end_program import alert, run, write_files
from fakes.receivers import WebhookReceiver
from fakes.tls_server import Authority
from running_controller import start

_SEND = (sys.executable, "-m", "vatriage", "send", "--once")
SECRET = "0123456789abcdef0123456789abcdef"


class KillingReceiver(WebhookReceiver):
    """Kills the sender once it has the message, before it can answer."""

    victim = None

    def note(self, heard):
        """See WebhookReceiver.note."""
        super().note(heard)
        if self.victim is not None:
            os.kill(self.victim.pid, signal.SIGKILL)


def test_a_sender_killed_before_the_answer_sends_again_under_the_same_id(tmp_path):
    authority, files, home = Authority(tmp_path), write_files(tmp_path), tmp_path / "home"
    run(home, "import", files / "h.xml", files / "d.xml", files / "k.xml", "--complete")
    (tmp_path / "eve.json").write_text(alert(1) + "\n")
    with KillingReceiver(authority.server_file("127.0.0.1")) as receiver:
        url = f"https://127.0.0.1:{receiver.port}/in"
        added = run(
            home, "destination", "add", "soc", url, "--private", "--ca-file", authority.file, "--secret-stdin",
            stdin=f"{SECRET}\n",
        )  # fmt: skip
        judged = run(
            home, "triage", tmp_path / "eve.json", "--rules", files / "r.rules", "--store", "--output", "jsonl"
        )  # fmt: skip
        receiver.victim = start(home, *_SEND)
        killed = receiver.victim.wait(timeout=60)
        receiver.victim.stdout.close()
        receiver.victim = None
        with closing(sqlite3.connect(home / "vatriage.sqlite3")) as database, database:
            database.execute("UPDATE destinations SET busy_until = 0")  # as two minutes later
        again = run(home, "send", "--once", "--json")
        idle = run(home, "send", "--once", "--json")

    assert (added.returncode, json.loads(judged.stdout)["verdict"], killed) == (0, "AFFECTED", -signal.SIGKILL)
    assert json.loads(again.stdout) == {"sent": 1, "given_up": 0, "failed": []}, again.stderr
    assert json.loads(idle.stdout)["sent"] == 0
    first, second = (json.loads(body) for _, body, _ in receiver.heard)
    assert first == second
    assert first["record"] == json.loads(judged.stdout)
    assert SECRET not in added.stdout + added.stderr + again.stdout + again.stderr
