"""The demo's story, read from `story.txt`: conversations, the alerts they raise and what vatriage must say of each.

`scenes` turns the conversations into packets, `network` holds the hosts they meet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

_STORY = Path(__file__).with_name("story.txt")


class Alarm(NamedTuple):
    """One alert that a conversation raises."""

    sid: int
    about_answer: bool = False
    """The signature fires on the server's packet, so the alert's source is the server."""


class Conversation(NamedTuple):
    """A kind of conversation."""

    payload: str
    """Name of a function in `payloads`."""
    port: int
    """The server's port, unless the story names another."""
    protocol: str
    alarms: tuple[Alarm, ...] = ()


CONVERSATIONS = {
    "traversal": Conversation("traversal", 80, "tcp", (Alarm(9_000_001),)),
    "log4shell": Conversation("log4shell", 8080, "tcp", (Alarm(9_000_002),)),
    "heartbleed": Conversation("heartbleed", 443, "tcp", (Alarm(9_000_003),)),
    "shellshock": Conversation("shellshock", 80, "tcp", (Alarm(9_000_004),)),
    "smb_trans2": Conversation("smb_trans2", 445, "tcp", (Alarm(9_000_005),)),
    "rdp_ms_t120": Conversation("rdp_ms_t120", 3389, "tcp", (Alarm(9_000_006),)),
    "netlogon_zeros": Conversation("netlogon_zeros", 49_667, "tcp", (Alarm(9_000_007),)),
    "rdp_no_channels": Conversation("rdp_no_channels", 3389, "tcp", (Alarm(9_000_008),)),
    "ntp_monlist": Conversation("ntp_monlist", 123, "udp", (Alarm(9_000_009),)),
    "proxy_whitespace": Conversation("proxy_whitespace", 3128, "tcp", (Alarm(9_000_010),)),
    "trace": Conversation("trace", 80, "tcp", (Alarm(9_000_011),)),
    "java_archive": Conversation("java_archive", 80, "tcp", (Alarm(9_000_012, about_answer=True),)),
    "tutorial_page": Conversation("tutorial_page", 80, "tcp", (Alarm(9_000_013, about_answer=True),)),
    "basic_authorization": Conversation("basic_authorization", 80, "tcp", (Alarm(9_000_014),)),
    "ssdp_notify": Conversation("ssdp_notify", 1900, "udp", (Alarm(9_000_015),)),
    "smb_outbound": Conversation("smb_trans2", 445, "tcp", (Alarm(9_000_016),)),
    "shellshock_with_output": Conversation(
        "shellshock_with_output", 80, "tcp", (Alarm(9_000_004), Alarm(9_000_013, about_answer=True))
    ),
    "page": Conversation("page", 80, "tcp"),
    "missing_page": Conversation("missing_page", 80, "tcp"),
    "tls_session": Conversation("tls_session", 443, "tcp"),
    "name_lookup": Conversation("name_lookup", 53, "udp"),
    "ntp_time": Conversation("ntp_time", 123, "udp"),
    "shell_banner": Conversation("shell_banner", 22, "tcp"),
}
"""By the name that `story.txt` uses; a kind without alarms is ordinary traffic."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One conversation of the story."""

    at: datetime
    """When its first packet is sent: aware, UTC, whole seconds."""
    client: str
    server: str
    port: int
    kind: Conversation
    verdict: str = ""
    """What vatriage says of every alert of the scene; empty if there is none."""
    reason: str = ""
    """One of the record's reason codes (there may be more)."""
    conflict: bool = False
    """The attempt's record bears the conflict mark."""
    why: str = ""
    """The same for people."""


def read_story() -> tuple[Scene, ...]:
    """Return all scenes in order of time."""
    return tuple(sorted(_scenes(), key=lambda scene: (scene.at, scene.client, scene.server)))


def _scenes() -> Iterator[Scene]:
    for line in _STORY.read_text().splitlines():
        if line and not line.startswith("#"):
            yield _scene([cell.strip() for cell in line.split("|")])


def _scene(cells: list[str]) -> Scene:
    day, client, name, server, *judgement = cells
    kind = CONVERSATIONS[name]
    # Only IPv4 servers are ever named with a port of their own.
    address, _, port = server.partition(":") if "." in server else (server, "", "")
    verdict, reason, why = judgement or ("", "", "")
    return Scene(
        at=datetime.fromisoformat(f"2026-11-{day.replace(' ', 'T')}").replace(tzinfo=UTC),
        client=client,
        server=address,
        port=int(port or kind.port),
        kind=kind,
        verdict=verdict,
        reason=reason.removesuffix("!"),
        conflict=reason.endswith("!"),
        why=why,
    )
