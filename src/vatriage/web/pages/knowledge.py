"""Inventory > KnowledgeBase: the QIDs and what they test."""

from typing import Any

from django import forms
from django.http import HttpResponse

from vatriage.model.viewer import Right
from vatriage.usecases.host_lists import knowledge_page
from vatriage.usecases.lookups import show_qid
from vatriage.web.page import Menu, PageRequest, page, show

_KINDS = ("confirmed", "potential", "information")


class KnowledgeFields(forms.Form):
    """What the list is narrowed by."""

    text = forms.CharField(
        label="QID, CVE or words of the title", required=False, max_length=200,
        widget=forms.TextInput({"data-search": "", "size": 26}),
    )  # fmt: skip
    kind = forms.ChoiceField(label="Kind", required=False, choices=[("", "any"), *((kind, kind) for kind in _KINDS)])
    severity = forms.TypedMultipleChoiceField(
        label="Qualys severity (5 worst)", required=False, coerce=int, widget=forms.CheckboxSelectMultiple,
        choices=[(level, str(level)) for level in range(5, 0, -1)],
    )  # fmt: skip


@page("knowledge/", name="knowledge", right=Right.READ, menu=Menu("Inventory", "KnowledgeBase", 20))
def knowledge(request: PageRequest, **_values: Any) -> HttpResponse:
    """List the KnowledgeBase in order of QID."""
    form = KnowledgeFields(request.GET)
    valid = form.is_valid()
    asked, after = form.cleaned_data, request.GET.get("after")
    found = knowledge_page(
        text=asked.get("text", ""), kind=asked.get("kind", ""), severities=asked.get("severity", []), after=after
    )
    narrowed = any(request.GET.get(name) for name in form.fields)
    values = {
        "form": form,
        "rows": found.rows if valid else [],
        "next": found.following if valid else None,
        "after": after,
        "narrowed": narrowed,
    }
    return show(request, "knowledge/list.html", values, status=200 if valid else 400)


@page("knowledge/<int:qid>/", name="qid", right=Right.READ)
def qid(request: PageRequest, **values: Any) -> HttpResponse:
    """Show one QID."""
    return show(request, "knowledge/qid.html", {"entry": show_qid(values["qid"])})
