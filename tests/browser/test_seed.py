"""The seed's three procedures, step by step, by its labels, on the running service, through a real proxy with a login."""

import re
from datetime import timedelta

import pytest
from ground import PASSWORD, add_people
from playwright.sync_api import expect

from end_to_end_program import run
from loopback_proxies import PASSWORD as PROXY_PASSWORD
from loopback_proxies import USER as PROXY_USER
from loopback_proxies import tinyproxy
from pulled_subscription import NOW, make_subscription
from served import served
from vatriage_simulator.server import SimulatorServer

LAST_SAVED = "/msp/scan_report_list.php?last=yes"
PATIENCE_MS = 120_000
"""How long a busy machine may take to pull."""
QUALYS = "165.193.18.12"


@pytest.fixture
def saved_scan():
    """A subscription in which a saved scan report is to be had: the seed's first procedure, done at the vendor."""
    subscription = make_subscription()
    subscription.scan("weekly", taken=NOW - timedelta(hours=5))
    return subscription


def open_menu(page, *labels):
    """Go where the guide says: Admin > ... > ..."""
    group = page.get_by_role("navigation", name="Menu").locator("details", has=page.get_by_text(labels[0], exact=True))
    if not group.evaluate("it => it.open"):
        group.locator("summary").click()
    group.get_by_role("link", name=labels[-1]).click()


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def activate(page):
    """Click Activate: the banner leads to the page, the page activates all."""
    page.get_by_role("link", name=re.compile("Activate")).first.click()
    press(page, "Activate all")
    expect(page.get_by_text("Activated:")).to_be_visible()


def log_in(page, service, role="admin"):
    page.goto(service.url)
    page.get_by_label("Username").fill(f"{role}1")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Log in")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()


def set_proxy(page, proxy):
    """If a proxy server resides between them: Admin > System Parameters > Proxy Settings."""
    open_menu(page, "Admin", "System Parameters", "Proxy Settings")
    page.get_by_label("Proxy", exact=True).or_(page.locator("#id_mode")).first.select_option("http")
    page.get_by_label("Proxy Address").fill("127.0.0.1")
    page.get_by_label("Proxy Port").fill(str(proxy.port))
    page.get_by_label("Proxy User").fill(PROXY_USER)
    page.get_by_label("Proxy Password").fill(PROXY_PASSWORD)
    press(page, "Submit")
    activate(page)


def add_device(page, simulator):
    """Add and Configure a QualysGuard Device, steps 1 to 8."""
    open_menu(page, "Admin", "System Setup", "Security and Monitor Devices")
    page.get_by_role("link", name="Add", exact=True).click()
    page.get_by_label("Device Type").select_option(label="QualysGuard ANY")
    press(page, "Continue")
    _fill_device(page, simulator)
    expect(page.get_by_label("Access IP")).to_have_value(QUALYS)
    expect(page.get_by_label("Access IP")).not_to_be_editable()
    press(page, "Test Connectivity")
    expect(page.get_by_text("Test connectivity succeeded")).to_be_visible(timeout=60_000)
    if not page.get_by_role("button", name="Submit", exact=True).is_visible():
        page.go_back()  # without scripts the answer is a page of its own
        _fill_device(page, simulator)
    press(page, "Submit")
    expect(page.get_by_text("Device 'qualys' is submitted.")).to_be_visible()
    activate(page)


def _fill_device(page, simulator):
    page.get_by_label("Device Name").fill("qualys")
    page.locator("#id_url").fill(f"{simulator.address}{LAST_SAVED}")
    page.get_by_label("Login").fill("reader")
    page.locator("#id_password").fill("right")
    page.get_by_label("CA file").fill(str(simulator.ca_file))


def schedule(page):
    """Schedule the Interval at Which Data is Pulled, steps 1 to 8."""
    open_menu(page, "Admin", "Topology/Monitored Device Update Scheduler")
    page.get_by_role("link", name="Add", exact=True).click()
    page.get_by_label("Name", exact=False).first.fill("Qualys Devices")
    page.get_by_role("radio", name="Network IP").check()
    page.get_by_role("textbox", name="Network IP").fill(QUALYS)
    page.get_by_role("textbox", name="Mask").fill("255.255.255.255")
    press(page, "Add")
    expect(page.get_by_role("group", name="Selected").get_by_text(f"{QUALYS}/255.255.255.255")).to_be_visible()
    page.get_by_role("radio", name="Daily").check()
    page.get_by_label("Time of Day").first.select_option("02:00")
    press(page, "Submit")
    expect(page.get_by_role("cell", name="Daily at 02:00 UTC")).to_be_visible()
    activate(page)


@pytest.mark.parametrize("scripts", [True, False])
def test_the_three_procedures_work_as_the_guide_tells_them(surroundings, saved_scan, tmp_path, monkeypatch, scripts):
    monkeypatch.delenv("VATRIAGE_DATABASE", raising=False)
    home = tmp_path / "home"
    with (
        SimulatorServer(saved_scan) as simulator, tinyproxy(tmp_path) as proxy, served(home) as service,
        surroundings.page(java_script_enabled=scripts) as page,
    ):  # fmt: skip
        add_people(home, service)
        log_in(page, service)
        set_proxy(page, proxy)
        add_device(page, simulator)
        surroundings.shot(page, f"seed-device-{scripts}")
        schedule(page)
        open_menu(page, "Admin", "Topology/Monitored Device Update Scheduler")
        page.get_by_label("Tick Qualys Devices").check()
        press(page, "Run Now")
        expect(page.get_by_text("Update rule 'Qualys Devices': asked.")).to_be_visible()
        surroundings.shot(page, f"seed-scheduler-{scripts}")
        page.get_by_role("link", name="Qualys Devices").click()
        _reload_until(page, page.get_by_role("table", name="The last runs").get_by_text("complete").first)
        surroundings.shot(page, f"seed-runs-{scripts}")
        hosts = run(home, "host", "list", "--json")
        asked = {request.path for request in simulator.requests}

    assert '"10.1.0.7"' in hosts.stdout
    assert f"CONNECT {simulator.address}" in proxy.log.read_text()
    assert "/msp/scan.php" not in asked


def _reload_until(page, locator):
    """Open the page again until something stands on it, as a person does where no script refreshes it."""
    for _ in range(PATIENCE_MS // 1_000):
        if locator.is_visible():
            return
        page.wait_for_timeout(1_000)
        page.reload()
    expect(locator).to_be_visible()
