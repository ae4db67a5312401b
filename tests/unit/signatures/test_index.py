"""The index: independent of order, kept on disk without loss, never misread."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatriage.errors import VatriageError
from vatriage.model.claims import unite_claims
from vatriage.model.signature import ANY_REVISION, Claim, ClaimSource, Side, Signature, SignatureIndex
from vatriage.signatures.coverage import count_map_only, coverage
from vatriage.signatures.index import FORMAT, build_index, load_index, merge_indexes, save_index
from vatriage.signatures.interface import SignaturesError

REFERENCE, METADATA, MESSAGE = ClaimSource.REFERENCE, ClaimSource.METADATA, ClaimSource.MESSAGE
MAP = ClaimSource.SID_MSG_MAP
ONE = Claim("CVE-2026-0001", (REFERENCE,))
TWO = Claim("CVE-2026-0002", (REFERENCE,))
BUGTRAQ = Claim("BUGTRAQ-7", (REFERENCE,))
CLAIMS = st.lists(st.sampled_from([ONE, TWO, BUGTRAQ, Claim("?", (METADATA,), malformed=True)]), unique=True)
SIGNATURES = st.builds(
    Signature,
    gid=st.sampled_from([1, 3]),
    sid=st.integers(1, 3),
    rev=st.integers(0, 2),
    message=st.sampled_from(["a", "b"]),
    enabled=st.booleans(),
    claims=CLAIMS.map(lambda claims: tuple(sorted(claims))),
    target=st.sampled_from([None, "src_ip", "dest_ip"]),
    flow=st.sampled_from([None, "to_server"]),
    source_side=st.sampled_from(Side),
    destination_side=st.sampled_from(Side),
    attack_targets=st.lists(st.sampled_from("xyz")).map(tuple),
    tags=st.lists(st.sampled_from("xyz")).map(tuple),
    classtype=st.sampled_from(["", "attempted-admin"]),
    confidence=st.sampled_from(["", "Low", "High"]),
    location=st.sampled_from(["a:1", "b:2"]),
    priority=st.sampled_from([None, 1, 4]),
)
ENTRIES = st.builds(
    Signature,
    gid=st.just(1),
    sid=st.integers(1, 3),
    rev=st.integers(ANY_REVISION, 2),
    claims=st.lists(st.sampled_from([Claim("CVE-2026-0001", (MAP,)), Claim("CVE-2026-0002", (MAP,))]), unique=True).map(
        lambda claims: tuple(sorted(claims))
    ),
    enabled=st.just(False),
    from_rule=st.just(False),
)
RULE = Signature(gid=1, sid=1, rev=1, message="TEST", claims=(ONE,), target="dest_ip", flow="to_server", location="a:1")


def test_revisions_lie_together_in_order():
    index = build_index([replace(RULE, rev=3), replace(RULE, rev=1), replace(RULE, gid=3)])

    assert [one.rev for one in index.signatures[1, 1]] == [1, 3]
    assert {(1, 1), (3, 1)} == set(index.signatures)


def test_copies_with_claims_in_common_are_united():
    copies = [replace(RULE, enabled=False), replace(RULE, claims=(ONE, TWO), enabled=True)]
    (signature,) = build_index(copies).signatures[1, 1]

    assert (signature.claims, signature.conflict, signature.enabled) == ((ONE, TWO), False, True)


def entry(rev, *ids, **changes):
    claims = tuple(Claim(one, (MAP,)) for one in ids)
    return Signature(gid=1, sid=1, rev=rev, claims=claims, from_rule=False, enabled=False, **changes)


@pytest.mark.parametrize("rev", [1, ANY_REVISION])
def test_a_map_adds_its_claims_to_the_rule_and_takes_nothing_from_it(rev):
    index = build_index([RULE, entry(rev, "CVE-2026-0001", "CVE-2026-0002", message="map", classtype="misc-attack")])
    found, exact = index.find(1, 1, 1)

    both = (Claim("CVE-2026-0001", (REFERENCE, MAP)), Claim("CVE-2026-0002", (MAP,)))
    assert (found, exact) == (replace(RULE, claims=both), True)


@pytest.mark.parametrize("rev", [1, ANY_REVISION])
def test_a_map_that_names_something_else_contradicts_the_rule(rev):
    found, exact = build_index([RULE, entry(rev, "CVE-2026-0002")]).find(1, 1, 1)

    assert found is not None
    assert (exact, found.conflict, len(found.claims)) == (True, True, 2)


@pytest.mark.parametrize("rev", [1, ANY_REVISION])
def test_a_map_alone_is_never_the_very_revision(rev):
    index = build_index([entry(rev, "CVE-2026-0001")])

    for asked in (0, 1, 2):
        found, exact = index.find(1, 1, asked)
        assert found is not None
        assert not exact
        assert [claim.id for claim in found.claims] == ["CVE-2026-0001"]


def test_a_map_without_revision_reaches_rules_that_are_loaded_later():
    first = build_index([RULE, entry(ANY_REVISION, "CVE-2026-0001", "CVE-2026-0002")])
    merged = merge_indexes(first, build_index([replace(RULE, rev=2)]))

    assert [len(one.claims) for one in merged.signatures[1, 1]] == [2, 2, 2]


def test_a_map_of_another_revision_leaves_the_rule_alone():
    index = build_index([RULE, entry(2, "CVE-2026-0002")])

    assert index.find(1, 1, 1) == (RULE, True)
    assert index.find(1, 1, 3) == (RULE, False)


def test_the_priority_is_the_rules_own_or_that_of_its_classtype():
    index = build_index([], {"attempted-admin": 1})

    assert index.priority_of(replace(RULE, classtype="attempted-admin")) == 1
    assert index.priority_of(replace(RULE, classtype="attempted-admin", priority=4)) == 4
    assert index.priority_of(replace(RULE, classtype="unheard-of")) is None
    assert index.priority_of(None) is None


def test_of_two_priorities_of_a_classtype_the_worse_counts():
    left, right = build_index([], {"a": 3, "b": 1}), build_index([], {"a": 2})

    assert merge_indexes(left, right) == merge_indexes(right, left) == build_index([], {"b": 1, "a": 2})
    assert left.version != right.version != SignatureIndex().version


@given(st.lists(SIGNATURES, max_size=4), st.lists(ENTRIES, max_size=4))
def test_a_map_never_takes_a_claim_away_nor_makes_anything_the_very_revision(rules, entries):
    plain, joined = build_index(rules), build_index([*entries, *rules])

    assert joined == merge_indexes(joined, joined)
    for one in [*rules, *entries]:
        for rev in range(4):
            before, exact_before = plain.find(one.gid, one.sid, rev)
            after, exact = joined.find(one.gid, one.sid, rev)
            assert after is not None
            assert exact == exact_before
            if exact and before is not None:
                assert {claim.id for claim in before.claims} <= {claim.id for claim in after.claims}
                assert after.conflict >= before.conflict


def test_copies_with_different_cves_contradict_each_other():
    (signature,) = build_index([RULE, replace(RULE, claims=(TWO,))]).signatures[1, 1]

    assert (signature.claims, signature.conflict) == ((ONE, TWO), True)


def test_what_copies_disagree_about_is_undecided():
    other = replace(RULE, target="src_ip", flow="to_client", source_side=Side.HOME)
    (signature,) = build_index([RULE, other]).signatures[1, 1]

    assert (signature.target, signature.flow, signature.source_side) == (None, None, Side.ANY)


@given(st.lists(SIGNATURES, max_size=6), st.randoms())
def test_neither_order_nor_repetition_matters(signatures, random):
    shuffled = [*signatures, *signatures]
    random.shuffle(shuffled)

    assert build_index(signatures) == build_index(shuffled)


@given(st.lists(SIGNATURES, max_size=5), st.lists(SIGNATURES, max_size=5))
def test_merging_is_commutative_and_keeps_every_claim(left, right):
    one, two = build_index(left), build_index(right)
    merged = merge_indexes(one, two)

    assert merged == merge_indexes(two, one)
    assert merged == merge_indexes(merged, merged)
    for signature in [*left, *right]:
        found, exact = merged.find(signature.gid, signature.sid, signature.rev)
        assert exact is (signature.rev > 0)  # revision 0 is none: nobody knows which one it is
        assert found is not None
        assert {claim.id for claim in signature.claims} <= {claim.id for claim in found.claims}


CVES = ["CVE-2026-0001", "CVE-2026-0002", "CVE-2026-0003"]
TOLD = st.dictionaries(
    st.sampled_from([REFERENCE, METADATA, MESSAGE, ClaimSource.REFERENCE_URL]),
    st.lists(st.sampled_from(CVES), min_size=1, max_size=3),
)


def copy_of(told, **changes):
    """Return a rule, or an entry of a map, as its reader would make it."""
    claims, conflict = unite_claims(Claim(one, (source,)) for source, ids in told.items() for one in ids)
    return replace(RULE, claims=claims, conflict=conflict, **changes)


COPIES = st.builds(copy_of, TOLD, enabled=st.booleans(), location=st.sampled_from(["a:1", "b:2"])) | st.builds(
    copy_of,
    TOLD.map(lambda told: {MAP: [one for ids in told.values() for one in ids]}),
    rev=st.sampled_from([1, ANY_REVISION]),
    from_rule=st.just(False),
    enabled=st.just(False),
)


def test_a_contradiction_of_copies_does_not_hide_behind_their_union():
    both, one, two = (replace(RULE, claims=claims) for claims in ((ONE, TWO), (ONE,), (TWO,)))
    at_once = build_index([both, one, two])

    assert at_once.signatures[1, 1][0].conflict
    assert merge_indexes(build_index([both, one]), build_index([two])) == at_once
    assert not build_index([both, one]).signatures[1, 1][0].conflict


def test_sources_of_different_copies_contradict_each_other_whatever_else_the_copies_say():
    first = copy_of({REFERENCE: [CVES[0]], MESSAGE: CVES[:2]})
    second = copy_of({METADATA: [CVES[1]], MESSAGE: CVES[:2]})

    assert build_index([first, second, copy_of({REFERENCE: [CVES[1]]})]).signatures[1, 1][0].conflict


@given(st.lists(SIGNATURES | ENTRIES | COPIES, max_size=4), st.data())
def test_merging_is_associative(signatures, data):
    """However copies are put into groups, the index is the one that all of them make at once."""
    at_once = build_index(signatures)
    groups = data.draw(st.lists(st.integers(0, 2), min_size=len(signatures), max_size=len(signatures)))
    one, two, three = (
        build_index(copy for copy, group in zip(signatures, groups, strict=True) if group == number)
        for number in range(3)
    )

    assert merge_indexes(merge_indexes(one, two), three) == at_once
    assert merge_indexes(one, merge_indexes(two, three)) == at_once


@given(st.lists(COPIES, min_size=1, max_size=4), COPIES)
def test_a_conflict_never_goes_away(copies, another):
    before = {one.rev: one.conflict for one in build_index(copies).all()}
    after = {one.rev: one.conflict for one in build_index([*copies, another]).all()}

    assert all(after[rev] >= conflict for rev, conflict in before.items())


def test_the_version_depends_on_the_content_and_not_on_the_place():
    version = build_index([RULE]).version

    assert version == build_index([replace(RULE, location="elsewhere:9")]).version
    assert version != build_index([replace(RULE, claims=())]).version
    assert version != build_index([replace(RULE, enabled=False)]).version
    assert SignatureIndex().version == build_index([]).version


@given(st.lists(SIGNATURES | ENTRIES, max_size=5), st.dictionaries(st.sampled_from("abc"), st.integers(1, 4)))
def test_a_saved_index_comes_back(tmp_path_factory, signatures, classes):
    path = tmp_path_factory.mktemp("index") / "signatures"
    index = build_index(signatures, classes)
    save_index(index, path)
    loaded = load_index(path)

    assert index == loaded
    assert [path] == list(path.parent.iterdir())
    assert all(isinstance(one.source_side, Side) and isinstance(one.claims, tuple) for one in loaded.all())
    assert all(isinstance(claim, Claim) for one in loaded.all() for claim in one.claims)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "signatures"
    save_index(build_index([RULE]), path)
    return path


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda _: b"", "another or older format"),
        (lambda content: b"vatriage signatures 0" + content[21:], "another or older format"),
        (lambda content: content[:-1], "damaged"),
        (lambda content: content[: len(FORMAT)], "damaged"),
        (lambda content: content[:-1] + bytes([content[-1] ^ 1]), "damaged"),
        (lambda content: content + b"x", "damaged"),
    ],
)
def test_a_file_that_does_not_fit_asks_for_the_rules_again(saved, change, problem):
    saved.write_bytes(change(saved.read_bytes()))
    with pytest.raises(SignaturesError, match=problem) as caught:
        load_index(saved)

    assert (
        caught.value.hint,
        caught.value.exit_code,
        isinstance(caught.value, VatriageError),
    ) == ("Load the rules again: `vatriage signatures load`.", 3, True)


def test_a_missing_file_or_folder_is_an_error(tmp_path: Path):
    with pytest.raises(SignaturesError, match="Reading the signature index"):
        load_index(tmp_path / "none")
    with pytest.raises(SignaturesError, match="Writing the signature index"):
        save_index(SignatureIndex(), tmp_path / "none" / "signatures")


def test_coverage_counts_each_signature_by_its_last_revision():
    message = Claim("CVE-2026-0003", (MESSAGE,))
    index = build_index(
        [
            replace(RULE, sid=1, rev=1, claims=(), enabled=False),
            replace(RULE, sid=1, rev=2, claims=(ONE, message), conflict=True),
            replace(RULE, sid=2, claims=(Claim("CVE-2026-0003", (METADATA,)),), enabled=False),
            replace(RULE, sid=3, claims=(BUGTRAQ, message)),
            replace(RULE, sid=4, claims=(BUGTRAQ,)),
            replace(RULE, sid=5, claims=()),
            replace(RULE, sid=6, claims=(Claim("?", (REFERENCE,), malformed=True),)),
        ]
    )
    expected = {
        "signatures": 6,
        "enabled": 5,
        "with_cve": 2,
        "cve_in_message_only": 1,
        "bugtraq_only": 1,
        "conflicting": 1,
        "no_claim": 2,
    }

    assert expected == coverage(index)
    assert count_map_only(index) == 0


def test_what_only_a_url_names_is_counted_nowhere():
    url = Claim("CVE-2026-0003", (ClaimSource.REFERENCE_URL,))
    index = build_index(
        [
            replace(RULE, sid=1, claims=(url,)),
            replace(RULE, sid=2, claims=(url._replace(sources=(MESSAGE, ClaimSource.REFERENCE_URL)),)),
            replace(RULE, sid=3, claims=(Claim("BUGTRAQ-7", (ClaimSource.REFERENCE_URL,)),)),
        ]
    )
    counts = coverage(index)

    assert [counts[key] for key in ("with_cve", "cve_in_message_only", "bugtraq_only", "no_claim")] == [0, 1, 0, 2]


@given(st.lists(SIGNATURES | ENTRIES, max_size=6))
def test_each_signature_is_counted_in_one_class(signatures):
    counts = coverage(build_index(signatures))

    assert list(counts) == [
        *("signatures", "enabled", "with_cve", "cve_in_message_only", "bugtraq_only", "conflicting", "no_claim")
    ]
    classes = ("with_cve", "cve_in_message_only", "bugtraq_only", "no_claim")
    assert counts["signatures"] == sum(counts[key] for key in classes)
