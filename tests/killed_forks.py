"""The program, warm, in child after child: each is ended by SIGKILL at its n-th step (0 = lives), or lives to the end.

`python tests/killed_forks.py ARGUMENTS...`: reads N from standard input, a line each; answers each with the child's number of
steps, or -1 if it was killed. A step is a SQL statement, a file that changes, a command to Redis before and after it was
sent. A child starts with everything imported, so that a hundred kills cost seconds.
"""

import os
import sys

import django.contrib.auth
import django.contrib.contenttypes
import django.db.backends.sqlite3.base
import django.db.models
import valkey.connection
from django.db.backends.signals import connection_created

import vatriage.cli.watch
import vatriage.triage.kernel
import vatriage.wiring.judging
import vatriage.wiring.opening
from killed_program import Steps
from vatriage.__main__ import run

__all__ = ["django", "vatriage"]


class Told:
    """What a child tells its parent: the number of its steps, through a pipe."""

    def __init__(self, number):
        self._number = number

    def write_text(self, text):
        """Tell it."""
        os.write(self._number, text.encode())


def live(last, told, arguments):
    """Be the program, up to a step."""
    steps = Steps(last, told)
    connection_created.connect(steps.connected)
    sys.addaudithook(steps.audit)
    _watch_redis(steps)
    sys.argv[1:] = arguments
    code = run()
    steps.last = -1
    told.write_text(str(steps.done))
    sys.stdout.flush()
    os._exit(code)


def _watch_redis(steps):
    kind = valkey.connection.AbstractConnection
    send = kind.send_packed_command

    def counted(connection, command, check_health=True):  # noqa: FBT002 - the library's own shape
        steps.step()
        send(connection, command, check_health)
        steps.step()

    kind.send_packed_command = counted


def main():
    for line in sys.stdin:
        out, into = os.pipe()
        child = os.fork()
        if not child:
            devnull = os.open(os.devnull, os.O_WRONLY)
            os.dup2(devnull, 1)
            live(int(line), Told(into), sys.argv[1:])
        os.close(into)
        os.waitpid(child, 0)
        told = os.read(out, 100)
        os.close(out)
        sys.stdout.write(f"{int(told) if told else -1}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
