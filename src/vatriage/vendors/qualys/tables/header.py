"""What a header row says: which kind of table it heads, and where its columns stand."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from vatriage.vendors.qualys.tables.foreign_kinds import FOREIGN_FIRST, FOREIGN_LAST, ForeignKind
from vatriage.vendors.qualys.tables.kinds import FIELDS, KINDS, TableKind

_NO_WORD = re.compile(r"[\W_]+", re.ASCII)


def narrowed_by(kind: str | None) -> str:
    """Return why a table of this kind proves nothing by what it leaves out (ReportEnd.narrowed)."""
    return (
        f"a {kind or 'table'} does not say which hosts were scanned when and how, and is cut by somebody's filters; "
        "import it by a call of its own"
    )


@lru_cache(maxsize=4096)
def normal(name: str) -> str:
    """Return a column's name as it is compared."""
    return _NO_WORD.sub(" ", name).strip().lower()


def recognise(names: Iterable[str]) -> TableKind | ForeignKind | None:
    """Return the kind of a header row of CSV, None if it is none that we know. `names` as written."""
    columns = frozenset(normal(name) for name in names)
    kinds = (*FOREIGN_FIRST, *KINDS, *FOREIGN_LAST)
    return next((kind for kind in kinds if any(sign <= columns for sign in kind.signs)), None)


def missing_columns(kind: TableKind, columns: Sequence[str]) -> list[str]:
    """Return the needed columns that a header lacks, as `asset ipv4 or asset ipv6`; `columns` are normal."""
    return [" or ".join(group) for group in kind.needed if not set(group) & set(columns)]


def places_of(kind: TableKind, columns: Sequence[str]) -> tuple[int, ...]:
    """Return for each of FIELDS its place in the header, -1 if it is not there; of doubles the first counts."""
    first = {name: place for place, name in reversed(list(enumerate(columns)))}
    return tuple(next((first[name] for name in kind.columns.get(field, ()) if name in first), -1) for field in FIELDS)


def unknown_columns(kind: TableKind, columns: Iterable[str]) -> list[str]:
    """Return the columns that nobody knows, in order, once each."""
    known = {name for names in kind.columns.values() for name in names} | kind.unused
    return list(dict.fromkeys(name for name in columns if name and name not in known))
