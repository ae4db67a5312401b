"""Inventory > Virtual Addresses: load balancers and other addresses that several hosts stand behind."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from vatriage.errors import VatriageError
from vatriage.model.viewer import Right, Viewer
from vatriage.usecases.said_form import REASON_LENGTH
from vatriage.usecases.sight import zones_seen
from vatriage.usecases.virtual_addresses import PoolForm, add_pool, list_pools, withdraw_pool
from vatriage.web import house
from vatriage.web.errors import status_of
from vatriage.web.fields import InstantField
from vatriage.web.page import Menu, PageRequest, page, show
from vatriage.web.withdrawal import ask_why


class PoolFields(forms.Form):
    """Who stands behind an address."""

    zone = forms.ChoiceField(label="Zone")
    address = forms.CharField(label="Virtual address", max_length=45)
    port = forms.IntegerField(
        label="Port", required=False, min_value=0, max_value=65_535, help_text="Empty: every port of it."
    )
    members = forms.CharField(
        label="Members", required=False, widget=forms.Textarea({"rows": 6, "spellcheck": "false", "class": "mono"}),
        help_text="One a line: 10.0.0.5, or 10.0.0.5:8443 where the port is another. None: it is shared, nobody knows by whom.",
    )  # fmt: skip
    reason = forms.CharField(label="Reason", max_length=REASON_LENGTH, widget=forms.Textarea({"rows": 3}))
    valid_from = InstantField("From (UTC)")
    valid_until = InstantField("Until (UTC)", ends=True)

    def __init__(self, viewer: Viewer, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        self.fields["zone"].choices = [(name, name) for name in zones_seen(viewer.zones)]  # type: ignore[attr-defined] # a ChoiceField
        self.fields[
            "valid_from"
        ].help_text = "Empty: from now. For earlier alerts it may raise a verdict, and never clears."
        self.fields["valid_until"].help_text = "Empty: until it is withdrawn."

    def pool(self) -> PoolForm:
        """Return it as the use case has it."""
        found = self.cleaned_data
        members = [line.strip() for line in found["members"].splitlines() if line.strip()]
        names = ("zone", "address", "port", "reason", "valid_from", "valid_until")
        return PoolForm(members=members, **{name: found[name] for name in names})


@page(
    "virtual-addresses/", name="virtual-addresses", right=Right.READ, menu=Menu("Inventory", "Virtual Addresses", 30)
)  # fmt: skip
def virtual_addresses(request: PageRequest, **_values: Any) -> HttpResponse:
    """List who stands behind which address."""
    withdrawn = request.GET.get("withdrawn") == "yes"
    pools = list_pools(request.viewer.zones, withdrawn=withdrawn)
    return show(request, "virtual_addresses/list.html", {"pools": pools, "withdrawn": withdrawn})


@page("virtual-addresses/add/", name="virtual-address-add", right=Right.ADMIN, methods=("GET", "POST"))
def virtual_address_add(request: PageRequest, **_values: Any) -> HttpResponse:
    """Say who stands behind an address."""
    form, status = PoolFields(request.viewer, request.POST or None), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                add_pool(
                    form.pool(), who=request.viewer.who, zones=request.viewer.zones, clock=house.clock(),
                    snapshots=house.config().snapshots,
                )  # fmt: skip
            except VatriageError as error:
                form.add_error(None, f"{error.message} {error.hint}")
                status = status_of(error)
            else:
                messages.success(request, "The virtual address is added. It acts from now on.")
                return HttpResponseRedirect(reverse("virtual-addresses"))
    return show(request, "virtual_addresses/form.html", {"form": form, "title": "Add a virtual address"}, status=status)


@page(
    "virtual-addresses/<int:number>/withdraw/", name="virtual-address-withdraw", right=Right.ADMIN,
    methods=("GET", "POST"),
)  # fmt: skip
def virtual_address_withdraw(request: PageRequest, **values: Any) -> HttpResponse:
    """Let a virtual address count no more; it stays on record."""
    number = int(values["number"])
    asked = ask_why(
        request,
        lambda reason: withdraw_pool(
            number, reason, who=request.viewer.who, zones=request.viewer.zones, clock=house.clock(),
            snapshots=house.config().snapshots,
        ),
    )  # fmt: skip
    if asked.done:
        messages.success(request, f"Virtual address {number} is withdrawn.")
        return HttpResponseRedirect(reverse("virtual-addresses"))
    shown = {"form": asked.form, "title": f"Withdraw virtual address {number}"}
    return show(request, "virtual_addresses/form.html", shown, status=asked.status)
