"""One spelling for every CVE and Bugtraq id, and the union of what the sources of a signature say (VERDICT 4).

Source of the syntax: the CVE record format (four digits or more after the year; seven is the longest in use), and the
spellings met in rules and in EVE: `2021-44228`, `CVE_2021_44228`, `CAN-2001-0540`, `...cvename.cgi?name=2014-0160`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from types import MappingProxyType
from typing import Literal, NamedTuple

from vatriage.model.signature import Claim, ClaimSource

FIRST_YEAR = 1999
"""No CVE is older than the list."""

LAST_YEAR = 2100
"""Anything later is a typing error."""

ClaimKind = Literal["cve", "bugtraq"]
"""The two kinds of reference that name a vulnerability."""

_CVE = re.compile(r"(?:(?:CVE|CAN)[-_ ]*)?([0-9]{4})[-_]([0-9]{4,7})", re.IGNORECASE | re.ASCII)
_BUGTRAQ = re.compile(r"(?:(?:BUGTRAQ|BID)[-_ ]*)?0*([1-9][0-9]{0,8})", re.IGNORECASE | re.ASCII)
_CVE_IN_TEXT = re.compile(r"(?<![A-Za-z0-9])(?:CVE[-_ ]?|CAN[-_])[0-9]{4}[-_][0-9]+", re.IGNORECASE | re.ASCII)
_CVE_IN_URL = re.compile(r"[?&]name=((?:CVE-|CAN-)?[0-9]{4}-[0-9]+)", re.IGNORECASE | re.ASCII)
_JOINED_CVES = re.compile(r"(?<![-_ ,;])[-_ ,;]++(?=CVE[-_])", re.IGNORECASE | re.ASCII)
_COMMA_LOST = re.compile(r"(?:cve|can|bugtraq)[-_\s:;]+[0-9]", re.ASCII)
_BUGTRAQ_IN_URL = re.compile(r"securityfocus\.com/bid/([0-9]+)", re.IGNORECASE | re.ASCII)


class ClaimId(NamedTuple):
    """A vulnerability's id in its one spelling."""

    id: str
    """`CVE-2021-44228`, `BUGTRAQ-3723`, or the raw text of a malformed id without surrounding blanks."""
    malformed: bool = False
    """The text is no such id: it is kept, and forbids refutation."""


def normalise_claim(kind: ClaimKind, text: str) -> ClaimId:
    """Return the one spelling of a CVE or Bugtraq id; never raises, and gives its own results back unchanged.

    Malformed are: no year, a year before 1999 or after 2100, fewer than four or more than seven digits behind it, a
    Bugtraq id that is no positive number. A typing error with five to seven digits (`CVE-2019-118396`) cannot be told
    from a real id; no check will know it, so it refutes nothing either.
    """
    raw = text.strip()
    if kind == "bugtraq":
        number = _BUGTRAQ.fullmatch(raw)
        return ClaimId(f"BUGTRAQ-{number[1]}") if number else ClaimId(raw, malformed=True)
    found = _CVE.fullmatch(raw)
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return ClaimId(raw, malformed=True)
    return ClaimId(f"CVE-{found[1]}-{found[2]}")


def cves_in_message(message: str) -> tuple[ClaimId, ...]:
    """Return the CVEs that a signature's message names, in order: `CVE-2021-44228`, `CVE_2021_44228`, `CVE 2021-44228`."""
    return tuple(normalise_claim("cve", word) for word in _CVE_IN_TEXT.findall(message))


def claims_in_url(url: str) -> tuple[ClaimId, ...]:
    """Return what an EVE reference names (Suricata 8 writes URLs whose CVE lacks its prefix: `...name=2014-0160`)."""
    cves = [normalise_claim("cve", word) for word in _CVE_IN_URL.findall(url) + _CVE_IN_TEXT.findall(url)]
    return tuple(cves) + tuple(normalise_claim("bugtraq", number) for number in _BUGTRAQ_IN_URL.findall(url))


def claims_in_reference(text: str) -> tuple[ClaimId, ...]:
    """Return what a rule's `reference:` names (`cve,2021-44228`, `bugtraq,3723`); other kinds name no vulnerability.

    Without its comma (`cve 2021-44228`) it is malformed: whoever wrote it meant a vulnerability.
    """
    kind, comma, value = text.partition(",")
    word = kind.strip().lower()
    if not comma:
        return (ClaimId(text.strip(), malformed=True),) if _COMMA_LOST.match(word) else ()
    if not value.strip() or word not in ("cve", "bugtraq"):
        return ()
    return (normalise_claim("cve" if word == "cve" else "bugtraq", value),)


def _claims_in_metadata(text: str) -> tuple[ClaimId, ...]:
    """Return what `metadata: cve` names; rule writers join two into one word (`CVE_2021_35064_CVE_2021_36356`)."""
    if not text.strip():
        return ()
    words = _JOINED_CVES.split(text.strip())
    found = tuple(normalise_claim("cve", word) for word in words)
    return found if not any(one.malformed for one in found) else (normalise_claim("cve", text),)


def _claims_in_eve_reference(text: str) -> tuple[ClaimId, ...]:
    return claims_in_reference(text) or claims_in_url(text)


def _claims_in_eve_rule(text: str) -> tuple[ClaimId, ...]:
    """Return what a reference of a raw rule names, and `metadata: cve` in the same form."""
    kind, comma, value = text.partition(",")
    return _claims_in_metadata(value) if comma and kind.strip().lower() == "cve" else claims_in_reference(text)


_READERS: Mapping[ClaimSource, Callable[[str], tuple[ClaimId, ...]]] = MappingProxyType(
    {
        ClaimSource.REFERENCE: claims_in_reference,
        ClaimSource.METADATA: _claims_in_metadata,
        ClaimSource.SID_MSG_MAP: claims_in_reference,
        ClaimSource.EVE_METADATA: _claims_in_metadata,
        ClaimSource.EVE_REFERENCE: _claims_in_eve_reference,
        ClaimSource.EVE_RULE: _claims_in_eve_rule,
        ClaimSource.MESSAGE: cves_in_message,
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
        Claim(found.id, (source,), found.malformed)
        for source, words in texts.items()
        for word in words
        for found in _READERS[source](word)
    ]
    return unite_claims(claims)


def unite_claims(claims: Iterable[Claim]) -> tuple[tuple[Claim, ...], bool]:
    """Return claims of any origin as one set (a signature's with those of an alert), and whether they contradict."""
    sources: dict[tuple[str, bool], set[ClaimSource]] = {}
    for claim in claims:
        sources.setdefault((claim.id, claim.malformed), set()).update(claim.sources)
    if not sources:
        return (), False
    united = tuple(Claim(key[0], tuple(sorted(sources[key])), key[1]) for key in sorted(sources))
    return united, contradict(united)


def well_formed_cves(claims: Iterable[Claim]) -> frozenset[str]:
    """Return the well-formed CVEs among claims: all that takes part in a contradiction."""
    return frozenset(claim.id for claim in claims if not claim.malformed and claim.id.startswith("CVE-"))


def contradict(claims: Iterable[Claim]) -> bool:
    """Whether two sources both name well-formed CVEs and have none in common (VERDICT 4); Bugtraq takes no part."""
    by_source: dict[ClaimSource, set[str]] = {}
    for claim in claims:
        if not claim.malformed and claim.id.startswith("CVE-"):
            for source in claim.sources:
                by_source.setdefault(source, set()).add(claim.id)
    return any(left.isdisjoint(right) for left, right in combinations(by_source.values(), 2))
