"""A page that is to be fetched: the request, the document that must come, and what its hosts then are to the pull."""

from dataclasses import dataclass
from urllib.parse import urlencode

from vatriage.net.interface import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A page that is to be fetched."""

    request: Request
    kind: str
    """The document that must come."""
    step: str = ""
    """The step of the pull's plan; "" = its kind has no plan."""
    ids: tuple[int, ...] = ()
    """What is asked for by id, ascending; a server that cuts the list all the same has answered for a part of them."""
    after: int = -1
    """Where a truncated list began: its next page must begin later. -1: it is no such list."""
    findings: bool = False
    """It is a list of all that is known of hosts: the hosts in it are received. A scan's report is none."""
    whole_knowledge: bool = False
    """It is the whole KnowledgeBase, which makes good for copies that lost entries."""
    next_two: bool = False
    """It is a list of ids of which only the first two matter."""
    confirms: bool = False
    """The page only shows that hosts without findings are still there: its scans may be newer than the findings."""


def described(request: Request) -> str:
    """Return a request as the ledger keeps it: the same text is the same page."""
    return f"{request.path}?{urlencode(sorted(request.parameters.items()))}"
