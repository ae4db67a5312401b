"""The controller's other work: what waits in the outbox is sent, beside the pulls. No DBOS: the outbox is durable itself."""

import threading
from collections.abc import Callable, Sequence

from django.db import close_old_connections

from vatriage.store.opening import as_store_error

LOOK_S = 1.0
"""How often to look for what waits."""


def keep_sending(send: Callable[[], Sequence[str]], say: Callable[[str], None], stop: threading.Event) -> None:
    """Send until `stop` is set; a store that fails for a while is waited for. For a thread of its own.

    Args:
        send: sends what is due; returns lines to be told.
        say: told one line for every event.
        stop: ends it, after what is under way.
    """
    troubled = ""
    while not stop.is_set():
        close_old_connections()
        try:
            for line in send():
                say(line)
            troubled = ""
        except Exception as error:  # noqa: BLE001 - the loop's body: the next look may find the store well again
            said = str(as_store_error(error) or f"{type(error).__name__}: {error}")
            if said != troubled:
                say(f"Nothing can be sent for now, and it is tried on: {said}")
            troubled = said
        stop.wait(LOOK_S)
    close_old_connections()
