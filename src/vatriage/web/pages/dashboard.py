"""Dashboard: what the verdicts say, how old the data behind them is, what was pulled last."""

from typing import Any

from django.http import HttpResponse

from vatriage.errors import VatriageError
from vatriage.model.instant import US
from vatriage.model.time_columns import Step
from vatriage.model.verdict import Reason
from vatriage.model.viewer import Right
from vatriage.usecases.alert_lists import MARS_LISTS
from vatriage.usecases.dashboard import data_age, newest_pulls, review_counts, totals, verdicts_over_time
from vatriage.usecases.escalations import recent_escalations
from vatriage.usecases.hiding_watch import ended_by_itself
from vatriage.usecases.shadow_zones import zone_states
from vatriage.usecases.signatures import signature_coverage
from vatriage.web import house
from vatriage.web.charts.columns import column_chart
from vatriage.web.page import Menu, PageRequest, page, show

_COLUMNS = {Step.DAY: 30, Step.HOUR: 48}


@page("dashboard/", name="dashboard", right=Right.READ, menu=Menu("Dashboard", "Summary", 10))
def dashboard(request: PageRequest, **_values: Any) -> HttpResponse:
    """Show the numbers; none of them reads the alerts themselves."""
    zones, now = request.viewer.zones, house.now_s()
    step = Step.HOUR if request.GET.get("step") == Step.HOUR else Step.DAY
    columns = verdicts_over_time(zones, step, _COLUMNS[step], now)
    found, counts = totals(zones), review_counts(zones, now)
    values = {
        "totals": found, "step": step, "columns": _COLUMNS[step], "chart": column_chart(columns, step),
        "lists": [(name, title, counts[name]) for name, (title, _text, _filter) in MARS_LISTS.items()],
        "contradicted": counts["contradicted"], "marked": counts["marked"],
        "undecidable": found.with_reason(Reason.NO_CLAIM), "not_loaded": found.with_reason(Reason.SIGNATURE_NOT_LOADED),
        "ages": data_age(house.config().snapshots, zones, now), "pulls": newest_pulls(zones),
        "shadow": zone_states(zones, house.clock()), "ended": ended_by_itself(zones, now),
        "risen": recent_escalations(zones, now * US),
    }  # fmt: skip
    return show(request, "dashboard/dashboard.html", values)


@page("dashboard/signatures/", name="dashboard-signatures", right=Right.READ)
def dashboard_signatures(request: PageRequest, **_values: Any) -> HttpResponse:
    """Return the piece about signatures: it reads all loaded rules, so the page does not wait for it."""
    try:
        covered, problem = signature_coverage(house.config().signatures, house.config().snapshots), None
    except VatriageError as error:
        covered, problem = None, error
    return show(request, "coverage/piece.html", {"covered": covered, "problem": problem})


@page("signatures/", name="signatures", right=Right.READ, menu=Menu("Inventory", "Signature coverage", 30))
def signatures(request: PageRequest, **_values: Any) -> HttpResponse:
    """Show how much of the loaded signatures VA data can decide, and what that means for the stored alerts."""
    covered = signature_coverage(house.config().signatures, house.config().snapshots)
    found = totals(request.viewer.zones)
    values = {
        "covered": covered, "totals": found, "undecidable": found.with_reason(Reason.NO_CLAIM),
        "not_loaded": found.with_reason(Reason.SIGNATURE_NOT_LOADED),
        "no_qid": found.with_reason(Reason.NO_QID_FOR_CLAIM),
    }  # fmt: skip
    return show(request, "coverage/signatures.html", values)
