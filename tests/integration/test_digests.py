"""The e-mail digest: by schedule, over TLS only, counts and the worst, the same message twice can be told."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from fakes.smtp_server import SmtpServer
from integration.test_sending import (  # noqa: F401 - fixtures
    SECRET,
    add,
    affected,
    authority,
    certificate,
    clock,
    send,
    soc,
    store,
)
from stored_alerts import Judged, store_alerts
from vatriage.errors import UsageError
from vatriage.model.verdict import Verdict

MAIL = {"sender": "vatriage@example.org", "recipients": ["a@example.org", "b@example.org"], "secret": None}


def mailed(server):
    """Return the messages that a server took."""
    return [message_from_bytes(body, policy=default) for _, _, body in server.heard]


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_digest_is_sent_at_its_time_over_tls(store, authority, certificate, clock, scheme):  # noqa: F811 - fixtures
    clock.at = datetime(2026, 11, 7, 5, tzinfo=UTC)
    with SmtpServer(certificate, implicit=scheme == "smtps") as server:
        url = f"{scheme}://127.0.0.1:{server.port}"
        add(store, url, authority, clock, **MAIL | {"secret": SECRET, "login": "me", "at": "06:30"})
        store_alerts([Judged(1), affected(2, message="one\r\nBcc: x"), affected(3, priority=90)])
        store_alerts([affected(1, judged=1, verdict=Verdict.COMPROMISE_INDICATED)])
        too_early = send(store, clock)
        clock.pass_(minutes=90)
        counts, again = send(store, clock), send(store, clock)

    (mail,) = mailed(server)
    text = mail.get_content()
    assert (too_early.sent, counts.sent, again.sent, counts.failed) == (0, 3, 0, [])
    assert mail["Subject"] == "vatriage: 1 COMPROMISE_INDICATED, 2 AFFECTED"
    assert "1 of them are escalations" in text
    assert text.index("COMPROMISE_INDICATED (escalation)") < text.index(affected(3).id) < text.index(affected(2).id)
    assert "one  Bcc: x" in text
    assert mail["Bcc"] is None
    assert server.logins == [[b"me", SECRET.reveal().encode()]]
    assert [one.split(">")[0].split("<")[1] for one in server.heard[0][1]] == MAIL["recipients"]
    assert set(server.in_clear) <= {b"EHLO", b"STARTTLS"}


def test_nothing_is_sent_to_a_server_without_tls(store, authority, certificate, clock):  # noqa: F811 - fixtures
    with SmtpServer(certificate, starttls=False) as server:
        url = f"smtp://127.0.0.1:{server.port}"
        add(store, url, authority, clock, **MAIL | {"secret": SECRET, "login": "me", "every": _hourly()})
        store_alerts([affected(1)])
        clock.pass_(hours=1)
        counts = send(store, clock)

    assert (server.heard, server.logins) == ([], [])
    assert "offers no TLS" in counts.failed[0]


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_an_untrusted_mail_server_gets_nothing(store, authority, certificate, clock, scheme):  # noqa: F811 - fixtures
    with SmtpServer(certificate, implicit=scheme == "smtps") as server:
        url = f"{scheme}://127.0.0.1:{server.port}"
        add(store, url, authority, clock, **MAIL | {"ca_file": "", "every": _hourly()})
        store_alerts([affected(1)])
        clock.pass_(hours=1)
        counts = send(store, clock)

    assert server.heard == []
    assert "CERTIFICATE_VERIFY_FAILED" in counts.failed[0]
    assert soc()["waiting"] == 1


def test_a_refused_recipient_is_told_and_nobody_gets_it_twice(store, authority, certificate, clock):  # noqa: F811 - fixtures
    with SmtpServer(certificate, refuse="b@example.org") as server:
        add(store, f"smtp://127.0.0.1:{server.port}", authority, clock, **MAIL | {"every": _hourly()})
        store_alerts([affected(1)])
        clock.pass_(hours=1)
        counts = send(store, clock)

    assert "answered 550: no such user" in counts.failed[0]
    assert server.heard == []


@pytest.mark.parametrize(
    "said",
    [
        {"sender": "a b@example.org"}, {"recipients": []}, {"recipients": ["a@example.org\r\nBcc: x@y"]},
        {"recipients": ["a@example.org"] * 51}, {"at": "25:00"}, {"login": "a\r\nb"}, {"sender": "nobody"},
    ],
)  # fmt: skip
def test_what_no_digest_can_be_sent_with_is_refused(store, authority, clock, said):  # noqa: F811 - fixtures
    with pytest.raises(UsageError):
        add(store, "smtp://mail.example", authority, clock, **MAIL | said)


def _hourly():
    from vatriage.usecases.destinations import Every

    return Every.HOURLY
