"""The web face in the tests' own process: a store, a user of each role, a browser without a screen."""

import pytest

from integration_store import Store, opened
from vatriage.config import read_config
from vatriage.model.secret import Secret
from vatriage.model.viewer import COMMAND_LINE, Role
from vatriage.vault import open_vault

PASSWORD = "correct horse battery"


@pytest.fixture
def store(tmp_path):
    """An empty store on SQLite, with its key."""
    with opened(read_config(tmp_path / "home")) as config:
        open_vault(config.key)
        yield Store(config, tmp_path)


@pytest.fixture
def user(store):
    """Return what makes a user of a role, who may see some zones."""
    from vatriage.usecases.users import add_user

    def make(role=Role.ADMIN, name="", zones=()):
        made = add_user(
            name or Role(role).value, Role(role), Secret(PASSWORD), zones=zones, who=COMMAND_LINE, clock=store.clock
        )
        made.must_change_password = False
        made.save()
        return made

    return make


@pytest.fixture
def browser(store, user):
    """Return what makes a test client with the session of a new user of a role, or without one for None."""
    from django.test import Client

    def make(role=Role.ADMIN, **values):
        client = Client(enforce_csrf_checks=False, raise_request_exception=False, headers={"host": "localhost"})
        if role is not None:
            client.force_login(user(role, **values), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make
