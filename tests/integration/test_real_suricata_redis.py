"""Real Suricata writes into a list of a real Valkey server, and every event is handed over: what a file of the same run holds."""

import json
import os
import subprocess
from contextlib import closing

import pytest

from vatriage.net.redis_address import read_address
from vatriage.net.redis_server import RedisServer
from vatriage.sensors.redis_source import redis_source
from vatriage_simulator.demo import record
from vatriage_simulator.demo.scenes import build_capture

pytestmark = pytest.mark.skipif(record.find_suricata() is None, reason="suricata is not installed")


@pytest.fixture(scope="module")
def settings():
    """The demo's settings, without its EVE file."""
    text = record.SETTINGS.read_text()
    assert "filetype: regular" in text
    return text


def kinds(lines):
    """Return how many events of each type there are, and the signatures that fired."""
    events = [json.loads(line) for line in lines if line]
    return sorted((event["event_type"], event.get("alert", {}).get("signature_id", 0)) for event in events)


@pytest.mark.parametrize(("mode", "side"), [("list", "left"), ("rpush", "right")])
def test_what_suricata_pushes_is_handed_over_whole_and_in_its_order(settings, valkey, tmp_path, mode, side):
    redis = (
        f"filetype: redis\n      redis:\n        server: 127.0.0.1\n        port: {valkey.port}\n"
        f"        mode: {mode}\n        key: suricata"
    )
    (tmp_path / "suricata.yaml").write_text(settings.replace("filetype: regular", redis))
    (tmp_path / "c.pcap").write_bytes(build_capture())
    command = [
        record.find_suricata(), "-c", tmp_path / "suricata.yaml", "-S", record.RULES, "-l", tmp_path,
        "-r", tmp_path / "c.pcap", "-k", "none", "--runmode=single",
    ]  # fmt: skip
    done = subprocess.run(
        [str(part) for part in command], check=False, capture_output=True, text=True, env={**os.environ, "TZ": "UTC"}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found, lost = [], 0
    address = read_address(valkey.address(f"list=suricata&push={side}"))
    with closing(redis_source(RedisServer(address), None)) as source:
        source.begin(b"")
        while (delivery := source.take()) is not None:
            found += delivery.data.splitlines()
            lost += delivery.lost
            source.settle()
    stored = record.ALERTS.read_bytes().splitlines()
    alerts = [json.loads(line)["timestamp"] for line in found if b'"event_type":"alert"' in line]

    assert (kinds(found), lost) == (kinds(stored), 0)
    assert alerts == sorted(alerts)
