"""GENERIC_RETURN: the short answer of the v1 API, mostly an error under HTTP 200 (API v1 user guide, generic_return.dtd)."""

from vatriage.vendors.qualys.frame import DocumentFrame
from vatriage.vendors.xml.frame import Attributes


class GenericReturnFrame(DocumentFrame):
    """Reads API@name,@at and RETURN@status,@number beside or inside it; the words are RETURN's or its MESSAGE's.

    It proves nothing about any host.
    """

    def __init__(self, name: str) -> None:
        """See DocumentFrame."""
        super().__init__(name)
        self._said = ""
        self._answered = False

    def element(self, path: tuple[str, ...], text: str, attributes: Attributes) -> None:
        """See DocumentFrame.element."""
        match path[1:]:
            case ("API",) if attributes.get("at"):
                self.generated_at = self._instant("the answer's date", attributes["at"])
            case ("RETURN", "MESSAGE") | ("API", "RETURN", "MESSAGE"):
                self._said = text
            case ("RETURN",) | ("API", "RETURN"):
                self._answered = True
                if attributes.get("status", "").upper() != "SUCCESS":
                    self.code, self.text = attributes.get("number", "") or "FAILED", self._said or text
            case _:
                super().element(path, text, attributes)

    @property
    def error(self) -> str:
        """See DocumentFrame.error: an answer without RETURN is no success."""
        if self._answered or self.code:
            return super().error
        return "Qualys answered with a GENERIC_RETURN that says nothing. Send the request again."
