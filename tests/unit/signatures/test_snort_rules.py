"""What Snort's rules have that Suricata's have not: free layout, heads without addresses, comments in passages."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatriage.model.signature import Claim, ClaimSource, Side
from vatriage.signatures.signature_files import read_signature_files

SERVICE = (
    'alert http ( msg:"TEST-WEBAPP a service rule"; flow:to_server,established; http_uri; content:"/a;b",fast_pattern,nocase;'
    ' rem:"sid:8; see CVE-2026-33333"; metadata:policy balanced-ips drop,policy security-ips drop; service:http; '
    "reference:cve,2026-11111; reference:url,example.org/x; classtype:web-application-attack; gid:1; sid:61; rev:2; )"
)
FREE = """alert tcp $EXTERNAL_NET any -> $HOME_NET 80
(
    msg:"TEST free layout";
    # a comment in between
    flow : to_server, established;

    content:"a(b)",
        nocase, offset 12, depth 10;
    reference:cve,2026-11111;
    priority:2; sid:62; rev:1;
)
"""
LINES = st.sampled_from(
    [SERVICE, "# " + SERVICE, "", "# prose", "/*", "*/", "#begin", "#end", *FREE.splitlines(), "alert tcp (", "stray"]
)


def read(text):
    found = read_signature_files(io.BytesIO(text.encode("utf-8", "surrogatepass")), "test.rules")
    return found.signatures, found.rejects


def only(text):
    signatures, rejects = read(text)

    assert rejects == []
    assert len(signatures) == 1
    return signatures[0]


def test_a_service_rule_has_no_addresses_and_is_read_like_any_other():
    signature = only(SERVICE)

    assert (signature.gid, signature.sid, signature.rev, signature.flow) == (1, 61, 2, "to_server")
    assert signature.claims == (Claim("CVE-2026-11111", (ClaimSource.REFERENCE,)),)
    assert (signature.source_side, signature.destination_side) == (Side.ANY, Side.ANY)


def test_policies_and_services_in_metadata_are_no_claims():
    rule = "alert tcp any any -> any any (metadata:policy max-detect-ips drop, ruleset community, service http; sid:7;)"

    assert only(rule).claims == ()


@pytest.mark.parametrize("head", ["alert file", "alert", "file_id", "block tcp any any -> any any", "rewrite http"])
def test_heads_and_actions_of_snort_3_are_known(head):
    assert only(f"{head} ( gid:4; sid:7; rev:3; )").gid == 4
    assert only(f"{head}( gid:4; sid:7; rev:3; )").rev == 3


@pytest.mark.parametrize("action", ["activate", "dynamic", "sblock"])
def test_actions_of_snort_2_are_known(action):
    assert only(f"{action} tcp any any -> any any (sid:7;)").sid == 7


def test_a_rule_runs_on_to_its_closing_parenthesis():
    signature = only(FREE)

    assert (signature.message, signature.sid, signature.location) == ("TEST free layout", 62, "test.rules:1")
    assert (signature.flow, signature.priority, len(signature.claims)) == ("to_server", 2, 1)


def test_a_rule_that_never_closes_takes_none_of_its_neighbours_with_it():
    signatures, rejects = read(f"alert tcp any any -> any any (\n sid:1;\n{SERVICE}\nalert udp (\n{FREE}")

    assert [one.sid for one in signatures] == [61, 62]
    assert [(one.line, one.problem) for one in rejects] == [
        (1, "the rule has no options in parentheses"),
        (2, "the line starts with none of the known actions"),
        (4, "the rule has no options in parentheses"),
    ]


def test_a_rule_in_a_comment_is_switched_off_whatever_its_layout():
    commented = "\n".join(f"# {line}" for line in FREE.splitlines())
    signatures, rejects = read(f"# {SERVICE}\n# alert http is a word (see: below)\n{commented}\n")

    assert rejects == []
    assert [(one.sid, one.enabled) for one in signatures] == [(61, False), (62, False)]


@pytest.mark.parametrize(
    ("begin", "end"), [("/*", "*/"), ("/* old", "these */"), ("#begin", "#end"), ("# begin", "# end")]
)
def test_a_passage_in_comments_is_switched_off(begin, end):
    signatures, rejects = read(f"{begin}\nprose\n{SERVICE}\n{FREE}{end}\n{SERVICE.replace('61', '63')}\n")

    assert rejects == []
    assert [(one.sid, one.enabled) for one in signatures] == [(61, False), (62, False), (63, True)]


def test_a_comment_on_one_line_hides_nothing_behind_it():
    assert only(f"/* old */ {SERVICE}").enabled


def test_a_begin_without_end_is_prose():
    assert only(f"#begin of the file\n{SERVICE}").enabled


@pytest.mark.parametrize(
    ("text", "expected"), [("1", 1), (" 3 ", 3), ("0", None), ("999", None), ("high", None), ("1; priority:4", 1)]
)
def test_a_priority_that_cannot_be_read_costs_the_rank_only(text, expected):
    assert only(f"alert ip any any -> any any (priority:{text}; sid:7;)").priority == expected


def test_a_reference_without_its_comma_is_a_malformed_claim():
    (claim,) = only("alert ip any any -> any any (reference:cve 2026-1111; reference:cve-news x; sid:7;)").claims

    assert claim == Claim("cve 2026-1111", (ClaimSource.REFERENCE,), malformed=True)


@given(st.data())
def test_a_mutated_service_rule_is_read_or_told(data):
    text = list(SERVICE)
    for _ in range(data.draw(st.integers(1, 5))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.characters(exclude_characters="\n;#\\/"))
    signatures, rejects = read("".join(text))

    assert len(signatures) + len(rejects) == 1


@given(st.lists(LINES, max_size=30))
def test_no_line_of_a_file_vanishes(lines):
    """Every sid that is written in a line that begins like a rule is loaded, or told in a reject."""
    signatures, rejects = read("\n".join(lines))
    told = "\n".join(one.raw for one in rejects)

    whole = sum("sid:61" in line for line in lines)
    assert sum(one.sid == 61 for one in signatures) + told.count("sid:61") == whole
    numbers = [one.line for one in rejects] + [int(one.location.rpartition(":")[2]) for one in signatures]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize(
    "lines",
    [
        "alert tcp (\n",
        "# alert http \\\n",
        "# alert http (\n# x\n",
        "/*\n*/\n",
        "alert tcp (\nx\n",
        "# begin\n# alert (\n",
        "/* x */ ",
        "/*",
        ") /*",
        '") /*" ',
    ],
)
def test_a_hostile_file_is_read_once(lines):
    """A reader that starts again at every line would take minutes here."""
    signatures, _ = read(lines * 40_000 + "x\n" * 40_000)

    assert signatures == []


OTHER = SERVICE.replace("sid:61", "sid:63")


@pytest.mark.parametrize(
    "text",
    [
        f"/* {OTHER} */ {SERVICE}",
        f"{SERVICE} /* {OTHER} */",
        f"/* prose */ {SERVICE} /* prose */ /* {OTHER} */",
        f"/*\n{OTHER} */ {SERVICE}",
        f"{SERVICE} /*\n{OTHER}\n*/",
        f"{SERVICE}/* prose\n{OTHER}*/",
    ],
)
def test_a_rule_in_a_comment_is_read_beside_a_live_rule_on_its_line(text):
    signatures, rejects = read(text)

    assert rejects == []
    assert sorted((one.sid, one.enabled) for one in signatures) == [(61, True), (63, False)]


def test_a_comment_behind_a_rule_does_not_move_the_lines_after_it():
    signatures, rejects = read(f"{SERVICE} /* {OTHER} */\nstray\n{OTHER}\n")

    assert [one.location for one in signatures] == ["test.rules:1", "test.rules:1", "test.rules:3"]
    assert [one.line for one in rejects] == [2]


def test_a_comments_marks_inside_a_text_are_text():
    rule = 'alert tcp any any -> any any (content:"(a)/*"; pcre:"/(b\\") /*x/"; sid:7;)'

    assert [(one.sid, one.enabled) for one in read(f"{rule}\n{SERVICE}")[0]] == [(7, True), (61, True)]


def test_a_rule_broken_by_a_comment_is_told():
    signatures, rejects = read("alert tcp any any -> any any (sid:7; /* here */ rev:1;)\n" + SERVICE)

    assert [one.sid for one in signatures] == [61]
    assert len(rejects) == 1
