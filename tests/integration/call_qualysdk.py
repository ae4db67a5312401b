"""Runs under the peers' Python: does calls with the real qualysdk client and prints what it made of the answers.

Standard input: {"url", "login", "password", "calls": [[function of qualysdk.vmdr, keyword arguments], ...]}.
Standard output: {"limits": what the login told, "outcomes": [[rows, ""] or [null, the exception's name], ...]}; the
client's own lines go to standard error.
"""

import json
import sys
from contextlib import redirect_stdout

from qualysdk import vmdr  # type: ignore[import-not-found]
from qualysdk.auth import BasicAuth  # type: ignore[import-not-found]


def plain(value):
    """Return one of the client's objects as what JSON knows; dates and addresses as text."""
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


def outcome(auth, function, arguments):
    """Return what one call gave."""
    try:
        return [plain(getattr(vmdr, function)(auth, **arguments)), ""]
    except Exception as error:  # noqa: BLE001 - whatever it is, the test wants its name
        return [None, type(error).__name__]


def done(asked):
    """Log in and do the calls."""
    place = dict.fromkeys(("api_url", "gateway_url", "qualysguard_url"), asked["url"])
    try:
        auth = BasicAuth(asked["login"], asked["password"], override_platform=place)
    except Exception as error:  # noqa: BLE001 - the same
        return {"limits": None, "outcomes": [[None, type(error).__name__]]}
    return {"limits": auth.get_ratelimit(), "outcomes": [outcome(auth, *call) for call in asked["calls"]]}


asked = json.load(sys.stdin)
with redirect_stdout(sys.stderr):
    answer = done(asked)
json.dump(answer, sys.stdout)
