"""ABOUT: the version document of API v1 (about.dtd), the lightest answer that needs a login."""

from vatriage.vendors.qualys.frame import DocumentFrame
from vatriage.vendors.xml.frame import Attributes


class AboutFrame(DocumentFrame):
    """Reads API-VERSION@MAJOR,@MINOR and the versions of interface, scanner and signatures."""

    def __init__(self, name: str) -> None:
        """See DocumentFrame."""
        super().__init__(name)
        self._versions: dict[str, str] = {}

    def element(self, path: tuple[str, ...], text: str, attributes: Attributes) -> None:
        """See DocumentFrame.element."""
        match path[1:]:
            case ("API-VERSION",):
                numbers = {name.upper(): value for name, value in attributes.items()}
                self._versions["API"] = ".".join(filter(None, (numbers.get("MAJOR"), numbers.get("MINOR")))) or text
            case (name,) if name.endswith("-VERSION"):
                self._versions[name.removesuffix("-VERSION")] = text
            case _:
                super().element(path, text, attributes)

    @property
    def versions(self) -> dict[str, str]:
        """See DocumentFrame.versions."""
        return {name: " ".join(text.split())[:60] for name, text in self._versions.items() if text.strip()}
