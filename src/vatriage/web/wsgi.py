"""The web face as a WSGI application; each worker process makes its own."""

import multiprocessing
import sys

from django.core.handlers.wsgi import WSGIHandler

from vatriage.config import read_config
from vatriage.errors import VatriageError
from vatriage.lifeline import end_with
from vatriage.wiring.opening import open_web


def make() -> WSGIHandler:
    """Return the application for the settings in the environment (VATRIAGE_HOME and its kin).

    A worker whose parent is killed ends as well. One that cannot start says why in a sentence and ends with its exit code.
    """
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        end_with(parent.pid)
    try:
        config = read_config(None)
        open_web(config, https=config.https)
    except VatriageError as error:
        sys.stderr.write(f"vatriage: a web worker cannot start: {error}\n")
        raise SystemExit(error.exit_code) from None
    return WSGIHandler()
