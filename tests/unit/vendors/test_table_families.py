"""What kind a document is, by its content; tables that are not ours are refused with a sentence."""

import io

import pytest

from unit.vendors.qualys_documents import read
from unit.vendors.table_documents import detections, quoted, scan, scan_json, vmdr
from vatriage.vendors.qualys.tables.foreign_kinds import FOREIGN_FIRST, FOREIGN_LAST, ForeignKind
from vatriage.vendors.qualys.tables.head import HEAD_LIMIT, Family, family_of, read_head
from vatriage.vendors.qualys.tables.header import recognise
from vatriage.vendors.qualys.tables.kinds import FIELDS, KINDS, SCAN_JSON

XML = b'<?xml version="1.0"?>\n<SIMPLE_RETURN/>'


@pytest.mark.parametrize(
    ("document", "family"),
    [
        (vmdr({}), Family.CSV),
        (scan({}), Family.CSV),
        (scan({"Results": "<?xml version='1.0'?>"}), Family.CSV),
        (scan({}).replace(b'"', b""), Family.CSV),
        (detections({}), Family.CSV),
        (b"\xef\xbb\xbf" + scan({}), Family.CSV),
        (scan_json({}), Family.JSON),
        (b"\n [1]", Family.JSON),
        (b"{", Family.JSON),
        (XML, Family.XML),
        (b"\n\n" + XML, Family.XML),
        (b"progress, 1, 2, 3, 4\n" + XML, Family.XML),
        (b"ACCESS DENIED", Family.XML),
        (b"", Family.XML),
        (b"\xff\xfe[\0", Family.XML),
        (b"[\0]\0", Family.XML),
    ],
)
def test_the_first_bytes_tell_the_family(document, family):
    assert family_of(read_head(io.BytesIO(document))) is family


def test_of_xml_no_more_is_read_than_its_first_piece():
    class Slow(io.BytesIO):
        def read(self, size=-1):
            assert size <= HEAD_LIMIT
            return super().read(min(size, 5))

    assert read_head(Slow(b"\xef\xbb\xbf  <?xml")) == b"\xef\xbb\xbf  "[:5] + b"<?xml"
    assert read_head(Slow(b"<abcdefgh")) == b"<abcd"


@pytest.mark.parametrize(
    ("columns", "kind", "words"),
    [
        ("IP,HOSTNAME,LAST SCAN,QID,VULN TITLE,TYPE,SEVERITY,IS_PCI,FALSE POSITIVE STATUS", "PCI_CSV", "PCI"),
        ("VULNERABILITY,ID,QID,URL,Param,Form Entry Point,Access Path", "WAS_CSV", "Web Application"),
        ("Host IP,Control ID,Technology,Posture,Status", "POLICY_COMPLIANCE_CSV", "Policy Compliance"),
        ("Date,Action,Module,Details,User Name,User Role,User IP", "ACTIVITY_LOG_CSV", "activity log"),
        ("Ticket Number,State,QID,IP,Owner", "REMEDIATION_TICKETS_CSV", "tickets"),
        ("QID,Title,Category,CVE ID,Vuln Type", "KNOWLEDGE_BASE_CSV", "KnowledgeBase"),
        ("IP,Tracking Method,DNS,OS", "ASSET_LIST_CSV", "assets"),
    ],
)
def test_other_tables_are_refused_by_name_with_what_to_export(columns, kind, words):
    for document in (columns + "\n" + "x," * columns.count(",") + "x\n", quoted("A report", "x", "y", "z") + columns):
        found = read(document.encode())

        assert found.kind == kind
        assert words in found.end.error
        assert "Export" in found.end.error or "Fetch" in found.end.error
        assert found.hosts == found.detections == []


def test_a_table_that_nobody_knows_is_told_by_its_first_row():
    found = read(quoted("Name", "Colour", "Weight", "Price").encode())

    assert found.kind is None
    assert "'Name', 'Colour'" in found.end.error


def test_rows_below_a_known_header_never_change_the_kind():
    assert read(vmdr({"Title": "url", "Results": "access path"})).kind == "VMDR_CSV"


def test_every_kind_maps_known_fields_and_recognises_its_own_header():
    for kind in (*KINDS, SCAN_JSON):
        assert kind.columns.keys() <= set(FIELDS)
        names = [names[0] for names in kind.columns.values()]
        assert not {name for group in kind.columns.values() for name in group} & kind.unused
        if kind is not SCAN_JSON:
            assert recognise(names) is kind
    for foreign in (*FOREIGN_FIRST, *FOREIGN_LAST):
        assert isinstance(recognise(foreign.signs[0]), ForeignKind)
