"""System parameters (proxy, DNS, TLS) as they act, and the certificates that were accepted."""

from typing import Any, NamedTuple

from django.db import models, transaction

from vatriage.clock import Clock, now_us
from vatriage.errors import NotFoundError


class Parameter(models.Model):
    """One kind of settings of the appliance, as JSON; a password in it is a vault token."""

    name = models.CharField(max_length=32, primary_key=True)
    value = models.JSONField()
    changed_at = models.BigIntegerField()

    class Meta:
        """Django's options."""

        db_table = "parameters"


class Pin(models.Model):
    """The certificate that was accepted of a server, and another one that was seen since. Instants in seconds, 0 = none."""

    server = models.CharField(max_length=262, unique=True)
    sha256 = models.CharField(max_length=64)
    first_seen = models.BigIntegerField()
    accepted_by = models.CharField(max_length=255, default="")
    """"" = at first contact, by nobody."""
    changed_sha256 = models.CharField(max_length=64, default="")
    changed_seen = models.BigIntegerField(default=0)

    class Meta:
        """Django's options."""

        db_table = "pins"


class PinLine(NamedTuple):
    """An accepted certificate."""

    server: str
    sha256: str
    first_seen: int
    accepted_by: str
    changed_sha256: str
    changed_seen: int


class StoredPins:
    """See Pins. Unattended pulls of every process find the same ones.

    Args:
        clock: tells when a certificate was seen.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def known(self, server: str) -> str | None:
        """See Pins.known."""
        return Pin.objects.filter(server=server.lower()).values_list("sha256", flat=True).first()

    def accept_first(self, server: str, sha256: str) -> None:
        """See Pins.accept_first. Where another process was faster, its pin stays."""
        Pin.objects.get_or_create(server=server.lower(), defaults={"sha256": sha256, "first_seen": self._now()})

    def note_changed(self, server: str, sha256: str) -> None:
        """See Pins.note_changed."""
        Pin.objects.filter(server=server.lower()).update(changed_sha256=sha256, changed_seen=self._now())

    def _now(self) -> int:
        return now_us(self._clock) // 1_000_000


def read_parameter(name: str) -> dict[str, Any] | None:
    """Return a kind of settings, None if it was never set."""
    row = Parameter.objects.filter(name=name).first()
    return None if row is None else dict(row.value)


def write_parameter(name: str, value: dict[str, Any] | None, now: int) -> None:
    """Set a kind of settings; None takes it back. `now` in seconds."""
    if value is None:
        Parameter.objects.filter(name=name).delete()
        return
    Parameter.objects.update_or_create(name=name, defaults={"value": value, "changed_at": now})


def all_pins() -> list[PinLine]:
    """Return the accepted certificates, by server."""
    return [
        PinLine(row.server, row.sha256, row.first_seen, row.accepted_by, row.changed_sha256, row.changed_seen)
        for row in Pin.objects.order_by("server")
    ]


def accept_changed(server: str, sha256: str, by: str) -> PinLine:
    """Accept the certificate that a server shows now; return what was accepted before.

    Args:
        server: `host:port`.
        sha256: lower-case hexadecimal: what the person read; "" = whatever was seen last.
        by: the person.

    Raises: NotFoundError: nothing waits for this server, or another certificate was seen meanwhile.
    """
    with transaction.atomic():
        row = Pin.objects.filter(server=server.lower()).first()
        if row is None or not row.changed_sha256:
            raise NotFoundError(f"No changed certificate of {server} waits to be accepted.", "Test the device again.")
        if sha256 and sha256 != row.changed_sha256:
            raise NotFoundError(
                f"{server} showed {row.changed_sha256} last, not {sha256}.",
                "Ask its owner once more for the fingerprint.",
            )
        before = PinLine(row.server, row.sha256, row.first_seen, row.accepted_by, row.changed_sha256, row.changed_seen)
        row.sha256, row.first_seen, row.accepted_by = row.changed_sha256, row.changed_seen, by
        row.changed_sha256, row.changed_seen = "", 0
        row.save()
    return before
