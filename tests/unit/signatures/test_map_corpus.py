"""Real maps and classifications of other people, where they lie beside the checkout."""

from pathlib import Path

import pytest

from vatriage.model.signature import ANY_REVISION, ClaimSource
from vatriage.signatures.coverage import count_map_only, coverage
from vatriage.signatures.index import build_index
from vatriage.signatures.signature_files import read_signature_files

ALERTS = Path(__file__).parents[3] / "../shared/corpus/alerts"
MAPS = ALERTS / "jasonish+py-idstools/tests"
RULES = ALERTS / "osorito+suricata/rules"
pytestmark = pytest.mark.skipif(not MAPS.is_dir(), reason="no corpus beside the checkout")


def named(signature):
    return {claim.id for claim in signature.claims if ClaimSource.SID_MSG_MAP in claim.sources}


def test_a_real_map_of_version_1_is_read_whole():
    found = read_signature_files(MAPS / "sid-msg.map")

    assert (len(found.signatures), found.rejects) == (122, [])
    assert {one.rev for one in found.signatures} == {ANY_REVISION}
    assert sum(any(text.startswith("CVE-") for text in named(one)) for one in found.signatures) == 10


def test_a_real_map_of_version_2_is_known_without_its_mark():
    found = read_signature_files(MAPS / "sid-msg-v2.map")

    assert (len(found.signatures), found.rejects) == (18_356, [])
    with_cve = [one for one in found.signatures if any(text.startswith("CVE-") for text in named(one))]
    assert len(with_cve) == 4_785 + 1  # one more than a search for `cve,` finds: `Cve,CAN-2002-1232`
    assert {one.gid for one in found.signatures} == {1}
    index = build_index(found.signatures)
    assert count_map_only(index) == coverage(index)["signatures"]


def test_a_real_map_of_messages_of_generators_is_refused_line_by_line():
    found = read_signature_files(MAPS / "gen-msg.map")

    assert found.signatures == []
    assert len(found.rejects) > 300


def test_real_classifications_have_a_priority_each():
    for path in (MAPS / "classification.config", RULES / "classification.config"):
        found = read_signature_files(path)
        lines = [line for line in path.read_text().splitlines() if line.startswith("config")]
        assert (len(found.classes), found.rejects) == (len(lines), [])


def test_nearly_every_real_rule_gets_a_priority_from_its_classtype():
    found = read_signature_files(RULES)
    index = build_index(found.signatures, found.classes)
    without = {one.classtype for one in index.all() if index.priority_of(one) is None}

    assert without <= {""}


def test_an_old_map_adds_claims_to_real_rules_and_takes_none():
    rules = read_signature_files(RULES).signatures
    entries = read_signature_files(MAPS / "sid-msg-v2.map").signatures
    plain, joined = build_index(rules), build_index([*entries, *rules])

    for one in plain.all():
        after, exact = joined.find(one.gid, one.sid, one.rev)
        assert after is not None
        assert exact
        assert {claim.id for claim in one.claims} <= {claim.id for claim in after.claims}
    known = sum(1 for entry in entries if (entry.gid, entry.sid) in plain.signatures)
    assert known > 1_000
