"""Pages that call the account: Test Connectivity, the list of appliances, the advice when to pull. None starts a scan."""

from datetime import UTC, datetime, timedelta

import pytest

from vatriage.model.viewer import Role
from vatriage.wiring.readers import system_clock
from vatriage_simulator.server import SimulatorServer
from vatriage_simulator.subscription import Subscription
from web.test_activate import press
from web.test_devices import HTMX, add, device, text_of

SAVED = "/msp/scan_report_list.php?last=yes"
SCAN = "/msp/scan.php?ip=198.51.100.1-198.51.100.4"


@pytest.fixture
def now():
    return system_clock().now().replace(second=0, microsecond=0)


@pytest.fixture
def sim(now):
    subscription = Subscription(now)
    subscription.account("reader", "right")
    subscription.host("198.51.100.1", os="Linux").scanned(now - timedelta(hours=1))
    return subscription


@pytest.fixture
def server(sim):
    with SimulatorServer(sim) as running:
        yield running
    assert running.failures == []
    assert sim.scans_started == []


@pytest.fixture
def admin(browser):
    return browser(Role.ADMIN)


@pytest.fixture
def form(server):
    from web.test_devices import FORM

    return FORM | {
        "url": server.address + SAVED, "login": "reader", "password": "right", "ca_file": str(server.ca_file),
        "stored": "",
    }  # fmt: skip


def test_unsaved_values_are_tested_stage_by_stage(admin, form):
    said = text_of(admin.post("/devices/test/", form, headers=HTMX))

    assert "Test connectivity succeeded" in said
    assert "passed login" in said
    assert "No scan was started" in said
    from vatriage.usecases.devices import all_devices

    assert all_devices() == []


def test_a_real_time_query_is_tested_without_starting_its_scan(admin, form, server):
    said = text_of(admin.post("/devices/test/", form | {"url": server.address + SCAN}, headers=HTMX))

    assert "a test never starts one" in said


def test_a_wrong_password_says_what_the_seed_says_and_what_can_have_caused_it(admin, form):
    answer = admin.post("/devices/test/", form | {"password": "wrong"}, headers=HTMX)

    assert "Invalid user credentials." in text_of(answer)
    assert "View Errors" in answer.text
    assert "Failed stage login" in text_of(answer)
    assert "DNS" not in text_of(answer).partition("All stages")[0]


def test_a_server_that_does_not_answer_is_unavailable(admin, form):
    said = text_of(admin.post("/devices/test/", form | {"url": "127.0.0.1:1" + SAVED}, headers=HTMX))

    assert "Test connectivity failed. Click the View Errors button for more information. Server unavailable." in said
    assert "Failed stage TCP" in said


def test_a_form_that_is_not_whole_sends_nothing(admin, form, server):
    said = text_of(admin.post("/devices/test/", form | {"login": "", "password": ""}, headers=HTMX))

    assert "Login: The account's login is missing" in said
    assert "Nothing was sent" in said
    assert server.requests == []


def test_a_stored_device_is_tested_from_list_and_page_with_scripts_and_without(admin, form):
    add(admin, **form)
    piece = admin.post("/devices/test/d/", headers=HTMX)
    whole = admin.post("/devices/test/d/")
    edited = admin.post("/devices/test/", form | {"password": "", "stored": "d"}, headers=HTMX)

    assert "Test connectivity succeeded for d" in text_of(piece)
    assert "<html" not in piece.text
    assert "<html" in whole.text
    assert "Test connectivity succeeded" in text_of(edited)


def test_the_accounts_appliances_are_offered(admin, form, sim, server):
    none = admin.post("/devices/appliances/", form, headers=HTMX)
    sim.scanner_appliance("dmz_1")
    some = admin.post("/devices/appliances/", form | {"url": "", "build_server": server.address}, headers=HTMX)
    wrong = admin.post("/devices/appliances/", form | {"password": "wrong"}, headers=HTMX)

    assert "no Scanner Appliance" in text_of(none)
    assert '<option value="dmz_1">' in some.text
    assert "Invalid user credentials" in text_of(wrong)


def ask(client, at=None):
    values = {"at": at.strftime("%Y-%m-%dT%H:%M")} if at else {}
    return text_of(client.post("/devices/advice/d/", values, headers=HTMX))


@pytest.fixture
def nightly(admin, form, sim, now):
    """A device, and a scan that runs daily, an hour long, and ended two hours ago."""
    sim.schedule("Nightly", targets="198.51.100.1", start=now - timedelta(days=9, hours=3), days=1)
    sim.scan("Nightly", targets="198.51.100.1", taken=now - timedelta(hours=3), duration_s=3600)
    add(admin, **form)
    press(admin, all="")


def hours(now, number):
    return (now + timedelta(hours=number)).strftime("%Y-%m-%d %H:%M UTC")


def test_the_advisor_finds_nothing_wrong_with_a_pull_soon_after_the_scan(admin, nightly, now):
    said = ask(admin)

    assert said.startswith("fresh Scan 'Nightly'")
    assert f"ends at {hours(now, -2)}" in said


def test_the_advisor_warns_of_a_pull_that_comes_shortly_before_the_next_scan(admin, nightly, now):
    said = ask(admin, now + timedelta(hours=20))

    assert said.startswith("soon old")
    assert "22 hours old" in said
    assert f"at about {hours(now, 22)}" in said
    assert "Pull daily at" in said


def test_the_advisor_warns_of_a_pull_while_the_scan_runs(admin, nightly, now):
    said = ask(admin, now + timedelta(hours=21, minutes=30))

    assert said.startswith("still running")
    assert f"until about {hours(now, 22)}" in said


def test_the_advisor_says_when_a_pull_would_bring_nothing_new(admin, nightly, store, now):
    from vatriage.store import ledger

    pull = ledger.open_pull(
        zone="default", account="reader@x", origin="pull", started_at=int(now.timestamp()) - 600,
        device_id=device().pk, request={},
    )  # fmt: skip
    ledger.close_pull(
        pull,
        state=ledger.COMPLETE,
        finished_at=int(now.timestamp()),
        whole=True,
        vouched_checks=False,
        counts={},
        error="",
    )
    said = ask(admin)

    assert said.startswith("nothing new")
    assert f"the last scan ended at {hours(now, -2)} and has been pulled" in said


def test_an_account_without_schedule_and_a_device_that_scans_itself_get_their_sentence(admin, form, server):
    add(admin, **form)
    add(admin, **form | {"name": "scans", "url": server.address + SCAN})
    none = ask(admin)
    before = len(server.requests)
    own = text_of(admin.post("/devices/advice/scans/", headers=HTMX))

    assert "The account has no scheduled scan" in none
    assert "runs a scan of its own" in own
    assert len(server.requests) == before


def test_an_account_that_refuses_and_a_time_that_is_none_are_told(admin, form, sim):
    add(admin, **form | {"password": "wrong"})
    refused = ask(admin)
    wrong = text_of(admin.post("/devices/advice/d/", {"at": "soon"}, headers=HTMX))

    assert "Invalid user credentials" in refused
    assert "That is no time" in wrong


def test_the_advisor_looks_at_the_next_pull_that_a_rule_makes(admin, nightly, store):
    from vatriage.model.viewer import COMMAND_LINE
    from vatriage.usecases.update_rules import add_rule, next_pull, offered_rule
    from vatriage.wiring.servers import changes

    name, content = offered_rule()
    add_rule(name, content, changes=changes(system_clock()), who=COMMAND_LINE)
    press(admin, all="")
    rule, at = next_pull("d", system_clock())

    assert rule == "daily"
    assert datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC") in ask(admin)
