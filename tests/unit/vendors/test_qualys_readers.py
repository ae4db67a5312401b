import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soak import examples
from unit.vendors.qualys_documents import (
    DECLARATION,
    detection,
    detections_answer,
    elements,
    host,
    host_list_answer,
    knowledge_base_answer,
    read,
    simple_return,
)

WARNING = """<WARNING><CODE>1980</CODE><TEXT>1 record limit exceeded.
Use URL.</TEXT><URL><![CDATA[https://q.example/api/?action=list&truncation_limit=1&id_min=145359]]></URL></WARNING>"""


def ids(found):
    return [row["host_id"] for row in found.hosts]


def test_a_host_list_is_read():
    found = read(
        host_list_answer(
            host(
                6506432,
                ip=" 10.10.10.11\n",
                IPV6="2001:DB8:0:0::1",
                TRACKING_METHOD="Cloud Agent",
                NETWORK_ID=12,
                OS="<![CDATA[\n Linux 5.4 \n]]>",
                OS_CPE="cpe:/o:linux",
                DNS="a.example",
                NETBIOS="A",
                QG_HOSTID="0-1",
                EC2_INSTANCE_ID="",
                CLOUD_RESOURCE_ID="i-9",
                LAST_VULN_SCAN_DATETIME="2026-05-02T00:00:00Z",
                LAST_VM_SCANNED_DATE="2026-05-01T00:00:00Z",
                LAST_VM_AUTH_SCANNED_DATE="2026-04-01T00:00:00Z",
            )
        )
    )

    assert found.hosts == [
        {
            "host_id": 6506432,
            "address": "10.10.10.11",
            "address6": "2001:db8::1",
            "tracking_method": "Cloud Agent",
            "network_id": "12",
            "os": "Linux 5.4",
            "os_cpe": "cpe:/o:linux",
            "dns": "a.example",
            "netbios": "A",
            "agent_id": "0-1",
            "cloud_id": "i-9",
            "last_scan": 1777680000,
            "scanned_at": 1777593600,
            "auth_scanned_at": 1775001600,
            "agent": True,
            "rejected": False,
        }
    ]
    assert (found.kind, found.end.generated_at, found.rejects) == ("HOST_LIST_OUTPUT", 1777802400, [])


def test_the_lower_case_variant_is_read():
    document = host_list_answer(host(7, OS="<![CDATA[</HOST>]]>", TRACKING_METHOD="IP"), after=WARNING)
    lower = document.lower().replace(b"<![cdata[", b"<![CDATA[").replace(b"z</datetime>", b"Z</datetime>")

    found = read(lower)

    assert (found.kind, ids(found)) == ("HOST_LIST_OUTPUT", [7])
    assert found.hosts[0]["os"] == "</host>"
    assert found.end.truncation.next_id == 145359


def test_an_id_set_gives_inclusive_ranges():
    body = "<ID_SET><ID>5</ID><ID>6</ID><ID_RANGE>7-9</ID_RANGE><ID>20</ID><ID_RANGE>9-2</ID_RANGE><ID>x</ID></ID_SET>"
    document = DECLARATION + f"<HOST_LIST_OUTPUT><RESPONSE>{body}</RESPONSE></HOST_LIST_OUTPUT>".encode()

    found = read(document)

    assert found.id_ranges == [(5, 9), (20, 20)]
    assert [reject.problem[:5] for reject in found.rejects] == ["'9-2'", "'x' i"]


def test_a_large_id_set_comes_in_pages():
    body = "".join(f"<ID>{number}</ID>" for number in range(2, 2_000_000, 10))
    document = f"<HOST_LIST_OUTPUT><RESPONSE><ID_SET>{body}</ID_SET></RESPONSE></HOST_LIST_OUTPUT>".encode()

    found = read(document)

    assert len(found.id_ranges) == 200_000
    assert found.id_ranges[-1] == (1_999_992, 1_999_992)


def test_ids_of_a_knowledge_base_are_no_hosts():
    document = b"<KNOWLEDGE_BASE_VULN_LIST_OUTPUT><RESPONSE><ID_SET><ID>5</ID></ID_SET></RESPONSE></KNOWLEDGE_BASE_VULN_LIST_OUTPUT>"

    found = read(document)

    assert found.id_ranges == []
    assert "only QIDs" in found.end.error


@pytest.mark.parametrize("place", ["before", "after"])
def test_a_warning_is_a_truncation(place):
    found = read(host_list_answer(host(1), **{place: WARNING}))

    truncation = found.end.truncation
    assert (truncation.code, truncation.next_id) == ("1980", 145359)
    assert truncation.text == "1 record limit exceeded. Use URL."
    assert truncation.url.endswith("id_min=145359")


def test_a_warning_between_two_lists_is_not_lost():
    middle = f"</HOST_LIST>{WARNING}<HOST_LIST>".encode()

    found = read(detections_answer(host(1, detection(11)), middle, host(2, detection(22))))

    assert ids(found) == [1, 2]
    assert [(row["host"], row["qid"]) for row in found.detections] == [(0, 11), (1, 22)]
    assert found.end.truncation.next_id == 145359


@pytest.mark.parametrize(
    "listed", ["", "<HOST_LIST/>", "<HOST_LIST></HOST_LIST>", "<HOST_LIST><!-- none --></HOST_LIST>"]
)
def test_an_answer_without_hosts_is_empty_and_no_error(listed):
    found = read(f"<HOST_LIST_OUTPUT><RESPONSE>{listed}</RESPONSE></HOST_LIST_OUTPUT>".encode())

    assert (found.hosts, found.end.error, found.end.partial) == ([], None, False)


def test_comments_before_inside_and_after_change_nothing():
    comment = "<!-- keep-alive <HOST> </HOST> <![CDATA[ //-->"
    document = detections_answer(
        comment, host(1, comment, detection(11), comment), comment, host(2, detection(22)), comment, after=comment
    )

    found = read(b"\n\n" + document + comment.encode() + b"\n")

    assert ids(found) == [1, 2]
    assert [(row["host"], row["qid"]) for row in found.detections] == [(0, 11), (1, 22)]
    assert (found.end.error, found.end.partial, found.rejects) == (None, False, [])


def test_an_unknown_root_is_named():
    found = read(b"<SOMETHING_ELSE><HEADER/></SOMETHING_ELSE>")

    assert found.kind == "SOMETHING_ELSE"
    assert found.end.error.startswith("Documents of kind SOMETHING_ELSE are not readable here")


def test_an_error_answer_carries_its_code():
    found = read(simple_return(CODE="2001", TEXT="\nThis account has expired.\n"))

    assert found.kind == "SIMPLE_RETURN"
    assert (found.end.error, found.end.error_code) == ("Qualys answered 2001: This account has expired.", "2001")


def test_a_notice_is_no_error():
    found = read(simple_return(TEXT="Logged in"))

    assert (found.end.error, found.end.error_code, found.end.generated_at) == (None, None, 1777802400)


@pytest.mark.parametrize(
    "document",
    [
        detections_answer(
            host(1, detection(12, RESULTS="<![CDATA[</HOST><!-- ]]>")),
            "<!-- x -->",
            host(2, detection(22)),
            after=WARNING,
        )
        + b"<!-- end -->",
        host_list_answer(host(1), host(2)).lower(),
        simple_return(CODE="1905", TEXT="wrong"),
    ],
    ids=["detections", "lower case", "simple return"],
)
def test_a_document_cut_anywhere_keeps_its_whole_records(document):
    root_end = document.rindex(b"</") + document[document.rindex(b"</") :].index(b">") + 1
    ends = [at for at in range(len(document)) if document[:at].lower().endswith(b"</host>\n")]
    for size in range(len(document)):
        found = read(document[:size])

        whole = sum(size >= end - 1 for end in ends if b"CDATA" not in document[end - 30 : end])
        assert (size, len(found.hosts)) == (size, whole)
        assert (size, found.end.partial) == (size, bool(document[:size].strip()) and size < root_end)
        assert (size, found.end.error is None) == (size, size >= root_end and b"<SIMPLE" not in document)


def test_a_cut_document_says_where_it_stops():
    document = detections_answer(host(1, detection(11)), host(2, detection(22)))
    cut = document.index(b"22")

    found = read(document[:cut])

    assert ids(found) == [1]
    start = document.index(b"<HOST>\n<ID>2")
    assert (
        f"at byte {cut}, inside host 2 (10.0.0.1), whose record begins at byte {start}, after host 1" in found.end.error
    )


def test_what_follows_the_root_is_an_error_but_not_partial():
    found = read(host_list_answer(host(1)) + host_list_answer(host(2)))

    assert ids(found) == [1]
    assert "not well-formed after its end" in found.end.error
    assert not found.end.partial


def test_a_frame_that_is_not_well_formed_is_partial_but_its_records_are_kept():
    found = read(host_list_answer(host(1), before="<A>&foo;</A>"))

    assert ids(found) == [1]
    assert found.end.partial
    assert "not well-formed around its records" in found.end.error


def test_an_undefined_entity_costs_one_host():
    found = read(detections_answer(host(1), host(2, detection(22), OS="&xxe;"), host(3, detection(33))))

    assert [(row["host_id"], row["rejected"]) for row in found.hosts] == [(1, False), (3, False), (2, True)]
    assert [(row["host"], row["qid"]) for row in found.detections] == [(1, 33)]
    (reject,) = found.rejects
    assert reject.subject == "host 2 (10.0.0.1)"
    assert reject.problem == "undefined entity: the record was left out"
    assert reject.where.startswith("answer.xml, byte ")
    assert reject.raw.startswith(b"<HOST>\n<ID>2</ID>")


def test_an_answer_of_bad_hosts_only_names_them_all():
    found = read(detections_answer(host(1, OS="&a;"), host(2, detection(22, PORT="&a;"))))

    assert [(row["host_id"], row["rejected"]) for row in found.hosts] == [(1, True), (2, True)]
    assert (found.detections, len(found.rejects)) == ([], 2)


def test_control_characters_are_repaired_and_told():
    found = read(detections_answer(host(1), host(2, detection(22, RESULTS="a\x00b&#1;c"), OS="x\x1by")))

    assert ids(found) == [1, 2]
    assert (found.hosts[1]["os"], found.detections[0]["results"]) == ("x y", "a b c")
    assert [(reject.subject, reject.problem) for reject in found.rejects] == [
        ("host 2 (10.0.0.1)", "3 control characters were replaced by blanks: the record was kept")
    ]


def test_broken_utf8_is_repaired_and_told():
    found = read(detections_answer(host(1), host(2, DNS="caf\u00e9").encode("latin-1"), host(3, DNS="caf\u00e9")))

    assert [row["dns"] for row in found.hosts] == ["", "caf\ufffd", "caf\u00e9"]
    assert [reject.subject for reject in found.rejects] == ["host 2 (10.0.0.1)"]


@pytest.mark.parametrize(("declared", "python"), [("ISO-8859-1", "latin-1"), ("windows-1252", "cp1252")])
def test_one_byte_encodings_are_transcoded(declared, python):
    text = host_list_answer(host(1, DNS="caf\u00e9"), after="<WARNING><TEXT>\u00fc</TEXT></WARNING>").decode()

    found = read(text.replace("UTF-8", declared).encode(python))

    assert (found.hosts[0]["dns"], found.end.truncation.text, found.rejects) == ("caf\u00e9", "\u00fc", [])


def test_a_byte_that_windows_1252_does_not_know_is_told():
    text = host_list_answer(host(1, DNS="a\u20ac?b")).decode().replace("UTF-8", "windows-1252")

    found = read(text.encode("cp1252").replace(b"?b", b"\x81b"))

    assert [row["dns"] for row in found.hosts] == ["a\u20ac\ufffdb"]
    assert len(found.rejects) == 1


def test_a_giant_text_costs_its_host_only():
    giant = host(2, detection(22, RESULTS=f"<![CDATA[{'</HOST> ' * (17 << 17)}]]>"))

    found = read(detections_answer(host(1, detection(11)), giant, host(3, detection(33))))

    assert [(row["host_id"], row["rejected"]) for row in found.hosts] == [(1, False), (2, True), (3, False)]
    assert [(row["host"], row["qid"]) for row in found.detections] == [(0, 11), (2, 33)]
    (reject,) = found.rejects
    assert reject.subject == "host 2 (10.0.0.1)"
    assert "longer than 16 MiB" in reject.problem
    assert len(reject.raw) == 64 * 1024


def test_a_giant_knowledge_base_entry_is_named():
    entry = f"<VULN><QID>5</QID><SOLUTION>{'x' * (17 << 20)}</SOLUTION></VULN>"

    found = read(knowledge_base_answer(entry, "<VULN><QID>6</QID></VULN>"))

    assert [row["qid"] for row in found.vulnerabilities] == [6]
    assert [reject.subject for reject in found.rejects] == ["QID 5"]


def test_deep_nesting_in_the_frame_is_refused():
    found = read(f"<HOST_LIST_OUTPUT>{'<A>' * 100_000}".encode())

    assert "nested more than 64 deep" in found.end.error


def test_a_giant_tag_in_the_frame_is_refused():
    found = read(b"<HOST_LIST_OUTPUT><A b='" + b"x" * (40 << 20) + b"'/></HOST_LIST_OUTPUT>")

    assert "one tag is longer" in found.end.error


@pytest.mark.parametrize("record", ["</HOST>", "<HOST></HOST></HOST>", "<HOST><HOST></HOST>", "<HOST a=></HOST>"])
def test_tags_out_of_order_never_raise_and_are_told(record):
    found = read(host_list_answer(host(1), record, host(3)))

    assert found.rejects or found.end.error
    assert {1, 3} & set(ids(found))


def test_an_unreadable_date_of_the_report_is_told():
    found = read(host_list_answer(host(1)).replace(b"2026-05-03T10:00:00Z", b"yesterday"))

    assert found.end.generated_at == 0
    assert "'yesterday' is no date" in found.rejects[0].problem


def test_hosts_of_several_blocks_keep_their_detections():
    text = "<![CDATA[" + "x" * 50_000 + "]]>"
    hosts = [host(number, detection(number), detection(1000 + number, RESULTS=text)) for number in range(1, 301)]

    found = read(detections_answer(*hosts))

    assert ids(found) == list(range(1, 301))
    assert [(row["host"], row["qid"]) for row in found.detections[::2]] == [(n, n + 1) for n in range(300)]


def test_elements_that_nobody_maps_are_passed_over():
    extra = elements(METADATA="<EC2><ATTRIBUTE><NAME>a</NAME></ATTRIBUTE></EC2>", TAGS="<TAG><ID>9</ID></TAG>")

    found = read(detections_answer(host(1, detection(11, MITRE=extra), FOO=extra)))

    assert (ids(found), found.detections[0]["qid"], found.rejects) == ([1], 11, [])


WHOLE = detections_answer(
    host(1, detection(11, RESULTS="<![CDATA[</HOST><!-- ]]>"), OS="&amp;&#65;"), host(2, detection(22)), after=WARNING
)
PIECES = st.sampled_from(
    [b"<", b">", b"&", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"</HOST>", b"<HOST>", b"\x00", b"\xff", b"<?", b""]
)


@settings(max_examples=examples(400))
@given(st.lists(st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 12), PIECES), min_size=1, max_size=4))
def test_damage_anywhere_never_raises_and_never_loses_a_host_in_silence(wounds):
    document = WHOLE
    for at, length, piece in wounds:
        document = document[:at] + piece + document[at + length :]

    found = read(document)

    unharmed = not (found.rejects or found.end.error or any(row["rejected"] for row in found.hosts))
    outside_cdata = re.sub(rb"<!\[CDATA\[.*?\]\]>", b"", document, flags=re.DOTALL)  # a torn end makes text of a host
    assert not unharmed or len(found.hosts) == outside_cdata.count(b"<HOST>") or b"<!--" in document
