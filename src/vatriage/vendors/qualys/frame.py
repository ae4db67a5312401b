"""What an answer says around its records: date, warning, id set, error (SIMPLE_RETURN, WARNING and ID_SET in its DTDs)."""

import re

from vatriage.model.instant import US, parse_instant
from vatriage.model.report import Reject, Truncation

ID_RANGES_A_PAGE = 65_536
"""Ranges handed out at once; an id set has as many entries as the account has hosts."""

_NEXT_ID = re.compile(r"[?&;]id_min=(\d{1,18})(?!\d)")
_RANGE = re.compile(r"(\d{1,18})(?:\s*-\s*(\d{1,18}))?")


class AnswerFrame:
    """Gathers an answer's own words, element by element (see FrameReader)."""

    def __init__(self, name: str) -> None:
        """Begin; `name` is what the document is called in rejects."""
        self._name = name
        self._warning: dict[str, str] = {}
        self._item: dict[str, str] = {}
        self.generated_at = 0
        """RESPONSE/DATETIME in seconds, 0 if it is not stated or not readable."""
        self.truncation: Truncation | None = None
        """RESPONSE/WARNING, the last one."""
        self.code = ""
        """RESPONSE/CODE of a SIMPLE_RETURN."""
        self.text = ""
        """RESPONSE/TEXT of a SIMPLE_RETURN."""
        self.items: dict[str, str] = {}
        """RESPONSE/ITEM_LIST/ITEM of a SIMPLE_RETURN, KEY -> VALUE."""
        self.id_ranges: list[tuple[int, int]] = []
        """Inclusive ranges of RESPONSE/ID_SET that nobody has taken yet; single ids next to each other are joined."""
        self.has_id_set = False
        self.rejects: list[Reject] = []
        """Ids, ranges and a date that could not be read, not yet taken."""

    def element(self, path: tuple[str, ...], text: str) -> None:
        """Take an element's text; called at its end, with its path in upper case."""
        match path[1:]:
            case ("RESPONSE", "DATETIME"):
                self._date(text)
            case ("RESPONSE", "ID_SET", "ID" | "ID_RANGE"):
                self._ids(text)
            case ("RESPONSE", "ID_SET"):
                self.has_id_set = True
            case ("RESPONSE", "WARNING", field):
                self._warning[field] = text
            case ("RESPONSE", "WARNING"):
                self._warn()
            case ("RESPONSE", "CODE"):
                self.code = text
            case ("RESPONSE", "TEXT"):
                self.text = text
            case ("RESPONSE", "ITEM_LIST", "ITEM", field):
                self._item[field] = text
            case ("RESPONSE", "ITEM_LIST", "ITEM"):
                self.items[self._item.get("KEY", "")] = self._item.get("VALUE", "")
                self._item = {}

    def take(self) -> tuple[tuple[tuple[int, int], ...], tuple[Reject, ...]]:
        """Return the id ranges and rejects so far, and forget them."""
        taken = tuple(self.id_ranges), tuple(self.rejects)
        self.id_ranges, self.rejects = [], []
        return taken

    def _date(self, text: str) -> None:
        """Keep the report's date."""
        try:
            self.generated_at = max(parse_instant(text) // US, 0)
        except ValueError:
            self._reject("the report's DATETIME", f"{text[:60]!r} is no date: the report's date is unknown")

    def _warn(self) -> None:
        """Keep a warning: the vendor has cut its answer."""
        url = self._warning.get("URL", "")
        found = _NEXT_ID.search(url.replace("&amp;", "&"))
        self.truncation = Truncation(
            code=self._warning.get("CODE", ""),
            text=" ".join(self._warning.get("TEXT", "").split()),
            url=url,
            next_id=int(found[1]) if found else 0,
        )
        self._warning = {}

    def _ids(self, text: str) -> None:
        """Keep an id or a range of ids (`5-9`, inclusive)."""
        self.has_id_set = True
        found = _RANGE.fullmatch(text)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not 0 < first <= last:
            self._reject("ID_SET", f"{text[:60]!r} is no host id and no range of them: it was left out")
        elif self.id_ranges and self.id_ranges[-1][1] + 1 == first:
            self.id_ranges[-1] = (self.id_ranges[-1][0], last)
        else:
            self.id_ranges.append((first, last))

    def _reject(self, subject: str, problem: str) -> None:
        """Keep a reject."""
        self.rejects.append(Reject(where=self._name, subject=subject, problem=problem))
