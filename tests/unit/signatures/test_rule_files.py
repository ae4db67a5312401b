"""Rule files, well written and not."""

import io
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatriage.model.signature import Claim, ClaimSource, Side, Signature
from vatriage.signatures.interface import SignaturesError
from vatriage.signatures.signature_files import read_signature_files

RULE = (
    'alert tcp $EXTERNAL_NET any -> $HOME_NET 80 (msg:"TEST A rule (CVE-2026-11111)"; flow:established,to_server; '
    'content:"GET"; http_method; content:"a|3b|b\\;c\\"d; sid:5;"; reference:cve,2026-11111; reference:bugtraq,77; '
    "reference:url,example.org/x; classtype:attempted-admin; target:dest_ip; sid:9000001; rev:3; "
    "metadata:attack_target Server, cve CVE_2026_11111; metadata:tag CISA_KEV, tag Exploit, confidence High;)"
)


def read(text):
    content = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
    found = read_signature_files(io.BytesIO(content), "test.rules")
    return found.signatures, found.rejects


def only(text):
    signatures, rejects = read(text)

    assert rejects == []
    assert len(signatures) == 1
    return signatures[0]


def test_a_rule_is_reduced_to_what_judging_needs():
    expected = Signature(
        gid=1,
        sid=9000001,
        rev=3,
        message="TEST A rule (CVE-2026-11111)",
        claims=(
            Claim("BUGTRAQ-77", (ClaimSource.REFERENCE,)),
            Claim("CVE-2026-11111", (ClaimSource.MESSAGE, ClaimSource.METADATA, ClaimSource.REFERENCE)),
        ),
        target="dest_ip",
        attack_targets=("Server",),
        flow="to_server",
        source_side=Side.EXTERNAL,
        destination_side=Side.HOME,
        classtype="attempted-admin",
        tags=("CISA_KEV", "Exploit"),
        confidence="High",
        location="test.rules:1",
    )

    assert expected == only(RULE)


@pytest.mark.parametrize("mark", ["#", "# ", "##", "  #  "])
def test_a_commented_rule_is_read_as_disabled(mark):
    signature = only(f"{mark}{RULE}")

    assert (signature.enabled, signature.sid) == (False, 9000001)


def test_prose_blank_lines_and_suricatas_other_comments_are_passed_over():
    assert read("# alert readers: this is prose\n\n#\n   \n; old comment\n# drop (all) -> nothing\n") == ([], [])


@pytest.mark.parametrize(
    "action", ["alert", "drop", "reject", "rejectsrc", "rejectdst", "rejectboth", "pass", "sdrop", "log"]
)
def test_every_action_is_known(action):
    assert only(f"{action} ip any any -> any any (sid:7;)").sid == 7


def test_a_rule_may_go_on_in_the_next_line():
    text = (
        '# prose \\\nalert ip any any -> any any \\\r\n  (msg:"two"; \\\n sid:7;)\nalert ip any any -> any any (sid:8;)'
    )
    signatures, rejects = read(text)

    assert rejects == []
    assert [(one.message, one.location) for one in signatures] == [("two", "test.rules:2"), ("", "test.rules:5")]


def test_a_commented_rule_may_go_on_in_commented_lines():
    assert ((one := only('#alert ip any any -> any any (\\\n# msg:"x"; \\\n# sid:7;)')).sid, one.enabled) == (7, False)


@pytest.mark.parametrize("text", [b"\xef\xbb\xbf", b""])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_byte_order_marks_and_ends_of_lines_do_not_matter(text, end):
    assert only(text + RULE.encode() + end).sid == 9000001


def test_a_file_that_is_not_utf_8_is_latin_1():
    assert only('alert ip any any -> any any (msg:"Schlüssel"; sid:7;)'.encode("latin-1")).message == "Schl\xfcssel"


def test_a_message_is_unescaped():
    assert only(r'alert ip any any -> any any (msg:"a\;b\"c\:d\\e"; sid:7;)').message == 'a;b"c:d\\e'


def test_an_odd_quote_ends_its_option_at_the_first_semicolon():
    assert only('alert ip any any -> any any (pcre:/a"b/; msg:"x"; sid:7;)').sid == 7


@pytest.mark.parametrize(
    ("options", "kept", "malformed"),
    [
        ("reference:cve,2026-1000; reference:url,nvd.nist.gov/vuln/detail/CVE-2026-9999;", "CVE-2026-9999", False),
        ('msg:"TEST CVE-2026-1000/9999"; reference:cve,2026-1000;', "CVE-2026-1000/9999", True),
        ('msg:"TEST CVE-2026-1000, 9999"; reference:cve,2026-1000;', "CVE-2026-1000, 9999", True),
        ('msg:"TEST CVE\u20112026\u20119999"; reference:cve,2026-1000;', "CVE-2026-9999", False),
        ("reference:url,example.org/CVE-2026-1000-9999; reference:cve,2026-1000;", "CVE-2026-1000-9999", True),
        ("metadata:cve CVE_2026_1000, tag CVE_2026_9999;", "CVE-2026-9999", False),
        ("metadata:cve CVE_2026_1000/9999;", "CVE_2026_1000/9999", True),
        ("reference:cve,2026-1000, CVE-2026-9999;", "CVE-2026-9999", False),
    ],
)
def test_no_id_of_a_rule_is_passed_over(options, kept, malformed):
    claims = only(f"alert ip any any -> any any ({options} sid:7;)").claims

    assert (kept, malformed) in [(claim.id, claim.malformed) for claim in claims]


def test_gid_and_rev_have_defaults_and_repetition_is_no_contradiction():
    signature = only("alert ip any any -> any any (target:src_ip; sid:7; target: src_ip;)")

    assert (signature.gid, signature.rev, signature.target) == (1, 0, "src_ip")


@pytest.mark.parametrize(
    ("flow", "expected"),
    [
        ("flow:established,to_server;", "to_server"),
        ("flow: from_client , established;", "to_server"),
        ("flow:to_client;", "to_client"),
        ("flow:established,from_server;", "to_client"),
        ("flow:established;", None),
        ("", None),
    ],
)
def test_the_flow_names_one_direction(flow, expected):
    assert expected == only(f"alert tcp any any -> any any ({flow} sid:7;)").flow


@pytest.mark.parametrize(
    ("head", "source", "destination"),
    [
        ("$EXTERNAL_NET any -> $HOME_NET any", Side.EXTERNAL, Side.HOME),
        ("$HOME_NET any <- $EXTERNAL_NET any", Side.EXTERNAL, Side.HOME),
        ("$EXTERNAL_NET any <> $HOME_NET any", Side.ANY, Side.ANY),
        ("!$HOME_NET any -> $SQL_SERVERS [80, 443]", Side.EXTERNAL, Side.HOME),
        ("$AIM_SERVERS any -> any any", Side.EXTERNAL, Side.ANY),
        ("[$HOME_NET, $HTTP_SERVERS] any -> [$HOME_NET,10.0.0.0/8] !80", Side.HOME, Side.ANY),
        ("[!224.0.0.1,$EXTERNAL_NET] any -> [$HOME_NET,!$DNS_SERVERS] any", Side.EXTERNAL, Side.HOME),
        ("[!$HOME_NET,!10.0.0.1] any -> ![$HOME_NET,10.0.0.1] any", Side.EXTERNAL, Side.EXTERNAL),
        ("!$HTTP_SERVERS any -> [$HOME_NET,$EXTERNAL_NET] any", Side.ANY, Side.ANY),
        ("[10.0.0.0/8,[$HOME_NET,!10.1.1.1]] any -> $MY_NET any", Side.ANY, Side.ANY),
    ],
)
def test_the_head_says_which_end_is_at_home(head, source, destination):
    signature = only(f"alert tcp {head} (sid:7;)")

    assert (source, destination) == (signature.source_side, signature.destination_side)


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ('alert ip any any -> any any (msg:"x";)', "the rule has no sid"),
        ("alert ip any any -> any any (sid:x;)", "sid 'x' is no number"),
        ("alert ip any any -> any any (sid:0;)", "sid 0 names no signature"),
        ("alert ip any any -> any any (sid:4294967296;)", "sid '4294967296' is no number"),
        ("alert ip any any -> any any (sid:7; sid:8;)", "sid is given 2 times with different values"),
        ("alert ip any any -> any any (sid:7; rev:;)", "rev '' is no number"),
        ("alert ip any any -> any any (sid:7; ) trailing", "no options in parentheses"),
        ("alert ip any any -> any any sid:7;", "no options in parentheses"),
        ("alert ip any any any any (sid:7;)", "the head is not"),
        ("alert ip any any -> any any (sid:7; ;;)", "the options cannot be read from ';' on"),
        ("include other.rules", "none of the known actions"),
    ],
)
def test_a_broken_rule_is_told_and_its_neighbours_are_loaded(rule, problem):
    signatures, rejects = read(f"{RULE}\n{rule}\n{RULE}\n")

    assert len(signatures) == 2
    assert [("test.rules", 2, rule)] == [(one.file, one.line, one.raw) for one in rejects]
    assert problem in rejects[0].problem


def test_a_folder_is_read_in_order_of_its_paths(tmp_path: Path):
    (tmp_path / "below").mkdir()
    for name, sid in (("b.rules", 2), ("a.rules", 1), ("below/c.rules", 3), ("notes.txt", 4)):
        (tmp_path / name).write_text(f"alert ip any any -> any any (sid:{sid};)\n")
    signatures = read_signature_files(tmp_path, "rules").signatures

    assert [one.sid for one in signatures] == [1, 2, 3]
    assert signatures[-1].location == "rules/below/c.rules:1"


def test_a_path_that_cannot_be_read_is_an_error(tmp_path: Path):
    with pytest.raises(SignaturesError, match=r"Reading rules from .*none\.rules failed"):
        read_signature_files(tmp_path / "none.rules")
    with pytest.raises(SignaturesError, match="holds no rule file"):
        read_signature_files(tmp_path)


@given(st.binary())
def test_any_bytes_are_read_without_raising(content):
    read(content)


@given(st.data())
def test_a_mutated_rule_is_read_or_told(data):
    text = list(RULE)
    for _ in range(data.draw(st.integers(1, 5))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.characters(exclude_characters="\n;#\\"))
    signatures, rejects = read("".join(text))

    assert len(signatures) + len(rejects) == 1


@pytest.mark.parametrize(
    "line",
    [
        "#" * 200_000,
        "# alert" + " ->" * 100_000,
        "# alert " + "# " * 100_000 + "(",
        "alert ip any any -> any any (" + 'a:"' * 100_000,
        "alert ip any any -> any any (msg:" + '"\\' * 100_000 + ")",
        "alert " + "[ " * 100_000 + "(sid:1;)",
    ],
    ids=["marks", "arrows", "marks and blanks", "quotes", "backslashes", "brackets"],
)
def test_a_hostile_line_costs_no_more_than_its_length(line):
    start = perf_counter()
    read(line)

    assert perf_counter() - start < 5  # a quadratic reader takes minutes
