"""The REST API as a site: the declared endpoints on django-ninja, errors as problems."""

from collections.abc import Callable, Sequence
from functools import wraps
from importlib import import_module
from pkgutil import iter_modules
from typing import Annotated, Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.params.models import Header
from ninja.responses import Status
from pydantic import StringConstraints

from vatriage.errors import VatriageError
from vatriage.store.opening import as_store_error
from vatriage.web.api import nouns, problem
from vatriage.web.api.body import BodyParser
from vatriage.web.api.document import COMMON, openapi
from vatriage.web.api.endpoint import ENDPOINTS, ApiRequest, Endpoint
from vatriage.web.api.gate import Token
from vatriage.web.api.known import problem_of
from vatriage.web.api.once import done_once
from vatriage.web.api.shapes import Problem
from vatriage.web.bugs import report_bug

ROOT = "/api/v1"
_Key = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,128}$")]


class Site(NinjaAPI):
    """Our API; its OpenAPI document is ninja's, completed."""

    def get_openapi_schema(self, **_values: Any) -> Any:
        """Return the OpenAPI document."""
        return openapi(super().get_openapi_schema(path_prefix=ROOT))

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        """Return the problem of an error; one that nobody foresaw is a bug, and is logged with a reference."""
        error = exc.__cause__ if isinstance(exc, HttpError) and exc.__cause__ is not None else exc
        known = _known(error) or (_known(exc) if error is not exc else None)
        if known is not None:
            return known
        return problem.answer(problem.bug(report_bug(request, exc)))


def _known(error: BaseException) -> HttpResponse | None:
    """Return the problem of an error that is one of ours or the client's, None for any other."""
    if isinstance(error, problem.ProblemError):
        return problem.said(error)
    if isinstance(error, VatriageError):
        return problem.answer(problem_of(error))
    if isinstance(error, ValidationError):
        return problem.answer(_invalid(error))
    for kind, (status, detail, hint) in _FOREIGN.items():
        if isinstance(error, kind):
            return problem.answer(problem.content(status, detail, hint))
    store = as_store_error(error) if isinstance(error, Exception) else None
    return None if store is None else problem.answer(problem_of(store))


_FOREIGN: dict[type[Exception], tuple[int, str, str]] = {
    RequestDataTooBig: (413, "The body is too large.", "Send less at a time."),
    Http404: (404, "There is nothing at this address.", "See the OpenAPI document."),
    HttpError: (400, "The body is no JSON.", "Send a JSON object."),
    SuspiciousOperation: (400, "The request cannot be read.", "Send it again."),
    UnreadablePostError: (400, "The request cannot be read.", "Send it again."),
}
"""Errors of Django and django-ninja, in the order in which they are told apart."""


def _invalid(error: ValidationError) -> dict[str, Any]:
    """Return the problem of fields that are wrong, each by its path; what was sent is not repeated."""
    wrong = [{"field": _field(item["loc"]), "message": str(item["msg"])} for item in error.errors[:50]]
    first = wrong[0] if wrong else {"field": "request", "message": "cannot be meant"}
    return problem.content(
        422, f"{first['field']}: {first['message']}.", "`errors` names every field that is wrong.", errors=wrong
    )


def _field(place: Sequence[Any]) -> str:
    """Return a field's path: where it came (body, query, header, path) and its name there."""
    source, *names = place
    return ".".join(map(str, [source, *(names[1:] if source == "body" else names)]))[:200]


def _site() -> Site:
    for module in iter_modules(nouns.__path__):
        import_module(f"{nouns.__name__}.{module.name}")
    made = Site(
        title="vatriage", version="1", description=_ABOUT, docs_url=None, openapi_url=None, urls_namespace="api",
        parser=BodyParser(),
    )  # fmt: skip
    for known in ENDPOINTS.values():
        _mount(made, known)
    return made


def _mount(made: Site, known: Endpoint) -> None:
    """Put an endpoint on the site, behind its gate."""
    errors = dict.fromkeys(sorted({*known.errors, *COMMON}), Problem)
    view, plain = _view(known), isinstance(known.answer, dict)
    made.api_operation(
        [known.method], known.path, auth=Token(known), operation_id=known.view.__name__, tags=[known.noun],
        response={known.status: None if plain else known.answer, **errors}, summary=_first_sentence(known.view),
        description=f"Needs the right `{known.right.value}`.",
        openapi_extra={
            "x-right": known.right.value, "x-answer": known.answer if plain else None, "x-body": known.body,
            "x-media": list(known.media),
        },
    )(view)  # fmt: skip
    operation = view._ninja_operation  # type: ignore[attr-defined]  # noqa: SLF001 - ninja's own mark
    known.query = frozenset(
        name
        for model in operation.models if model.__ninja_param_source__ == "query"
        for name in model.__ninja_flatten_map__
    )  # fmt: skip


def _view(known: Endpoint) -> Callable[..., Any]:
    """Return an endpoint's view as ninja wants it; an action takes an Idempotency-Key."""

    @wraps(known.view)
    def view(request: ApiRequest, *, idempotency_key: str | None = None, **values: Any) -> Any:
        def act() -> Any:
            return known.view(request, **values)

        value = act() if idempotency_key is None else done_once(known, request, idempotency_key, act)
        if isinstance(value, HttpResponseBase | Status):
            return value
        return JsonResponse(value) if isinstance(known.answer, dict) else Status(known.status, value)

    if known.once:
        header: Any = Header(
            None, alias="Idempotency-Key", description="Makes the action happen once; kept for 24 hours."
        )
        setattr(view, "_ninja_contribute_args", [("idempotency_key", _Key | None, header)])  # noqa: B010 - where ninja looks
    return view


def _first_sentence(view: Callable[..., Any]) -> str:
    return (view.__doc__ or "").strip().split("\n")[0].rstrip(".")


_ABOUT = (
    "Everything that the pages do, for programs. Send `Authorization: Bearer TOKEN`. Errors are application/problem+json. "
    "Lists are paged: send the `next` of a page as `after`. Unknown fields and parameters are refused."
)
SITE = _site()
