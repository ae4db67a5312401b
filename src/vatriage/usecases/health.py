"""What `vatriage doctor` finds: one line each, well or not, and what to do."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Health(StrEnum):
    """How something stands."""

    OK = "ok"
    WARN = "warn"
    """It works, and a person should know something."""
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line."""

    name: str
    health: Health
    found: str
    remedy: str = ""
    """What to do, "" if nothing."""
    exit_code: int = 0
    """Of the command line, where it fails; 0 = it does not fail."""

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return asdict(self)


def ok(name: str, found: str) -> Check:
    """Return a line that is well."""
    return Check(name=name, health=Health.OK, found=found)


def warned(name: str, found: str, remedy: str) -> Check:
    """Return a line that a person should know."""
    return Check(name=name, health=Health.WARN, found=found, remedy=remedy)


def failed(name: str, found: str, remedy: str, exit_code: int = 1) -> Check:
    """Return a line that is not well."""
    return Check(name=name, health=Health.FAIL, found=found, remedy=remedy, exit_code=exit_code)
