"""Damaged tables: nothing raises, nothing hangs, nothing is lost in silence."""

from hypothesis import given, settings
from hypothesis import strategies as st

from unit.vendors.qualys_documents import read
from unit.vendors.table_documents import SCAN_METADATA, detections, scan, scan_json, vmdr

DOCUMENTS = (
    vmdr({}, {"QID": "2", "Status": "FIXED"}, {"Asset IPV4": "10.1.0.8"}),
    vmdr({}, {"QID": "2"}, before=""),
    scan({}, {"QID": "2"}, {"IP": "10.1.0.8"}, before=SCAN_METADATA.format(state="Finished")),
    scan({}, {"QID": "2"}).replace(b'"', b"").replace(b"\nline two, with", b" with"),
    detections({}, {"QID": "2"}, {"Host ID": "8", "IP Address": "10.1.0.8"}),
    scan_json({}, {"qid": 2}, {"ip": "10.1.0.8"}),
)
PIECES = [
    b'"', b",", b"\n", b"\r", b"\0", b"[", b"]", b"{", b"}", b"\\", b"\xff", b"\xef\xbb\xbf", b"<", b"<?xml", b";",
    b"----BEGIN_RESPONSE_BODY_CSV\n", b"----END_RESPONSE_BODY_CSV\n", b"FIXED", b"-1", b"999999999999999999999",
    b"\xed\xa0\x80", b"\\ud800", b"null", b":", b"10.0.0.0/8", b"01/01/0001 00:00:00", b"Feb 30, 2026 07:00 AM",
]  # fmt: skip


ROWS = {document: len(read(document).detections) for document in DOCUMENTS}


@st.composite
def damaged(draw):
    whole = document = draw(st.sampled_from(DOCUMENTS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(document)))
        gone = draw(st.sampled_from([0, 0, 1, 3, 40]))
        new = draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=4)))
        document = document[:start] + new + document[start + gone :]
    return whole, document


@settings(max_examples=400, deadline=None)
@given(damaged())
def test_damage_never_raises_and_never_loses_a_row_in_silence(case):
    whole, document = case
    found = read(document)

    told = found.rejects or found.end.error or found.end.partial
    assert len(found.detections) >= ROWS[whole] or told
    assert found.vulnerabilities == []
    if found.kind in {"VMDR_CSV", "SCAN_CSV", "SCAN_JSON", "HOST_LIST_VM_DETECTION_CSV"}:
        assert "does not say which hosts were scanned" in found.end.narrowed
        assert all(row["scanned_at"] == row["auth_scanned_at"] == 0 for row in found.hosts)
        assert all(row["status"] != 4 for row in found.detections)
    for reject in found.rejects:
        f"{reject.where}{reject.subject}{reject.problem}".encode()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=6), max_size=60))
def test_rubbish_never_raises(pieces):
    for start in (b"", b'"', b"[", b"QID,Asset IPV4,Type Detected,Status\n"):
        read(start + b"".join(pieces))
