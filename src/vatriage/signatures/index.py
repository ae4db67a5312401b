"""The signature index: building it from signatures, joining two, its version, and its file.

Nothing depends on the order of files or rules, or on rules being loaded twice. Where the same revision is met with
different content, the union of the claims counts and whatever the copies disagree about is undecided, because a wrong
target or direction would be worse than none.

The file is a mark of its format (which holds the fields' names, so that another release's file is never misread), the
SHA-256 of the rest, and the rest as msgpack. A file that does not fit is never guessed at: the rules are loaded again.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TypeVar

import msgspec

from vatriage.model.claims import contradict, statements, unite_claims
from vatriage.model.signature import ANY_REVISION, Claim, Side, Signature, SignatureIndex
from vatriage.signatures.interface import SignaturesError, StoredIndexError

FORMAT = b"vatriage signatures 2 " + sha256(repr([one.name for one in fields(Signature)]).encode()).digest()[:8]
"""The mark that the file begins with."""

_HINT = "Load the rules again: `vatriage signatures load`."
_BODY = len(FORMAT) + 32
_Value = TypeVar("_Value")
_CONFIDENCES = {"low": 0, "medium": 1, "high": 2}


class _Content(msgspec.Struct, array_like=True):
    """The file's body."""

    version: str
    signatures: list[Signature]
    classes: dict[str, int]


_DECODER = msgspec.msgpack.Decoder(_Content)


def build_index(signatures: Iterable[Signature], classes: Mapping[str, int] | None = None) -> SignatureIndex:
    """Return the index of these signatures: by (gid, sid), revisions ascending, each once.

    Entries of sid-msg.map are added to the rules they speak of: those of version 2 to their revision, those of version 1
    to every revision. The latter stay beside the rules as well, for revisions that are loaded later.

    Args:
        signatures: rules and entries of maps, in any order.
        classes: priority (1 worst) by classtype.
    """
    copies: dict[tuple[int, int, int], list[Signature]] = {}
    for signature in signatures:
        copies.setdefault((signature.gid, signature.sid, signature.rev), []).append(signature)
    united = [_of_revision(copies, key) for key in sorted(copies)]
    known = dict(sorted(classes.items())) if classes else {}
    return SignatureIndex(_group(united), _version(united, known), known)


def merge_indexes(left: SignatureIndex, right: SignatureIndex) -> SignatureIndex:
    """Return the index of both; the order of the two does not matter: of two priorities of a classtype the worse counts."""
    classes = dict(left.classes)
    for classtype, priority in right.classes.items():
        classes[classtype] = min(priority, classes.get(classtype, priority))
    return build_index([*left.all(), *right.all()], classes)


def _of_revision(copies: Mapping[tuple[int, int, int], list[Signature]], key: tuple[int, int, int]) -> Signature:
    """Return all that is known of one revision as one signature."""
    here = copies[key]
    gid, sid, rev = key
    of_every_revision = copies.get((gid, sid, ANY_REVISION), []) if rev != ANY_REVISION else []
    if len(here) == 1 and not of_every_revision:
        return here[0]
    rules = [one for one in here if one.from_rule]
    signature = _unite(rules or here)
    added = [one for one in [*here, *of_every_revision] if not one.from_rule]
    return _with_claims(signature, [signature, *added]) if added else signature


def _with_claims(signature: Signature, copies: list[Signature]) -> Signature:
    """Return a signature with the claims of all copies.

    The copies contradict each other if any two statements of them have nothing in common. Only the narrowest statements
    are kept (wider ones meet whatever these meet), so that it does not matter in which steps copies are joined.
    """
    claims, _ = unite_claims(claim for copy in copies for claim in copy.claims)
    said = {one for copy in copies for one in (*statements(copy.claims), *map(frozenset, copy.statements))}
    conflict = any(copy.conflict for copy in copies) or contradict(said)
    narrowest = {one for one in said if not any(other < one for other in said)}
    told = conflict or narrowest <= statements(claims)
    kept = () if told else tuple(sorted(tuple(sorted(one)) for one in narrowest))
    return replace(signature, claims=claims, conflict=conflict, statements=kept)


def _unite(copies: list[Signature]) -> Signature:
    """Return one signature for several copies of the same revision, all rules or all entries of maps, whatever their order."""
    first = min(copies, key=lambda copy: (not copy.enabled, copy.message, copy.classtype, copy.location))
    united = Signature(
        gid=first.gid,
        sid=first.sid,
        rev=first.rev,
        message=first.message,
        enabled=any(copy.enabled for copy in copies),
        target=_agreed([copy.target for copy in copies], None),
        attack_targets=_union(copy.attack_targets for copy in copies),
        flow=_agreed([copy.flow for copy in copies], None),
        source_side=_agreed([copy.source_side for copy in copies], Side.ANY),
        destination_side=_agreed([copy.destination_side for copy in copies], Side.ANY),
        classtype=first.classtype,
        tags=_union(copy.tags for copy in copies),
        confidence=min((copy.confidence for copy in copies), key=_confidence_order),
        priority=min((copy.priority for copy in copies if copy.priority is not None), default=None),
        from_rule=first.from_rule,
        location=first.location,
    )
    return _with_claims(united, copies)


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


def _version(signatures: Iterable[Signature], classes: Mapping[str, int]) -> str:
    """Return a hash over everything but the locations; signatures come in order of (gid, sid, rev), classes in theirs."""
    content = [
        (
            *(one.gid, one.sid, one.rev, one.message, one.enabled, [_claim_content(claim) for claim in one.claims]),
            *(one.conflict, one.target, one.attack_targets, one.flow, one.source_side, one.destination_side),
            *(one.classtype, one.tags, one.confidence, one.priority, one.from_rule, one.statements),
        )
        for one in signatures
    ]
    if not content and not classes:
        return SignatureIndex().version
    return sha256(msgspec.msgpack.encode((content, list(classes.items())))).hexdigest()


def save_index(index: SignatureIndex, path: Path) -> None:
    """Write the index; whoever reads at the same time sees the old file or the new one, never a part.

    Raises: SignaturesError: the file cannot be written.
    """
    body = msgspec.msgpack.encode(_Content(index.version, list(index.all()), dict(index.classes)))
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

    Raises:
        StoredIndexError: the file is damaged or of another release's format.
        SignaturesError: it is missing or cannot be opened.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SignaturesError(f"Reading the signature index {path} failed: {error.strerror}.", _HINT) from error
    if not content.startswith(FORMAT):
        raise StoredIndexError(f"The signature index {path} is of another or older format.", _HINT)
    body = memoryview(content)[_BODY:]
    if sha256(body).digest() != content[len(FORMAT) : _BODY]:
        raise StoredIndexError(f"The signature index {path} is damaged: its check sum does not fit.", _HINT)
    try:
        stored = _DECODER.decode(body)
    except msgspec.MsgspecError as error:
        raise StoredIndexError(f"The signature index {path} cannot be read: {error}.", _HINT) from error
    return SignatureIndex(_group(stored.signatures), stored.version, stored.classes)


def _group(signatures: Iterable[Signature]) -> dict[tuple[int, int], tuple[Signature, ...]]:
    """Return signatures, sorted by (gid, sid, rev), by (gid, sid)."""
    grouped: dict[tuple[int, int], tuple[Signature, ...]] = {}
    for one in signatures:
        key = (one.gid, one.sid)
        grouped[key] = (*grouped[key], one) if key in grouped else (one,)
    return grouped
