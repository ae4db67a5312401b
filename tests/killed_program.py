"""The program, ended by SIGKILL at its n-th step: a SQL statement, or a file that is opened to write, renamed, removed.

`python tests/killed_program.py N FILE ARGUMENTS...`: N counts from 1, 0 = live to the end; FILE gets the number of steps.
"""

import os
import signal
import sys
from pathlib import Path

from django.db.backends.signals import connection_created

from vatriage.__main__ import run

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
FILE_STEPS = {"os.rename", "os.remove", "os.mkdir", "os.truncate"}


class Steps:
    """Counts the steps, and ends the process at the last."""

    def __init__(self, last, told):
        self.last, self.told, self.done = last, told, 0

    def step(self):
        """Count one."""
        self.done += 1
        if self.done == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(self, execute, sql, params, many, context):
        """Count a SQL statement (Django's execute wrapper)."""
        self.step()
        return execute(sql, params, many, context)

    def audit(self, event, arguments):
        """Count a file change (an audit hook)."""
        if event in FILE_STEPS or (event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITES):
            self.step()

    def connected(self, connection, **_):
        """Watch a new connection (Django's signal)."""
        connection.execute_wrappers.append(self.statement)


def main():
    steps = Steps(int(sys.argv[1]), Path(sys.argv[2]))
    sys.argv[1:3] = []
    connection_created.connect(steps.connected)
    sys.addaudithook(steps.audit)
    code = run()
    steps.last = -1
    done = steps.done
    steps.told.write_text(str(done))
    sys.exit(code)


if __name__ == "__main__":
    main()
