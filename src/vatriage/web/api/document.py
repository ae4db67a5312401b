"""The OpenAPI document: ninja's, with problems under their own content type and answers that views encode themselves."""

from typing import Any

import msgspec

from vatriage.model.verdict import VerdictRecord
from vatriage.web.api.problem import MEDIA_TYPE

COMMON = (401, 403, 422, 429, 500, 503)
"""Statuses that every endpoint may answer."""
_REF = "#/components/schemas/{name}"
RECORD = {"$ref": _REF.format(name="VerdictRecord")}
"""The JSON schema of a verdict record."""


def openapi(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document completed; it is ninja's own, changed in place."""
    _, records = msgspec.json.schema_components([VerdictRecord], ref_template=_REF)
    schemas = document["components"]["schemas"]
    for name, schema in records.items():
        schemas.setdefault(name, schema)
    for operations in document["paths"].values():
        for operation in operations.values():
            _complete(operation)
    return document


def _complete(operation: dict[str, Any]) -> None:
    """Complete one operation."""
    schema, body, media = (operation.pop(name) for name in ("x-answer", "x-body", "x-media"))
    for status, response in operation["responses"].items():
        if int(status) >= 400:
            response["content"] = {MEDIA_TYPE: next(iter(response["content"].values()))}
        elif schema is not None:
            response["content"] = {kind: {"schema": schema} for kind in media}
    if body and "requestBody" not in operation:
        operation["requestBody"] = {"content": {body: {"schema": {"type": "string"}}}, "required": True}
