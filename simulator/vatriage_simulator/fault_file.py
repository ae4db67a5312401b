"""Reads a file of faults: JSON lines, each a scripted fault or a schedule by a seed.

    # a comment; empty lines are left out
    {"resource": "detection_list", "kind": "stall", "seconds": 2, "times": 3}
    {"resource": "detection_list", "kind": "reset", "record_id": 1003, "times": "always"}
    {"resource": "host_list", "kind": "bad-login", "after": 5, "times": "always"}
    {"seed": 7, "share": 0.2, "kinds": ["empty", "cut"], "resources": ["host_list"]}

The fields are those of `Subscription.break_next`, of `Fault` and of `FaultSchedule`; `docs/how-to/use-the-simulator.md`
tells them.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from vatriage_simulator.fault_kinds import FaultKind, fits
from vatriage_simulator.fault_schedule import FaultSchedule
from vatriage_simulator.faults import Fault
from vatriage_simulator.resources import Resource
from vatriage_simulator.subscription import Subscription

_MAX_BYTES = 1_000_000


class FaultFileError(Exception):
    """A file of faults cannot be used: which file, which line, which field, and what is wrong with it."""


def load_faults(sim: Subscription, path: Path) -> bool:
    """Order the faults of a file; nothing is ordered if the file is wrong.

    Returns: whether one of its lines has a seed.

    Raises: FaultFileError: it cannot be read, or a line is wrong.
    """
    orders = [_order(found, _At(path, line)) for line, found in _lines(path)]
    schedules = sum(isinstance(order, FaultSchedule) for order in orders)
    if schedules > 1:
        raise FaultFileError(f"{path}: two lines have a seed. Keep one of them.")
    for order in orders:
        if isinstance(order, FaultSchedule):
            sim.faults.follow(order)
        else:
            resource, fault, times, after = order
            sim.faults.add(resource, fault, times, after=after)
    return schedules > 0


class _At:
    """Where in a file something is wrong."""

    def __init__(self, path: Path, line: int) -> None:
        self.path = path
        self.line = line

    def error(self, told: str, field: str = "") -> FaultFileError:
        """Return the error that says what is wrong here."""
        return FaultFileError(f"{self.path}, line {self.line}{f', field {field}' if field else ''}: {told}")


def _lines(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """Return the objects of a file, each with the number of its line."""
    try:
        whole = path.read_bytes()
        text = whole.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise FaultFileError(f"{path} cannot be read: {error}") from error
    if len(whole) > _MAX_BYTES:
        raise FaultFileError(f"{path} has {len(whole)} bytes; {_MAX_BYTES} are read at most.")
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            found.append((number, _object(line, _At(path, number))))
    return found


def _object(line: str, at: _At) -> dict[str, Any]:
    """Return the JSON object of a line."""
    try:
        found = json.loads(line)
    except ValueError as error:
        raise at.error(f"no JSON: {error}") from error
    except RecursionError as error:
        raise at.error("no JSON that can be read: too deep") from error
    if not isinstance(found, dict):
        raise at.error('one JSON object is wanted, such as {"resource": "host_list", "kind": "empty"}')
    return found


def _order(found: dict[str, Any], at: _At) -> FaultSchedule | tuple[Resource, Fault, int | None, int]:
    """Return what a line orders."""
    if "seed" in found:
        given = _read(found, _SCHEDULE, at)
        try:
            return FaultSchedule(**given)
        except ValueError as error:
            raise at.error(str(error)) from error
    given = _read(found, _SCRIPTED, at)
    for name in ("resource", "kind"):
        if name not in given:
            raise at.error("missing; or give a seed", name)
    if given.get("seconds", 0) < 0 and given["kind"] is not FaultKind.CLOCK_SKEW:
        raise at.error("only clock-skew may be below zero", "seconds")
    resource, times, after = given.pop("resource"), given.pop("times", 1), given.pop("after", 0)
    if not fits(given["kind"], resource):
        raise at.error(f"{given['kind']} cannot happen to {resource}", "kind")
    return resource, Fault(**given), None if times == _ALWAYS else times, after


_Reader = Callable[[Any], Any]


def _read(found: dict[str, Any], readers: Mapping[str, _Reader], at: _At) -> dict[str, Any]:
    """Return the fields of a line, each checked."""
    given = {}
    for name, value in found.items():
        if name not in readers:
            raise at.error(f"no such field. There are: {', '.join(readers)}", name)
        try:
            given[name] = readers[name](value)
        except ValueError as error:
            raise at.error(str(error), name) from error
    return given


def _whole(low: int) -> _Reader:
    """Read a whole number from `low`."""

    def read(value: Any) -> int:
        if type(value) is not int or value < low:
            raise ValueError(f"{value!r} is no whole number from {low}")
        return value

    return read


def _number(low: float, high: float) -> _Reader:
    """Read a number from `low` to `high`."""

    def read(value: Any) -> float:
        if type(value) not in {int, float} or not low <= value <= high:
            raise ValueError(f"{value!r} is no number from {low:g} to {high:g}")
        return float(value)

    return read


def _word(words: type[FaultKind | Resource]) -> _Reader:
    """Read one of the words of an enumeration."""

    def read(value: Any) -> FaultKind | Resource:
        try:
            return words(value)
        except ValueError:
            raise ValueError(f"{value!r} is none of {', '.join(words)}") from None

    return read


def _list_of(read: _Reader) -> _Reader:
    """Read a list."""

    def read_all(value: Any) -> list[Any]:
        if not isinstance(value, list) or not value:
            raise ValueError(f"{value!r} is no list with something in it")
        return [read(item) for item in value]

    return read_all


def _times(value: Any) -> int | str:
    """Read how many calls a fault is for."""
    if value == _ALWAYS:
        return _ALWAYS
    if type(value) is not int or value < 1:
        raise ValueError(f'{value!r} is no whole number from 1 and not "{_ALWAYS}"')
    return value


_ALWAYS = "always"
_YEAR_S = 31_536_000
_SCRIPTED: dict[str, _Reader] = {
    "resource": _word(Resource),
    "kind": _word(FaultKind),
    "times": _times,
    "after": _whole(0),
    "seconds": _number(-_YEAR_S, _YEAR_S),
    "record_id": _whole(1),
    "after_bytes": _whole(0),
    "after_records": _whole(0),
    "number": _whole(1),
}
_SCHEDULE: dict[str, _Reader] = {
    "seed": _whole(0),
    "share": _number(0, 1),
    "kinds": _list_of(_word(FaultKind)),
    "resources": _list_of(_word(Resource)),
    "in_a_row": _whole(1),
    "until_call": _whole(0),
    "stall_s": _number(0, _YEAR_S),
    "wait_s": _whole(1),
    "poison_share": _number(0, 1),
}
