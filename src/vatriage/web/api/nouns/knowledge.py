"""The KnowledgeBase: QIDs and what they test; and how much of the signatures can be verified with them."""

from typing import Any

from ninja import Schema

from vatriage.model.viewer import Right
from vatriage.signatures.coverage import coverage
from vatriage.usecases.lookups import show_qid
from vatriage.usecases.signatures import stored_signatures
from vatriage.web import house
from vatriage.web.api.endpoint import ApiRequest, endpoint
from vatriage.web.api.shapes import Instant


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


class Coverage(Schema):
    """How many signatures VA data can decide, as `vatriage signatures coverage --json` has it."""

    signatures: int
    enabled: int
    with_cve: int
    cve_in_message_only: int
    bugtraq_only: int
    conflicting: int
    no_claim: int


@endpoint("GET", "/kb/{int:qid}", right=Right.READ, answer=Entry, errors=(404,))
def get_a_qid(request: ApiRequest, qid: int) -> Any:  # noqa: ARG001 - every endpoint takes the request
    """Show one QID."""
    return show_qid(qid)


@endpoint("GET", "/signatures/coverage", right=Right.READ, answer=Coverage)
def get_coverage(request: ApiRequest) -> Any:  # noqa: ARG001 - every endpoint takes the request
    """Count how many loaded signatures VA data can decide at all."""
    return coverage(stored_signatures(house.config().signatures))
