"""Read only: what people said of a host, as the faces show it."""

from typing import Any

from vatriage.model.instant import US, format_instant
from vatriage.store import said_rows


def statements_of(host: int) -> list[dict[str, Any]]:
    """Return everything that was said of a host, the newest first, the withdrawn too."""
    return [_shown(row) for row in said_rows.statements(host)]


def _shown(row: said_rows.Row) -> dict[str, Any]:
    return {
        "number": row["id"], "kind": row["kind"], "text": row["text"], "author": row["author"], "reason": row["reason"],
        "said_at": told(row["at"]), "valid_from": told(row["valid_from"]), "valid_until": told(row["valid_until"]),
        "withdrawn_at": told(row["withdrawn_at"]), "withdrawn_by": row["withdrawn_by"] or None,
        "withdrawn_why": row["withdrawn_why"] or None,
    }  # fmt: skip


def told(seconds: int) -> str | None:
    """Return an instant's text, None for 0."""
    return format_instant(seconds * US) if seconds else None
