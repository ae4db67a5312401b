"""Which alerts a list shows, as a query or a body says it."""

from typing import Annotated, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from vatriage.errors import UsageError
from vatriage.model.address import format_address, pack_address
from vatriage.model.alert import Disposition
from vatriage.model.alert_filter import AlertFilter, Decision
from vatriage.model.verdict import Reason, Verdict
from vatriage.usecases.alert_lists import LISTS, mars_list
from vatriage.web.api.instants import AsOf, instant_us

_Id = Annotated[str, Field(pattern="^[0-9a-f]{1,64}$")]
VerdictName = Literal[
    "NOT_AFFECTED", "UNVERIFIABLE", "UNKNOWN", "POSSIBLY_AFFECTED", "AFFECTED", "COMPROMISE_INDICATED"
]  # fmt: skip
_ListName = Annotated[str | None, Field(description=f"A list of false positives: {', '.join(LISTS)}.")]


class Wanted(Schema):
    """Which alerts a list shows; what is left out asks for nothing."""

    model_config = ConfigDict(extra="ignore")
    verdict: list[VerdictName] = Field(default=[], description="May be repeated.")
    zone: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    begin: AsOf = Field(default=None, description="The earliest time of an alert.")
    end: AsOf = Field(default=None, description="The time before which alerts are.")
    address: Annotated[str, Field(max_length=45, description="The target's or the attacker's.")] | None = None
    signature: Annotated[str, Field(max_length=200, description="sid, gid:sid, or a part of the message.")] = ""
    reason: Reason | None = None
    reviewed: bool | None = None
    decision: Decision | None = None
    disposition: Disposition | None = None
    group: _Id | None = None
    contradicted: bool = Field(default=False, description="Only those whose evidence contradicts what a person said.")
    marked: bool | None = Field(default=None, description="Whether a tuning rule marks it.")
    list: _ListName = None

    def filter(self) -> AlertFilter:
        """Return it as the use cases have it. Raises: UsageError: a value cannot be meant."""
        base = AlertFilter() if self.list is None else mars_list(self.list)
        return AlertFilter(
            verdicts=frozenset(Verdict[name] for name in self.verdict) or base.verdicts,
            zones=None if self.zone is None else frozenset({self.zone}),
            from_us=instant_us(self.begin), until_us=instant_us(self.end), address=_canonical(self.address),
            signature=self.signature, reason=self.reason or "",
            reviewed=base.reviewed if self.reviewed is None else self.reviewed,
            decisions=base.decisions if self.decision is None else frozenset({self.decision}),
            disposition=self.disposition or base.disposition, group_id=self.group or "",
            contradicted=self.contradicted or base.contradicted,
            marked=base.marked if self.marked is None else self.marked,
        )  # fmt: skip


def _canonical(address: str | None) -> str:
    if not address:
        return ""
    try:
        return format_address(pack_address(address))
    except ValueError as error:
        raise UsageError(f"{address!r} is no IP address.", "Write it like 10.0.0.5 or 2001:db8::5.") from error
