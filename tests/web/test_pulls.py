"""Pulls > Pulls: the ledger of real pulls from the simulator, live while one runs, and what broke one off."""

import hashlib
import json
import threading
from contextlib import suppress

import pytest
import zstandard

from pulled_subscription import make_subscription
from vatriage.model.secret import Secret
from vatriage.model.viewer import COMMAND_LINE, Role
from vatriage.vault import open_vault
from vatriage_simulator.server import SimulatorServer

CANARY = "canary-2d9a"


class World:
    """A simulated server and devices that pull from it."""

    def __init__(self, store, server):
        self.store, self.server = store, server

    def device(self, name="d", zone="default"):
        """Add and activate a device."""
        from vatriage.usecases.devices import DeviceForm, add_device
        from vatriage.wiring.servers import changes

        form = DeviceForm(
            url=self.server.address, login="reader", password=Secret(CANARY), zone=zone, ca_file=self.server.ca_file,
            complete_checks="yes",
        )  # fmt: skip
        desk = changes(self.store.clock)
        add_device(name, form, vault=open_vault(self.store.config.key), changes=desk, who=COMMAND_LINE)
        desk.activate(COMMAND_LINE)

    def pull(self, name="d", told=lambda _pages, _text: None):
        """Pull a device; return the pull's number."""
        from vatriage.errors import VatriageError
        from vatriage.store.pulls import Pull
        from vatriage.usecases.devices import find_device
        from vatriage.usecases.pulls import pull_device
        from vatriage.wiring.pulls import pull_tools
        from vatriage.wiring.readers import system_clock
        from vatriage.wiring.servers import account_of, device_route

        device = find_device(name)
        tools = pull_tools(
            self.store.config,
            device.url,
            device.login,
            Secret(CANARY),
            device_route(self.store.config, device),
            system_clock(),
            told,
        )
        with suppress(VatriageError):  # the page is to tell it
            pull_device(device, account_of(device.url, device.login), tools)
        return Pull.objects.latest("pk").pk


@pytest.fixture
def world(store):
    subscription = make_subscription()
    subscription.account("reader", CANARY)
    with SimulatorServer(subscription) as server:
        yield World(store, server)


def text_of(client, path, **query):
    answer = client.get(path, query)
    assert answer.status_code == 200, answer.text
    return answer.text


def row_of(text, number):
    """Return the words of the list's line of one pull."""
    (line,) = [part.split("</tr>")[0] for part in text.split("<tr>") if f'href="/pulls/{number}/"' in part]
    return line


def test_a_whole_pull_is_listed_with_hosts_and_counters_and_its_page_shows_every_stage_done(world, browser):
    world.device()
    number = world.pull()
    client = browser(Role.OPERATOR)
    line, page = row_of(text_of(client, "/pulls/"), number), text_of(client, f"/pulls/{number}/")

    assert all(words in line for words in ("complete", "3 of 3", "current", "default"))
    assert all(words in page for words in ("3 new, 0 changed", "host_list", "knowledge_base", "its silence counts"))
    assert page.count('<span class="badge badge-good">done</span>') == 5
    assert "every 2s" not in page


def test_a_failed_page_is_told_in_the_words_of_table_12_1_with_the_stage_and_the_causes(world, browser):
    world.device()
    world.server.subscription.break_next("detection_list", "html-page", times=None)
    number = world.pull()
    client = browser(Role.OPERATOR)
    page = text_of(client, f"/pulls/{number}/")

    assert "<strong>Fail to parse scan report.</strong>" in page
    assert "Fail to parse scan report." in row_of(text_of(client, "/pulls/"), number)
    assert all(
        words in page for words in ("View Errors", "<dt>Failed at</dt><dd>Detections</dd>", "What can have caused it")
    )
    assert page.count(">not reached<") == 3


@pytest.mark.parametrize(
    ("fault", "title"),
    [
        ("bad-login", "Invalid user credentials."),
        ("cut", "Server unavailable."),
        ("maintenance", "Server unavailable."),
    ],
)
def test_other_troubles_bear_their_own_names_and_no_cause_of_an_unreadable_report(world, browser, fault, title):
    world.device()
    world.server.subscription.break_next("host_list", fault, times=None)
    page = text_of(browser(Role.OPERATOR), f"/pulls/{world.pull()}/")

    assert title in page
    assert "Fail to parse" not in page


def test_while_a_pull_runs_its_page_refreshes_and_shows_where_it_is(world, browser):
    from django.db import connection

    world.device()
    world.server.subscription.break_next("detection_list", "delay", seconds=4)
    begun, ended = threading.Event(), threading.Event()

    def pull():
        world.pull(told=lambda _pages, text: begun.set() if text == "host_list" else None)
        connection.close()
        ended.set()

    threading.Thread(target=pull).start()
    begun.wait(10)
    client, seen = browser(Role.OPERATOR), ""
    while "page 2" not in seen and not ended.is_set():
        seen = client.get("/pulls/1/live/", headers={"hx-request": "true"}).text
    whole = text_of(client, "/pulls/1/")
    ended.wait(20)
    last = client.get("/pulls/1/live/", headers={"hx-request": "true"})

    assert all(
        words in seen for words in ('hx-trigger="every 2s"', "under way", "Detections", "<b>3</b><span>expected")
    )
    assert "running" in whole
    assert (last.headers["HX-Refresh"], "every 2s" in last.text) == ("true", False)


def test_a_wait_is_shown_with_its_reason_and_its_end(world, browser, store):
    from vatriage.usecases.devices import find_device
    from vatriage.usecases.pull_progress import Progress
    from vatriage.wiring.readers import system_clock

    number = running_pull(world)
    progress = Progress(number, system_clock(), resumed=True)
    progress.begins("detections", 2)
    progress.waits_for_permit(90.0)
    page = text_of(browser(Role.OPERATOR), f"/pulls/{number}/")

    assert find_device("d").active
    assert all(
        words in page
        for words in ("the account&#x27;s rate limit", "in 1 minute", ">waiting<", "earlier process began")
    )


def test_a_pull_whose_process_died_says_so_and_does_not_refresh(world, browser):
    from vatriage.store.bulk import execute

    number = running_pull(world)
    execute("DELETE FROM device_leases")
    page = text_of(browser(Role.OPERATOR), f"/pulls/{number}/")

    assert "No process works on this pull" in page
    assert "every 2s" not in page


def running_pull(world):
    """Return a pull under way: its ledger is open, and this process holds its device."""
    from vatriage.clock import now_us
    from vatriage.store.leases import take_device
    from vatriage.store.ledger import open_pull
    from vatriage.usecases.devices import find_device
    from vatriage.wiring.readers import system_clock

    world.device()
    device, now = find_device("d"), now_us(system_clock()) // 1_000_000
    take_device(device.pk, "d", now)
    request = {"url": device.url}
    return open_pull(
        zone="default", account="a", origin="pull", started_at=now, device_id=device.pk, request=request
    ).id


def test_looking_at_a_running_pull_keeps_no_session_awake(world, browser):
    from django.db.models import F

    from vatriage.store.sessions import UserSession

    world.device()
    number = world.pull()
    client = browser(Role.OPERATOR)
    for _ in range(3):
        UserSession.objects.update(seen_at=F("seen_at") - 601)
        last = client.get(f"/pulls/{number}/live/").status_code

    assert last == 302


def test_who_sees_one_zone_sees_its_pulls_only(world, browser):
    from vatriage.store.places import Zone

    Zone.objects.create(name="dmz")
    world.device("elsewhere", "default")
    world.device("seen", "dmz")
    theirs, own = world.pull("elsewhere"), world.pull("seen")
    for role in (Role.OPERATOR, Role.ADMIN):
        client = browser(role, zones=["dmz"])
        text = text_of(client, "/pulls/")

        assert "elsewhere" not in text
        assert "default" not in text
        assert f'href="/pulls/{own}/"' in text
        for path in ("", "live/", "rejects/", "pages/1/raw/"):
            assert client.get(f"/pulls/{theirs}/{path}").status_code in (403, 404)
        assert client.get("/pulls/", {"zone": "default"}).status_code == 400


def test_filters_narrow_and_what_is_no_choice_is_told(world, browser):
    world.device("a")
    world.device("b")
    first, second = world.pull("a"), world.pull("b")
    client = browser(Role.OPERATOR)
    by_device, by_state = text_of(client, "/pulls/", device="a"), text_of(client, "/pulls/", state="failed")
    by_time, later = (text_of(client, "/pulls/", begin=day) for day in ("2020-01-01", "2999-01-01"))

    assert (f'"/pulls/{first}/"' in by_device, f'"/pulls/{second}/"' in by_device) == (True, False)
    assert "Nothing matches" in by_state
    assert (f'"/pulls/{second}/"' in by_time, "Nothing matches" in later) == (True, True)
    assert client.get("/pulls/", {"device": "nobody's"}).status_code == 400


def test_every_pull_is_on_exactly_one_page_of_the_list(store, browser):
    from vatriage.store.ledger import open_pull

    numbers = [open_pull(zone="default", account="a", origin="import", started_at=1, request={}).id for _ in range(120)]
    client, seen, path = browser(Role.OPERATOR), [], "/pulls/"
    while path:
        text = client.get(path).text
        seen += [number for number in numbers if f'href="/pulls/{number}/"' in text]
        path = (
            "/pulls/" + text.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0] if 'rel="next"' in text else ""
        )

    assert sorted(seen) == numbers


def test_an_admin_downloads_a_raw_page_as_it_came_and_as_it_is_kept_and_that_is_noted(world, browser):
    from vatriage.store.audit import Audit
    from vatriage.store.pulls import PullPage

    world.device()
    number = world.pull()
    line = PullPage.objects.get(pull=number, number=1)
    client = browser(Role.ADMIN)
    answers = [client.get(f"/pulls/{number}/pages/1/{form}/") for form in ("raw", "zst")]
    raw, kept = (b"".join(answer.streaming_content) for answer in answers)

    assert hashlib.sha256(raw).hexdigest() == line.sha256
    assert (len(raw), zstandard.ZstdDecompressor().decompressobj().decompress(kept)) == (line.size, raw)
    assert answers[0].headers["Content-Disposition"] == 'attachment; filename="00000001-000001.xml"'
    assert Audit.objects.filter(action="raw page downloaded", subject=f"pull {number} page 1").count() == 2


@pytest.mark.parametrize("role", [Role.ANALYST, Role.OPERATOR])
def test_only_an_admin_gets_raw_pages(world, browser, role):
    world.device()
    number = world.pull()
    client = browser(role)

    assert client.get(f"/pulls/{number}/pages/1/raw/").status_code == 403
    assert ".zst" not in text_of(client, f"/pulls/{number}/")


@pytest.mark.parametrize("page", ["9", "1"])
def test_a_raw_page_that_is_not_here_is_told_so(world, browser, page):
    world.device()
    number = world.pull()
    (world.store.config.pages / "00000001-000001.xml.zst").unlink()

    assert browser(Role.ADMIN).get(f"/pulls/{number}/pages/{page}/raw/").status_code == 404


def test_rejects_are_listed_with_their_bytes_and_cannot_become_markup(store, browser):
    broken = (
        "<HOST_LIST_OUTPUT><RESPONSE><DATETIME>2026-11-01T01:00:00Z</DATETIME><HOST_LIST><HOST><ID>no</ID>"
        "<IP>&lt;script&gt;</IP></HOST></HOST_LIST></RESPONSE></HOST_LIST_OUTPUT>"
    )
    store.take(broken, complete=False)
    client = browser(Role.OPERATOR)
    text = text_of(client, "/pulls/1/rejects/")

    assert "&amp;lt;script&amp;gt;" in text
    assert "<script>" not in text
    assert "import" in text_of(client, "/pulls/1/")


def test_a_pull_that_is_not_there_is_told_so(browser):
    client = browser(Role.OPERATOR)

    assert [client.get(f"/pulls/7/{path}").status_code for path in ("", "live/", "rejects/")] == [404] * 3


def test_no_page_of_a_pull_holds_the_password(world, browser):
    world.device()
    number = world.pull()
    client = browser(Role.ADMIN)
    paths = ["/pulls/", f"/pulls/{number}/", f"/pulls/{number}/rejects/"]
    texts = [client.get(path).text for path in paths]
    raw = [b"".join(client.get(f"/pulls/{number}/pages/{page}/raw/").streaming_content) for page in (1, 2, 3)]

    assert CANARY not in "".join(texts)
    assert CANARY.encode() not in b"".join(raw)
    assert json.dumps(CANARY) not in "".join(texts)


def test_a_host_that_does_not_come_is_named_on_the_pulls_page_its_own_page_and_by_the_rest_api(world, browser):
    world.device()
    world.pull()
    (poison,) = [host.id for host in world.server.subscription.hosts.values() if host.ip == "10.1.0.8"]
    world.server.subscription.break_next("detection_list", "reset", times=None, record_id=poison)
    number, client = world.pull(), browser(Role.OPERATOR)
    page, host = text_of(client, f"/pulls/{number}/"), text_of(client, "/hosts/10.1.0.8/")
    other = text_of(client, "/hosts/10.1.0.7/")
    told = client.get(f"/api/v1/pulls/{number}").json()

    assert all(words in page for words in ("Missing hosts", "1 hosts are not known whole", "10.1.0.8", "do not come"))
    assert "The last complete pull began" in page
    assert "incomplete" in row_of(text_of(client, "/pulls/"), number)
    assert f"Pull {number} does not know this host whole: its findings do not come" in host
    assert f"Pull {number} is incomplete." in other
    assert (told["state"], told["hosts_received"], told["hosts_missing"]) == ("incomplete", 2, 1)
    assert [item["id"] for item in told["missing"]] == [poison]
