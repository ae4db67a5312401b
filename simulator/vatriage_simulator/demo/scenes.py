"""The story as packets, and what it expects as records.

Deterministic: client ports are counted, times stand in the story, payloads are fixed.
"""

from collections.abc import Callable
from typing import TypedDict

from vatriage_simulator.demo import payloads
from vatriage_simulator.demo.captures import (
    End,
    Packet,
    Turn,
    tcp_conversation,
    udp_conversation,
    write_capture,
)
from vatriage_simulator.demo.story import Alarm, Scene, read_story

_FIRST_CLIENT_PORT = 40_000
_SSDP_PORT = 1900
"""Devices announce themselves from the port on which they listen (UPnP Device Architecture 1.1.2)."""


class Expected(TypedDict):
    """What vatriage must say about one alert."""

    sid: int
    source: str
    """Sender of the packet, as the sensor writes it."""
    destination: str
    verdict: str
    reason: str
    """One of the record's reason codes (there may be more)."""
    conflict: bool
    why: str


def build_capture() -> bytes:
    """Return the bytes of the demo's capture file: every scene of the story, in order of time."""
    return write_capture(packet for number, scene in enumerate(read_story()) for packet in _packets(scene, number))


def expected_verdicts() -> list[Expected]:
    """Return what vatriage must say, one record an alert, in order of time."""
    return [_expected(scene, alarm) for scene in read_story() for alarm in scene.kind.alarms]


def _packets(scene: Scene, number: int) -> list[Packet]:
    turns: Callable[[], list[Turn]] = getattr(payloads, scene.kind.payload)
    client = End(scene.client, _SSDP_PORT if scene.port == _SSDP_PORT else _FIRST_CLIENT_PORT + number)
    converse = tcp_conversation if scene.kind.protocol == "tcp" else udp_conversation
    return converse(client, End(scene.server, scene.port), int(scene.at.timestamp()) * 1_000_000, turns())


def _expected(scene: Scene, alarm: Alarm) -> Expected:
    source, destination = (scene.server, scene.client) if alarm.about_answer else (scene.client, scene.server)
    return Expected(
        sid=alarm.sid,
        source=source,
        destination=destination,
        verdict=scene.verdict,
        reason=scene.reason,
        # What contradicts the scan is the attempt's claim; the answer itself claims nothing.
        conflict=scene.conflict and not alarm.about_answer,
        why=scene.why,
    )
