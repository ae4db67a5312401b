import struct
from collections import defaultdict
from ipaddress import ip_address

from hypothesis import given
from hypothesis import strategies as st

from vatriage_simulator.demo.captures import (
    MAX_SEGMENT,
    TCP,
    UDP,
    End,
    Packet,
    Turn,
    checksum,
    pseudo_header,
    tcp_conversation,
    udp_conversation,
    write_capture,
)
from vatriage_simulator.demo.scenes import build_capture

CLIENT, SERVER = End("203.0.113.7", 40_001), End("10.20.0.10", 80)
CLIENT6, SERVER6 = End("fd00:20::1", 40_001), End("fd00:20::2", 80)
TURNS = st.lists(st.builds(Turn, st.booleans(), st.binary(min_size=1, max_size=3 * MAX_SEGMENT)), max_size=5)


def read_capture(data):
    """Read a little-endian pcap file back, without the code under test."""
    magic, major, minor, _, _, _, link_type = struct.unpack("<IHHiIII", data[:24])
    assert (magic, major, minor, link_type) == (0xA1B2C3D4, 2, 4, 1)
    packets, at = [], 24
    while at < len(data):
        seconds, micros, kept, size = struct.unpack("<IIII", data[at : at + 16])
        assert kept == size
        packets.append(Packet(seconds * 1_000_000 + micros, data[at + 16 : at + 16 + size]))
        at += 16 + size
    return packets


def take_apart(frame):
    """Return (source, destination, protocol, IP header, segment) of a frame."""
    ethertype = struct.unpack("!H", frame[12:14])[0]
    if ethertype == 0x0800:
        header, size = frame[14:34], struct.unpack("!H", frame[16:18])[0]
        assert size == len(frame) - 14
        source, destination, protocol = header[12:16], header[16:20], header[9]
    else:
        assert ethertype == 0x86DD
        header, size = frame[14:54], struct.unpack("!H", frame[18:20])[0]
        assert size == len(frame) - 54
        source, destination, protocol = header[8:24], header[24:40], header[6]
    return str(ip_address(source)), str(ip_address(destination)), protocol, header, frame[14 + len(header) :]


def assert_checksums(frame):
    """A sum over data that holds its own right checksum is zero."""
    source, destination, protocol, header, segment = take_apart(frame)
    if len(header) == 20:
        assert checksum(header) == 0
    assert checksum(pseudo_header(source, destination, protocol, len(segment)) + segment) == 0


def test_the_checksum_is_that_of_rfc_1071():
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF - 0xDDF2


@given(turns=TURNS, six=st.booleans())
def test_a_connection_has_true_checksums_and_gapless_sequence_numbers(turns, six):
    client, server = (CLIENT6, SERVER6) if six else (CLIENT, SERVER)
    said = defaultdict(bytes)
    following = {}
    for packet in tcp_conversation(client, server, 0, turns):
        assert_checksums(packet.frame)
        source, _, protocol, _, segment = take_apart(packet.frame)
        assert protocol == TCP
        sequence, acknowledged = struct.unpack("!II", segment[4:12])
        flags, data = segment[13], segment[20:]
        assert sequence == following.get(source, sequence)
        following[source] = (sequence + len(data) + bool(flags & 3)) % 2**32
        if flags & 16:
            other = next(end.address for end in (client, server) if end.address != source)
            assert acknowledged == following[other]
        said[source] += data

    assert said[client.address] == b"".join(turn.data for turn in turns if turn.from_client)
    assert said[server.address] == b"".join(turn.data for turn in turns if not turn.from_client)


@given(turns=TURNS, six=st.booleans())
def test_datagrams_have_true_checksums_and_carry_what_was_said(turns, six):
    client, server = (CLIENT6, SERVER6) if six else (CLIENT, SERVER)
    packets = udp_conversation(client, server, 0, turns)
    for packet in packets:
        assert_checksums(packet.frame)

    assert {take_apart(packet.frame)[2] for packet in packets} <= {UDP}
    assert [take_apart(packet.frame)[4][8:] for packet in packets] == [turn.data for turn in turns]


def test_a_datagram_whose_checksum_comes_to_zero_is_sent_with_all_ones():
    """RFC 768: a zero would mean that there is no checksum."""
    for word in range(0x10000):
        frame = udp_conversation(CLIENT, SERVER, 0, [Turn(True, struct.pack("!H", word))])[0].frame
        if frame[40:42] == b"\xff\xff":
            return
        assert frame[40:42] != b"\0\0"
    raise AssertionError("no word made the checksum zero")


def test_a_capture_holds_its_packets_in_order_of_time():
    late = tcp_conversation(CLIENT, SERVER, 2_000_000, [Turn(True, b"late")])
    early = udp_conversation(CLIENT, SERVER, 1_500_001, [Turn(True, b"early")])

    assert read_capture(write_capture([*late, *early])) == [*early, *late]


def test_the_demos_capture_is_the_same_at_every_building():
    assert build_capture() == build_capture()


def test_every_packet_of_the_demos_capture_has_true_checksums():
    packets = read_capture(build_capture())
    for packet in packets:
        assert_checksums(packet.frame)

    assert len(packets) > 500
    assert packets == sorted(packets)


def test_the_demos_capture_holds_sixty_to_a_hundred_flows():
    flows = set()
    for packet in read_capture(build_capture()):
        source, destination, protocol, _, segment = take_apart(packet.frame)
        ports = struct.unpack("!HH", segment[:4])
        flows.add((protocol, frozenset({(source, ports[0]), (destination, ports[1])})))

    assert 60 <= len(flows) <= 100
