"""Real rules of other people, where they lie beside the checkout."""

import re
from pathlib import Path

import pytest

from vatriage.model.signature import ClaimSource
from vatriage.signatures.coverage import coverage
from vatriage.signatures.index import build_index, load_index, save_index
from vatriage.signatures.knowledge import load_outcome_rules
from vatriage.signatures.signature_files import read_signature_files

ALERTS = Path(__file__).parents[3] / "../shared/corpus/alerts"
RULES = ALERTS / "osorito+suricata/rules"
pytestmark = pytest.mark.skipif(not RULES.is_dir(), reason="no corpus beside the checkout")

BARE_METADATA = {2033246, 2033247, 2033274, 2033275, 2033276}
"""Name CVE-2021-34527 in metadata only, and as `2021_34527`: whoever looks for the prefix misses these five."""

SMALL_PREFIX = {2024225, 2024226}
"""Name CVE-2017-0199 as `cve,cve-2017-0199` only."""

LONG_NUMBER = {2025861, 2025862, 2033600}
"""Name a CVE of seven digits: CVE-2018-1000049 (in metadata as `CVE_2018_100004`) or CVE-2019-1003001."""


@pytest.fixture(scope="module")
def rules():
    found = read_signature_files(RULES)
    return found.signatures, found.rejects


def test_no_real_rule_is_refused(rules):
    assert (len(rules[0]), rules[1]) == (10_948, [])


def test_the_coverage_of_real_rules_is_known(rules):
    expected = {
        "signatures": 10_948,
        "enabled": 8_049,
        "with_cve": 2_178,
        "cve_in_message_only": 67,
        "bugtraq_only": 176,
        "conflicting": 20,
        "no_claim": 8_527,
    }

    assert expected == coverage(build_index(rules[0]))


def test_five_real_rules_leave_the_prefix_of_their_cve_out(rules):
    found = {one.sid: one.claims for one in rules[0] if one.sid in BARE_METADATA}

    assert set(found) == BARE_METADATA
    for claims in found.values():
        assert list(claims) == [("CVE-2021-34527", (ClaimSource.METADATA,), False)]


def plain_count(reference, metadata):
    """Count by searching the text: signatures with a CVE in a reference or in metadata, and in the message only."""
    written, said = set(), set()
    for path in RULES.glob("*.rules"):
        for line in path.read_text("latin-1").splitlines():
            if sid := re.search(r"\bsid:\s*(\d+);", line):
                if re.search(rf"reference:\s*cve,\s*{reference}\s*;", line) or re.search(
                    rf"\bcve {metadata}[,;]", line
                ):
                    written.add(int(sid[1]))
                if re.search(r'msg:"[^"]*CVE-\d{4}-\d{4}', line):
                    said.add(int(sid[1]))
    return written, said - written


def test_narrower_readings_lose_five_real_claims_each(rules):
    """2,173 and 69, as counted elsewhere, follow from the second; docs/explanation/signature-coverage.md."""
    wide = plain_count(r"(?i:CVE[-_]|CAN-)?\d{4}-\d{4,7}", r"(?:CVE_)?\d{4}_\d{4,7}(?:_CVE_\d{4}_\d+)?")
    short = plain_count(r"(?:CVE[-_]|CAN-)?\d{4}-\d{4,6}", r"(?:CVE_)?\d{4}_\d{4,5}(?:_CVE_\d{4}_\d+)?")
    prefixed = plain_count(r"(?i:CVE[-_]|CAN-)?\d{4}-\d{4,7}", r"CVE_\d{4}_\d{4,7}(?:_CVE_\d{4}_\d+)?")

    assert [(len(written), len(said)) for written, said in (wide, short, prefixed)] == [
        (2_178, 67),
        (2_173, 69),
        (2_173, 67),
    ]
    assert wide[0] - short[0] == SMALL_PREFIX | LONG_NUMBER
    assert short[1] - wide[1] == {2024226, 2033600}
    assert wide[0] - prefixed[0] == BARE_METADATA


def test_no_reading_of_a_real_claim_is_lost(rules):
    named = {one.sid: {claim.id for claim in one.claims} for one in rules[0]}

    assert all("CVE-2017-0199" in named[sid] for sid in SMALL_PREFIX)
    assert all(named[sid] & {"CVE-2018-1000049", "CVE-2019-1003001"} for sid in LONG_NUMBER)


def test_a_plain_search_for_sids_finds_the_same_signatures(rules):
    found = set()
    for path in RULES.glob("*.rules"):
        for line in path.read_text("latin-1").splitlines():
            if re.match(r"#?\s*(alert|drop|pass)\s", line):
                found |= {int(sid) for sid in re.findall(r"\bsid:\s*(\d+);", line)}

    assert found == {one.sid for one in rules[0]}


def test_rules_of_the_suricata_project_are_read():
    for path in sorted((ALERTS / "OISF+suricata-verify").rglob("*.rules")):
        found = read_signature_files(path)

        assert found.signatures
        assert found.rejects == []


def test_a_large_index_comes_back_from_disk(rules, tmp_path):
    index = build_index(rules[0])
    save_index(index, tmp_path / "signatures")

    assert index == load_index(tmp_path / "signatures")


def test_no_description_of_an_outcome_is_shared_with_another_classtype():
    outcomes = load_outcome_rules()
    text = (RULES / "classification.config").read_text()
    for name, description in re.findall(r"^config classification:\s*([^,]+),([^,]+),", text, re.MULTILINE):
        assert (name in outcomes.classtypes) == (description.lower() in outcomes.categories)
