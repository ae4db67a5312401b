"""Admin > Audit Log: every change and login; who, when, from where, what, before and after."""

from typing import Any

from django import forms
from django.http import HttpResponse, StreamingHttpResponse

from vatriage.errors import UsageError
from vatriage.model.viewer import Right
from vatriage.store.audit_rows import AuditSearch
from vatriage.usecases.audit_log import differences, export, log_page
from vatriage.web import house
from vatriage.web.fields import InstantField, key_of
from vatriage.web.page import Menu, PageRequest, page, show

_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}


class AuditFields(forms.Form):
    """What is searched for."""

    actor = forms.CharField(label="Who", required=False, max_length=255)
    action = forms.CharField(label="Action", required=False, max_length=64)
    subject = forms.CharField(label="Subject", required=False, max_length=255)
    text = forms.CharField(label="Text or address", required=False, max_length=255)
    begin = InstantField("From (UTC)")
    end = InstantField("To (UTC)", ends=True)


@page("audit/", name="audit", right=Right.ADMIN, menu=Menu("Admin", "Audit Log", 80))
def audit(request: PageRequest, **_values: Any) -> HttpResponse:
    """Show a page of the log, narrowed by a search."""
    form = AuditFields(request.GET)
    search = AuditSearch(**form.cleaned_data) if form.is_valid() else AuditSearch()
    after = key_of(request)
    shown = log_page(search, after, viewer=request.viewer)
    values = {
        "form": form, "lines": [(line, differences(line)) for line in shown.lines], "next": shown.next,
        "narrowed": any(request.GET.get(name) for name in form.fields), "after": after,
    }  # fmt: skip
    return show(request, "audit/list.html", values, status=200 if form.is_valid() else 400)


@page("audit/export/<str:kind>/", name="audit-export", right=Right.ADMIN)
def audit_export(request: PageRequest, **values: Any) -> HttpResponse:
    """Send what was searched for as a file, in one stream."""
    kind: str = values["kind"]
    form = AuditFields(request.GET)
    if kind not in _TYPES or not form.is_valid():
        raise UsageError("The search or the kind of file cannot be meant.", "Go back to the audit log and try again.")
    pieces = export(AuditSearch(**form.cleaned_data), kind, viewer=request.viewer, now=house.now_s())
    answer = StreamingHttpResponse(pieces, content_type=_TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="vatriage-audit.{kind}"'
    return answer  # type: ignore[return-value] # a streaming answer is an HttpResponseBase; Django takes it all the same
