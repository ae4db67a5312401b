"""The part of an EVE alert that judging needs, as Suricata writes it.

Source: Suricata's `etc/schema.json` and "EVE JSON Format"; field names are EVE's. These types are strict: what does not
fit goes to `eve_lenient`, which makes the same types of whatever can be understood.
"""

from typing import Annotated, Any

import msgspec

Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
Number32 = Annotated[int, msgspec.Meta(ge=0, le=0xFFFF_FFFF)]
Number63 = Annotated[int, msgspec.Meta(ge=0, le=0x7FFF_FFFF_FFFF_FFFF)]
"""msgpack's and SQLite's common range; flow ids stay inside it."""


class EveEnd(msgspec.Struct, gc=False):
    """`alert.target`: written for rules with a `target:` keyword only."""

    ip: str | None = None
    port: Port | None = None


class EveMetadata(msgspec.Struct, gc=False):
    """`alert.metadata`: the rule's metadata, each key with a list of values."""

    cve: tuple[str, ...] = ()
    cve_in_capitals: tuple[str, ...] = msgspec.field(default=(), name="CVE")
    """Suricata writes a rule's metadata keys as they stand there."""
    attack_target: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    confidence: tuple[str, ...] = ()


class EveRule(msgspec.Struct, gc=False):
    """`alert`: the signature that fired."""

    signature_id: Number32
    gid: Number32 = 1
    rev: Number32 = 0
    signature: str = ""
    category: str = ""
    severity: int | None = None
    action: str = ""
    metadata: EveMetadata | None = None
    references: tuple[str, ...] = ()
    rule: str = ""
    """The rule's text, where the sensor is told to write it (`metadata: rule: raw: yes`)."""
    target: EveEnd | None = None
    xff: Any = None
    """Whom the request was forwarded for (`X-Forwarded-For`), where the sensor is told to write it beside the addresses."""


class EveFlow(msgspec.Struct, gc=False):
    """`flow`: who opened the flow."""

    src_ip: str | None = None
    src_port: Port | None = None
    start: str | None = None
    """When; an alert's own timestamp may be that of the flow's end."""


class EveDecision(msgspec.Struct, gc=False):
    """`verdict`: what was done with the packet in the end."""

    action: str = ""


class EveAlert(msgspec.Struct, gc=False):
    """One event of type `alert`."""

    timestamp: str
    event_type: str
    alert: EveRule | None = None
    src_ip: str | None = None
    src_port: Port | None = None
    dest_ip: str | None = None
    dest_port: Port | None = None
    proto: str = ""
    direction: str = ""
    flow_id: Number63 | None = None
    pcap_cnt: Number63 | None = None
    tx_id: Number63 | None = None
    host: Any = None
    """The sensor's name where it is a text; log shippers put an object of their own here."""
    in_iface: str = ""
    xff: Any = None
    """The same, where the sensor's version writes it here."""
    flow: EveFlow | None = None
    verdict: EveDecision | None = None
