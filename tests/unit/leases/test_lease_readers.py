"""Files of leases: what each format states, and what of hostile or broken files is kept as a reject."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soak import examples
from vatriage.cli.leases import LeaseFormat
from vatriage.leases.formats import READERS, told_by
from vatriage.leases.interface import FOREVER, LeaseFileError, LeaseRecord, LeaseReject

AT = 1_795_556_406
"""2026-11-24T21:40:06Z."""
ISC = b"""# The format of this file is documented in the dhcpd.leases(5) manual page.
authoring-byte-order little-endian;
server-duid "\\000\\001";

lease 10.0.0.5 {
  starts 2 2026/11/24 21:40:06;
  ends 3 2026/11/25 09:40:06;
  cltt 2 2026/11/24 21:40:06;
  binding state active;
  next binding state free;
  hardware ethernet 00:11:22:AA:bb:cc;
  uid "\\001{\\021\\"";
  client-hostname "WEB01";
}
lease 10.0.0.6 {
  starts epoch 1795556406; # Tue Nov 24 21:40:06 2026
  ends never;
  hardware ethernet 00:11:22:33:44:55;
}
lease 10.0.0.7 {
  starts 2 2026/11/24 21:40:06;
  ends 3 2026/11/25 09:40:06;
  binding state abandoned;
}
failover peer "x" state {
  my state normal at 2 2026/11/24 21:40:06;
}
"""
KEA = b"""address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id
10.0.0.5,00:11:22:aa:bb:cc,,3600,1795560006,1,0,0,web01.corp.example.,0,,0
10.0.0.5,00:11:22:aa:bb:cc,,0,1795557000,1,0,0,web01.corp.example.,0,,0
10.0.0.6,00:11:22:33:44:55,,4294967295,1795556406,1,0,0,,0,,0
10.0.0.7,00:11:22:33:44:66,,3600,1795560006,1,0,0,,1,,0
"""
ZEEK = (
    b"#separator \\x09\n#unset_field\t-\n#fields\tts\tuids\tclient_addr\tmac\thost_name\tclient_fqdn\tassigned_addr\t"
    b"lease_time\tmsg_types\n"
    b"1795556406.123\tC1\t-\t00:11:22:aa:bb:cc\tweb01\t-\t10.0.0.5\t3600.0\tDISCOVER,OFFER,REQUEST,ACK\n"
    b"1795557000.9\tC2\t10.0.0.5\t00:11:22:aa:bb:cc\t-\t-\t-\t-\tRELEASE\n"
    b"1795556406.1\tC3\t-\t00:11:22:aa:bb:dd\t-\t-\t-\t-\tDISCOVER\n#close\t2026\n"
)
ZEEK_JSON = (
    b'{"ts":1795556406.123,"mac":"00:11:22:aa:bb:cc","host_name":"web01","assigned_addr":"10.0.0.5",'
    b'"lease_time":3600.0,"msg_types":["REQUEST","ACK"]}\n'
    b'{"ts":1795557000.9,"mac":"00:11:22:aa:bb:cc","client_addr":"10.0.0.5","msg_types":["RELEASE"]}\n'
)
CSV = (
    b"\xef\xbb\xbfAddress,MAC,Hostname,Start,End\n"
    b"10.0.0.5,0011.22aa.bbcc,web01,2026-11-24T21:40:06Z,2026-11-24T22:40:06+00:00\n"
    b'10.0.0.6,,"printer",1795556406,\n'
)
WEB = LeaseRecord("10.0.0.5", "00:11:22:aa:bb:cc", "web01", AT, AT + 3_600)


def read(name, text):
    """Return what a format's reader yields, leases and rejects apart."""
    found = list(READERS[name](BytesIO(text)))
    return [one for one in found if isinstance(one, LeaseRecord)], [
        one for one in found if isinstance(one, LeaseReject)
    ]


def test_isc_leases_with_their_times_macs_and_names():
    leases, rejects = read("isc", ISC)

    assert leases == [
        LeaseRecord("10.0.0.5", "00:11:22:aa:bb:cc", "WEB01", AT, AT + 43_200),
        LeaseRecord("10.0.0.6", "00:11:22:33:44:55", "", AT, FOREVER),
    ]
    assert rejects == []


def test_a_kea_lease_that_was_given_back_is_stated_with_both_ends():
    leases, rejects = read("kea", KEA)

    web = WEB._replace(hostname="web01.corp.example")
    assert leases == [
        web, web._replace(end=1_795_557_000), LeaseRecord("10.0.0.6", "00:11:22:33:44:55", "", AT, FOREVER),
    ]  # fmt: skip
    assert rejects == []


@pytest.mark.parametrize("text", [ZEEK, ZEEK_JSON], ids=["tsv", "json"])
def test_zeek_leases_are_what_was_acknowledged_until_it_was_given_back(text):
    assert read("zeek", text) == ([WEB, WEB._replace(end=1_795_557_000)], [])


def test_a_table_of_leases():
    assert read("csv", CSV) == ([WEB, LeaseRecord("10.0.0.6", "", "printer", AT, FOREVER)], [])


@pytest.mark.parametrize(
    ("name", "text"),
    [("isc", ISC), ("kea", KEA), ("zeek", ZEEK), ("zeek", ZEEK_JSON), ("csv", CSV), ("isc", b"lease 10.0.0.5 {\n")],
)
def test_a_format_is_told_by_the_first_bytes(name, text):
    assert name == told_by(text[:512])


@pytest.mark.parametrize(
    ("name", "text", "line", "problem"),
    [
        ("isc", b"lease 10.0.0.5 {\n  starts 2 2026/11/24 21:40:06;\n", 1, "the lease is not ended"),
        ("isc", b"lease 10.0.0.5 {\n  starts x;\n  ends never;\n}\n", 1, "'x' is no instant"),
        ("isc", b"nonsense\n", 1, "the line belongs to no lease"),
        ("isc", b'ia-na "x" {\n iaaddr 2001:db8::5 {\n }\n}\n', 1, "a lease of DHCPv6 names its client by DUID, not by MAC"),
        ("csv", b"address,start,end\n10.0.0.500,1795556406,\n", 2, "'10.0.0.500' is no IP address"),
        ("csv", b"address,start,end\n224.0.0.1,1795556406,\n", 2, "'224.0.0.1' is no address of one host"),
        ("csv", b"address,start,end\n10.0.0.5,1795556406,1795556405\n", 2, "the lease ends before it starts"),
        ("csv", b"address,start,end\n10.0.0.5,nan,\n", 2, "'nan' is no instant"),
        ("csv", b"address,start,end\n10.0.0.5,1e400,\n", 2, "'1e400' is no instant"),
        ("csv", b"address,start,end,mac\n10.0.0.5,1795556406,,11:22\n", 2, "'11:22' is no MAC address"),
        ("csv", b"address,start,end\n10.0.0.5\n", 2, "the line has not as many columns as the header"),
        ("csv", b"address,start,end\n\xff\n", 2, None),
        ("csv", b"address,start,end\n" + b"x" * 200_000 + b"\n", 2, "the line has more than 65,536 bytes"),
        ("isc", b"lease 10.0.0.5 {\n  starts epoch 99999999999999999999;\n  ends never;\n}\n", 1, None),
        ("zeek", ZEEK_JSON.splitlines()[0].replace(b"3600.0", b"1e999") + b"\n", 1, None),
        ("kea", KEA.splitlines()[0] + b"\n10.0.0.5,00:11:22:33:44:55\n", 2, "the line has not as many columns as the header"),
        ("zeek", b'{"ts": {}}\n', 1, None),
        ("zeek", b"[" * 20_000 + b"\n", 1, "no #fields stands before the line"),
        ("zeek", b'{"ts":' + b"[" * 60_000 + b"\n", 1, None),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_reject_with_its_line(name, text, line, problem):
    leases, rejects = read(name, text)

    assert leases == []
    assert [line] == [one.line for one in rejects]
    assert problem is None or problem == rejects[0].problem
    assert len(rejects[0].raw) <= 4_096


@pytest.mark.parametrize(("name", "text"), [("csv", ISC), ("kea", CSV), ("zeek", b"#fields\tts\tuid\n")])
def test_a_file_of_another_format_says_so(name, text):
    with pytest.raises(LeaseFileError):
        list(READERS[name](BytesIO(text)))


@settings(max_examples=examples(60), deadline=None)
@given(st.sampled_from(sorted(READERS)), st.sampled_from([ISC, KEA, ZEEK, ZEEK_JSON, CSV]), st.data())
def test_a_damaged_file_ends_in_leases_and_rejects(name, text, data):
    place = data.draw(st.integers(0, len(text)))
    damaged = text[:place] + data.draw(st.binary(max_size=8)) + text[data.draw(st.integers(place, len(text))) :]

    try:
        found = list(READERS[name](BytesIO(damaged)))
    except LeaseFileError:
        return

    assert all(isinstance(one, LeaseRecord | LeaseReject) for one in found)
    assert all(one.start <= one.end for one in found if isinstance(one, LeaseRecord))


def test_the_command_line_offers_every_format():
    assert {one.value for one in LeaseFormat} == set(READERS)
