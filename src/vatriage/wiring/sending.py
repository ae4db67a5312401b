"""Senders of verdicts, each over a connection by its route."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from vatriage.clock import Clock
from vatriage.config import Config

if TYPE_CHECKING:
    from vatriage.model.destination import Place
    from vatriage.net.connecting import Connecting
    from vatriage.store.destinations import Destination
    from vatriage.usecases.sending import Opening, SendCounts, Sender
    from vatriage.vault import Vault

_SEND_S = 15.0
"""How long a receiver of verdicts may take to answer."""


def destination_opening(config: Config, clock: Clock) -> "Opening":
    """Return what connects to a destination of verdicts; the store must be open."""
    from vatriage.model.destination import Kind, place_of  # noqa: PLC0415 - each verb pays for what it needs
    from vatriage.net import mailing, streaming  # noqa: PLC0415 - the same
    from vatriage.net.posting import Poster  # noqa: PLC0415 - the same
    from vatriage.usecases.destinations import secret_of  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.senders import MailSender, SyslogSender, WebhookSender  # noqa: PLC0415 - the same
    from vatriage.vault import open_vault  # noqa: PLC0415 - the same

    @contextmanager
    def opening(row: "Destination") -> "Iterator[Sender]":
        place, vault, said = place_of(row.url), open_vault(config.key), row.settings
        connection = _connection(row, place, config, clock, vault)
        if place.kind is Kind.WEBHOOK:
            with Poster(connection, _SEND_S) as poster:
                yield WebhookSender(poster, place.path, secret_of(row, vault), clock)
        elif place.kind is Kind.MAIL:
            mail = partial(
                mailing.send_mail, connection, sender=said["sender"], recipients=said["recipients"], login=said["login"],
                password=secret_of(row, vault), tls=place.scheme == "smtps", timeout_s=_SEND_S,
            )  # fmt: skip
            yield MailSender(mail, said["sender"], said["recipients"], clock)
        else:
            stream = partial(streaming.deliver, connection, tls=place.scheme == "tls", timeout_s=_SEND_S)
            datagrams = partial(streaming.datagrams, connection)
            yield SyslogSender(None if place.scheme == "udp" else stream, datagrams, socket.gethostname())

    return opening


def _connection(row: "Destination", place: "Place", config: Config, clock: Clock, vault: "Vault") -> "Connecting":
    """Return how a destination is connected to: by the appliance's route, to public addresses unless it says otherwise.

    Certificates are always checked: by the system's authorities, those of the TLS settings where they name some, or the
    destination's own file. An acceptance of any certificate in the TLS settings is not for secrets that sign.
    """
    from vatriage.model.route import TlsMode, TlsPolicy  # noqa: PLC0415 - each verb pays for what it needs
    from vatriage.net.connecting import Connecting  # noqa: PLC0415 - the same
    from vatriage.net.guarded import PublicOnly  # noqa: PLC0415 - the same
    from vatriage.store.parameters import StoredPins  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.parameters import appliance_route  # noqa: PLC0415 - the same

    route, own_file = appliance_route(vault), row.settings.get("ca_file") or ""
    tls = route.tls if route.tls.mode is TlsMode.PRIVATE and not own_file else TlsPolicy()
    kind = Connecting if row.settings.get("private") else PublicOnly
    return kind(
        replace(route, tls=tls, ca_file=own_file), place.host, place.port, pins=StoredPins(clock), clock=clock,
        timeout_s=config.connect_timeout_s,
    )  # fmt: skip


def send_verdicts(config: Config, clock: Clock, stop: Callable[[], bool] = lambda: False) -> "SendCounts":
    """Send what waits in the outbox and is due: what the command line and the controller both do; the store must be open."""
    from vatriage.usecases.sending import send_due  # noqa: PLC0415 - needs an open store

    return send_due(destination_opening(config, clock), clock, stop)
