"""JSON bodies: strict, and without what no database and no person can use."""

import json
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.parser import Parser


class BodyParser(Parser):
    """Reads JSON as RFC 8259 has it."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return a body's value. Raises: ValueError: it is no JSON, or holds a NUL character or half a character."""
        value = json.loads(request.body.decode(), parse_constant=_no_constant)
        _check(value)
        return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _check(value: Any) -> None:
    if isinstance(value, str):
        value.encode()  # half a surrogate pair cannot be
        if "\0" in value:
            raise ValueError("NUL character")
    elif isinstance(value, dict):
        for key, child in value.items():
            _check(key)
            _check(child)
    elif isinstance(value, list):
        for child in value:
            _check(child)
