"""What a document says around its records: date, warning, id set, error (SIMPLE_RETURN, WARNING and ID_SET in its DTDs)."""

import re

from vatriage.model.instant import US, parse_instant
from vatriage.model.report import Reject, ReportPage, ScanSummary, Truncation
from vatriage.vendors.qualys.request_echo import narrowed_by
from vatriage.vendors.xml.frame import Attributes

ID_RANGES_A_PAGE = 65_536
"""Ranges handed out at once; an id set has as many entries as the account has hosts."""

_NEXT_ID = re.compile(r"[?&;]id_min=(\d{1,18})(?!\d)")
_RANGE = re.compile(r"(\d{1,18})(?:\s*-\s*(\d{1,18}))?")


class DocumentFrame:
    """Gathers a document's own words, element by element (see FrameReader); each kind has its own."""

    strays: frozenset[str] = frozenset()
    """Names of records and their rows that the frame may hold, because it tells of them itself."""

    def __init__(self, name: str) -> None:
        """Begin; `name` is what the document is called in rejects."""
        self._name = name
        self.root: Attributes = {}
        """The root element's attributes, as soon as it has been entered."""
        self.generated_at = 0
        """The document's own date in seconds, 0 if it is not stated or not readable."""
        self.truncation: Truncation | None = None
        """The vendor has cut its answer."""
        self.code = ""
        """The vendor's code of an error."""
        self.text = ""
        """The error in the vendor's words."""
        self.id_ranges: list[tuple[int, int]] = []
        """Inclusive ranges that nobody has taken yet."""
        self.scans: list[ScanSummary] = []
        """Entries of a list of scans that nobody has taken yet."""
        self.rejects: list[Reject] = []
        """What could not be read of the frame, not yet taken."""

    def enter(self, attributes: Attributes) -> None:
        """Take the root element's attributes."""
        self.root = attributes

    def element(self, path: tuple[str, ...], text: str, attributes: Attributes) -> None:
        """Take an element's text; called at its end, with its path in upper case.

        Here: `ERROR` below the root, which any answer of the v1 API may be (one with a SUMMARY holds several).
        """
        match path[1:]:
            case ("ERROR", "SUMMARY"):
                self.text = text
            case ("ERROR",):
                self.code, self.text = attributes.get("number", "") or "ERROR", self.text or text

    @property
    def ready(self) -> bool:
        """Whether pages need not wait for what the document has yet to say."""
        return True

    @property
    def scan(self) -> ScanSummary | None:
        """The scan that the document is the report of."""
        return None

    @property
    def versions(self) -> dict[str, str]:
        """See ReportEnd.versions."""
        return {}

    @property
    def narrowed(self) -> str:
        """See ReportEnd.narrowed; meaningful at the document's end."""
        return ""

    @property
    def asked_whole(self) -> bool:
        """See ReportEnd.asked_whole; meaningful at the document's end."""
        return False

    @property
    def error(self) -> str:
        """What the document says is wrong, "" if nothing."""
        return answered(self.code, self.text) if self.code else ""

    def see(self, page: ReportPage) -> None:
        """Learn from a page of the document what the frame has to know."""

    def complete(self, page: ReportPage) -> ReportPage:
        """Return a page with what only the whole document could tell."""
        return page

    @property
    def gathered(self) -> int:
        """How much `take` would hand out."""
        return len(self.id_ranges) + len(self.scans) + len(self.rejects)

    def take(self) -> ReportPage | None:
        """Return what has been gathered since the last time as a page, None if that is nothing; and forget it."""
        if not self.id_ranges and not self.scans and not self.rejects:
            return None
        page = ReportPage(id_ranges=tuple(self.id_ranges), scans=tuple(self.scans), rejects=tuple(self.rejects))
        self.id_ranges, self.scans, self.rejects = [], [], []
        return page

    def _instant(self, subject: str, text: str) -> int:
        """Return a date in seconds; 0 and a reject if it is none."""
        try:
            return max(parse_instant(text) // US, 0)
        except ValueError:
            self._reject(subject, f"{text[:60]!r} is no date: it is unknown")
            return 0

    def _reject(self, subject: str, problem: str) -> None:
        """Keep a reject."""
        self.rejects.append(Reject(where=self._name, subject=subject, problem=problem))


def answered(code: str, text: str) -> str:
    """Return an error answer in one sentence."""
    said = " ".join(text.split())
    return f"Qualys answered {code}: {said}" if said else f"Qualys answered {code}."


class AnswerFrame(DocumentFrame):
    """The frame of an answer of the current API: everything stands in RESPONSE."""

    def __init__(self, name: str) -> None:
        """See DocumentFrame."""
        super().__init__(name)
        self._warning: dict[str, str] = {}
        self._item: dict[str, str] = {}
        self.items: dict[str, str] = {}
        """RESPONSE/ITEM_LIST/ITEM of a SIMPLE_RETURN, KEY -> VALUE."""
        self.has_id_set = False
        self._root = ""
        self._parameter: dict[str, str] = {}
        self._echoed: dict[str, str] = {}

    def element(self, path: tuple[str, ...], text: str, attributes: Attributes) -> None:
        """See DocumentFrame.element."""
        self._root = path[0]
        if path[1:4] == ("REQUEST", "PARAM_LIST", "PARAM"):
            self._echo(path[4:], text)
        else:
            self._answer(path, text, attributes)

    def _answer(self, path: tuple[str, ...], text: str, attributes: Attributes) -> None:
        """Take an element of the answer itself."""
        match path[1:]:
            case ("RESPONSE", "DATETIME"):
                self.generated_at = self._instant("the report's DATETIME", text)
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
            case _:
                super().element(path, text, attributes)

    @property
    def narrowed(self) -> str:
        """See DocumentFrame.narrowed."""
        return narrowed_by(self._root, self._echoed)

    @property
    def asked_whole(self) -> bool:
        """See DocumentFrame.asked_whole."""
        return bool(self._echoed) and not self.narrowed

    def _echo(self, field: tuple[str, ...], text: str) -> None:
        """Keep a parameter that the document says it was asked for."""
        if field:
            self._parameter[field[0]] = text.strip()
            return
        self._echoed[self._parameter.get("KEY", "").lower()] = self._parameter.get("VALUE", "")
        self._parameter = {}

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
