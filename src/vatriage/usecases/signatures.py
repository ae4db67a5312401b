"""Rule files into the signature index; how much of it can be verified."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from vatriage.model.signature import Signature, SignatureIndex
from vatriage.signatures.index import build_index, load_index, merge_indexes, save_index
from vatriage.signatures.interface import RuleReject
from vatriage.signatures.rule_files import read_rules


@dataclass(frozen=True, slots=True)
class Loaded:
    """The signatures of some paths."""

    index: SignatureIndex
    rejects: list[RuleReject]


def read_signatures(paths: Iterable[Path]) -> Loaded:
    """Return the signatures of rule files and folders. Raises: SignaturesError: a path cannot be read."""
    signatures: list[Signature] = []
    rejects: list[RuleReject] = []
    for path in paths:
        found, broken = read_rules(path)
        signatures += found
        rejects += broken
    return Loaded(build_index(signatures), rejects)


def load_signatures(paths: Iterable[Path], store: Path) -> Loaded:
    """Add signatures to the stored index; earlier revisions stay, because earlier alerts name them."""
    loaded = read_signatures(paths)
    save_index(merge_indexes(stored_signatures(store), loaded.index), store)
    return loaded


def stored_signatures(store: Path) -> SignatureIndex:
    """Return the stored index; an empty one if nothing was loaded yet."""
    return load_index(store) if store.exists() else SignatureIndex()
