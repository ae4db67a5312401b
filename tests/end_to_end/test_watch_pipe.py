"""`vatriage watch -`: a pipe is judged to its end; asked to end, what was read is judged first; a sudden end is told."""

import json
import os
import signal
import subprocess
import sys

from end_to_end_program import ROOT, alert, run


def line(number):
    return alert(1, at=f"2026-11-21T00:00:{number:02}.000000+0000") + "\n"


def started(home):
    """Return the program, reading its standard input."""
    environment = {**os.environ, "VATRIAGE_HOME": str(home), "PYTHONPATH": f"{ROOT}/src:{ROOT}/simulator"}
    command = [sys.executable, "-m", "vatriage", "watch", "-", "--interval", "0.05"]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, cwd=home.parent, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def send(program, *numbers):
    program.stdin.write("".join(map(line, numbers)))
    program.stdin.flush()


def test_a_pipe_is_judged_to_its_end_whatever_ends_it(tmp_path):
    home = tmp_path / "home"
    with started(home) as asked:
        send(asked, 0)
        assert "1 alerts" in asked.stdout.readline()
        send(asked, 1, 2)
        asked.send_signal(signal.SIGTERM)
        rest, said = asked.communicate()
    assert asked.returncode == 128 + signal.SIGTERM, said
    assert "in all 3 events, 3 alerts, 0 rejected, 0 redelivered, 0 lost" in rest

    with started(home) as killed:
        send(killed, 3)
        assert "4 alerts" in killed.stdout.readline()
        killed.kill()

    ended = run(home, "watch", "-", "--json", stdin=line(4) + line(5).strip() + "\n" + '{"cut')
    (row,) = json.loads(ended.stdout)

    assert ended.returncode == 0
    assert "was ended from outside" in ended.stderr
    assert (row["events"], row["alerts"], row["rejects"], row["lost"]) == (6, 6, 1, 1)
    assert "1 lost since it is followed" in ended.stderr


def test_once_tells_by_its_code_that_a_server_is_not_there_and_a_password_never_shows(tmp_path):
    done = run(tmp_path / "home", "watch", "redis://:ZETA-bait@127.0.0.1:1/0?list=a", "--once")

    assert done.returncode == 4
    assert "cannot be reached" in done.stderr
    assert "can be read by everybody" in done.stderr
    assert "ZETA-bait" not in done.stdout + done.stderr
