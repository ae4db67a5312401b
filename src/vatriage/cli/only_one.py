"""One service a home folder: the lock that ends with the last of its processes."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vatriage.cli.listening import ServiceError

_PATIENCE_S = 2.0
"""How long the processes of a service that was killed may take to follow it."""


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Hold the home folder's service lock; web workers inherit it, so that it outlives a killed parent until they are gone.

    Raises: ServiceError: another service holds it.
    """
    with (home / "service.lock").open("a+", encoding="ascii") as lock:
        _take(lock.fileno(), home)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _take(number: int, home: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                holder = Path(home, "service.lock").read_text(encoding="ascii") or "unknown"
                raise ServiceError(
                    f"The home folder {home} is served already, by process {holder}.",
                    "Use that service, end it, or choose another --home.",
                ) from error
            time.sleep(0.1)
