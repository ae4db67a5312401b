"""Every spelling of a CVE, the union of the sources, and their contradictions."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatriage.model.claim_text import claims_in_text, normalise_claim
from vatriage.model.claims import claims_in_metadata, claims_in_reference, merge_claims, unite_claims
from vatriage.model.signature import Claim, ClaimSource

REFERENCE, METADATA, MESSAGE = ClaimSource.REFERENCE, ClaimSource.METADATA, ClaimSource.MESSAGE
PIECES = st.lists(
    st.sampled_from(["CVE", "cve", "CAN", "BUGTRAQ", "-", "_", " ", ",", "2021", "1998", "44228", "7", "0000", "x"]),
    max_size=8,
).map("".join)
TEXTS = st.text(max_size=40) | PIECES
SOURCES = st.dictionaries(st.sampled_from(ClaimSource), st.lists(TEXTS, max_size=3))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021-44228", "CVE-2021-44228"),
        ("2021_44228", "CVE-2021-44228"),
        ("CVE-2021-44228", "CVE-2021-44228"),
        ("CVE_2021_44228", "CVE-2021-44228"),
        (" cve-2021_44228 ", "CVE-2021-44228"),
        ("CAN-2001-0540", "CVE-2001-0540"),
        ("CVE-2019-118396", "CVE-2019-118396"),
        ("CVE-2019-1003001", "CVE-2019-1003001"),
        ("1999-0001", "CVE-1999-0001"),
        ("CVE\u20112021\u201144228", "CVE-2021-44228"),
        ("\uff12\uff10\uff12\uff11\uff0d\uff14\uff14\uff12\uff12\uff18", "CVE-2021-44228"),
        ("CVE-2021-4422\u0668", "CVE-2021-44228"),
        ("\u200bCVE\u22122021\u201344228\ufeff", "CVE-2021-44228"),
    ],
)
def test_every_spelling_of_a_cve_becomes_one(text, expected):
    assert (expected, False) == normalise_claim("cve", text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "1999-058",
            "2021-12345678",
            "44228",
            "CVE-44228",
            "1998-0001",
            "2101-0001",
            "CVE-2021",
            "",
            "CVE-2021-44228x",
        ),
        *("CVE 2021 44228", "n/a", "CVE-2021-44228, CVE-2021-45046"),
    ],
)
def test_what_is_no_cve_stays_as_it_is_and_is_malformed(text):
    assert (text, True) == normalise_claim("cve", text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3723", ("BUGTRAQ-3723", False)),
        (" 03723", ("BUGTRAQ-3723", False)),
        ("BUGTRAQ-3723", ("BUGTRAQ-3723", False)),
        ("0", ("0", True)),
        ("3723a", ("3723a", True)),
    ],
)
def test_a_bugtraq_id_is_a_positive_number(text, expected):
    assert expected == normalise_claim("bugtraq", text)


@given(st.sampled_from(["cve", "bugtraq"]), TEXTS)
def test_normalising_twice_changes_nothing(kind, text):
    once = normalise_claim(kind, text)

    assert once == normalise_claim(kind, once.id)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("TEST Shellshock (CVE-2014-6271)", ["CVE-2014-6271"]),
        (
            "TEST CVE_2021_44228 and cve 2021-45046,CVE-2021-45105",
            ["CVE-2021-44228", "CVE-2021-45046", "CVE-2021-45105"],
        ),
        ("TEST CAN-2001-0540", ["CVE-2001-0540"]),
        ("TEST nothing, not CVE, nor ZDI-CAN-25373, nor 2013-3346, can 5800-5820, one can 2 times", []),
        (
            "TEST CVE\u20112020\u20119999 and \uff23\uff36\uff25\uff0d\uff12\uff10\uff12\uff10\uff0d\uff11\uff10\uff10\uff10",
            ["CVE-2020-9999", "CVE-2020-1000"],
        ),
        (
            "TEST CVE2020-9999, CVE: 2020-1000, CVEs 2021-1000 and 2021-1001",
            ["CVE-2020-9999", "CVE-2020-1000", "CVE-2021-1000", "CVE-2021-1001"],
        ),
        ("\u6f0f\u6d1eCVE-2020-9999\u6f0f\u6d1e", ["CVE-2020-9999"]),
        ("TEST CVE-2021-123456789", ["CVE-2021-123456789"]),
    ],
)
def test_the_message_is_searched_for_cves(message, expected):
    assert expected == [claim.id for claim in claims_in_text(message)]


def test_a_cve_that_is_mistyped_in_the_message_is_malformed():
    assert [claim.malformed for claim in claims_in_text("CVE-2021-123456789 CVE-2021-12")] == [True, True]


@pytest.mark.parametrize(
    ("text", "readable", "kept"),
    [
        ("CVE-2020-1000/9999 x", ["CVE-2020-1000"], "CVE-2020-1000/9999"),
        ("CVE-2020-1000, 9999", ["CVE-2020-1000"], "CVE-2020-1000, 9999"),
        ("CVE-2020-1000 and 9999", ["CVE-2020-1000"], "CVE-2020-1000 and 9999"),
        ("CVE-2020-1000 9999", ["CVE-2020-1000"], "CVE-2020-1000 9999"),
        ("CVE-2020-1000-1003.html", ["CVE-2020-1000"], "CVE-2020-1000-1003"),
        ("CVE-2020-1000/2020-9999/1", ["CVE-2020-1000", "CVE-2020-9999"], "CVE-2020-1000/2020-9999/1"),
        ("CVE-2020-1000x y", ["CVE-2020-1000"], "CVE-2020-1000x"),
        ("CVE-2020-999O", [], "CVE-2020-999O"),
        ("CVE-2020-XXXX", [], "CVE-2020"),
        ("CVE20209999", [], "CVE20209999"),
        ("CVE 2020 9999", [], "CVE 2020 9999"),
        ("XCVE-2020-9999", [], "CVE-2020-9999"),
        ("see CVE-44228", [], "CVE-44228"),
    ],
)
def test_what_looks_like_a_cve_and_cannot_be_read_is_kept_as_malformed(text, readable, kept):
    found = claims_in_text(text)

    assert [claim.id for claim in found if not claim.malformed] == readable
    assert [claim.id for claim in found if claim.malformed] == [kept]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://cve.mitre.org/cgi-bin/cvename.cgi?name=2014-0160", ["CVE-2014-0160"]),
        ("https://cve.mitre.org/cgi-bin/cvename.cgi?name=CVE-2014-0160", ["CVE-2014-0160"]),
        ("https://example.org/?id=CVE%2D2014%2D0160", ["CVE-2014-0160"]),
        ("https://example.org/cve/2014-0160/", ["CVE-2014-0160"]),
        ("https://example.org/advisory/cve-2014-0160.html", ["CVE-2014-0160"]),
        ("http://www.securityfocus.com/bid/3723", ["BUGTRAQ-3723"]),
        ("https://example.org/2014-0160", []),
    ],
)
def test_a_url_of_eve_names_its_cve(url, expected):
    assert expected == [claim.id for claim in claims_in_text(url)]


@pytest.mark.parametrize("text", ["url,example.org/can-you", "cve", "cve,", "cve, ", "", "arachnids,1"])
def test_other_references_name_no_vulnerability(text):
    assert claims_in_reference(text) == ()


@pytest.mark.parametrize("kind", ["url", "exploitdb", "URL "])
def test_a_cve_in_any_other_reference_counts(kind):
    assert [claim.id for claim in claims_in_reference(f"{kind},nvd.nist.gov/vuln/detail/CVE-2020-9999")] == [
        "CVE-2020-9999"
    ]


def test_the_kinds_can_and_bid_are_those_of_old():
    assert claims_in_reference("can,2001-0540") == claims_in_reference("CVE,2001-0540")
    assert claims_in_reference("bid,3723") == claims_in_reference("bugtraq,3723")


def test_ids_inside_a_malformed_one_are_read_and_it_stays_malformed():
    for read in (claims_in_metadata, lambda text: claims_in_reference(f"cve,{text}")):
        found = read('{"id": "CVE-2020-9999"}')

        assert [(claim.id, claim.malformed) for claim in found] == [
            ('{"id": "CVE-2020-9999"}', True),
            ("CVE-2020-9999", False),
        ]


URL = "url,nvd.nist.gov/vuln/detail/CVE-2020-9999"


@pytest.mark.parametrize("source", [REFERENCE, ClaimSource.SID_MSG_MAP, ClaimSource.EVE_RULE])
def test_what_only_a_url_names_is_a_claim_and_no_contradiction(source):
    claims, conflict = merge_claims({source: ["cve,2020-1000", URL], MESSAGE: ["CVE-2020-1000"]})

    assert claims == (
        Claim("CVE-2020-1000", (MESSAGE, source) if source > MESSAGE else (source, MESSAGE)),
        Claim("CVE-2020-9999", (ClaimSource.REFERENCE_URL,)),
    )
    assert not conflict


@given(st.text(alphabet="-_ ,/.:#\u2011", max_size=8), st.text(alphabet="CVEcve CAN-_/,.0123456789xand\u2011\uff11"))
def test_any_number_close_behind_the_word_gives_a_claim(between, behind):
    assert claims_in_text(f"TEST CVE{between}7{behind}")


def test_the_sources_are_united_and_each_claim_knows_its_own():
    claims, conflict = merge_claims(
        {
            MESSAGE: ["TEST (CVE-2021-44228)"],
            REFERENCE: ["cve,2021-44228", "cve,CVE-2021-45046", "bugtraq,7", "url,example.org"],
            METADATA: ["CVE_2021_44228"],
        }
    )

    assert claims == (
        Claim("BUGTRAQ-7", (REFERENCE,)),
        Claim("CVE-2021-44228", (MESSAGE, METADATA, REFERENCE)),
        Claim("CVE-2021-45046", (REFERENCE,)),
    )
    assert not conflict


def test_two_cves_joined_into_one_word_of_metadata_are_two():
    claims, _ = merge_claims({METADATA: ["CVE_2021_35064_CVE_2021_36356"]})

    assert [claim.id for claim in claims] == ["CVE-2021-35064", "CVE-2021-36356"]


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ({REFERENCE: ["cve,2016-6277"], MESSAGE: ["CVE-2019-6277"]}, True),
        ({REFERENCE: ["cve,2016-6277"], METADATA: ["CVE_2019_6277"]}, True),
        (
            {REFERENCE: ["cve,2016-6277", "cve,2019-6277"], METADATA: ["CVE_2019_6277"], MESSAGE: ["CVE-2016-6277"]},
            True,
        ),
        ({REFERENCE: ["cve,2016-6277", "cve,2019-6277"], METADATA: ["CVE_2019_6277"]}, False),
        ({REFERENCE: ["cve,2016-6277"], MESSAGE: ["no CVE here"]}, False),
        ({REFERENCE: ["cve,2016-6277"], METADATA: ["garbage"]}, False),
        ({REFERENCE: ["bugtraq,1"], METADATA: ["CVE_2019_6277"]}, False),
        ({ClaimSource.SID_MSG_MAP: ["cve,2016-6277"], ClaimSource.EVE_METADATA: ["CVE_2019_6277"]}, True),
        ({ClaimSource.EVE_REFERENCE: ["https://x/?name=2016-6277"], REFERENCE: ["cve,2019-6277"]}, True),
    ],
)
def test_sources_contradict_when_two_have_nothing_in_common(sources, expected):
    assert expected == merge_claims(sources)[1]


@given(SOURCES)
def test_the_union_depends_on_no_order_and_not_on_repetition(sources):
    expected = merge_claims(sources)
    turned = {source: [*reversed(texts), *texts] for source, texts in reversed(sources.items())}

    assert expected == merge_claims(turned)
    assert expected == unite_claims(expected[0])
    assert expected[0] == tuple(sorted(expected[0]))
    assert all(claim.sources == tuple(sorted(set(claim.sources))) != () for claim in expected[0])


@given(st.lists(TEXTS, min_size=3, max_size=3))
def test_uniting_in_steps_is_uniting_at_once(texts):
    parts = [merge_claims({source: [text]})[0] for source, text in zip(ClaimSource, texts, strict=False)]
    whole = unite_claims([claim for part in parts for claim in part])

    for one, two, three in permutations(parts):
        assert whole == unite_claims([*unite_claims([*one, *two])[0], *three])
