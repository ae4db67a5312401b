"""Alerts: judging a batch of them, and explaining a verdict."""

from typing import Annotated, Any, Literal

import msgspec
from django.http import HttpResponse
from pydantic import Field

from vatriage.errors import NotAllowedError, NotFoundError, UsageError
from vatriage.model.viewer import Right
from vatriage.sensors.interface import AlertReader
from vatriage.usecases.explain import argued_all
from vatriage.usecases.lookups import stored_verdicts
from vatriage.web.api.document import RECORD
from vatriage.web.api.endpoint import JSON, LINES, ApiRequest, endpoint
from vatriage.web.api.instants import AsOf, instant_us
from vatriage.web.api.judging import judged
from vatriage.web.api.sight import check_zone
from vatriage.wiring.readers import alert_reader

_Zone = Annotated[str, Field(min_length=1, max_length=64, description="The zone that the events belong to.")]
_Format = Annotated[
    Literal["eve", "snort-json", "fast", "snort-full", "snort-csv", "syslog", "cef", "leef", "unified2"] | None,
    Field(description="The events' format; without it, it is told by the first bytes."),
]
_Year = Annotated[
    int | None, Field(ge=1970, le=9999, description="Year of the first alert, for formats that write none.")
]
_TimeZone = Annotated[
    str | None, Field(max_length=64, description="The sensor's time zone (IANA), for formats that write local times.")
]
_SENTENCES = {"type": "array", "items": {"type": "string"}}
_PARTS = ("claimed", "target", "tested", "because", "missing", "would_change")
_ARGUED = {
    "record": RECORD,
    "explanation": {
        "type": "object",
        "properties": {"verdict": {"type": "string"}, **dict.fromkeys(_PARTS, _SENTENCES)},
        "required": ["verdict", *_PARTS],
    },
}
_EARLIER = {"type": "array", "items": {"type": "object", "properties": _ARGUED, "required": [*_ARGUED]}}
_BRIEF = {
    "type": "object",
    "properties": {
        **{name: {"type": "string"} for name in ("verdict", "judged_at", "snapshot")},
        "reasons": _SENTENCES,
    },
    "required": ["verdict", "judged_at", "reasons", "snapshot"],
}
EXPLAINED = {
    "type": "object",
    "properties": _ARGUED | {"earlier": _EARLIER, "known_then": _BRIEF, "known_now": _BRIEF},
    "required": [*_ARGUED, "earlier", "known_then", "known_now"],
    "description": "As `vatriage explain --json` has it: the newest judgement, the earlier ones, oldest first, and in brief "
    "what was known at the alert's time and what is known now.",
}
_REJECT = {
    "type": "object",
    "properties": {"line": {"type": "integer"}, "problem": {"type": "string"}},
    "required": ["line", "problem"],
}
_COUNTS = ("events", "alerts", "rejected")
JUDGED = {
    "type": "object",
    "properties": {
        "records": {"type": "array", "items": RECORD, "description": "One an alert, in the order of the alerts."},
        **{name: {"type": "integer"} for name in _COUNTS},
        "rejects": {"type": "array", "items": _REJECT, "description": "The first of the lines that are no events."},
        "stored": {"type": "boolean"},
    },
    "required": ["records", *_COUNTS, "rejects", "stored"],
}


@endpoint("GET", "/alerts/{str:alert}", right=Right.READ, answer=EXPLAINED, errors=(404,))
def get_an_alert(request: ApiRequest, alert: str) -> HttpResponse:
    """Explain a stored alert's verdict; its id may be cut to its first digits."""
    records = [record for record in stored_verdicts(alert) if request.viewer.sees(record.zone)]
    if not records:
        raise NotFoundError(
            f"No stored alert has the id {alert[:40]!r}.", "Alerts are stored by POST /triage?store=true."
        )
    return _answer(argued_all(records))


@endpoint("POST", "/explain", right=Right.READ, answer=EXPLAINED, body=LINES)
def explain_an_alert(
    request: ApiRequest, zone: _Zone = "default", as_of: AsOf = None,
    format: _Format = None, year: _Year = None, time_zone: _TimeZone = None,  # noqa: A002 - the parameter's name
) -> HttpResponse:  # fmt: skip
    """Judge one alert (one EVE line) and explain the verdict; nothing is stored."""
    check_zone(request.viewer, zone)
    records, run = judged(request, zone, instant_us(as_of), _reader(format, year, time_zone))
    if len(records) != 1:
        problem = f" {run.counts.kept_rejects[0].problem}." if run.counts.kept_rejects else ""
        raise UsageError(f"The body holds {len(records)} alerts.{problem}", "Send one EVE alert as one line.")
    return _answer(argued_all(records))


@endpoint("POST", "/triage", right=Right.READ, answer=JUDGED, once=True, body=LINES)
def triage_alerts(
    request: ApiRequest,
    zone: _Zone = "default",
    as_of: AsOf = None,
    format: _Format = None,  # noqa: A002 - the parameter's name
    year: _Year = None,
    time_zone: _TimeZone = None,
    *,
    store: bool = False,
) -> dict[str, Any]:
    """Judge a batch of a sensor's events (EVE, or another format): is each alert's target really susceptible?"""
    check_zone(request.viewer, zone)
    if store and not request.viewer.may(Right.REVIEW):
        raise NotAllowedError("Keeping verdicts needs the right 'review'.", "Judge without store=true.")
    records, run = judged(request, zone, instant_us(as_of), _reader(format, year, time_zone), store=store)
    counts = run.counts
    return {
        "records": [record.to_dict() for record in records], "events": counts.events, "alerts": counts.alerts,
        "rejected": counts.rejects, "stored": store,
        "rejects": [{"line": item.line, "problem": item.problem} for item in counts.kept_rejects[:_REJECTS_SHOWN]],
    }  # fmt: skip


_REJECTS_SHOWN = 100


def _reader(format_name: str | None, year: int | None, time_zone: str | None) -> AlertReader:
    return alert_reader(format_name, year=year, time_zone=time_zone)


def _answer(value: Any) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(value), content_type=JSON)
