"""What each source of a signature says of vulnerabilities, and the union of all of them (VERDICT 4)."""

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from types import MappingProxyType

from vatriage.model.claim_text import ClaimId, ClaimKind, claims_in_text, normalise_claim
from vatriage.model.signature import Claim, ClaimSource

_JOINED_CVES = re.compile(r"(?<![-_ ,;])[-_ ,;]++(?=CVE[-_])", re.IGNORECASE | re.ASCII)
_COMMA_LOST = re.compile(r"(?:cve|can|bugtraq)[-_\s:;]+[0-9]", re.ASCII)
_KINDS: Mapping[str, ClaimKind] = MappingProxyType({"cve": "cve", "can": "cve", "bugtraq": "bugtraq", "bid": "bugtraq"})
_BY_KIND = frozenset({ClaimSource.REFERENCE, ClaimSource.SID_MSG_MAP, ClaimSource.EVE_RULE})
"""Sources whose texts are `kind,value`: what only a URL among them names is told apart."""


def claims_in_reference(text: str) -> tuple[ClaimId, ...]:
    """Return what a rule's `reference:` names (`cve,2021-44228`, `bugtraq,3723`); of other kinds, what their text names.

    Without its comma (`cve 2021-44228`) it is malformed: whoever wrote it meant a vulnerability.
    """
    kind, comma, value = text.partition(",")
    word = kind.strip().lower()
    if not comma and _COMMA_LOST.match(word):
        return (ClaimId(text.strip(), malformed=True),)
    if named := _KINDS.get(word):
        return _stated(named, value) if value.strip() else ()
    return claims_in_text(text)


def _stated(kind: ClaimKind, text: str) -> tuple[ClaimId, ...]:
    """Return what a text names that should be one id; if it is none, it stays as malformed beside the ids found in it."""
    whole = normalise_claim(kind, text)
    inside = claims_in_text(text) if whole.malformed else ()
    return (whole, *(one for one in inside if not one.malformed))


def claims_in_metadata(text: str) -> tuple[ClaimId, ...]:
    """Return what `metadata: cve` names; rule writers join two into one word (`CVE_2021_35064_CVE_2021_36356`)."""
    if not text.strip():
        return ()
    found = tuple(normalise_claim("cve", word) for word in _JOINED_CVES.split(text.strip()))
    return _stated("cve", text) if any(one.malformed for one in found) else found


def _claims_in_eve_rule(text: str) -> tuple[ClaimId, ...]:
    """Return what a reference of a raw rule names, and `metadata: cve` in the same form."""
    kind, comma, value = text.partition(",")
    return claims_in_metadata(value) if comma and kind.strip().lower() == "cve" else claims_in_reference(text)


_READERS: Mapping[ClaimSource, Callable[[str], tuple[ClaimId, ...]]] = MappingProxyType(
    {
        ClaimSource.REFERENCE: claims_in_reference,
        ClaimSource.REFERENCE_URL: claims_in_text,
        ClaimSource.METADATA: claims_in_metadata,
        ClaimSource.SID_MSG_MAP: claims_in_reference,
        ClaimSource.EVE_METADATA: claims_in_metadata,
        ClaimSource.EVE_REFERENCE: claims_in_reference,
        ClaimSource.EVE_RULE: _claims_in_eve_rule,
        ClaimSource.MESSAGE: claims_in_text,
    }
)


def merge_claims(texts: Mapping[ClaimSource, Iterable[str]]) -> tuple[tuple[Claim, ...], bool]:
    """Return the union of what the sources say, and whether they contradict each other.

    Args:
        texts: each source's texts as they stand there: `cve,2021-44228` for rule references, sid-msg.map and EVE's
            raw rule, `CVE_2021_44228` for metadata, a URL for EVE references, the whole message.

    Returns: claims sorted by id, each with its sources sorted; and the conflict of `contradict`.
    """
    claims = [
        Claim(found.id, (_named_by(source, word),), found.malformed)
        for source, words in texts.items()
        for word in words
        for found in _READERS[source](word)
    ]
    return unite_claims(claims)


def _named_by(source: ClaimSource, text: str) -> ClaimSource:
    """Return who names what stands in a text: a URL only leads to texts, the reference beside it says what is meant."""
    word = text.partition(",")[0].strip().lower()
    of_a_kind = source not in _BY_KIND or word in _KINDS or _COMMA_LOST.match(word)
    return source if of_a_kind else ClaimSource.REFERENCE_URL


def unite_claims(claims: Iterable[Claim]) -> tuple[tuple[Claim, ...], bool]:
    """Return claims of any origin as one set (a signature's with those of an alert), and whether they contradict."""
    sources: dict[tuple[str, bool], set[ClaimSource]] = {}
    for claim in claims:
        sources.setdefault((claim.id, claim.malformed), set()).update(claim.sources)
    if not sources:
        return (), False
    united = tuple(Claim(key[0], tuple(sorted(sources[key])), key[1]) for key in sorted(sources))
    return united, contradict(statements(united))


def statements(claims: Iterable[Claim]) -> frozenset[frozenset[str]]:
    """Return the sets of well-formed CVEs that single sources name: all that takes part in a contradiction.

    Bugtraq takes no part, nor does a URL: it may tell of other vulnerabilities too (each must be refuted all the same).
    """
    by_source: dict[ClaimSource, set[str]] = {}
    for claim in claims:
        if not claim.malformed and claim.id.startswith("CVE-"):
            for source in claim.sources:
                by_source.setdefault(source, set()).add(claim.id)
    by_source.pop(ClaimSource.REFERENCE_URL, None)
    return frozenset(map(frozenset, by_source.values()))


def contradict(said: Iterable[frozenset[str]]) -> bool:
    """Whether two statements have nothing in common (VERDICT 4)."""
    return any(left.isdisjoint(right) for left, right in combinations(said, 2))
