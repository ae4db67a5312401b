"""The web face as a WSGI application; each worker process makes its own."""

from django.core.handlers.wsgi import WSGIHandler

from vatriage.config import read_config
from vatriage.wiring import open_web


def make() -> WSGIHandler:
    """Return the application for the settings in the environment (VATRIAGE_HOME and its kin).

    Raises: UsageError, StoreError, VaultError: see `open_web`.
    """
    config = read_config(None)
    open_web(config, https=config.https)
    return WSGIHandler()
