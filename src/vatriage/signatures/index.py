"""The signature index: building it from signatures, joining two, its version, and its file.

Nothing depends on the order of files or rules, or on rules being loaded twice. Where the same revision is met with
different content, the union of the claims counts and whatever the copies disagree about is undecided, because a wrong
target or direction would be worse than none.

The file is a mark of its format (which holds the fields' names, so that another release's file is never misread), the
SHA-256 of the rest, and the rest as msgpack. A file that does not fit is never guessed at: the rules are loaded again.
"""

import os
from collections.abc import Iterable
from dataclasses import fields
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TypeVar

import msgspec

from vatriage.model.claims import unite_claims, well_formed_cves
from vatriage.model.signature import Claim, Side, Signature, SignatureIndex
from vatriage.signatures.interface import SignaturesError

FORMAT = b"vatriage signatures 1 " + sha256(repr([one.name for one in fields(Signature)]).encode()).digest()[:8]
"""The mark that the file begins with."""

_HINT = "Load the rules again."
_BODY = len(FORMAT) + 32
_Value = TypeVar("_Value")
_CONFIDENCES = {"low": 0, "medium": 1, "high": 2}


class _Content(msgspec.Struct, array_like=True):
    """The file's body."""

    version: str
    signatures: list[Signature]


_DECODER = msgspec.msgpack.Decoder(_Content)


def build_index(signatures: Iterable[Signature]) -> SignatureIndex:
    """Return the index of these signatures: by (gid, sid), revisions ascending, each once."""
    copies: dict[tuple[int, int, int], list[Signature]] = {}
    for signature in signatures:
        copies.setdefault((signature.gid, signature.sid, signature.rev), []).append(signature)
    united = [copies[key][0] if len(copies[key]) == 1 else _unite(copies[key]) for key in sorted(copies)]
    return SignatureIndex(_group(united), _version(united))


def merge_indexes(left: SignatureIndex, right: SignatureIndex) -> SignatureIndex:
    """Return the index of both; the order of the two does not matter."""
    return build_index([*left.all(), *right.all()])


def _unite(copies: list[Signature]) -> Signature:
    """Return one signature for several copies of the same revision, whatever their order."""
    claims, conflict = unite_claims(claim for copy in copies for claim in copy.claims)
    first = min(copies, key=lambda copy: (not copy.enabled, copy.message, copy.classtype, copy.location))
    return Signature(
        gid=first.gid,
        sid=first.sid,
        rev=first.rev,
        message=first.message,
        enabled=any(copy.enabled for copy in copies),
        claims=claims,
        conflict=conflict or any(copy.conflict for copy in copies) or _disjoint(copies),
        target=_agreed([copy.target for copy in copies], None),
        attack_targets=_union(copy.attack_targets for copy in copies),
        flow=_agreed([copy.flow for copy in copies], None),
        source_side=_agreed([copy.source_side for copy in copies], Side.ANY),
        destination_side=_agreed([copy.destination_side for copy in copies], Side.ANY),
        classtype=first.classtype,
        tags=_union(copy.tags for copy in copies),
        confidence=min((copy.confidence for copy in copies), key=_confidence_order),
        location=first.location,
    )


def _disjoint(copies: list[Signature]) -> bool:
    """Whether two copies both name CVEs and have none in common: even from the same source that is a contradiction."""
    named = {well_formed_cves(copy.claims) for copy in copies} - {frozenset()}
    return any(left.isdisjoint(right) for left, right in combinations(named, 2))


def _agreed(values: list[_Value], undecided: _Value) -> _Value:
    return values[0] if all(value == values[0] for value in values) else undecided


def _union(values: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the words of all: as they stand if all are the same, else sorted without duplicates."""
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else tuple(sorted({word for words in distinct for word in words}))


def _confidence_order(confidence: str) -> tuple[int, str]:
    return _CONFIDENCES.get(confidence.lower(), -1), confidence


def _claim_content(claim: Claim) -> tuple[str, tuple[str, ...], bool]:
    return claim.id, tuple(str(source) for source in claim.sources), claim.malformed


def _version(signatures: Iterable[Signature]) -> str:
    """Return a hash over everything but the locations; signatures come in order of (gid, sid, rev)."""
    content = [
        (
            *(one.gid, one.sid, one.rev, one.message, one.enabled, [_claim_content(claim) for claim in one.claims]),
            *(one.conflict, one.target, one.attack_targets, one.flow, one.source_side, one.destination_side),
            *(one.classtype, one.tags, one.confidence),
        )
        for one in signatures
    ]
    return sha256(msgspec.msgpack.encode(content)).hexdigest() if content else SignatureIndex().version


def save_index(index: SignatureIndex, path: Path) -> None:
    """Write the index; whoever reads at the same time sees the old file or the new one, never a part.

    Raises: SignaturesError: the file cannot be written.
    """
    body = msgspec.msgpack.encode(_Content(index.version, list(index.all())))
    temporary: Path | None = None
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            file.write(FORMAT + sha256(body).digest() + body)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise SignaturesError(f"Writing the signature index {path} failed: {error.strerror}.") from error


def load_index(path: Path) -> SignatureIndex:
    """Return the index as it was saved.

    Raises: SignaturesError: the file is missing, unreadable, damaged or of another release's format.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SignaturesError(f"Reading the signature index {path} failed: {error.strerror}.", _HINT) from error
    if not content.startswith(FORMAT):
        raise SignaturesError(f"The signature index {path} is of another or older format.", _HINT)
    body = memoryview(content)[_BODY:]
    if sha256(body).digest() != content[len(FORMAT) : _BODY]:
        raise SignaturesError(f"The signature index {path} is damaged: its check sum does not fit.", _HINT)
    try:
        stored = _DECODER.decode(body)
    except msgspec.MsgspecError as error:
        raise SignaturesError(f"The signature index {path} cannot be read: {error}.", _HINT) from error
    return SignatureIndex(_group(stored.signatures), stored.version)


def _group(signatures: Iterable[Signature]) -> dict[tuple[int, int], tuple[Signature, ...]]:
    """Return signatures, sorted by (gid, sid, rev), by (gid, sid)."""
    grouped: dict[tuple[int, int], tuple[Signature, ...]] = {}
    for one in signatures:
        key = (one.gid, one.sid)
        grouped[key] = (*grouped[key], one) if key in grouped else (one,)
    return grouped
