"""Inventory > Hosts > what people say of a host: made on a page of its own, shown on the host's."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from vatriage.errors import UsageError
from vatriage.model.identity import Said
from vatriage.model.viewer import Right
from vatriage.usecases.host_statements import TEXT_LENGTH, StatementForm, state_of_host, withdraw_statement
from vatriage.usecases.lookups import canonical_address
from vatriage.web import house
from vatriage.web.fields import InstantField
from vatriage.web.page import PageRequest, page, show
from vatriage.web.withdrawal import ReasonFields, ask_why

KINDS = {
    Said.NOT_ONE_HOST: "Not one host: several machines stand under this name",
    Said.OS: "Operating system",
    Said.SERVICE: "Service",
    Said.MITIGATION: "Mitigation",
    Said.MAC: "MAC address (joins DHCP leases)",
}


class StatementFields(ReasonFields):
    """What a person says of a host."""

    kind = forms.ChoiceField(label="What", choices=[(str(kind), text) for kind, text in KINDS.items()])
    text = forms.CharField(
        label="In words", required=False, max_length=TEXT_LENGTH,
        help_text="The OS, the service, the mitigation or the MAC. It is shown beside the evidence and lowers no verdict.",
    )  # fmt: skip
    valid_until = InstantField("Expiry (UTC)", ends=True)
    field_order = ("kind", "text", "reason", "valid_until")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        self.fields["valid_until"].help_text = "When somebody must look again. Only “not one host” may do without."

    def statement(self) -> StatementForm:
        """Return it as the use case has it."""
        found = self.cleaned_data
        return StatementForm(
            kind=Said(found["kind"]), text=found["text"], reason=found["reason"], valid_until=found["valid_until"]
        )  # fmt: skip


@page("hosts/<str:address>/say/<int:number>/", name="host-say", right=Right.REVIEW, methods=("GET", "POST"))
def host_say(request: PageRequest, **values: Any) -> HttpResponse:
    """Say something of a host, with reason and expiry."""
    address, number = canonical_address(values["address"]), int(values["number"])
    form, status = StatementFields(request.POST or None), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                state_of_host(
                    number, form.statement(), who=request.viewer.who, zones=request.viewer.zones, clock=house.clock(),
                    snapshots=house.config().snapshots,
                )  # fmt: skip
            except UsageError as error:
                form.add_error(None, f"{error.message} {error.hint}")
            else:
                messages.success(request, "What you said is kept; it stands beside the evidence.")
                return HttpResponseRedirect(reverse("host", kwargs={"address": address}))
    return show(request, "hosts/say.html", {"form": form, "address": address, "number": number}, status=status)


@page(
    "hosts/<str:address>/withdraw/<int:number>/", name="host-withdraw", right=Right.REVIEW, methods=("GET", "POST")
)  # fmt: skip
def host_withdraw(request: PageRequest, **values: Any) -> HttpResponse:
    """Let a statement count no more; it stays on record."""
    address, number = canonical_address(values["address"]), int(values["number"])
    asked = ask_why(
        request,
        lambda reason: withdraw_statement(
            number, reason, who=request.viewer.who, zones=request.viewer.zones, clock=house.clock(),
            snapshots=house.config().snapshots,
        ),
    )  # fmt: skip
    if asked.done:
        messages.success(request, f"Statement {number} is withdrawn.")
        return HttpResponseRedirect(reverse("host", kwargs={"address": address}))
    shown = {"form": asked.form, "address": address, "title": f"Withdraw statement {number}"}
    return show(request, "hosts/withdraw.html", shown, status=asked.status)
