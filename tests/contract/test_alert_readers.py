"""What every reader of alerts owes, whatever the source holds: it never raises, it loses nothing, it never refutes by a gap."""

import bz2
import gzip
import io
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.alert_samples import EVE, FAST_YEARLESS, LINES, SAMPLES, SYSLOG_3164, SYSLOG_EVE
from fakes.small_inventory import ZONE, SmallInventory, host
from soak import examples
from unit.triage.strategies import knowledge_of
from vatriage.model.evidence import Check, Holding, Kind, Link, Scan, ScanKind
from vatriage.model.instant import DAY_US
from vatriage.model.outcome import OutcomeIndex
from vatriage.model.signature import Claim, ClaimSource, Signature
from vatriage.sensors.any_format import AnyFormat
from vatriage.sensors.dating import Dating
from vatriage.sensors.detect import detect
from vatriage.sensors.formats import FORMATS
from vatriage.sensors.interface import EventBatch
from vatriage.triage.kernel import Kernel

AT_US = 1_795_251_900_000_000
STATED = Dating(year=2026, time_zone=ZoneInfo("UTC"))
EVERY = sorted(FORMATS)
HOSTILE = [
    b"", b"\n" * 50, b"\0" * 200, b"\xff\xfe" * 50, b"{" * 5000 + b"\n", b"[" * 5000 + b"\n", b"[**] [1:1:1]\n" * 100,
    b"CEF:0|" + b"|" * 100 + b"\n", b"CEF:" + b"\\" * 5000 + b"\n", b"LEEF:2.0|||||\n", b"LEEF:1.0\n", b"<33>\n",
    b"<33>1 - - - - - [" + b'a="' * 500 + b"\n", b"11/21-09:05:00.0  [**] \n", b"99/99-99:99:99.9  [**] [1:1:1] x\n",
    b"02/30-09:05:00.0  [**] [1:1:1] x {TCP} 1.1.1.1:1 -> 2.2.2.2:2\n", b'{"seconds":1e400,"sid":1}\n',
    b'{"seconds":true,"sid":[],"rule":{}}\n', b"\0\0\0\7\0\0\0\4abcd", b"\0\0\0\7\xff\xff\xff\xff", b"\0\0\0\7\0\0\0",
    b"11/21/2026-09:05:00.0  [**] [1:1:1] " + b"[Classification: " * 9000 + b"\n", b"x" * (2 << 20) + b"\n",
]  # fmt: skip


def read(content, format_name=None, *, name="-", dating=STATED, keep_events=False):
    whole = EventBatch()
    for batch in AnyFormat(format_name, dating).read(io.BytesIO(content), name, ZONE, keep_events=keep_events):
        whole.line_alert += [place + len(whole.alerts) if place >= 0 else -1 for place in batch.line_alert]
        whole.alerts += batch.alerts
        whole.lines += batch.lines
        whole.rejects += batch.rejects
        whole.events += batch.events
    return whole


def lines_in(content):
    return sum(bool(line.strip()) for line in content.removeprefix(b"\xef\xbb\xbf").split(b"\n"))


@pytest.mark.parametrize("name", EVERY)
def test_the_same_attack_is_read_from_every_format(name):
    found = read(SAMPLES[name])

    assert found.rejects == []
    for alert in found.alerts:
        assert (alert.gid, alert.sid, alert.rev) == (1, 9_900_001, 1)
        assert (alert.source_address, alert.source_port) == ("203.0.113.9", 40_000)
        assert (alert.destination_address, alert.destination_port) == ("10.30.0.12", 443)
        assert (alert.protocol, alert.at_us // 1_000_000, alert.doubts) == ("tcp", AT_US // 1_000_000, ())
    assert len(found.alerts) == (4 if name == "unified2" else 1)


@pytest.mark.parametrize("name", EVERY)
def test_the_format_is_told_by_the_first_bytes_also_of_compressed_sources(name):
    plain = SAMPLES[name]
    ids = [alert.id for alert in read(plain).alerts]

    assert detect(plain) == name
    assert [alert.id for alert in read(gzip.compress(plain)).alerts] == ids
    assert [alert.id for alert in read(bz2.compress(plain)).alerts] == ids


@pytest.mark.parametrize("name", EVERY)
def test_an_event_that_was_kept_reads_as_the_same_alert_again(name):
    kept = read(SAMPLES[name] * 3, keep_events=True)

    for line, place in zip(kept.lines, kept.line_alert, strict=True):
        if place >= 0:
            again = read(line + (b"" if name == "unified2" else b"\n"))
            assert [alert.id for alert in again.alerts] == [kept.alerts[place].id]
    assert len(kept.lines) == kept.events


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_no_reader_raises_and_each_tells_what_it_refuses(name, hostile):
    found = read(hostile, name)

    assert found.events or found.rejects or not hostile.strip()
    if name in LINES:
        assert found.events + len(found.rejects) == lines_in(hostile)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("other", EVERY)
def test_every_reader_bears_every_other_format(name, other):
    found = read(SAMPLES[other] * 2, name)

    assert found.events or found.rejects
    if name in LINES:
        assert found.events + len(found.rejects) == lines_in(SAMPLES[other] * 2)


_mutations = st.lists(
    st.tuples(st.integers(0, 2000), st.integers(0, 40), st.binary(max_size=12) | st.sampled_from(
        [b"\n", b"\0", b"]", b"[", b'"', b"|", b"=", b"\\", b"->", b"{", b"}", b":", b" ", b"9" * 20, b"::", b"\xff"]
    )), max_size=6,
)  # fmt: skip


@pytest.mark.parametrize("name", EVERY)
@settings(max_examples=examples(40), deadline=None)
@given(changes=_mutations)
def test_changed_bytes_are_read_or_refused_and_nothing_is_lost(name, changes):
    content = bytearray(SAMPLES[name] * 3)
    for place, length, new in changes:
        start = place % (len(content) + 1)
        content[start : start + length] = new
    found = read(bytes(content), name, keep_events=True)

    assert len(found.lines) == found.events == len(found.line_alert)
    assert found.events or found.rejects or not content.strip()
    if name in LINES:
        assert found.events + len(found.rejects) == lines_in(bytes(content))


@pytest.mark.parametrize("name", EVERY)
@settings(max_examples=examples(20), deadline=None)
@given(share=st.floats(0.05, 0.99))
def test_a_cut_gzip_gives_what_came_before_and_says_where_it_broke(name, share):
    packed = gzip.compress(SAMPLES[name] * 40)
    found = read(packed[: int(len(packed) * share)], name)
    whole = [alert.id for alert in read(SAMPLES[name] * 40, name).alerts]

    assert [alert.id for alert in found.alerts] == whole[: len(found.alerts)]
    assert len(found.rejects) == 1
    assert "break" in found.rejects[0].problem


@pytest.mark.parametrize("name", [*LINES, "snort-full"])
def test_mixed_input_is_refused_by_file_and_line_with_both_formats_named(name):
    other = "fast" if name in ("eve", "snort-json") else "snort-json"
    found = read(SAMPLES[name] * 2 + b"\n" + SAMPLES[other], name="mixed.log")
    told = [reject for reject in found.rejects if f"began as {name}, and this is {other}" in reject.problem]

    assert [(reject.file, reject.line) for reject in told] == [("mixed.log", (SAMPLES[name] * 2).count(b"\n") + 2)]


def test_eve_in_syslog_is_the_same_alert_as_in_the_file():
    assert [alert.id for alert in read(SYSLOG_EVE).alerts] == [alert.id for alert in read(EVE).alerts]


def test_other_programs_lines_in_syslog_are_events_and_a_sensors_broken_line_is_not():
    found = read(b"Nov 21 09:05:00 ids1 sshd[1]: Accepted publickey\n" + SYSLOG_3164
                 + b"Nov 21 09:05:01 ids1 snort[12]: [1:99000\n")  # fmt: skip

    assert (found.events, len(found.alerts), len(found.rejects)) == (2, 1, 1)


@pytest.mark.parametrize("sample", [FAST_YEARLESS, SYSLOG_3164, SAMPLES["snort-full"]])
def test_a_time_without_a_year_is_refused_where_nothing_tells_the_year(sample):
    found = read(sample, dating=Dating(time_zone=ZoneInfo("UTC")))

    assert (found.events, len(found.rejects)) == (0, 1)
    assert "--year" in found.rejects[0].problem


def absent_everywhere():
    """Return an inventory that refutes every alert on 10.30.0.12 and 203.0.113.9 that may be refuted."""
    scans = [
        Scan(at=AT_US - DAY_US, kind=kind, whole=True, check_set=True, ports=frozenset({(6, 443)})) for kind in ScanKind
    ]
    check = Check(qid=1, kind=Kind.CONFIRMED, published=1, modified=0, remote=True, authenticated=True, disabled=False)
    held = Holding(host=0, first_seen=1, last_seen=AT_US + 400 * DAY_US, arrived_after=0, left_by=0)
    addresses = {(ZONE, address): (held,) for address in ("10.30.0.12", "203.0.113.9")}
    return SmallInventory(
        hosts=(host(0, scans=scans),), addresses=addresses, pairs={"CVE-2026-1111": (Link(1, 0, 0),)}, checks={1: check}
    )


def verdicts(alerts, *, revisions=(1,)):
    claim = Claim("CVE-2026-1111", (ClaimSource.REFERENCE,))
    signatures = [Signature(gid=1, sid=9_900_001, rev=rev, claims=(claim,)) for rev in revisions]
    kernel = Kernel(knowledge_of(*signatures), AT_US + DAY_US, absent_everywhere())
    return [record.verdict for record in kernel.judge(alerts, OutcomeIndex())]


@pytest.mark.parametrize("name", EVERY)
def test_an_alert_that_leaves_nothing_open_can_be_refuted(name):
    alerts = read(SAMPLES[name]).alerts

    assert verdicts(alerts) == ["NOT_AFFECTED"] * len(alerts)


GAPS = {
    "no time zone": (SAMPLES["fast"], replace(STATED, time_zone=None)),
    "an hour that the clocks show twice": (
        SAMPLES["fast"].replace(b"11/21/2026-09", b"10/25/2026-02"), Dating(time_zone=ZoneInfo("Europe/Berlin"))
    ),
    "a year that passed since": (
        FAST_YEARLESS.replace(b"11/21", b"12/31") + FAST_YEARLESS, Dating(year=2025, time_zone=ZoneInfo("UTC"))
    ),
    "no line end": (SAMPLES["fast"].rstrip(), STATED),
    "an address that reads in two ways": (SAMPLES["fast"].replace(b"203.0.113.9:40000", b"2001:db8::9:40"), STATED),
    "no revision": (SAMPLES["cef"].replace(b"1:9900001:1", b"1:9900001"), STATED),
    "no generator": (SAMPLES["leef"].replace(b"1:9900001:1", b"9900001") .replace(b"^name", b"^cs1Label=rev^cs1=1^name"), STATED),
    "revision 0": (SAMPLES["snort-json"].replace(b"1:9900001:1", b"1:9900001:0"), STATED),
    "no address": (SAMPLES["snort-json"].replace(b'"dst_ap" : "10.30.0.12:443"', b'"x" : 1'), STATED),
    "a local time in CSV": (SAMPLES["snort-csv"], Dating()),
    "a local time in syslog": (SYSLOG_3164, Dating(year=2026)),
    "a local time in CEF": (SAMPLES["cef"].replace(b"rt=1795251900000", b"rt=Nov 21 2026 09:05:00"), Dating()),
}  # fmt: skip


@pytest.mark.parametrize("gap", GAPS)
def test_what_a_format_leaves_open_never_refutes(gap):
    content, dating = GAPS[gap]
    alerts = read(content, dating=dating).alerts

    assert alerts
    assert "NOT_AFFECTED" not in verdicts(alerts, revisions=(0, 1))


def test_a_year_taken_from_the_files_age_never_refutes(tmp_path):
    path = tmp_path / "alert"
    path.write_bytes(FAST_YEARLESS)
    with path.open("rb") as source:
        (batch,) = AnyFormat(None, Dating(time_zone=ZoneInfo("UTC"))).read(source, "alert", ZONE)

    assert [str(doubt) for doubt in batch.alerts[0].doubts] == ["year"]
    assert "NOT_AFFECTED" not in verdicts(batch.alerts)
