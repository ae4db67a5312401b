"""What a device's URL asks for, explained as it is typed; and URLs built from what a person chooses. Nothing is sent."""

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from vatriage.errors import UsageError
from vatriage.model.viewer import Right
from vatriage.usecases.query_words import explain_url
from vatriage.vendors.interface import QueryKind, VendorError
from vatriage.web.api.endpoint import ApiRequest, endpoint
from vatriage.wiring import servers

_Kind = Literal["current", "last saved", "real time"]
_Text = Annotated[str, Field(max_length=1900)]


class UrlExplained(Schema):
    """A URL, explained."""

    url: str
    server: str
    kind: str = Field(description="current, last saved, saved or real time.")
    label: str
    means: str
    parameters: dict[str, str]
    scans: str = Field(description="What every pull will scan, empty = nothing.")
    scan_addresses: int
    warnings: list[str]


@endpoint("GET", "/url-explanations", right=Right.ADMIN, answer=UrlExplained)
def explain_a_url(request: ApiRequest, url: Annotated[str, Field(min_length=1, max_length=2000)]) -> Any:  # noqa: ARG001 - every endpoint takes the request
    """Explain what a device with this URL would ask for."""
    return _explained(url.strip())


@endpoint("GET", "/built-urls", right=Right.ADMIN, answer=UrlExplained)
def build_a_url(
    request: ApiRequest,  # noqa: ARG001 - every endpoint takes the request
    server: Annotated[str, Field(min_length=1, max_length=300, description="host or host:port.")],
    kind: _Kind = "last saved",
    addresses: Annotated[_Text, Field(description="real time: 192.0.2.1-192.0.2.5,192.0.2.9")] = "",
    appliance: Annotated[str, Field(max_length=255, description="real time: private addresses need one.")] = "",
) -> Any:
    """Build a device's URL, and explain it."""
    return _explained(servers.qualys_calls().written_url(QueryKind(kind), server.strip(), addresses, appliance))


def _explained(url: str) -> dict[str, Any]:
    """Raise: UsageError: it asks for nothing that is known."""
    try:
        told = explain_url(servers.qualys_calls(), url)
    except VendorError as error:
        raise UsageError(error.message, error.hint) from error
    query = told.query
    return {
        "url": url, "server": query.server, "kind": query.kind.value, "label": told.label, "means": told.means,
        "parameters": dict(query.parameters), "scans": told.scans, "scan_addresses": query.scan_addresses,
        "warnings": list(told.warnings),
    }  # fmt: skip
