"""The filters of the lists of alerts that a person keeps; nobody else sees them."""

from typing import Annotated, Any

from django.http import QueryDict
from ninja import Schema
from pydantic import Field

from vatriage.errors import NotFoundError, UsageError
from vatriage.model.instant import format_instant
from vatriage.model.viewer import Right
from vatriage.usecases.saved_filters import delete_filter, save_filter, saved_filters
from vatriage.web import house
from vatriage.web.api.endpoint import JSON, ApiRequest, endpoint
from vatriage.web.api.shapes import Instant, Sent
from vatriage.web.forms.alert_filter import AlertFields

_Values = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=20)]
_Query = Annotated[
    dict[Annotated[str, Field(max_length=40)], _Values],
    Field(max_length=20, description="Parameters of the alerts' page, each with its values."),
]


class FilterShown(Schema):
    """A filter that is kept."""

    name: str
    query: dict[str, list[str]]
    saved_at: Instant


class FilterList(Schema):
    """One's own filters, in order of name."""

    filters: list[FilterShown]


class FilterContent(Sent):
    """What is kept."""

    query: _Query


@endpoint("GET", "/alert-filters", right=Right.READ, answer=FilterList)
def list_filters(request: ApiRequest) -> Any:
    """List the filters of alerts that you keep."""
    return {"filters": [_shown(row) for row in saved_filters(request.viewer.name)]}


@endpoint("PUT", "/alert-filters/{path:name}", right=Right.REVIEW, answer=FilterShown, body=JSON)
def keep_a_filter(request: ApiRequest, name: str, kept: FilterContent) -> Any:
    """Keep a filter under a name; one of the same name is replaced."""
    _check(request, kept.query)
    save_filter(request.viewer.name, name, kept.query, house.clock())
    return _found(request, name.strip())


@endpoint("DELETE", "/alert-filters/{path:name}", right=Right.REVIEW, answer=None, status=204, errors=(404,))
def delete_a_filter(request: ApiRequest, name: str) -> None:
    """Delete one of your filters."""
    delete_filter(request.viewer.name, name)


def _check(request: ApiRequest, query: dict[str, list[str]]) -> None:
    """Raise: UsageError: the alerts' page would not understand it."""
    form = AlertFields(request.viewer, _as_sent(query))
    if unknown := sorted(query.keys() - form.fields.keys()):
        raise UsageError(f"A filter has no {unknown[0]!r}.", f"It has {', '.join(form.fields)}.")
    if not form.is_valid():
        name, said = next(iter(form.errors.items()))
        raise UsageError(f"{name}: {said[0]}", "Correct it and send it again.")


def _found(request: ApiRequest, name: str) -> dict[str, Any]:
    for row in saved_filters(request.viewer.name):
        if row["name"] == name:
            return _shown(row)
    raise NotFoundError(f"You have no filter named {name!r}.", "GET /alert-filters lists yours.")


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {"name": row["name"], "query": row["query"], "saved_at": format_instant(row["saved_at"] * 1_000_000)}


def _as_sent(query: dict[str, list[str]]) -> QueryDict:
    sent = QueryDict(mutable=True)
    for name, values in query.items():
        sent.setlist(name, values)
    return sent
