"""EVE as Suricata 8 writes it, alone and in every envelope of syslog: the same alert, with all that judging needs."""

import io
import json

import pytest

from vatriage.model.alert import Disposition
from vatriage.sensors.any_format import AnyFormat
from vatriage.sensors.dating import Dating

EIGHT = {
    "timestamp": "2026-11-21T09:05:00.000123+0000", "flow_id": 5, "in_iface": "eth1", "event_type": "alert",
    "src_ip": "203.0.113.9", "src_port": 40000, "dest_ip": "10.30.0.12", "dest_port": 443, "proto": "TCP",
    "ip_v": 4, "pkt_src": "wire/pcap", "xff": "192.0.2.9", "direction": "to_server",
    "alert": {
        "action": "allowed", "gid": 1, "signature_id": 9900001, "rev": 1, "signature": "EXAMPLE", "severity": 1,
        "references": ["https://cve.mitre.org/cgi-bin/cvename.cgi?name=2014-0160"],
        "source": {"ip": "203.0.113.9", "port": 40000}, "target": {"ip": "10.30.0.12", "port": 443},
        "rule": 'alert tcp any any -> any any (msg:"EXAMPLE"; reference:cve,2020-10001; sid:9900001;)',
    },
    "verdict": {"action": "drop", "reject-target": "to_client", "reject": ["tcp-reset"]},
    "suricata_version": "8.0.1",
}  # fmt: skip
EVENT = json.dumps(EIGHT).encode()
ANOMALIES = [
    {"type": "decode", "event": "decoder.ipv4.trunc_pkt"}, {"type": "stream", "event": "stream.pkt_invalid_ack"},
    {"type": "applayer", "event": "ALERT", "layer": "proto_parser"},
]  # fmt: skip
ENVELOPES = [
    b"", b"@cee: ", b"@cee:", b"<134>1 2026-11-21T09:05:00Z ids1 suricata 12 - - ",
    b"<134>1 2026-11-21T09:05:00Z ids1 suricata 12 - - @cee: ",
    b'<134>1 2026-11-21T09:05:00Z ids1 suricata 12 - [a@1 b="{"] \xef\xbb\xbf@cee: ', b"<134>Nov 21 09:05:00 ids1 suricata[12]: @cee: ",
    b"Nov 21 09:05:00 ids1 suricata: ", b"2026-11-21T09:05:00.1+01:00 ids1 suricata[1]: @cee:",
]  # fmt: skip


def read(content):
    return list(AnyFormat(None, Dating()).read(io.BytesIO(content), "-", "default"))


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_an_alert_of_suricata_8_is_the_same_in_every_envelope(envelope):
    (batch,) = read(envelope + EVENT + b"\n")
    (alone,) = read(EVENT + b"\n")
    (alert,) = batch.alerts

    assert alert == alone.alerts[0]
    assert alert.references == ("https://cve.mitre.org/cgi-bin/cvename.cgi?name=2014-0160",)
    assert alert.rule_references == ("cve,2020-10001",)
    assert (alert.target_address, alert.target_port) == ("10.30.0.12", 443)
    assert (alert.disposition, alert.proxied) == (Disposition.BLOCKED, True)


@pytest.mark.parametrize("anomaly", ANOMALIES)
@pytest.mark.parametrize("envelope", ENVELOPES)
def test_anomalies_are_events_without_an_alert(anomaly, envelope):
    line = json.dumps({**EIGHT, "event_type": "anomaly", "anomaly": anomaly, "alert": None}).encode()
    (batch,) = read(envelope + line + b"\n")

    assert (batch.events, batch.alerts, batch.rejects) == (1, [], [])
