"""Packets and capture files of the demo's own making.

Ethernet II, IPv4 and IPv6, TCP (handshake, correct sequence numbers, FIN) and UDP, every checksum right; written as a
classic pcap file with microseconds. Everything follows from the arguments: the same conversation gives the same bytes.
What the conversations say is the matter of `payloads` and `story`.

Sources: RFC 791, 8200, 9293, 768 (headers), RFC 1071 (checksum), the pcap file format of libpcap.
"""

import struct
from collections.abc import Iterable, Sequence
from enum import IntFlag
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple
from zlib import crc32

TCP, UDP = 6, 17
"""IANA protocol numbers."""

MAX_SEGMENT = 1400
"""Bytes of data in one TCP segment; leaves room for both headers in 1500."""

_STEP_US = 700
"""Microseconds between two packets of a conversation."""

_PCAP_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1)
"""Little-endian, version 2.4, UTC, link type 1 (Ethernet)."""


class Flags(IntFlag):
    """TCP flags in use."""

    FIN = 1
    SYN = 2
    PSH = 8
    ACK = 16


class End(NamedTuple):
    """One end of a conversation."""

    address: str
    """IPv4 or IPv6 text; both ends of a conversation are of one family."""
    port: int


class Turn(NamedTuple):
    """One end says something."""

    from_client: bool
    data: bytes


class Packet(NamedTuple):
    """One frame on the wire."""

    at_us: int
    """Microseconds since the epoch."""
    frame: bytes
    """Ethernet header and all that follows, without the trailing check sequence."""


class _Half:
    """One direction of a TCP connection: who sends, and the next sequence number."""

    def __init__(self, sender: End, receiver: End) -> None:
        self.sender = sender
        self.receiver = receiver
        self.next_sequence = crc32(f"{sender}>{receiver}".encode())

    def segment(self, acknowledged: int, flags: Flags, data: bytes = b"") -> bytes:
        """Return the next segment as a frame, and count what it takes of the sequence space."""
        frame = _tcp_frame(
            self.sender,
            self.receiver,
            sequence=self.next_sequence,
            acknowledged=acknowledged,
            flags=flags,
            data=data,
        )
        taken = len(data) + bool(flags & (Flags.SYN | Flags.FIN))
        self.next_sequence = (self.next_sequence + taken) % 2**32
        return frame


def tcp_conversation(client: End, server: End, start_us: int, turns: Iterable[Turn]) -> list[Packet]:
    """Return a whole connection: three-way handshake, the turns (each segment acknowledged), FIN from both ends.

    Args:
        client: who opens it.
        server: who answers.
        start_us: when the SYN is sent; the following packets come 0.7 ms apart.
        turns: what is said, in order; longer texts are cut into segments of `MAX_SEGMENT` bytes.
    """
    up, down = _Half(client, server), _Half(server, client)
    frames = [
        up.segment(0, Flags.SYN),
        down.segment(up.next_sequence, Flags.SYN | Flags.ACK),
        up.segment(down.next_sequence, Flags.ACK),
    ]
    for turn in turns:
        ours, theirs = (up, down) if turn.from_client else (down, up)
        for begin in range(0, len(turn.data), MAX_SEGMENT):
            piece = turn.data[begin : begin + MAX_SEGMENT]
            frames.append(ours.segment(theirs.next_sequence, Flags.PSH | Flags.ACK, piece))
            frames.append(theirs.segment(ours.next_sequence, Flags.ACK))
    frames += [
        up.segment(down.next_sequence, Flags.FIN | Flags.ACK),
        down.segment(up.next_sequence, Flags.FIN | Flags.ACK),
        up.segment(down.next_sequence, Flags.ACK),
    ]
    return _timed(frames, start_us)


def udp_conversation(client: End, server: End, start_us: int, turns: Iterable[Turn]) -> list[Packet]:
    """Return datagrams in order, 0.7 ms apart; arguments as in `tcp_conversation`, a turn is one datagram."""
    frames = [
        _udp_frame(client, server, turn.data) if turn.from_client else _udp_frame(server, client, turn.data)
        for turn in turns
    ]
    return _timed(frames, start_us)


def write_capture(packets: Iterable[Packet]) -> bytes:
    """Return the bytes of a capture file that holds the packets in order of time."""
    parts = [_PCAP_HEADER]
    for packet in sorted(packets):
        seconds, microseconds = divmod(packet.at_us, 1_000_000)
        size = len(packet.frame)
        parts += [struct.pack("<IIII", seconds, microseconds, size, size), packet.frame]
    return b"".join(parts)


def checksum(data: bytes) -> int:
    """Return the Internet checksum of RFC 1071; over data that holds its own checksum it is 0."""
    padded = data + b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def pseudo_header(source: str, destination: str, protocol: int, size: int) -> bytes:
    """Return what TCP and UDP checksums cover besides the segment (RFC 9293 3.1, RFC 8200 8.1)."""
    here, there = ip_address(source), ip_address(destination)
    if isinstance(here, IPv4Address):
        return here.packed + there.packed + struct.pack("!BBH", 0, protocol, size)
    return here.packed + there.packed + struct.pack("!IHBB", size, 0, 0, protocol)


def _timed(frames: Sequence[bytes], start_us: int) -> list[Packet]:
    return [Packet(start_us + number * _STEP_US, frame) for number, frame in enumerate(frames)]


def _tcp_frame(sender: End, receiver: End, *, sequence: int, acknowledged: int, flags: Flags, data: bytes) -> bytes:
    ports = (sender.port, receiver.port)

    def segment(check: int) -> bytes:
        return struct.pack("!HHIIBBHHH", *ports, sequence, acknowledged, 5 << 4, flags, 64_240, check, 0) + data

    size = len(segment(0))
    check = checksum(pseudo_header(sender.address, receiver.address, TCP, size) + segment(0))
    return _ip_frame(sender.address, receiver.address, TCP, segment(check))


def _udp_frame(sender: End, receiver: End, data: bytes) -> bytes:
    size = 8 + len(data)
    head = struct.pack("!HHHH", sender.port, receiver.port, size, 0)
    # RFC 768: a computed 0 is sent as all ones, for 0 means "no checksum".
    check = checksum(pseudo_header(sender.address, receiver.address, UDP, size) + head + data) or 0xFFFF
    return _ip_frame(sender.address, receiver.address, UDP, head[:6] + struct.pack("!H", check) + data)


def _ip_frame(source: str, destination: str, protocol: int, payload: bytes) -> bytes:
    here, there = ip_address(source), ip_address(destination)
    if isinstance(here, IPv4Address):
        number = crc32(payload) & 0xFFFF
        size = 20 + len(payload)

        def header(check: int) -> bytes:
            words = struct.pack("!BBHHHBBH", 0x45, 0, size, number, 0x4000, 64, protocol, check)
            return words + here.packed + there.packed

        return _ethernet(here, there, 0x0800) + header(checksum(header(0))) + payload
    header6 = struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64) + here.packed + there.packed
    return _ethernet(here, there, 0x86DD) + header6 + payload


def _ethernet(source: IPv4Address | IPv6Address, destination: IPv4Address | IPv6Address, ethertype: int) -> bytes:
    return _station(destination) + _station(source) + struct.pack("!H", ethertype)


def _station(address: IPv4Address | IPv6Address) -> bytes:
    """Return a made-up station: locally administered; for IPv4 multicast the mapped group address (RFC 1112 6.4)."""
    if isinstance(address, IPv4Address) and address.is_multicast:
        return b"\x01\x00\x5e" + bytes([address.packed[1] & 0x7F]) + address.packed[2:]
    return b"\x02\x00" + address.packed[-4:]
