"""The frame of a scan report (scan-1.dtd, SCAN and HEADER): which scan it was, when, of what, and how it ended."""

import re
from dataclasses import replace

import pyarrow.compute as pc

from vatriage.model.report import HOSTS, ReportPage, ScanSummary
from vatriage.vendors.qualys.duration import seconds_of
from vatriage.vendors.qualys.frame import DocumentFrame
from vatriage.vendors.qualys.scan_dates import dated
from vatriage.vendors.xml.frame import Attributes

_LAUNCHED = re.compile(r"scan/(\d{9,11})\.\d+")
"""A ref begins with the second of the launch."""
_SELECTIVE = re.compile(
    r"specific vuln|selective|search list|select at run|vulnerability detection:(?! ?complete)", re.IGNORECASE
)
"""Words of REPORT_TYPE and OPTIONS that say that not all checks ran. The vendor publishes no list of them: these are how
its option profiles (Complete, Custom, Select at runtime) and the parameter `specific_vulns` are called."""


class ScanHeader(DocumentFrame):
    """Gathers SCAN@value, HEADER/KEY@value and the option profile.

    HEADER stands first in a saved report and last in one that is streamed while the scan runs; hosts wait for it,
    because only it says when the scan was. A report that is cut before it gets the launch that its ref tells.
    """

    def __init__(self, name: str) -> None:
        """See DocumentFrame."""
        super().__init__(name)
        self._keys: dict[str, str] = {}
        self._profile = ""
        self._has_header = False
        self._streamed = False
        self._reached = 0
        self._listed = False
        self._said_at = 0
        self.launched_at = 0
        """When the scan was launched, in seconds; 0 if nothing says so."""
        self.ended_at = 0
        """When it ended; the launch where its duration is not stated."""

    def element(self, path: tuple[str, ...], text: str, attributes: Attributes) -> None:
        """See DocumentFrame.element."""
        match path[1:]:
            case ("HEADER", "KEY"):
                self._keys[attributes.get("value", "").strip().upper()] = " ".join(text.split())
            case ("HEADER", "OPTION_PROFILE", "OPTION_PROFILE_TITLE"):
                self._profile = text
            case ("HEADER",):
                self._has_header, self._streamed = True, self._listed
                self._date()
            case _:
                super().element(path, text, attributes)

    @property
    def ready(self) -> bool:
        """See DocumentFrame.ready."""
        return self._has_header

    @property
    def scan(self) -> ScanSummary | None:
        """See DocumentFrame.scan."""
        return ScanSummary(
            ref=self.root.get("value", ""),
            state=self._keys.get("STATUS", ""),
            launched_at=self.launched_at,
            duration_s=seconds_of(self._keys.get("DURATION", "")) or 0,
            targets=self._keys.get("TARGET", ""),
            excluded=self._keys.get("EXCLUDED_TARGET", "").replace("N/A", ""),
            option_profile=self._profile,
            title=self._keys.get("TITLE", ""),
        )

    @property
    def narrowed(self) -> str:
        """See DocumentFrame.narrowed."""
        if not self._has_header:
            return "the report has no HEADER, so nobody knows whether its scan came to its end"
        if self._streamed:
            return "the report was taken down while its scan ran; fetch the saved report instead"
        if self._keys.get("STATUS", "").upper() != "FINISHED":
            return f"the scan's status is {self._keys.get('STATUS', '') or 'not stated'}, not FINISHED"
        if not self._said_at or seconds_of(self._keys.get("DURATION", "")) is None:
            return "the report does not say when its scan began and how long it took"
        alive = self._keys.get("NBHOST_ALIVE", "")
        if alive.isdigit() and int(alive) > self._reached:
            return f"the scan found {alive} hosts alive, but the report lists {self._reached}"
        return self._selective

    @property
    def _selective(self) -> str:
        """What the header says of checks that did not run, "" if nothing."""
        for key in ("REPORT_TYPE", "OPTIONS"):
            if found := _SELECTIVE.search(self._keys.get(key, "")):
                said = self._keys[key][max(found.start() - 20, 0) :][:80]
                return f"the scan's {key} says that not all checks ran ({said!r})"
        return ""

    @property
    def error(self) -> str:
        """See DocumentFrame.error: a report of hosts that are not in it is broken, not clean."""
        alive = self._keys.get("NBHOST_ALIVE", "")
        if not self.code and not self._listed and alive.isdigit() and int(alive):
            return f"The report's HEADER counts {alive} hosts alive, but it lists none. Fetch it again."
        return super().error

    def see(self, page: ReportPage) -> None:
        """See DocumentFrame.see."""
        self._listed = True
        self._reached += page.hosts.num_rows - sum(page.hosts["rejected"].to_pylist())

    def complete(self, page: ReportPage) -> ReportPage:
        """See DocumentFrame.complete: dates every host and finding of the page, and says in which network they are."""
        if not self._has_header and not self.launched_at:
            self._date()
        return _in_network(
            dated(page, self.launched_at, self.ended_at),
            self._keys.get("NETWORK_ID", ""),
            self._keys.get("NETWORK_TITLE", ""),
        )

    def _date(self) -> None:
        """Settle when the scan began and ended."""
        said = self._keys.get("DATE", "")
        self._said_at = self._instant("the report's DATE", said) if said else 0
        found = _LAUNCHED.fullmatch(self.root.get("value", "").strip())
        self.launched_at = self.generated_at = self._said_at or (int(found[1]) if found else 0)
        self.ended_at = self.launched_at + (seconds_of(self._keys.get("DURATION", "")) or 0) if self.launched_at else 0
        if not self.launched_at:
            self._reject("the scan", "neither its HEADER nor its ref says when it was: its findings bear no date")


def _in_network(page: ReportPage, number: str, title: str) -> ReportPage:
    """Return a page whose hosts are in the scan's network, where they name none or name it by its title."""
    said = page.hosts["network_id"]
    unnamed = pc.or_(pc.equal(said, ""), pc.equal(said, title))
    place = page.hosts.schema.get_field_index("network_id")
    networks = pc.if_else(unnamed, number or title, said)
    return replace(page, hosts=page.hosts.set_column(place, HOSTS.field("network_id"), networks))
