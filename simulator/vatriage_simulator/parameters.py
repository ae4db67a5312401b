"""The parameters of a call: query and form merged, checked, read.

Source: API guide: names are case-sensitive, of a repeated name the last value counts; error codes 1901, 1903, 1905.
"""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from vatriage_simulator.number_set import NumberSet, parse_addresses, parse_ids

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?")
_HIDDEN = ("pass", "pwd", "secret", "token")


class BadParameterError(Exception):
    """The service would refuse the call: an error code and a text for a SIMPLE_RETURN with HTTP 400."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def merge(query: str, form: bytes) -> dict[str, str]:
    """Return the parameters of query and form; of a repeated name the last one counts, the form after the query."""
    pairs = [
        *parse_qsl(query, keep_blank_values=True),
        *parse_qsl(form.decode("utf-8", "replace"), keep_blank_values=True),
    ]
    return dict(pairs)


def without_secrets(given: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters without those whose names sound like a secret."""
    return {name: value for name, value in given.items() if not any(word in name.lower() for word in _HIDDEN)}


class Parameters:
    """The parameters of one call, read by kind; every reader raises BadParameterError for what it cannot read."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.given = given

    def known(self, names: Collection[str]) -> None:
        """Refuse the call if it has a parameter that is none of `names` (1901)."""
        strange = [name for name in self.given if name not in names]
        if strange:
            raise BadParameterError(1901, f"Unrecognized parameter(s): {', '.join(strange)}")

    def required(self, *names: str) -> None:
        """Refuse the call if it lacks one of `names` (1903)."""
        missing = [name for name in names if not self.given.get(name)]
        if missing:
            raise BadParameterError(1903, f"Missing required parameter(s): {', '.join(missing)}")

    def word(self, name: str, allowed: Collection[str], default: str) -> str:
        """Return one of the allowed words."""
        value = self.given.get(name) or default
        if value not in allowed:
            raise _invalid(name, value, f"must be one of: {', '.join(allowed)}")
        return value

    def words(self, name: str, allowed: Collection[str], default: Collection[str]) -> frozenset[str]:
        """Return a comma list of allowed words."""
        value = self.given.get(name)
        if not value:
            return frozenset(default)
        found = [part.strip() for part in value.split(",")]
        if any(part not in allowed for part in found):
            raise _invalid(name, value, f"must be some of: {', '.join(allowed)}")
        return frozenset(found)

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a 0 or 1."""
        return self.word(name, ("0", "1"), str(int(default))) == "1"

    def number(self, name: str, default: int) -> int:
        """Return a whole number from 0."""
        value = self.given.get(name) or str(default)
        if not re.fullmatch(r"[0-9]{1,18}", value):
            raise _invalid(name, value, "not a non-negative integer")
        return int(value)

    def ids(self, name: str) -> NumberSet | None:
        """Return a set of ids, None if the parameter is not there."""
        if name not in self.given:
            return None
        value = self.given[name]
        try:
            return parse_ids(value)
        except ValueError as error:
            raise _invalid(name, value, f"neither a positive integer nor a range: {error}") from error

    def addresses(self, name: str) -> NumberSet | None:
        """Return a set of addresses, None if the parameter is not there."""
        if name not in self.given:
            return None
        value = self.given[name]
        try:
            return parse_addresses(value)
        except ValueError as error:
            raise _invalid(name, value, f"neither an IP address nor a range: {error}") from error

    def instant(self, name: str) -> datetime | None:
        """Return a date or an instant in UTC, None if the parameter is not there."""
        if name not in self.given:
            return None
        value = self.given[name]
        if not _INSTANT.fullmatch(value):
            raise _invalid(name, value, "must be YYYY-MM-DD[THH:MM:SSZ]")
        try:
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        except ValueError as error:
            raise _invalid(name, value, "no such date") from error


def _invalid(name: str, value: str, reason: str) -> BadParameterError:
    """The text's form is the one that was recorded for ids=abc123."""
    return BadParameterError(1905, f"parameter {name} has invalid value: {value} ({reason})")
