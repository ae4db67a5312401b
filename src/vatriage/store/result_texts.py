"""RESULTS texts: compressed, once each, named by the hash of their bytes."""

from collections.abc import Iterable, Mapping
from hashlib import blake2b

import zstandard

from vatriage.store.bulk import Target, fetch_in, insert_many

_TEXTS = Target("result_texts", ("name", "body"), key=("name",))


def name_of(text: str) -> str:
    """Return the name of a text: 128 bits of BLAKE2b in hex; the empty text has the empty name."""
    return blake2b(text.encode(), digest_size=16).hexdigest() if text else ""


def save_texts(texts: Mapping[str, str]) -> None:
    """Keep texts by name; those that are here already cost a look-up."""
    wanted = [name for name in texts if name]
    known = {row[0] for row in fetch_in("SELECT name FROM result_texts WHERE name IN ({keys})", wanted)}
    packer = zstandard.ZstdCompressor(level=3)
    insert_many(_TEXTS, [(name, packer.compress(texts[name].encode())) for name in wanted if name not in known])


def load_texts(names: Iterable[str]) -> dict[str, str]:
    """Return texts by name; unknown names are left out."""
    unpacker = zstandard.ZstdDecompressor()
    rows = fetch_in("SELECT name, body FROM result_texts WHERE name IN ({keys})", {name for name in names if name})
    return {name: unpacker.decompress(bytes(body)).decode() for name, body in rows}
