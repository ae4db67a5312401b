"""Stamps of submitted content as ETags: two editors cannot overwrite each other unnoticed."""

from typing import Annotated

from pydantic import StringConstraints

from vatriage.web import house

Stamp = Annotated[str, StringConstraints(pattern=r'^(\*|"[0-9]{1,18}\.[0-9]{1,18}")$')]
IF_MATCH = "The ETag of what you read, so that nobody overwrites anybody; * = whatever it is now."


def etag(kind: str, subject: str) -> str:
    """Return the ETag of a subject as it is submitted."""
    return f'"{house.changes().stamp(kind, subject)}"'


def stamp_of(sent: str) -> str | None:
    """Return the stamp of an If-Match, None for any."""
    return None if sent == "*" else sent.strip('"')
