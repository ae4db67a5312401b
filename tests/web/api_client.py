"""A program that speaks to the API, and a store with one of everything for it."""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from docs.console import DOCS
from end_to_end_program import DETECTIONS, HOSTS, KNOWLEDGE, RULES, alert
from vatriage.clock import SystemClock
from vatriage.model.secret import Secret
from vatriage.model.tuning import TuningRule
from vatriage.model.viewer import COMMAND_LINE, Role, Viewer

ROOT = "/api/v1"
DEVICE_PASSWORD = "canary-device-7c1f"
ENDPOINTS = re.findall(
    r"^### (GET|POST|PATCH|PUT|DELETE) (/\S+)", (DOCS / "reference" / "api.md").read_text(), re.MULTILINE
)
"""Method and path of every endpoint, as the reference page names them; tests/docs compares it with the program."""
RULE = {"selectors": [{"kind": "device", "device": "d"}], "schedule": {"kind": "on demand"}}
SOON = (SystemClock().now() + timedelta(days=30)).strftime("%Y-%m-%d")
"""A day to which things may hold; pages and endpoints ask the machine's clock."""
TUNING = {"zone": "default", "signature": "1:9", "reason": "a test", "expires_at": SOON}
BODIES: dict[str, Any] = {
    "POST /host-statements": {"host": 1, "kind": "os", "text": "x", "reason": "r", "valid_until": "2100-01-01"},
    "POST /host-statements/{number}/withdrawal": {"reason": "r"},
    "POST /virtual-addresses": {"zone": "default", "address": "10.0.0.99", "members": ["10.0.0.5"], "reason": "r"},
    "POST /virtual-addresses/{number}/withdrawal": {"reason": "r"},
    "POST /devices": {"name": "new", "url": "127.0.0.1:1", "login": "u", "password": DEVICE_PASSWORD},
    "PATCH /devices/{name}": {"login": "other"},
    "POST /connectivity-tests": {"device": "d"},
    "POST /device-clones": {"source": "d", "name": "new"},
    "POST /pull-advice": {"device": "d"},
    "POST /appliance-lists": {"device": "d"},
    "POST /scan-cancellations": {"device": "d"},
    "POST /changes/activate": {},
    "POST /changes/discard": {},
    "POST /versions/restore": {"kind": "device", "subject": "d", "number": 1},
    "POST /pulls": {"device": "d"},
    "POST /pulls/cancel": {"device": "d"},
    "POST /rules": {"name": "new", **RULE},
    "PUT /rules/{name}": RULE,
    "POST /rule-runs": {"rule": "d"},
    "POST /rule-pauses": {"rule": "d", "paused": True},
    "POST /quota-plans": {"name": "new", **RULE},
    "POST /certificate-acceptances": {"server": "127.0.0.1:1", "sha256": "0" * 64},
    "PATCH /system/proxy": {"mode": "none"},
    "PUT /system/dns": {"servers": ["127.0.0.1"]},
    "PUT /system/tls": {"mode": "authorities"},
    "POST /users": {"login": "new", "role": "notified"},
    "PUT /users/{login}": {"role": "notified"},
    "POST /user-passwords": {"login": "told"},
    "POST /session-ends": {"login": "told"},
    "POST /user-unlocks": {"login": "told"},
    "POST /zones": {"name": "new", "networks": ["198.51.100.0/24"]},
    "PUT /zones/{name}": {"networks": ["198.51.100.0/24"]},
    "POST /destinations": {"name": "new", "url": "udp://192.0.2.1"},
    "PATCH /destinations/{name}": {"least": "UNKNOWN"},
    "POST /destination-tests": {"destination": "none"},
    "PUT /asset-values": {"zone": "default", "network": "198.51.100.0/24", "value": 5},
    "POST /reviews": {"alert": "00", "decision": "noise", "reason": "a test"},
    "POST /group-reviews": {"groups": [{"group": "00"}], "decision": "noise", "reason": "a test"},
    "POST /selection-reviews": {
        "filter": {"zone": "default"},
        "covers": "alerts",
        "alerts": 1,
        "groups": 1,
        "until": "2026-11-24T00:00:00Z",
        "stamp": "0" * 32,
        "decision": "noise",
        "reason": "a test",
    },
    "POST /tuning-previews": TUNING,
    "POST /tuning-rules": TUNING | {"marked": 0},
    "PUT /tuning-rules/{rule}": TUNING | {"marked": 0, "seen": 1},
    "POST /tuning-switches": {"rule": 1, "on": False, "seen": 1},
    "PUT /alert-filters/{name}": {"query": {"zone": ["default"]}},
    "POST /me/tokens": {"name": "made", "scopes": ["own"]},
    "POST /shadow-samples": {"zone": "default"},
    "POST /hiding": {
        "zone": "default",
        "verdict": "NOT_AFFECTED",
        "days": 30,
        "made_at": "2026-11-24",
        "digest": "0" * 64,
        "reason": "a test",
        "until": "2026-12-24",
    },
    "POST /hiding-ends": {"zone": "default", "reason": "a test"},
    "POST /explain": alert(1),
    "POST /triage": alert(1),
}
"""A body for every endpoint that takes one."""
VALUES = {
    "name": "d",
    "kind": "device",
    "subject": "d",
    "address": "10.1.0.7",
    "qid": "99000",
    "number": "1",
    "login": "told",
    "alert": "",
    "group": "",
    "page": "1",
    "zone": "default",
    "rule": "1",
}
"""A value that is there for every parameter of a path; `alert` and `group` are filled in by `furnish`."""


@dataclass
class Program:
    """Holds a token."""

    token: str

    def ask(self, method, path, body=None, **headers):
        """Send a request with the token, return the answer."""
        return ask(method, path, body, authorization=f"Bearer {self.token}", **headers)


def ask(method, path, body=None, **headers):
    """Send a request, return the answer; a text is sent as events, anything else as JSON."""
    from django.test import Client

    client = Client(raise_request_exception=False, headers={"host": "localhost"})
    sent = {}
    if body is not None:
        lines = isinstance(body, str)
        content = "application/x-ndjson" if lines else "application/json"
        sent = {"data": body if lines else json.dumps(body), "content_type": content}
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return getattr(client, method.lower())(f"{ROOT}{path}", headers=headers, **sent)


def whole_text(answer):
    """Return an answer's text, also of one that is a file in pieces."""
    return b"".join(answer).decode(errors="replace") if answer.streaming else answer.text


def token_of(owner, *scopes, name="t", days=30):
    """Return the secret of a new token; without scopes it may all that its owner may."""
    from vatriage.usecases.tokens import create_token
    from vatriage.wiring.readers import system_clock

    made = create_token(
        owner, name, scopes=scopes or Role(owner.role).rights, days=days, who=COMMAND_LINE, clock=system_clock()
    )  # fmt: skip
    return made.secret.reveal()


def add_device(store, name="d", zone="default"):
    """Activate a device whose server is nowhere."""
    from vatriage.usecases import devices
    from vatriage.vault import open_vault
    from vatriage.wiring import servers

    desk = servers.changes(store.clock)
    form = devices.DeviceForm(url="127.0.0.1:1", login="u", password=Secret(DEVICE_PASSWORD), zone=zone)
    devices.add_device(name, form, vault=open_vault(store.config.key), changes=desk, who=COMMAND_LINE)
    desk.activate(COMMAND_LINE)


def furnish(store, zone="default"):
    """Put one of everything into a store; return the values of paths that name it."""
    from vatriage.store.alert_pages import alert_row
    from vatriage.usecases.keep_verdicts import keep_batch
    from vatriage.usecases.signatures import load_signatures
    from vatriage.usecases.triage import TriageRun
    from vatriage.usecases.tuning_rules import Consent, make_rule
    from vatriage.usecases.update_rules import add_rule
    from vatriage.usecases.users import add_user
    from vatriage.usecases.zones import submit_zone
    from vatriage.wiring.judging import triage_knowledge
    from vatriage.wiring.readers import alert_reader
    from vatriage.wiring.servers import changes

    add_device(store, zone=zone)
    store.take(HOSTS, DETECTIONS, KNOWLEDGE, zone=zone)
    add_user("told", Role.NOTIFIED, Secret("correct horse battery"), zones=[zone], who=COMMAND_LINE, clock=store.clock)
    submit_zone("d", ["192.0.2.0/24"], changes=changes(store.clock), who=COMMAND_LINE)
    add_rule("d", RULE, changes=changes(store.clock), who=COMMAND_LINE)
    changes(store.clock).activate(COMMAND_LINE)
    rules = store.folder / "r.rules"
    rules.write_text(RULES)
    load_signatures([rules], store.config.signatures)
    eve = store.folder / "eve.json"
    eve.write_text(alert(1) + "\n")
    run = TriageRun(triage_knowledge(store.config), alert_reader(), zone, 1_795_478_400_000_000)
    for batch in run.judge([str(eve)], keep_events=True):
        keep_batch(batch, store.clock)
        found = batch.records[0].id
    make_rule(
        TuningRule(zone=zone, gid=1, sid=9, reason="a test", expires_at=1_798_675_200), Consent(marked=0),
        viewer=Viewer(name="root", role=Role.ADMIN), clock=store.clock,
    )  # fmt: skip
    return VALUES | {"alert": found, "group": str(alert_row(found, None)["group_id"])}


def filled(path, values):
    """Return a path with its parameters filled in; one without a value is an error of the test."""
    names = re.findall(r"{(\w+)}", path)
    missing = [name for name in names if name not in values]
    assert not missing, f"{path}: give VALUES (tests/web/api_client.py) a value for {missing}"
    return path.format(**values).removeprefix(ROOT)
