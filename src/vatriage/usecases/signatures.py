"""Rule files, sid-msg.map and classification.config into the signature index; how much of it can be verified."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from vatriage.model.signature import ANY_REVISION, SignatureIndex
from vatriage.signatures.coverage import count_map_only, coverage
from vatriage.signatures.index import build_index, load_index, merge_indexes, save_index
from vatriage.signatures.interface import RuleReject, StoredIndexError
from vatriage.signatures.signature_files import join_found, read_signature_files
from vatriage.store.snapshots import load_snapshot


@dataclass(frozen=True, slots=True)
class Loaded:
    """What some paths hold."""

    index: SignatureIndex
    rejects: list[RuleReject]
    set_aside: Path | None = None
    """Where the stored index lies now, if it could not be read."""

    @property
    def count(self) -> int:
        """Revisions of signatures; one that only a map without revisions names counts as one."""
        revisions = self.index.signatures.values()
        return sum(max(1, sum(one.rev != ANY_REVISION for one in several)) for several in revisions)


def read_signatures(paths: Iterable[Path]) -> Loaded:
    """Return the signatures of files and folders. Raises: SignaturesError: a path cannot be read."""
    found = join_found(read_signature_files(path) for path in paths)
    return Loaded(build_index(found.signatures, found.classes), found.rejects)


def load_signatures(paths: Iterable[Path], store: Path) -> Loaded:
    """Add signatures to the stored index; earlier revisions stay, because earlier alerts name them.

    An index of another release's format, or a damaged one, is renamed and a new one is begun: without the earlier
    revisions less is refuted, never more.

    Raises: SignaturesError: a path cannot be read, or the store cannot be read or written.
    """
    loaded = read_signatures(paths)
    set_aside = None
    try:
        stored = stored_signatures(store)
    except StoredIndexError:
        stored = SignatureIndex()
        set_aside = store.replace(store.with_name(f"{store.name}.unreadable"))
    save_index(merge_indexes(stored, loaded.index), store)
    return Loaded(loaded.index, loaded.rejects, set_aside)


def stored_signatures(store: Path) -> SignatureIndex:
    """Return the stored index; an empty one if nothing was loaded yet."""
    return load_index(store) if store.exists() else SignatureIndex()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureCoverage:
    """How much of the loaded signatures VA data can decide about."""

    counts: dict[str, int]
    """See signatures.coverage.coverage, and `map_only`."""
    claims: int
    """Distinct claims of all loaded signatures that can be read."""
    tested: int
    """Those that the KnowledgeBase has a QID for."""
    version: str
    """The index's."""


def signature_coverage(store: Path, snapshots: Path) -> SignatureCoverage:
    """Return the coverage of the stored index by the current snapshot.

    Raises:
        StoredIndexError: the index cannot be read.
        SnapshotError: the snapshot is damaged.
    """
    index = stored_signatures(store)
    claims = {claim.id for one in index.all() for claim in one.claims if not claim.malformed}
    known = set(load_snapshot(snapshots).columns.claims.tolist())
    return SignatureCoverage(
        counts={**coverage(index), "map_only": count_map_only(index)}, claims=len(claims), tested=len(claims & known),
        version=index.version,
    )  # fmt: skip
