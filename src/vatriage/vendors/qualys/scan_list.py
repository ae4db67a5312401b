"""Lists of scans: SCAN_LIST_OUTPUT (current API), SCAN_REPORT_LIST and SCAN_RUNNING_LIST (v1), SCAN_LIST alone.

Each entry becomes a ScanSummary, by which a pull finds the newest report and fetches it by its ref. A list proves
nothing about any host: it names targets, not what was reached.
"""

from vatriage.model.instant import US, parse_instant
from vatriage.model.report import ScanSummary
from vatriage.vendors.qualys.duration import seconds_of
from vatriage.vendors.qualys.frame import AnswerFrame
from vatriage.vendors.xml.frame import Attributes

_ENTRIES = ("SCAN", "SCAN_REPORT")

_REF = ("REF", "@ref", "@value")
_STATE = ("STATUS/STATE", "STATUS", "@status", "KEY status")
_LAUNCHED = ("LAUNCH_DATETIME", "@date", "KEY startdate", "KEY date")
_TARGETS = ("TARGET", "@target", "KEY target")
_PROFILE = ("OPTION_PROFILE/TITLE", "OPTION_PROFILE/OPTION_PROFILE_TITLE", "OPTION_PROFILE", "KEY option_profile")
_TITLE = ("TITLE", "@title", "KEY title")
"""Where each format writes a fact; the first that is stated counts."""


class ScanListFrame(AnswerFrame):
    """Gathers the entries of a list of scans."""

    def __init__(self, name: str) -> None:
        """See DocumentFrame."""
        super().__init__(name)
        self._facts: dict[str, str] = {}

    def element(self, path: tuple[str, ...], text: str, attributes: Attributes) -> None:
        """See DocumentFrame.element."""
        at = next((place for place, name in enumerate(path[1:], 1) if name in _ENTRIES), 0)
        if not at:
            super().element(path, text, attributes)
        elif at == len(path) - 1:
            self._facts |= {f"@{name.lower()}": value.strip() for name, value in attributes.items()}
            self._entry()
        elif path[-1] == "KEY":
            self._facts[f"KEY {attributes.get('value', '').lower()}"] = text
        elif text:
            self._facts["/".join(path[at + 1 :])] = text

    def _entry(self) -> None:
        """Keep an entry; one without ref can never be fetched."""
        ref = self._fact(_REF)
        if not ref:
            self._reject("an entry of the list of scans", "it has no ref: it was left out")
        else:
            self.scans.append(
                ScanSummary(
                    ref=ref,
                    state=self._fact(_STATE),
                    launched_at=self._launched(ref),
                    duration_s=seconds_of(self._facts.get("DURATION", "")) or 0,
                    targets=" ".join(self._fact(_TARGETS).split()),
                    option_profile=self._fact(_PROFILE),
                    title=self._fact(_TITLE),
                )
            )
        self._facts = {}

    def _fact(self, names: tuple[str, ...]) -> str:
        """Return the first of some facts that is stated."""
        return next((self._facts[name] for name in names if self._facts.get(name)), "")

    def _launched(self, ref: str) -> int:
        """Return when the scan was launched, 0 and a reject if that cannot be read."""
        said = self._fact(_LAUNCHED)
        try:
            return max(parse_instant(said) // US, 0) if said else 0
        except ValueError:
            self._reject(f"scan {ref}", f"{said[:60]!r} is no date: its launch is unknown")
            return 0
