"""Attributes, and rows in rows: both tokenisers read a scan report alike."""

from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vatriage.vendors.xml.fast import DoubtError, FastTokeniser
from vatriage.vendors.xml.mapping import load_mapping
from vatriage.vendors.xml.records import Records
from vatriage.vendors.xml.strict import StrictTokeniser
from vatriage.vendors.xml.tables import TableReader
from vatriage.vendors.xml.tags import RecordTag

PATH = files("vatriage.vendors.qualys") / "documents" / "scan.yaml"
MAPPING = load_mapping(PATH)
FAST = FastTokeniser(MAPPING, PATH)
STRICT = StrictTokeniser(MAPPING)
TAG = RecordTag("IP", "SCAN")

ATTRIBUTES = st.lists(
    st.tuples(
        st.sampled_from(["value", "port", "protocol", "misc"]), st.sampled_from(["", "a", "&lt;&#65;", "x\ny", "'"])
    ),
    max_size=4,
    unique_by=lambda item: item[0],
).map(lambda items: "".join(f'\n {name}="{value}"' for name, value in items))
IDS = st.lists(
    st.sampled_from(["<CVE_ID><ID>C1</ID></CVE_ID>", "<CVE_ID/>", "<CVE_ID><ID></ID><URL>u</URL></CVE_ID>"]), max_size=3
)
LISTS = IDS.map(lambda ids: f"<CVE_ID_LIST>{''.join(ids)}</CVE_ID_LIST>" if ids else "")
RESULTS = st.sampled_from(
    ["", "<RESULT><![CDATA[</VULN></CAT><CAT port='1'>]]></RESULT>", "<RESULT format='table'>r</RESULT>"]
)


def findings(name):
    """Elements of one name with a number, references and a result."""
    return st.builds(
        lambda number, ids, result: f'<{name} number="{number}">{ids}{result}</{name}>',
        st.integers(1, 9),
        LISTS,
        RESULTS,
    )


def sections(plural, name):
    """A section of categories, some without findings."""
    categories = st.builds(
        lambda attributes, found: f"<CAT{attributes}>{''.join(found)}</CAT>",
        ATTRIBUTES,
        st.lists(findings(name), max_size=3),
    )
    return st.lists(categories, max_size=3).map(lambda found: f"<{plural}>{''.join(found)}</{plural}>")


HOSTS = st.builds(
    lambda attributes, *parts: f"<IP{attributes}>{''.join(parts)}</IP>",
    ATTRIBUTES,
    sections("INFOS", "INFO"),
    sections("VULNS", "VULN"),
    sections("PRACTICES", "PRACTICE"),
    st.sampled_from(["", "<VULNS><CAT port='7'><VULN number='8'/></CAT></VULNS>"]),
)


def rows(tables):
    """Tables as rows; an empty text and none are the same to the columns."""
    numbers = {"record", "parent"}
    return {
        name: [
            {key: value if key in numbers else value or None for key, value in row.items()} for row in table.to_pylist()
        ]
        for name, table in tables.items()
    }


@settings(max_examples=150)
@given(st.lists(HOSTS, min_size=1, max_size=3))
def test_what_the_fast_tokeniser_does_not_doubt_it_reads_as_the_strict_one(hosts):
    block = "".join(hosts).encode()

    try:
        found = rows(FAST.read(block))
    except DoubtError:
        return
    assert rows(STRICT.read(block)) == found


@given(st.lists(HOSTS, min_size=2, max_size=3))
def test_records_read_one_by_one_make_the_same_tables(hosts):
    whole = rows(STRICT.read("".join(hosts).encode()))
    reader = TableReader(MAPPING, FAST, TAG, "")

    found = reader.read(Records(0, "".join([hosts[0], "<IP><OS>&x;</OS></IP>", *hosts[1:]]).encode()))

    assert len(found.broken) == 1
    assert rows(found.tables) == whole


@pytest.mark.parametrize(
    "block",
    [
        '<IP><VULNS><CAT port="9"/><CAT><VULN number="1"/></CAT></VULNS></IP>',
        '<IP><VULNS><CAT port="9"><X/></CAT></VULNS></IP>',
        "<IP><VULNS><CAT><VULN><CVE_ID_LIST><CVE_ID/></CVE_ID_LIST></VULN></CAT></VULNS><VULNS><CAT><VULN/></CAT></VULNS></IP>",
        '<IP><VULNS><CAT><PRACTICE number="1"/></CAT></VULNS></IP>',
        '<IP><CAT><VULN number="1"/></CAT></IP>',
    ],
)
def test_the_fast_tokeniser_doubts_what_it_would_mix_up(block):
    with pytest.raises(DoubtError):
        FAST.read(block.encode())


SPOILT_NAMES = st.sampled_from(["VULN", "INFO", "PRACTICE", "CVE_ID", "CAT", "VULNS", "IP"]).flatmap(
    lambda name: st.sampled_from([name.lower(), f"q:{name}", f"{name} ", f"x><{name}"]).map(lambda new: (name, new))
)


@given(st.lists(HOSTS, min_size=1, max_size=3), SPOILT_NAMES)
def test_what_the_fast_tokeniser_does_not_doubt_holds_no_row_out_of_place(hosts, names):
    old, new = names
    end = f"</{new}>" if "<" not in new else f"</{old}></x>"
    block = "".join(hosts).replace(f"<{old} ", f"<{new} ").replace(f"<{old}>", f"<{new}>").replace(f"</{old}>", end)

    try:
        FAST.read(block.encode())
    except DoubtError:
        return
    STRICT.read(block.encode())
    assert STRICT.strays == {}
