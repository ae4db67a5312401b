"""The KnowledgeBase: QIDs and what they test; and how much of the signatures can be verified with them."""

from typing import Annotated, Any, Literal

from ninja import Query, Schema
from pydantic import ConfigDict, Field

from vatriage.model.instant import format_instant
from vatriage.model.viewer import Right
from vatriage.signatures.coverage import coverage
from vatriage.usecases.host_lists import knowledge_page
from vatriage.usecases.lookups import show_qid
from vatriage.usecases.signatures import signature_coverage, stored_signatures
from vatriage.web import house
from vatriage.web.api.endpoint import ApiRequest, endpoint
from vatriage.web.api.shapes import After, Instant, Limit, Next


class Entry(Schema):
    """A KnowledgeBase entry, as `vatriage kb show --json` has it."""

    qid: int
    kind: str
    qualys_severity: int
    title: str
    category: str
    published: Instant | None
    code_modified: Instant | None
    service_modified: Instant | None
    patchable: bool
    remote: bool
    auth_types: list[str]
    disabled: bool
    solution: str
    first_copy: Instant | None
    last_copy: Instant | None
    claims: list[str]


class EntryLine(Schema):
    """An entry as the list has it."""

    qid: int
    kind: str
    qualys_severity: int
    title: str
    category: str
    published: Instant | None
    remote: bool
    auth_types: list[str]
    patchable: bool
    disabled: bool
    claims: list[str]


class EntryList(Schema):
    """A page of the KnowledgeBase, in order of QID."""

    entries: list[EntryLine]
    next: Next


class WantedEntries(Schema):
    """Which entries a list shows."""

    model_config = ConfigDict(extra="ignore")
    text: Annotated[str, Field(max_length=200, description="A QID, a claim, or a part of the title.")] = ""
    kind: Literal["confirmed", "potential", "information"] | None = None
    severity: list[Annotated[int, Field(ge=1, le=5)]] = Field(
        default=[], description="Of Qualys, 5 worst; may be repeated."
    )


class ClaimCoverage(Schema):
    """What the KnowledgeBase can say of the loaded signatures."""

    signatures: int
    map_only: int = Field(description="Signatures that only a map names, without a rule.")
    claims: int = Field(description="Distinct claims of all loaded signatures.")
    tested: int = Field(description="Those that the KnowledgeBase has a QID for.")
    version: str = Field(description="Of the signature index.")


class Coverage(Schema):
    """How many signatures VA data can decide, as `vatriage signatures coverage --json` has it."""

    signatures: int
    enabled: int
    with_cve: int
    cve_in_message_only: int
    bugtraq_only: int
    conflicting: int
    no_claim: int


@endpoint("GET", "/kb", right=Right.READ, answer=EntryList)
def list_qids(
    request: ApiRequest,  # noqa: ARG001 - every endpoint takes the request
    wanted: Query[WantedEntries],
    after: After = "",
    limit: Limit = 100,
) -> Any:
    """List the KnowledgeBase in order of QID."""
    page = knowledge_page(
        text=wanted.text, kind=wanted.kind or "", severities=wanted.severity, after=after or None, size=limit
    )  # fmt: skip
    return {"entries": list(map(_line, page.rows)), "next": page.following}


@endpoint("GET", "/kb/{int:qid}", right=Right.READ, answer=Entry, errors=(404,))
def get_a_qid(request: ApiRequest, qid: int) -> Any:  # noqa: ARG001 - every endpoint takes the request
    """Show one QID."""
    return show_qid(qid)


@endpoint("GET", "/signatures/coverage", right=Right.READ, answer=Coverage)
def get_coverage(request: ApiRequest) -> Any:  # noqa: ARG001 - every endpoint takes the request
    """Count how many loaded signatures VA data can decide at all."""
    return coverage(stored_signatures(house.config().signatures))


@endpoint("GET", "/signatures/claims", right=Right.READ, answer=ClaimCoverage)
def get_claim_coverage(request: ApiRequest) -> Any:  # noqa: ARG001 - every endpoint takes the request
    """Count how many claims of the loaded signatures the KnowledgeBase tests."""
    covered = signature_coverage(house.config().signatures, house.config().snapshots)
    return {
        "signatures": covered.counts["signatures"], "map_only": covered.counts["map_only"], "claims": covered.claims,
        "tested": covered.tested, "version": covered.version,
    }  # fmt: skip


def _line(row: dict[str, Any]) -> dict[str, Any]:
    published = format_instant(row["published"] * 1_000_000) if row["published"] else None
    return (
        row
        | {"published": published}
        | {name: bool(row[name]) for name in ("remote", "patchable", "disabled")}
        | {"auth_types": [name for name in row["auth_types"].split(",") if name]}
    )
