"""What targets are worth: said on the page, by the API and by command, followed by the snapshot and by verdicts."""

import re

from integration_store import report
from vatriage.model.viewer import Right, Role
from web.api_client import Program, token_of


def snapshot_values(store):
    """Return what the current snapshot holds of asset values."""
    from vatriage.store.snapshots import load_snapshot

    columns = load_snapshot(store.config.snapshots).columns
    return list(zip(columns.asset_network.tolist(), columns.asset_value.tolist(), strict=True))


def audited():
    """Return the audit log's lines about asset values."""
    from vatriage.store.audit import Audit

    rows = Audit.objects.filter(action__startswith="asset value").order_by("id")
    return [(row.action, row.subject, row.before, row.after) for row in rows]


def test_a_value_is_said_and_cleared_on_the_page(store, browser):
    store.take(report(2, {}))
    admin = browser(Role.ADMIN)

    said = admin.post("/ranking/", {"zone": "default", "network": "10.0.0.0/8", "value": "5"}, follow=True)
    shown = re.sub(r"\s+", " ", said.text)
    kept = snapshot_values(store)
    admin.post("/ranking/clear/", {"zone": "default", "network": "10.0.0.0/8"})

    assert "are worth 5 of 5 from now on" in shown
    assert "10.0.0.0/8" in shown
    assert (kept, snapshot_values(store)) == ([("10.0.0.0/8", 5)], [])
    assert audited() == [
        ("asset value set", "default 10.0.0.0/8", None, {"value": 5}),
        ("asset value cleared", "default 10.0.0.0/8", {"value": 5}, None),
    ]


def test_what_is_no_network_is_told_beside_its_field(store, browser):
    store.take(report(2, {}))
    admin = browser(Role.ADMIN)

    answer = admin.post("/ranking/", {"zone": "default", "network": "10.0.0.1/8", "value": "5"})

    assert answer.status_code == 400
    assert "is an address inside the network 10.0.0.0/8" in answer.text
    assert audited() == []


def test_who_may_only_read_says_nothing(store, browser):
    store.take(report(2, {}))
    analyst = browser(Role.ANALYST)

    assert analyst.post("/ranking/", {"zone": "default", "network": "10.0.0.0/8", "value": "5"}).status_code == 403
    assert "Say what targets are worth" not in analyst.get("/ranking/").text
    assert audited() == []


def test_the_api_says_and_clears_in_zones_that_are_seen_only(store, user):
    store.take(report(2, {}), zone="west")
    store.take(report(2, {}), zone="east")
    all_seeing = Program(token_of(user(Role.ADMIN, name="all"), *Right))
    zoned = Program(token_of(user(Role.ADMIN, name="zoned", zones=["west"]), *Right))
    content = {"zone": "east", "network": "10.0.0.7", "value": 4}

    assert zoned.ask("PUT", "/asset-values", content).status_code == 404
    assert all_seeing.ask("PUT", "/asset-values", content).json()["network"] == "10.0.0.7/32"
    assert zoned.ask("GET", "/asset-values").json() == {"asset_values": []}
    assert all_seeing.ask("PUT", "/asset-values", content | {"value": 6}).status_code == 422
    assert zoned.ask("DELETE", "/asset-values?zone=east&network=10.0.0.7").status_code == 404
    assert all_seeing.ask("DELETE", "/asset-values?zone=east&network=10.0.0.7").status_code == 204
    assert all_seeing.ask("GET", "/ranking").json()["known_exploited_entries"] == 1404


def test_the_newest_score_of_a_finding_is_kept_and_makes_no_new_version(store):
    from vatriage.store.bulk import fetch
    from vatriage.store.snapshots import load_snapshot

    found = [(1, "Active")]
    store.take(report(2, {7: found}, extra="<QDS severity='CRITICAL'>95</QDS>"))
    store.take(report(3, {7: found}, extra="<QDS severity='LOW'>12</QDS>"))

    assert fetch("SELECT qds FROM detections") == [(12,)]
    assert fetch("SELECT COUNT(*) FROM detections_past") == [(0,)]
    assert load_snapshot(store.config.snapshots).columns.finding_qds.tolist() == [12]
