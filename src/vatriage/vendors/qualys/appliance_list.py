"""ISCANNER_LIST: the account's Scanner Appliances (API v1), by which private addresses are scanned.

No public source shows this document: a NAME (or ISCANNER_NAME) in an entry is taken for the appliance's name, and an
attribute `name` of the entry as well.
"""

from vatriage.model.report import ReportPage
from vatriage.vendors.qualys.frame import DocumentFrame
from vatriage.vendors.xml.frame import Attributes


class ApplianceListFrame(DocumentFrame):
    """Gathers the names."""

    def __init__(self, name: str) -> None:
        """See DocumentFrame."""
        super().__init__(name)
        self._appliances: list[str] = []

    def element(self, path: tuple[str, ...], text: str, attributes: Attributes) -> None:
        """See DocumentFrame.element."""
        match path[1:]:
            case (_, "NAME" | "ISCANNER_NAME"):
                self._keep(text)
            case (entry,) if entry != "ERROR":
                self._keep(attributes.get("name", ""))
            case _:
                super().element(path, text, attributes)

    def _keep(self, name: str) -> None:
        if (said := " ".join(name.split())) and said not in self._appliances:
            self._appliances.append(said)

    @property
    def gathered(self) -> int:
        """See DocumentFrame.gathered."""
        return len(self._appliances) + super().gathered

    def take(self) -> ReportPage | None:
        """See DocumentFrame.take."""
        appliances, self._appliances = tuple(self._appliances), []
        return ReportPage(appliances=appliances) if appliances else super().take()
