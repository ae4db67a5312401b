"""The page of the REST API, written from its own OpenAPI document."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from vatriage.model.secret import Secret
from vatriage.settings import configure_web, sqlite


def document() -> dict[str, Any]:
    """Return the OpenAPI document; no store is opened."""
    configure_web(sqlite(Path("nowhere")), Secret("signs nothing"), None, ("localhost",), https=False)
    from vatriage.web.api.site import SITE  # noqa: PLC0415 - Django must be configured first

    return SITE.get_openapi_schema()


def operations(told: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (method, path, operation) in order of noun."""
    found = [
        (method.upper(), path, operation)
        for path, methods in told["paths"].items()
        for method, operation in methods.items()
    ]
    yield from sorted(found, key=lambda item: item[2]["tags"])


def api_page(note: str, told: dict[str, Any]) -> str:
    """Return the page."""
    common = "401, 403, 422, 429, 500 and 503"
    head = (
        f"# The REST API\n\n{note}\n"
        "Everything below `/api/v1`. How to use it: [use the API](../how-to/use-the-api.md). The document that programs read is\n"
        "`GET /api/v1/openapi.json`. Shapes of answers are those of the command line's `--json`: [json.md](json.md).\n\n"
        "A *right* is what the token's scopes and its owner's role must allow. *Action* = an `Idempotency-Key` makes it happen\n"
        f"once. Beside the statuses named here every endpoint may answer {common}.\n"
    )
    parts = [head]
    for noun, group in groupby(operations(told), key=lambda item: item[2]["tags"][0]):
        parts.append(f"\n## {noun}\n")
        parts += [_endpoint(method, path, operation, told) for method, path, operation in group]
    return "".join(parts)


def _endpoint(method: str, path: str, operation: dict[str, Any], told: dict[str, Any]) -> str:
    parameters = [item for item in operation["parameters"] if item["name"] != "Idempotency-Key"]
    once = ", action" if len(parameters) < len(operation["parameters"]) else ""
    statuses = [int(code) for code in operation["responses"]]
    named = sorted(set(statuses) - {401, 403, 422, 429, 500, 503})
    text = (
        f"\n### {method} {path}\n\n{operation['summary'].removesuffix('?')}.\n"
        f"Right: `{operation['x-right']}`{once}. Answers {', '.join(map(str, named))}.\n"
    )
    rows = [
        (f"{item['in']} `{item['name']}`", _type(item["schema"]), _about(item, required=item["required"]))
        for item in parameters
    ]
    rows += _body(operation, told)
    if rows:
        text += "\n| what | type | meaning |\n| --- | --- | --- |\n"
        text += "".join(f"| {' | '.join(' '.join(cell.split()) for cell in row)} |\n" for row in rows)
    return text


def _body(operation: dict[str, Any], told: dict[str, Any]) -> list[tuple[str, str, str]]:
    if "requestBody" not in operation:
        return []
    ((kind, content),) = operation["requestBody"]["content"].items()
    schema = content["schema"]
    if "$ref" not in schema:
        return [(f"body, {kind}", _type(schema), "events, one a line (required)")]
    schema = told["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    required = schema.get("required", [])
    return [
        (f"body `{name}`", _type(item), _about(item, required=name in required))
        for name, item in schema["properties"].items()
    ]


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return "object"
    if "enum" in schema:
        return " \\| ".join(map(str, schema["enum"]))
    kinds = [_type(item) for item in schema.get("anyOf", []) if item.get("type") != "null"]
    if kinds:
        return kinds[0]
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return {"string": "text", "integer": "number"}.get(schema.get("type", "object"), schema.get("type", "object"))


def _about(item: dict[str, Any], *, required: bool) -> str:
    inner = item.get("schema", item)
    texts = [item, inner, *inner.get("anyOf", [])]
    text = next((part["description"] for part in texts if "description" in part), "")
    default = inner.get("default")
    note = "required" if required else f"default: `{default}`" if default not in (None, "", {}, []) else ""
    return f"{text} {f'({note})' if note else ''}"
