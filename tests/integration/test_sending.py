"""Verdicts on their way to receivers: nothing is lost, what comes twice can be told, nothing is sent elsewhere."""

import json
from contextlib import contextmanager
from datetime import timedelta

import pytest

from fakes.receivers import SyslogReceiver, WebhookReceiver, frames
from fakes.tls_server import Authority
from integration_store import Store, opened
from stored_alerts import Judged, LaterClock, store_alerts
from vatriage.config import read_config
from vatriage.errors import UsageError
from vatriage.model.secret import Secret
from vatriage.model.verdict import Verdict
from vatriage.model.viewer import COMMAND_LINE
from vatriage.outputs.webhook import signature
from vatriage.vault import open_vault

SECRET = Secret("0123456789abcdef0123456789abcdef")


class MovedClock:
    """A clock that a test moves on."""

    def __init__(self):
        self.at = LaterClock().now()

    def now(self):
        """See Clock.now."""
        return self.at

    def pass_(self, **time):
        """Let time pass."""
        self.at += timedelta(**time)


@pytest.fixture
def store(tmp_path):
    """An empty store on SQLite; `on_both` is one on each kind of database."""
    with opened(read_config(tmp_path / "home")) as config:
        yield Store(config, tmp_path)


@pytest.fixture
def on_both(database, tmp_path):
    """An empty store; a test that asks for it runs once on each kind of database."""
    with opened(read_config(tmp_path / "home")) as config:
        yield Store(config, tmp_path)


@pytest.fixture
def clock():
    """A clock that stands until a test moves it."""
    return MovedClock()


@pytest.fixture
def authority(tmp_path):
    """An authority of our own."""
    return Authority(tmp_path)


@pytest.fixture
def certificate(authority):
    """A certificate of this machine."""
    return authority.server_file("127.0.0.1")


def add(store, url, authority, clock, **said):
    """Add a destination named `soc`."""
    from vatriage.usecases.destinations import Form, add_destination

    form = {"secret": SECRET, "private": True, "ca_file": str(authority.file)} | said
    return add_destination(
        "soc", Form(url=url, **form), vault=open_vault(store.config.key), who=COMMAND_LINE, clock=clock
    )


def send(store, clock):
    """Send what is due; return what it came to."""
    from vatriage.wiring.sending import send_verdicts

    return send_verdicts(store.config, clock)


def waiting():
    """Return (news, alert) of what waits, in order."""
    from vatriage.store.destinations import OutboxRow

    return list(OutboxRow.objects.order_by("id").values_list("news", "alert_id"))


def soc():
    """Return the destination as people see it."""
    from vatriage.usecases.destinations import destinations

    return destinations()[0]


def affected(number, **changes):
    """Return an alert that hits."""
    return Judged(number, **{"verdict": Verdict.AFFECTED} | changes)


def test_a_webhook_gets_the_stored_record_signed(store, authority, certificate, clock):
    with WebhookReceiver(certificate) as receiver:
        add(store, f"https://127.0.0.1:{receiver.port}/in?x=1", authority, clock)
        store_alerts([affected(1), Judged(2)])
        counts = send(store, clock)

    (headers, body, path), told = receiver.heard[0], json.loads(receiver.heard[0][1])
    at = int(headers["X-Vatriage-Timestamp"])
    assert (len(receiver.heard), counts.sent, path) == (1, 1, "/in?x=1")
    assert headers["X-Vatriage-Signature"] == f"v1={signature(body, SECRET, at)}"
    assert at == int(clock.now().timestamp())
    assert (told["schema"], told["event"], told["delivery"]) == (1, "verdict", headers["X-Vatriage-Delivery"])
    assert (told["record"]["id"], told["record"]["verdict"]) == (affected(1).id, "AFFECTED")
    assert waiting() == []


def test_only_news_of_wanted_verdicts_and_zones_is_sent(store, authority, clock):
    from vatriage.store.places import Zone

    Zone.objects.get_or_create(name="dmz")
    add(store, "https://127.0.0.1:9/", authority, clock, zones=["dmz"], least=Verdict.POSSIBLY_AFFECTED)

    store_alerts([affected(1), affected(2, zone="dmz"), Judged(3, zone="dmz")])
    store_alerts([affected(2, zone="dmz")])
    store_alerts([affected(2, zone="dmz", judged=1)])
    store_alerts([Judged(2, zone="dmz", judged=2)])

    assert waiting() == [("verdict", affected(2).id)]


def test_a_worse_verdict_of_a_known_alert_is_an_escalation(on_both, authority, clock):
    add(on_both, "https://127.0.0.1:9/", authority, clock)
    store_alerts([Judged(1), affected(2)])
    store_alerts([affected(1, judged=1), Judged(2, verdict=Verdict.COMPROMISE_INDICATED, judged=1)])

    assert waiting() == [("verdict", affected(2).id), ("escalation", affected(1).id), ("escalation", affected(2).id)]


def test_what_is_not_taken_is_sent_again_with_the_same_id_after_growing_pauses(store, authority, certificate, clock):
    with WebhookReceiver(certificate, answers=[503, 503, 200]) as receiver:
        add(store, f"https://127.0.0.1:{receiver.port}/", authority, clock)
        store_alerts([affected(1)])
        first, at_once = send(store, clock), send(store, clock)
        clock.pass_(seconds=5)
        second = send(store, clock)
        clock.pass_(seconds=14)
        too_early = send(store, clock)
        clock.pass_(seconds=1)
        last = send(store, clock)

    assert [one.sent for one in (first, at_once, second, too_early, last)] == [0, 0, 0, 0, 1]
    assert "answered 503: no room" in first.failed[0]
    assert len({body for _, body, _ in receiver.heard}) == 1
    assert len(receiver.heard) == 3
    assert (soc()["waiting"], soc()["error"], soc()["sent"]) == (0, None, 1)


def test_a_message_that_is_refused_again_and_again_is_given_up_and_the_next_one_comes(
    store, authority, certificate, clock
):
    with WebhookReceiver(certificate, answers=[400] * 8 + [200]) as receiver:
        add(store, f"https://127.0.0.1:{receiver.port}/", authority, clock)
        store_alerts([affected(1), affected(2)])
        for _ in range(9):
            send(store, clock)
            clock.pass_(hours=1)

    assert (soc()["waiting"], soc()["lost"], soc()["sent"]) == (0, 1, 1)
    assert json.loads(receiver.heard[-1][1])["record"]["id"] == affected(2).id


def test_what_waits_too_long_for_a_receiver_that_fails_is_given_up(store, authority, clock):
    add(store, "https://127.0.0.1:9/", authority, clock)
    store_alerts([affected(1)])
    assert send(store, clock).lost == 0
    clock.pass_(days=8)

    assert (send(store, clock).lost, waiting()) == (1, [])


def test_a_clock_that_jumps_or_a_long_pause_gives_nothing_up(store, authority, certificate, clock):
    with WebhookReceiver(certificate) as receiver:
        add(store, f"https://127.0.0.1:{receiver.port}/", authority, clock)
        store_alerts([affected(1)])
        clock.pass_(days=8)

        assert (send(store, clock).sent, soc()["lost"]) == (1, 0)


def test_a_clock_that_is_set_back_holds_nothing_up(store, authority, certificate, clock):
    with WebhookReceiver(certificate, answers=[503, 200]) as receiver:
        add(store, f"https://127.0.0.1:{receiver.port}/", authority, clock)
        store_alerts([affected(1)])
        send(store, clock)
        clock.pass_(days=-30)

        assert send(store, clock).sent == 1


def test_a_receiver_that_is_down_for_a_day_loses_nothing(store, authority, certificate, clock):
    with WebhookReceiver(certificate, answers=[503] * 20 + [200]) as receiver:
        add(store, f"https://127.0.0.1:{receiver.port}/", authority, clock)
        store_alerts([affected(1)])
        for _ in range(21):
            send(store, clock)
            clock.pass_(hours=1)

    assert (soc()["waiting"], soc()["lost"], soc()["sent"]) == (0, 0, 1)


def test_a_bug_with_one_destination_holds_up_no_other(store, authority, clock):
    from vatriage.usecases.sending import send_due

    add(store, "https://127.0.0.1:9/", authority, clock)
    store_alerts([affected(1), affected(2)])

    def opening(row):
        raise KeyError(row.name)

    counts = send_due(opening, clock)

    assert counts.failed == ["soc: KeyError. This is a bug of the program; the others are sent on. It is tried again."]
    assert (soc()["waiting"], soc()["lost"]) == (2, 0)


def test_a_syslog_receiver_that_wants_a_certificate_of_ours_keeps_everything_waiting(
    store, authority, certificate, clock
):
    with SyslogReceiver(certificate, asks_client=True) as receiver:
        add(store, f"tls://127.0.0.1:{receiver.port}", authority, clock)
        store_alerts([affected(1)])
        counts = send(store, clock)

    assert (counts.sent, len(waiting())) == (0, 1)
    assert "broke" in counts.failed[0]


def test_a_redirect_is_not_followed(store, authority, certificate, clock):
    with WebhookReceiver(certificate) as other:
        answers = [f"https://127.0.0.1:{other.port}/"]
        with WebhookReceiver(certificate, answers=answers) as receiver:
            add(store, f"https://127.0.0.1:{receiver.port}/", authority, clock)
            store_alerts([affected(1)])
            counts = send(store, clock)

    assert (len(receiver.heard), other.heard) == (1, [])
    assert "Redirects are not followed" in counts.failed[0]


@pytest.mark.parametrize("scheme", ["https", "tls"])
def test_a_certificate_that_nobody_vouches_for_gets_nothing(store, authority, certificate, clock, scheme):
    with WebhookReceiver(certificate) as receiver:
        add(store, f"{scheme}://127.0.0.1:{receiver.port}", authority, clock, ca_file="")
        store_alerts([affected(1)])
        counts = send(store, clock)

    assert receiver.heard == []
    assert "CERTIFICATE_VERIFY_FAILED" in counts.failed[0]
    assert len(waiting()) == 1


@pytest.mark.parametrize("scheme", ["https", "tls", "tcp", "udp"])
def test_an_address_of_this_machine_is_refused_unless_it_was_allowed(store, authority, clock, scheme):
    add(store, f"{scheme}://127.0.0.1:9", authority, clock, private=False)
    store_alerts([affected(1)])

    assert "an address of this machine or of a private network" in send(store, clock).failed[0]


@pytest.mark.parametrize("scheme", ["tls", "tcp"])
def test_syslog_gets_cef_in_counted_frames(store, authority, certificate, clock, scheme):
    with SyslogReceiver(certificate if scheme == "tls" else None) as receiver:
        add(store, f"{scheme}://127.0.0.1:{receiver.port}", authority, clock)
        store_alerts([affected(1, message="one\ntwo | three"), affected(2)])
        counts = send(store, clock)

    first, second = frames(b"".join(receiver.heard))
    assert counts.sent == 2
    assert first.startswith(b"<106>1 2")
    assert b" vatriage - AFFECTED - \xef\xbb\xbfCEF:0|" in first
    assert b"one two \\| three" in first
    assert affected(2).id.encode() in second


def test_a_syslog_receiver_that_is_gone_keeps_everything_waiting(store, authority, clock):
    with SyslogReceiver() as receiver:
        port = receiver.port
    add(store, f"tcp://127.0.0.1:{port}", authority, clock)
    store_alerts([affected(number) for number in range(3)])

    assert (send(store, clock).sent, len(waiting())) == (0, 3)


def test_two_processes_do_not_send_at_the_same_time_and_a_dead_ones_turn_ends(store, authority, certificate, clock):
    from vatriage.store.destinations import Destination
    from vatriage.store.outbox_rows import take_turn

    with WebhookReceiver(certificate) as receiver:
        row = add(store, f"https://127.0.0.1:{receiver.port}/", authority, clock)
        store_alerts([affected(1)])
        now = int(clock.now().timestamp())
        assert take_turn(row.pk, now, 120)
        assert send(store, clock).sent == 0
        clock.pass_(seconds=120)
        assert send(store, clock).sent == 1

    assert Destination.objects.get().busy_until == 0


def test_what_was_sent_but_not_noted_is_sent_again_with_the_same_id(on_both, authority, certificate, clock):
    from vatriage.usecases.sending import send_due
    from vatriage.wiring.sending import destination_opening

    class Killed(BaseException):
        """As a kill: nothing is tidied."""

    class Dying:
        most = 1

        def __init__(self, inner):
            self._inner = inner

        def send(self, items):
            self._inner.send(items)
            raise Killed

    inner = destination_opening(on_both.config, clock)

    @contextmanager
    def dying(row):
        with inner(row) as sender:
            yield Dying(sender)

    with WebhookReceiver(certificate) as receiver:
        add(on_both, f"https://127.0.0.1:{receiver.port}/", authority, clock)
        store_alerts([affected(1)])
        with pytest.raises(Killed):
            send_due(dying, clock)
        clock.pass_(seconds=121)
        send(on_both, clock)

    assert [json.loads(body)["delivery"] for _, body, _ in receiver.heard] == [
        json.loads(receiver.heard[0][1])["delivery"]
    ] * 2
    assert waiting() == []


def test_verdicts_that_are_rolled_back_are_not_sent(store, authority, clock):
    from django.db import transaction

    add(store, "https://127.0.0.1:9/", authority, clock)
    with transaction.atomic():
        store_alerts([affected(1)])
        transaction.set_rollback(True)

    assert waiting() == []


def test_a_paused_destination_keeps_what_waits(store, authority, certificate, clock):
    from vatriage.usecases.destinations import Form, change_destination

    vault = open_vault(store.config.key)
    with WebhookReceiver(certificate) as receiver:
        add(store, f"https://127.0.0.1:{receiver.port}/", authority, clock, paused=True)
        store_alerts([affected(1)])
        assert send(store, clock).sent == 0
        change_destination("soc", Form(paused=False), vault=vault, who=COMMAND_LINE, clock=clock)
        assert send(store, clock).sent == 1


def test_a_secret_does_not_follow_to_another_server(store, authority, clock):
    from vatriage.usecases.destinations import Form, change_destination

    vault = open_vault(store.config.key)
    add(store, "https://siem.example/a", authority, clock)
    change_destination("soc", Form(url="https://siem.example/b"), vault=vault, who=COMMAND_LINE, clock=clock)

    for url in ("https://evil.example/", "https://siem.example:8443/b"):
        with pytest.raises(UsageError, match="is not sent elsewhere"):
            change_destination("soc", Form(url=url), vault=vault, who=COMMAND_LINE, clock=clock)


def test_no_secret_stands_in_the_audit_log_or_in_what_is_shown(store, authority, clock):
    from vatriage.store.audit import Audit
    from vatriage.usecases.destinations import Form, change_destination, remove_destination

    row = add(store, "https://siem.example/a", authority, clock)
    form = Form(secret=Secret("another secret that signs"), least=Verdict.UNKNOWN)
    change_destination("soc", form, vault=open_vault(store.config.key), who=COMMAND_LINE, clock=clock)
    shown = soc()
    remove_destination("soc", who=COMMAND_LINE, clock=clock)

    lines = list(Audit.objects.order_by("id").values_list("action", "before", "after"))
    assert [action for action, *_ in lines] == ["destination added", "destination changed", "destination removed"]
    assert (lines[1][2]["secret"], shown["least"]) == ("changed", "UNKNOWN")
    for text in (SECRET.reveal(), "another secret"):
        assert text not in f"{lines} {shown} {row.__dict__}"


@pytest.mark.parametrize(
    "url",
    ["", "http://a/", "https://", "https://u:p@a/", "https://a/#x", "tls://a/path", "ftp://a", "https://a:0/", "https://a b/",
     "https://[::1", "https://a:99999/", "https://a/\r\nX: y", "https://\u00e4/"],
)  # fmt: skip
def test_what_is_no_url_of_a_receiver_is_refused(store, authority, clock, url):
    with pytest.raises(UsageError):
        add(store, url, authority, clock)


def test_a_test_message_says_how_far_it_got(store, authority, certificate, clock):
    from vatriage.net.interface import NetError
    from vatriage.usecases.destination_tests import send_test
    from vatriage.wiring.sending import destination_opening

    with WebhookReceiver(certificate) as receiver:
        add(store, f"https://127.0.0.1:{receiver.port}/", authority, clock)
        told = send_test("soc", destination_opening(store.config, clock), who=COMMAND_LINE, clock=clock)
    with pytest.raises(NetError, match=r"got as far as TCP.*cannot be reached"):
        send_test("soc", destination_opening(store.config, clock), who=COMMAND_LINE, clock=clock)

    assert told == "'soc' took the test message."
    assert json.loads(receiver.heard[0][1])["event"] == "test"
