"""A JSON column as it comes from raw SQL: text from SQLite, parsed from PostgreSQL."""

import json
from typing import Any


def json_object(value: object) -> dict[str, Any] | None:
    """Return the object that a column holds, None if it holds none."""
    parsed = json.loads(value) if isinstance(value, str) else value
    return parsed if isinstance(parsed, dict) else None


def json_list(value: object) -> list[Any]:
    """Return the list that a column holds, an empty one if it holds none."""
    parsed = json.loads(value) if isinstance(value, str) else value
    return parsed if isinstance(parsed, list) else []
