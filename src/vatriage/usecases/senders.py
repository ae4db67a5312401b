"""The senders: a webhook and a syslog receiver, over what `net` connects."""

import re
from collections.abc import Callable, Sequence

from vatriage.clock import Clock, now_us
from vatriage.model.destination import Outgoing
from vatriage.model.instant import format_instant
from vatriage.model.secret import Secret
from vatriage.net.mailing import NotTakenError
from vatriage.net.posting import Poster
from vatriage.outputs.digest import digest
from vatriage.outputs.syslog import MOST_BYTES, MOST_DATAGRAM, framed, syslog_line
from vatriage.outputs.webhook import webhook_body, webhook_headers
from vatriage.usecases.sending import MOST_IN_DIGEST, LaterError, RefusedError

_TAKEN = range(200, 300)
_NOT_ABOUT_IT = frozenset({401, 403, 404, 407, 408, 425, 429, 502, 503, 504, *range(300, 400)})
"""Answers about the receiver or its settings, not about the message: it is sent again until it is too old."""
_SECONDS = re.compile(r"\d{1,6}", re.ASCII)
_SHOWN = 200
"""Characters of a refusal that are shown."""


class WebhookSender:
    """One signed POST a verdict. See Sender.

    Args:
        poster: to the server.
        path: of the URL.
        secret: signs.
        clock: tells the instant of sending.
    """

    most = 1

    def __init__(self, poster: Poster, path: str, secret: Secret, clock: Clock) -> None:
        self._poster = poster
        self._path = path
        self._secret = secret
        self._clock = clock

    def send(self, items: Sequence[Outgoing]) -> None:
        """See Sender.send."""
        for item in items:
            body = webhook_body(item)
            now = now_us(self._clock) // 1_000_000
            reply = self._poster.post(self._path, body, webhook_headers(item, body, self._secret, now))
            if reply.status in _TAKEN:
                continue
            moved = 300 <= reply.status < 400
            said = "".join(one for one in " ".join(reply.text.split()) if one.isprintable())[:_SHOWN]
            kind = LaterError if reply.status in _NOT_ABOUT_IT else RefusedError
            raise kind(
                f"The receiver answered {reply.status}{f': {said}' if said else ''}.",
                "Redirects are not followed: write the new URL." if moved else "It is tried again.",
                wait_s=int(reply.retry_after) if _SECONDS.fullmatch(reply.retry_after) else 0,
            )


class MailSender:
    """A digest of all that waits, as one e-mail. See Sender.

    Args:
        mail: sends a message (bytes) to recipients, from a sender.
        sender: address.
        recipients: addresses.
        clock: tells the instant of the digest.
    """

    most = MOST_IN_DIGEST

    def __init__(
        self, mail: Callable[[bytes], None], sender: str, recipients: Sequence[str], clock: Clock
    ) -> None:  # fmt: skip
        self._mail = mail
        self._sender = sender
        self._recipients = recipients
        self._clock = clock

    def send(self, items: Sequence[Outgoing]) -> None:
        """See Sender.send."""
        at = format_instant(now_us(self._clock) // 1_000_000 * 1_000_000)
        try:
            self._mail(digest(items, sender=self._sender, recipients=self._recipients, at=at))
        except NotTakenError as error:
            raise LaterError(error.message, error.hint) from error


class SyslogSender:
    """CEF lines over a stream, or as datagrams. See Sender.

    Args:
        deliver: sends bytes over a stream; None = `datagrams`.
        datagrams: sends lines one by one.
        host: this machine's name.
    """

    most = 100

    def __init__(
        self, deliver: Callable[[bytes], None] | None, datagrams: Callable[[Sequence[bytes]], None], host: str
    ) -> None:  # fmt: skip
        self._deliver = deliver
        self._datagrams = datagrams
        self._host = host

    def send(self, items: Sequence[Outgoing]) -> None:
        """See Sender.send."""
        most = MOST_DATAGRAM if self._deliver is None else MOST_BYTES
        lines = [syslog_line(item.alert, item.record, self._host, most) for item in items]
        if self._deliver is None:
            self._datagrams(lines)
        else:
            self._deliver(b"".join(map(framed, lines)))
