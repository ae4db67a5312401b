"""The Python in which clients by others are installed, apart from ours; without it their tests are skipped and counted."""

import json
import os
import subprocess
from pathlib import Path

import pytest

PEERS = Path(__file__).parents[1] / os.environ.get("PEERS", ".venv-peers") / "bin" / "python"


def require_client(package, version):
    """Skip the test if a client is not there; it must have exactly this version if it is."""
    if not PEERS.exists():
        pytest.skip("no real client: `make tests` installs requirements-peers.lock where the registry can be reached")
    found = subprocess.run(
        [PEERS, "-c", f"import importlib.metadata as m; print(m.version('{package}'))"],
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        pytest.skip("no real client: requirements-peers.lock is not installed in whole")
    assert found.stdout.strip() == version


def run_client(script, asked, server, folder):
    """Let a script under the peers' Python do its calls; what it sends and gets stays on loopback.

    Args:
        script: a file that reads JSON and writes JSON.
        asked: what it reads.
        server: the running simulator; only its authority is trusted.
        folder: the client's home.

    Returns: what it wrote.
    """
    done = subprocess.run(
        [PEERS, script],
        input=json.dumps(asked),
        env={"REQUESTS_CA_BUNDLE": str(server.ca_file), "HOME": str(folder), "NO_PROXY": "*"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return json.loads(done.stdout)
