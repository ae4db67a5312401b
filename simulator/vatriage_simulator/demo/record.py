"""The recipe that made `alerts.eve.json`: write the capture, let the real Suricata read it, keep what it said.

    python -m vatriage_simulator.demo.record [FOLDER]

The capture itself is not kept: it is rebuilt, byte for byte, from the story. `alerts.eve.json` is Suricata's own file,
unchanged; only `flow_id` (and the order of flow events that end together) differs from run to run.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from vatriage_simulator.demo.scenes import build_capture, expected_verdicts

HERE = Path(__file__).parent
RULES = HERE / "vatriage-demo.rules"
SETTINGS = HERE / "suricata.yaml"
ALERTS = HERE / "alerts.eve.json"
EXPECTED = HERE / "expected.json"

_TIMEOUT_S = 120


class RecordingError(Exception):
    """Suricata is not here, or did not do what was asked; the text says what it said."""


def find_suricata() -> str | None:
    """Return the path of the sensor, None if it is not installed."""
    return shutil.which("suricata")


def record(folder: Path) -> bytes:
    """Write the demo's capture into a folder, run Suricata over it there and return the bytes of its EVE file.

    Raises: RecordingError: Suricata is not installed, refuses the rules, or ends with an error.
    """
    capture = folder / "vatriage-demo.pcap"
    capture.write_bytes(build_capture())
    _run("-r", str(capture), "-k", "none", "--runmode=single", folder=folder)
    return (folder / "eve.json").read_bytes()


def check_rules(folder: Path) -> str:
    """Let Suricata load the demo's settings and rules, and return what it printed.

    Raises: RecordingError: see `record`.
    """
    return _run("-T", folder=folder)


def render_expected() -> str:
    """Return the text of `expected.json`: a JSON array, one record a line."""
    lines = ",\n".join(json.dumps(item) for item in expected_verdicts())
    return f"[\n{lines}\n]\n"


def main(arguments: Sequence[str]) -> int:
    """Record anew into the package, or into the folder that is named; the exit code is 0, or 1 with a reason."""
    target = Path(arguments[0]) if arguments else HERE
    try:
        with tempfile.TemporaryDirectory() as name:
            events = record(Path(name))
    except RecordingError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    (target / ALERTS.name).write_bytes(events)
    (target / EXPECTED.name).write_text(render_expected())
    return 0


def _run(*options: str, folder: Path) -> str:
    suricata = find_suricata()
    if suricata is None:
        raise RecordingError("the demo cannot be recorded: suricata is not installed; install Debian's package")
    command = [suricata, "-c", str(SETTINGS), "-S", str(RULES), "-l", str(folder), *options]
    # UTC, so that the timestamps of the record do not depend on the machine.
    environment = {**os.environ, "TZ": "UTC"}
    try:
        done = subprocess.run(  # noqa: S603 - our own files; the only thing looked up is the sensor's path
            command, env=environment, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise RecordingError(f"suricata did not end within {_TIMEOUT_S} s") from error
    said = done.stdout + done.stderr
    if done.returncode != 0:
        raise RecordingError(f"suricata ended with code {done.returncode}: {said.strip()}")
    return said


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
