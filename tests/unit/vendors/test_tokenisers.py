import re
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soak import examples
from unit.vendors.qualys_documents import detection, host
from vatriage.vendors.xml.fast import DoubtError, FastTokeniser
from vatriage.vendors.xml.finder import RecordFinder
from vatriage.vendors.xml.mapping import load_mapping
from vatriage.vendors.xml.records import Records
from vatriage.vendors.xml.repair import is_clean, repair, transcode
from vatriage.vendors.xml.strict import StrictError, StrictTokeniser
from vatriage.vendors.xml.tables import TableReader
from vatriage.vendors.xml.tags import RecordTag

PATH = files("vatriage.vendors.qualys") / "documents" / "host_detections.yaml"
MAPPING = load_mapping(PATH)
FAST = FastTokeniser(MAPPING, PATH)
STRICT = StrictTokeniser(MAPPING)
TAG = RecordTag("HOST", "HOST_LIST")

HOSTILE = st.sampled_from(
    [
        "</HOST>",
        "<DETECTION><QID>1</QID></DETECTION>",
        "</RESULTS></DETECTION></DETECTION_LIST></HOST><HOST><ID>666</ID>",
        "<![CDATA[",
        "&lt;&foo;&#1;",
        "<!-- -->",
        "<?php ?>",
        "\r\n\r \t",
        "]]",
        "]",
        ">",
    ]
)
# XML 1.0 section 2.2, Char: what a document may hold.
CHARACTERS = st.characters(codec="utf-8", exclude_characters="\ufffe\uffff", min_codepoint=0x20) | st.sampled_from(
    "\t\n\r"
)
TEXTS = st.lists(HOSTILE | st.text(CHARACTERS, max_size=8), max_size=5).map("".join)


def as_cdata(text):
    """A text as CDATA, split where it would close the section."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def as_escaped(text):
    """A text as character data."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&#62;").replace("\r", "&#xD;")


def as_mixed(text):
    """A text as character data, a comment, and a section."""
    half = len(text) // 2
    return f"{as_escaped(text[:half])}<!-- <HOSTS> -->{as_cdata(text[half:])}"


WRITTEN = st.builds(lambda write, text: write(text), st.sampled_from([as_cdata, as_escaped, as_mixed]), TEXTS)
DETECTIONS = st.builds(
    lambda qid, results, port, unmapped: detection(qid, RESULTS=results, PORT=port, MITRE=unmapped),
    st.integers(1, 99),
    WRITTEN | st.none(),
    st.sampled_from([None, "", " 80\n"]),
    WRITTEN | st.none(),
)
HOSTS = st.builds(
    lambda number, found, system: host(number, *found, OS=system, FOO="<HOST_X/><DETECTION_LIST/>"),
    st.integers(1, 99),
    st.lists(DETECTIONS, max_size=3),
    WRITTEN | st.none(),
)


def rows(tables):
    """Tables as rows; an empty section and no text are the same to the columns."""
    return {
        name: [
            {key: value or None if key != "record" else value for key, value in row.items()}
            for row in table.to_pylist()
        ]
        for name, table in tables.items()
    }


@settings(max_examples=examples(300))
@given(st.lists(HOSTS, min_size=1, max_size=4))
def test_the_fast_tokeniser_reads_what_the_strict_one_reads(hosts):
    block = transcode("".join(hosts).encode(), "")

    assert rows(STRICT.read(block)) == rows(FAST.read(block))


@given(st.lists(HOSTS, min_size=1, max_size=4))
def test_names_in_lower_case_read_alike(hosts):
    block = "".join(hosts)
    pieces = re.split(r"(<!\[CDATA\[.*?\]\]>|<!--.*?-->)", block, flags=re.DOTALL)
    pieces[::2] = [re.sub("</?[A-Z_]+", lambda match: match.group().lower(), piece) for piece in pieces[::2]]

    found = StrictTokeniser(MAPPING, any_case=True).read("".join(pieces).encode())

    assert rows(found) == rows(STRICT.read(block.encode()))


@pytest.mark.parametrize(
    "block",
    [
        "<HOST><OS>a</OS><OS>b</OS></HOST>",
        "<HOST><OS>&foo;</OS></HOST>",
        "<HOST><OS>a & b</OS></HOST>",
        "<HOST><OS>a</HOST></OS>",
        "<HOST><ID>1</ID>",
        "<HOST><ID>1</ID></HOST></HOST_LIST><HOST_LIST><HOST/>",
        "<HOST><OS><![CDATA[</OS></HOST>",
        "</HOST>",
        "<HOST><!-- <DETECTION> --></HOST>",
    ],
)
def test_what_the_fast_tokeniser_cannot_vouch_for_it_leaves_to_the_strict_one(block):
    with pytest.raises(DoubtError):
        FAST.read(block.encode())


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ("<HOST><OS>&foo;</OS></HOST>", "undefined entity"),
        ("<HOST><FOO>&foo;</FOO></HOST>", "undefined entity"),
        ("<HOST><OS>a</OS><OS>b</OS></HOST>", "OS stands twice"),
        ("<HOST><!DOCTYPE a [<!ENTITY b 'c'>]></HOST>", "not well-formed"),
        ("<HOST><OS>\x01</OS></HOST>", "invalid token"),
    ],
)
def test_the_strict_tokeniser_says_what_is_wrong(block, words):
    with pytest.raises(StrictError, match=words):
        STRICT.read(block.encode())


def test_one_bad_record_costs_itself_only():
    bad = "<HOST><ID>2</ID><OS>&foo;</OS></HOST>"
    block = Records(100, (host(1, detection(11)) + bad + host(3, detection(33))).encode())

    found = TableReader(MAPPING, FAST, TAG, "").read(block)

    assert [row["ID"] for row in found.tables["hosts"].to_pylist()] == ["1", "3"]
    assert [(row["record"], row["QID"]) for row in found.tables["detections"].to_pylist()] == [(0, "11"), (1, "33")]
    assert [(trouble.piece.data.decode(), trouble.problem) for trouble in found.broken] == [(bad, "undefined entity")]
    assert found.broken[0].piece.offset == 100 + block.data.index(bad.encode())
    assert found.finder.record(1).data.decode() == host(3, detection(33)).strip()


def test_a_finder_finds_elements_outside_sections():
    data = host(1, detection(11, RESULTS="<![CDATA[<DETECTION>x</DETECTION>]]>"), detection(22)).encode()
    finder = RecordFinder(TAG, Records(50, data))

    piece = finder.element(0, "DETECTION", 1)

    assert piece.data.decode() == detection(22)
    assert piece.offset == 50 + data.index(detection(22).encode())
    assert finder.element(0, "DETECTION", 9) == finder.record(0)
    assert finder.record(9).data == b""


@given(st.binary(max_size=60))
def test_a_repaired_record_is_clean(data):
    repaired, problem = repair(b"<HOST>" + data.replace(b"<", b"(") + b"</HOST>", "")

    assert is_clean(repaired, "")
    assert is_clean(b"<HOST>" + data.replace(b"<", b"(") + b"</HOST>", "") == (problem == "")


@pytest.mark.parametrize(
    ("record", "repaired"),
    [
        (b"a\x00b\x1f", b"a b "),
        (b"a&#1;b&#x0B;&#0;&#xFFFE;&#xD800;&#x110000;", b"a b     "),
        (b"<![CDATA[&#1;]]>&#1;<![CDATA[&#2;", b"<![CDATA[&#1;]]> <![CDATA[&#2;"),
        ("a\uffffb".encode(), b"a b"),
        (b"a\xffb\xc3", "a\ufffdb\ufffd".encode()),
        (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd".encode()),
    ],
)
def test_what_xml_forbids_is_replaced(record, repaired):
    assert not is_clean(record, "")
    assert repair(record, "")[0] == repaired


@pytest.mark.parametrize(
    "record", [b"&#65;&#9;&#x1F600;&#10;", b"<![CDATA[&#1;]]>", "Gr\u00fc\u00dfe \ufffd\t\r\n".encode(), b""]
)
def test_what_xml_allows_stays(record):
    assert is_clean(record, "")
    assert repair(record, "") == (record, "")
