"""schemathesis on the OpenAPI document: whatever is sent, no 5xx and no answer that the document does not name."""

import json

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from soak import SOAK, examples
from vatriage.model.viewer import Right, Role
from web.api_client import BODIES, ENDPOINTS, ROOT, furnish, token_of

_CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
_ANSWERED_BY_THE_VA_SERVER = {
    f"{ROOT}/{noun}" for noun in ("connectivity-tests", "scan-cancellations", "pull-advice", "appliance-lists")
}
"""502 is no error of ours there: the device's server is nowhere."""


@schemathesis.serializer("application/x-ndjson")
def events(_context, value):
    """Send events as they are."""
    return {"data": value.encode(errors="replace") if isinstance(value, str) else json.dumps(value).encode()}


def _cases(operation, known, body):
    """Return what makes requests: as the document allows, of what is there, and as it forbids, if it forbids any."""
    good = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    bad = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    takes = operation.body or operation.query or operation.headers or operation.path_parameters

    def real(case):
        if case.path_parameters:
            case.path_parameters = {name: known[name] for name in case.path_parameters}
        if body is not None:
            case.body = body
        return case

    return st.one_of(good, good.map(real), *([bad] if takes else []))


@pytest.fixture
def described(store, user):
    """The API as its document describes it, in this process; a token that may everything; what is there."""
    from django.core.handlers.wsgi import WSGIHandler

    from vatriage.web.api.site import SITE

    token = token_of(user(Role.ADMIN), *Right)
    known = furnish(store)
    told = json.loads(json.dumps(SITE.get_openapi_schema()))
    for operations in told["paths"].values():
        for operation in operations.values():
            del operation["security"]  # every request has the token: who has none is the matter of test_api_gate.py
    schema = schemathesis.openapi.from_dict(told)
    schema.app = WSGIHandler()
    return schema, {"Authorization": f"Bearer {token}"}, known


@pytest.mark.parametrize(("method", "path"), ENDPOINTS, ids=lambda part: part.removeprefix(ROOT))
def test_no_request_breaks_the_api_or_is_answered_as_the_document_does_not_say(described, method, path):
    schema, headers, known = described
    operation, body = schema[path][method], BODIES.get(f"{method} {path.removeprefix(ROOT)}")

    @given(case=_cases(operation, known, body))
    @settings(
        max_examples=examples(12), deadline=None, database=None, derandomize=not SOAK,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )  # fmt: skip
    def tried(case):
        case.headers = {**(case.headers or {}), "Host": "localhost"}
        answer = case.call(headers=headers)
        if answer.status_code == 502 and path in _ANSWERED_BY_THE_VA_SERVER:
            return
        case.validate_response(answer, checks=_CHECKS)

    tried()
