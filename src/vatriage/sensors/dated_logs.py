"""Logs that get a new name in place of being renamed: `eve-%Y-%m-%d.json`, as Suricata's `rotate-interval` writes them.

The one that was written last is the log; those before it are what rotation left.
"""

import re
from pathlib import Path

from vatriage.sensors.rotated import by_age

_FIELDS = {"Y": r"\d{4}", "y": r"\d\d", "m": r"\d\d", "d": r"\d\d", "H": r"\d\d", "M": r"\d\d", "S": r"\d\d",
           "j": r"\d{3}", "s": r"\d{1,12}", "%": "%"}  # fmt: skip
_PACKED = r"(?:\.(?:gz|bz2|zst))?"


class DatedLogs:
    """See Files; every file of one folder whose name fits a pattern.

    Args:
        pattern: a path whose last part has %Y %y %m %d %H %M %S %j %s in the place of dates and times, or `*`.
    """

    def __init__(self, pattern: Path) -> None:
        self._pattern = pattern
        self._name = re.compile(_expression(pattern.name) + _PACKED)

    @property
    def name(self) -> str:
        """See Files.name: the pattern."""
        return str(self._pattern)

    def newest(self) -> Path:
        """See Files.newest; while there is none, the pattern itself, which is no file's name."""
        found = self._found()
        return found[-1] if found else self._pattern

    def older(self) -> list[Path]:
        """See Files.older."""
        return self._found()[:-1]

    def first(self) -> list[Path]:
        """See Files.first: all that fit."""
        return self.older()

    def _found(self) -> list[Path]:
        folder = self._pattern.parent
        if not folder.is_dir():
            return []
        return by_age(path for path in folder.iterdir() if self._name.fullmatch(path.name))


def is_pattern(path: Path) -> bool:
    """Whether a path that is no file is meant as a pattern of dated names."""
    return ("*" in path.name or re.search(r"%[YymdHMSjs]", path.name) is not None) and not path.exists()


def _expression(name: str) -> str:
    return "".join(map(_part, re.split(r"(%[YymdHMSjs%]|\*)", name)))


def _part(text: str) -> str:
    if text == "*":
        return ".*"
    return _FIELDS[text[1]] if re.fullmatch(r"%[YymdHMSjs%]", text) else re.escape(text)
