"""Runs under the peers' Python: does calls with the real qualysapi client and prints what it returned.

Standard input: {"config": the client's own configuration file, "calls": [[function, parameters or null], ...]}.
Standard output: a list of [what came back, nothing] or [null, the exception's name], one for each call.
"""

import json
import sys

import qualysapi  # type: ignore[import-not-found]


def outcome(client, call, parameters):
    """Return what one call gave."""
    try:
        return [client.request(call, parameters), ""]
    except Exception as error:  # noqa: BLE001 - whatever it is, the test wants its name
        return [None, type(error).__name__]


asked = json.load(sys.stdin)
client = qualysapi.connect(config_file=asked["config"])
json.dump([outcome(client, *call) for call in asked["calls"]], sys.stdout)
