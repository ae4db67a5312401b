"""sid-msg.map in both versions, well written and not."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatriage.model.signature import ANY_REVISION, Claim, ClaimSource, Signature
from vatriage.signatures.signature_files import read_signature_files

FIRST = "9000001 || TEST A rule (CVE-2026-11111) || cve,2026-11111 || bugtraq,77 || url,example.org/x"
SECOND = "3 || 9000001 || 4 || attempted-admin || 1 || TEST A rule || cve,CVE-2026-11111 || nessus,5"
MESSAGE, MAP = ClaimSource.MESSAGE, ClaimSource.SID_MSG_MAP


def read(text, name="sid-msg.map"):
    found = read_signature_files(io.BytesIO(text.encode("utf-8", "replace")), name)
    return found.signatures, found.rejects


def only(text):
    signatures, rejects = read(text)

    assert rejects == []
    assert len(signatures) == 1
    return signatures[0]


def test_version_1_speaks_of_every_revision():
    expected = Signature(
        gid=1,
        sid=9000001,
        rev=ANY_REVISION,
        message="TEST A rule (CVE-2026-11111)",
        enabled=False,
        claims=(Claim("BUGTRAQ-77", (MAP,)), Claim("CVE-2026-11111", (MESSAGE, MAP))),
        from_rule=False,
        location="sid-msg.map:1",
    )

    assert expected == only(FIRST)


@pytest.mark.parametrize("mark", ["#v2\n", "# V2 \n", ""])
def test_version_2_names_generator_revision_and_classtype(mark):
    signature = only(f"{mark}{SECOND}")

    assert (signature.gid, signature.sid, signature.rev) == (3, 9000001, 4)
    assert (signature.classtype, signature.priority, signature.from_rule) == ("attempted-admin", 1, False)
    assert signature.claims == (Claim("CVE-2026-11111", (MAP,)),)


def test_a_class_and_a_priority_that_say_nothing_are_none():
    signature = only("1 || 7 || 2 || NOCLASS || 0 || TEST")

    assert (signature.classtype, signature.priority) == ("", None)


def test_a_map_whose_message_and_references_differ_contradicts_itself():
    assert only("7 || TEST CVE-2026-22222 || cve,2026-11111").conflict


@pytest.mark.parametrize("reference", ["cve 2026-11111", "cve,20-1", "bugtraq,x"])
def test_an_id_that_cannot_be_read_is_kept_and_marked(reference):
    (claim,) = only(f"7 || TEST || {reference}").claims

    assert claim.malformed


def test_comments_blank_lines_and_ends_of_lines_do_not_matter():
    assert len(read(f"# $Id$\n\n{FIRST}\r\n   \n# prose || here\n{FIRST}")[0]) == 2


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("9000001", "the line is not 'sid || message || references'"),
        ("x || TEST", "sid 'x' is no number from 1"),
        ("0 || TEST", "sid '0' is no number from 1"),
        ("4294967296 || TEST", "sid '4294967296' is no number"),
        ("116 || 1 || (decoder) something", "of a gen-msg.map"),
    ],
)
def test_a_broken_line_is_told_and_its_neighbours_are_loaded(line, problem):
    signatures, rejects = read(f"{FIRST}\n{line}\n{FIRST}")

    assert len(signatures) == 2
    assert [(one.file, one.line, one.raw) for one in rejects] == [("sid-msg.map", 2, line)]
    assert problem in rejects[0].problem


@pytest.mark.parametrize(
    "line", ["1 || 7 || 2 || c || 0", "1 || x || 2 || c || 0 || m", "1 || 7 || r || c || 0 || m", FIRST]
)
def test_a_line_that_is_no_version_2_is_told_where_the_others_are(line):
    signatures, rejects = read(f"{SECOND}\n{line}\n")

    assert (len(signatures), len(rejects)) == (1, 1)


@given(st.data(), st.sampled_from([FIRST, SECOND]), st.integers(1, 4))
def test_mutated_lines_are_read_or_told(data, line, times):
    lines = []
    for _ in range(times):
        text = list(line)
        for _ in range(data.draw(st.integers(0, 4))):
            text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.characters(exclude_characters="\n#"))
        lines.append("".join(text))
    signatures, rejects = read("\n".join(lines))

    assert len(signatures) + len(rejects) == sum(1 for one in lines if one.strip())


@given(st.text())
def test_any_text_is_read_without_raising(text):
    signatures, rejects = read(text)
    lines = [one.strip() for one in text.encode("utf-8", "replace").decode("utf-8-sig").split("\n")]

    assert len(signatures) + len(rejects) == sum(1 for one in lines if one and not one.startswith("#"))


def test_a_url_or_a_shorthand_in_a_map_is_read_as_in_a_rule():
    text = "7 || TEST CVE-2026-1000/9998 || cve,2026-1000 || url,example.org/CVE-2026-9999\n"
    (entry,) = read_signature_files(io.BytesIO(text.encode()), "sid-msg.map").signatures

    assert [(claim.id, claim.malformed) for claim in entry.claims] == [
        ("CVE-2026-1000", False),
        ("CVE-2026-1000/9998", True),
        ("CVE-2026-9999", False),
    ]
