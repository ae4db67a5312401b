import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatriage.vendors.xml import long_record
from vatriage.vendors.xml import records as records_module
from vatriage.vendors.xml.records import Frame, Oversized, Records, RecordSplitter, Unfinished
from vatriage.vendors.xml.source import ByteSource
from vatriage.vendors.xml.tags import RecordTag, end_of_records, record_spans

TAG = RecordTag("HOST", "HOST_LIST")

HOSTILE = st.sampled_from(
    [
        "<![CDATA[</HOST>]]>",
        "<![CDATA[<HOST> <![CDATA[ ]]>",
        "<![CDATA[</HOST_LIST> ]] > ]]>",
        "<![CDATA[<!-- ]]>",
        "<![CDATA[<? ]]>",
        "<![CDATA[a]]]]><![CDATA[>b</HOST>]]>",
        "<!-- </HOST> <![CDATA[ -->",
        "<?pi </HOST> <HOST> ?>",
        "<A>text</A>",
        "&lt;/HOST&gt;",
        "<HOSTNAME>h</HOSTNAME>",
        "\n ",
    ]
)
RECORDS = st.lists(st.lists(HOSTILE, max_size=6).map(lambda parts: f"<HOST>{''.join(parts)}</HOST>"), max_size=8)


class SmallReads(io.BytesIO):
    """A stream that gives a few bytes at a time, as a socket does."""

    def read(self, size=-1):
        """Return at most five bytes."""
        return super().read(min(size, 5) if size and size > 0 else size)


def parts_of(document, tag=TAG):
    source = ByteSource(SmallReads(document))
    return list(RecordSplitter(source, source.read(10), 0, tag).parts())


@given(RECORDS, st.sampled_from(["", "\n", "<!-- </HOST> -->\n", "<!-- <HOST> -->"]))
def test_records_are_cut_only_at_their_own_ends(records, between):
    block = between.join(records).encode()

    assert [block[start:end].decode() for start, end in record_spans(TAG, block)] == records
    assert end_of_records(TAG, block) == len(block)


@given(RECORDS, st.integers(1, 200))
def test_the_fast_rule_finds_the_same_end_as_the_scan(records, cut):
    block = "".join(records).encode()[:-cut]
    spans = record_spans(TAG, block)

    assert end_of_records(TAG, block) == (spans[-1][1] if spans else 0)


@given(RECORDS, st.integers(20, 400))
def test_blocks_of_any_size_hold_all_records_once(records, block_size):
    document = f"<R><!-- <HOST> --><HOST_LIST>{''.join(records)}</HOST_LIST><W><![CDATA[</HOST>]]></W></R>".encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records_module.RecordSplitter._fill, "__defaults__", (block_size,))
        patch.setattr(records_module, "BLOCK_SIZE", block_size)
        found = parts_of(document)

    blocks = [part for part in found if isinstance(part, Records)]
    assert "".join(records).encode() == b"".join(block.data for block in blocks)
    assert all(document[block.offset :].startswith(block.data) for block in blocks)
    frame = b"".join(part.data for part in found if isinstance(part, Frame))
    assert frame == b"<R><HOST_LIST></HOST_LIST><W><![CDATA[</HOST>]]></W></R>"


def test_two_lists_are_two_blocks_with_the_frame_between_them():
    found = parts_of(b"<R><HOST_LIST><HOST>1</HOST></HOST_LIST><WARNING/><HOST_LIST><HOST>2</HOST></HOST_LIST></R>")

    assert [part.data for part in found if isinstance(part, Records)] == [b"<HOST>1</HOST>", b"<HOST>2</HOST>"]
    assert b"".join(part.data for part in found if isinstance(part, Frame)) == (
        b"<R><HOST_LIST></HOST_LIST><WARNING/><HOST_LIST></HOST_LIST></R>"
    )


def test_a_record_that_the_document_cuts_off_is_unfinished():
    found = parts_of(b"<R><HOST_LIST><HOST>1</HOST><HOST><ID>2</ID><X><![CDATA[</HOST>")

    assert [part for part in found if isinstance(part, Records | Unfinished)] == [
        Records(14, b"<HOST>1</HOST>"),
        Unfinished(28, b"<HOST><ID>2</ID><X><![CDATA[</HOST>"),
    ]


def test_empty_records_and_blanks_in_tags_are_records():
    block = b"<HOST/><HOST \n a='b'>1</HOST ><HOST />"

    assert [block[start:end] for start, end in record_spans(TAG, block)] == [
        b"<HOST/>",
        b"<HOST \n a='b'>1</HOST >",
        b"<HOST />",
    ]
    assert end_of_records(TAG, block) == len(block)


def test_names_in_any_case_are_found_where_asked_for():
    assert record_spans(RecordTag("HOST", "HOST_LIST", any_case=True), b"<host>1</Host>") == [(0, 14)]


@pytest.fixture
def small_limits(monkeypatch):
    """Limits of a few bytes instead of MiB."""
    monkeypatch.setattr(records_module.RecordSplitter._fill, "__defaults__", (64,))
    monkeypatch.setattr(records_module, "BLOCK_SIZE", 64)
    monkeypatch.setattr(records_module, "_LONG", 192)
    monkeypatch.setattr(long_record, "TEXT_LIMIT", 256)
    monkeypatch.setattr(long_record, "RECORD_LIMIT", 2048)
    monkeypatch.setattr(long_record, "HEAD_SIZE", 40)


@pytest.mark.parametrize(
    ("inner", "kept"),
    [
        ("<A>" + "x" * 253 + "</A>", True),
        ("<A>" + "x" * 254 + "</A>", False),
        ("<A><![CDATA[" + "x" * 256 + "]]></A>", True),
        ("<A><![CDATA[" + "x" * 257 + "]]></A>", False),
        ("<A><![CDATA[" + "</HOST>" * 40 + "]]></A>", False),
        ("<A><![CDATA[" + "</HOST>" * 30 + "]]></A>" * 1, True),
        ("<A>y</A>" * 200, True),
        ("<A>y</A>" * 300, False),
        ("<!-- " + "</HOST>" * 100 + " -->", True),
    ],
)
@pytest.mark.usefixtures("small_limits")
def test_only_records_within_the_limits_are_handed_out(inner, kept):
    long = f"<HOST><ID>2</ID>{inner}</HOST>"
    document = f"<R><HOST_LIST><HOST>1</HOST>\n{long}\n<HOST>3</HOST></HOST_LIST></R>".encode()

    found = parts_of(document)

    data = b"".join(part.data for part in found if isinstance(part, Records))
    assert (data.count(b"<HOST>1</HOST>"), data.count(b"<HOST>3</HOST>")) == (1, 1)
    assert (long.encode() in data) == kept
    oversized = [part for part in found if isinstance(part, Oversized)]
    assert len(oversized) == (0 if kept else 1)
    for part in oversized:
        assert (part.offset, part.length, part.head) == (29, len(long), long[:40].encode())
    frame = b"".join(part.data for part in found if isinstance(part, Frame))
    assert b"".join(frame.split()) == b"<R><HOST_LIST></HOST_LIST></R>"


@pytest.mark.usefixtures("small_limits")
def test_a_giant_record_without_end_is_unfinished():
    found = parts_of(b"<R><HOST_LIST><HOST><ID>2</ID><A>" + b"x" * 5000)

    assert [type(part) for part in found if not isinstance(part, Frame)] == [Unfinished]
