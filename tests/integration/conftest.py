"""The real store, opened in the tests' own process, on one kind of database after the other."""

import pytest

from integration_store import Store, opened
from vatriage.config import read_config


@pytest.fixture
def store(database, tmp_path):
    """An empty store; tests that ask for it run once on each kind of database."""
    with opened(read_config(tmp_path / "home")) as config:
        yield Store(config, tmp_path)
