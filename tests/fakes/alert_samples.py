"""Alerts of our own making in every format: the same attack from 203.0.113.9 on port 443 of 10.30.0.12, as each format tells it."""

import struct

EVE = (
    b'{"timestamp":"2026-11-21T09:05:00.000123+0000","flow_id":5,"event_type":"alert","src_ip":"203.0.113.9","src_port":40000,'
    b'"dest_ip":"10.30.0.12","dest_port":443,"proto":"TCP","alert":{"action":"allowed","gid":1,"signature_id":9900001,'
    b'"rev":1,"signature":"EXAMPLE attempt (CVE-2026-1111)","severity":1}}\n'
)
SNORT_JSON = (
    b'{ "seconds" : 1795251900, "timestamp" : "11/21-09:05:00.000123", "pkt_num" : 7, "proto" : "TCP", "dir" : "C2S", '
    b'"src_ap" : "203.0.113.9:40000", "dst_ap" : "10.30.0.12:443", "rule" : "1:9900001:1", "action" : "allow" }\n'
)
_TEXT = (
    b"[1:9900001:1] EXAMPLE attempt (CVE-2026-1111) %s[Classification: Attempted Administrator Privilege Gain] "
    b"[Priority: 1] {TCP} 203.0.113.9:40000 -> 10.30.0.12:443\n"
)
FAST = b"11/21/2026-09:05:00.000123  [**] " + _TEXT % b"[**] "
FAST_YEARLESS = b"11/21-09:05:00.000123  [**] " + _TEXT % b"[**] "
FULL = (
    b"[**] [1:9900001:1] EXAMPLE attempt (CVE-2026-1111) [**]\n[Classification: Web Application Attack] [Priority: 1]\n"
    b"11/21-09:05:00.000123 203.0.113.9:40000 -> 10.30.0.12:443\nTCP TTL:64 TOS:0x0 ID:1 IpLen:20 DgmLen:52 DF\n"
    b"[Xref => http://cve.mitre.org/cgi-bin/cvename.cgi?name=2026-1111]\n\n"
)
CSV = (
    b'11/21/26-09:05:00.000123 ,1,9900001,1,"EXAMPLE, attempt",TCP,203.0.113.9,40000,10.30.0.12,443,0:1,0:2,0x4A,***AP***,'
    b"0x1,0x2,,0x10,64,0,123,52,53248,,,,\n"
)
SYSLOG_5424 = b"<33>1 2026-11-21T09:05:00.000123Z ids1 suricata 12 - - " + _TEXT % b""
SYSLOG_3164 = b"<33>Nov 21 09:05:00 ids1 snort[12]: " + _TEXT % b""
SYSLOG_EVE = b'<33>1 2026-11-21T09:05:00Z ids1 suricata 12 - [a@1 b="c]\\"d"] ' + EVE
CEF = (
    b"CEF:0|Example|IDS|7|1:9900001:1|EXAMPLE \\| attempt|8|rt=1795251900000 src=203.0.113.9 spt=40000 dst=10.30.0.12 "
    b"dpt=443 proto=TCP msg=a\\=b act=allowed\n"
)
LEEF = (
    b"LEEF:2.0|Example|IDS|7|1:9900001:1|^|devTime=Nov 21 2026 09:05:00 UTC^src=203.0.113.9^srcPort=40000^dst=10.30.0.12^"
    b"dstPort=443^proto=TCP^name=EXAMPLE attempt\n"
)


def unified2_event(kind=7, *, sid=9900001, second=1795251900):
    """Return one record of unified2."""
    ends = bytes([203, 0, 113, 9, 10, 30, 0, 12])
    if kind in (72, 105):
        ends = b"".join(b"\0" * 10 + b"\xff\xff" + ends[place : place + 4] for place in (0, 4))
    words = struct.pack("!9I", 0, 5, second, 123, sid, 1, 1, 3, 1)
    data = words + ends + struct.pack("!HHBBBB", 40000, 443, 6, 0, 0, 0) + (b"\0" * 8 if kind in (104, 105) else b"")
    return struct.pack("!II", kind, len(data)) + data


def unified2_other(kind, data=b"\1" * 40):
    """Return a record that is no event: a packet (2) or extra data (110)."""
    return struct.pack("!II", kind, len(data)) + data


UNIFIED2 = b"".join(map(unified2_event, (7, 72, 104, 105))) + unified2_other(2) + unified2_other(110)

SAMPLES = {
    "eve": EVE, "snort-json": SNORT_JSON, "fast": FAST, "snort-full": FULL, "snort-csv": CSV, "syslog": SYSLOG_5424,
    "cef": CEF, "leef": LEEF, "unified2": UNIFIED2,
}  # fmt: skip
"""One alert by the name of its format; four and two other records for unified2."""
LINES = tuple(name for name in SAMPLES if name not in ("snort-full", "unified2"))
"""Formats of which a line is an event."""
