"""The service's refusals: logins, accounts, limits, maintenance, and the faults a test orders.

Codes and statuses are those of the API guide's appendix D where it tells them; a *stand-in* is the simulator's own
choice for what no public source shows.
"""

from collections.abc import Callable
from datetime import datetime

from vatriage_simulator.accounts import Account
from vatriage_simulator.answers import (
    HTML,
    Answer,
    Call,
    generic_return,
    html_page,
    moved,
    simple_return,
    v1_over_limit,
)
from vatriage_simulator.faults import Fault, FaultKind
from vatriage_simulator.limits import Standing
from vatriage_simulator.resources import Resource, Route
from vatriage_simulator.v1_errors import RefusedError, refusal, text_of

_REALM_V2 = "Qualys Front Office"
_REALM_V1 = "MSP Front Office"
"""Recorded by the scripts of v1's time."""


def bad_login(call: Call, now: datetime, route: Route) -> Answer:
    """Return 401 with the challenge: 2000 as XML, for v1 plain text (as a client of 2011 expects it)."""
    if route.is_v1:
        answer = Answer(status=401, content_type="text/plain", head="ACCESS DENIED\n")
        answer.headers.append(("WWW-Authenticate", f'Basic realm="{_REALM_V1}"'))
        return answer
    answer = simple_return(call, now, 401, 2000, "Bad Login/Password")
    answer.headers.append(("WWW-Authenticate", f'Basic realm="{_REALM_V2}"'))
    return answer


def expired(call: Call, now: datetime, route: Route, login: str) -> Answer:
    """Return HTTP 200 with 2001 (recorded in 2020; in v1 as a GENERIC_RETURN)."""
    if route.is_v1:
        return generic_return(call, now, login, 2001, "Account Expired")
    return simple_return(call, now, 200, 2001, "This account has expired.")


def registration_incomplete(call: Call, now: datetime, route: Route, login: str) -> Answer:
    """Return 2003. HTTP 403 is a stand-in: no status was recorded."""
    text = "Registration must be completed before API requests will be served for this account"
    if route.is_v1:
        return generic_return(call, now, login, 2003, text)
    return simple_return(call, now, 403, 2003, text)


def account_refusal(call: Call, now: datetime, route: Route, account: Account) -> Answer | None:
    """Return why an account with the right password is refused, None if it is not."""
    if not account.api_access:
        # As a wrong password: so clients report it.
        return bad_login(call, now, route)
    if account.expired:
        return expired(call, now, route, account.login)
    if not account.eula_accepted:
        return registration_incomplete(call, now, route, account.login)
    if not account.address_allowed:
        return address_refused(call, now, route, account.login)
    wants_kb = route.resource in {Resource.KNOWLEDGE_BASE, Resource.KNOWLEDGE_BASE_V1}
    wants_scan = route.resource in {Resource.SCAN, Resource.SCAN_CANCEL}
    if (wants_kb and not account.kb_entitled) or (wants_scan and not account.may_scan):
        return not_permitted(call, now, route, account.login)
    return None


def address_refused(call: Call, now: datetime, route: Route, login: str) -> Answer:
    """Return 2007: the caller's address is not among the secure ones. Told for v1; for /api the status is a stand-in."""
    if route.is_v1:
        return generic_return(call, now, login, 2007, text_of(2007))
    return simple_return(call, now, 403, 2007, text_of(2007))


def not_permitted(call: Call, now: datetime, route: Route, login: str) -> Answer:
    """Return the refusal of what an account may not do. A stand-in: neither status nor code is public."""
    wants_kb = route.resource in {Resource.KNOWLEDGE_BASE, Resource.KNOWLEDGE_BASE_V1}
    what = "download the KnowledgeBase" if wants_kb else "do this"
    text = f"User does not have permission to {what}."
    return generic_return(call, now, login, 2012, text) if route.is_v1 else simple_return(call, now, 403, 2012, text)


def header_missing(call: Call, now: datetime) -> Answer:
    """Return the refusal of a call without X-Requested-With. A stand-in: the guide says only that it is required."""
    return simple_return(call, now, 400, 1903, "Missing required header: X-Requested-With")


def wrong_method(call: Call, now: datetime) -> Answer:
    """Return 1908 for a call that must be POST."""
    return simple_return(call, now, 400, 1908, f"Request method {call.method} is not supported for this resource")


def over_limit(call: Call, now: datetime, route: Route, standing: Standing, login: str) -> Answer:
    """Return 1960 for concurrency, 1965 for rate, with the limit headers: 409, in v1 HTTP 200 (1965 is a stand-in)."""
    if standing.refused == "concurrency":
        waiting = standing.running - standing.limits.concurrency + 1
        code, item = 1960, ("CALLS_TO_FINISH", str(waiting))
        text = f"This API cannot be run again until {waiting} currently running instance has finished."
    else:
        code, item = 1965, ("SECONDS_TO_WAIT", str(standing.to_wait_s))
        text = f"This API cannot be run again for another {standing.to_wait_s} seconds."
    if route.is_v1:
        answer = v1_over_limit(call, now, login, code, text)
    else:
        answer = simple_return(call, now, 409, code, text, item=item)
    answer.headers.extend(standing.headers())
    return answer


def internal(call: Call, now: datetime, login: str = "") -> Answer:
    """Return 500 with 999; in v1 HTTP 200 and a comment with the incident's signature, as its clients tell."""
    if call.path.startswith("/msp/"):
        answer = generic_return(call, now, login, 999, text_of(999))
        answer.head += "<!-- Incident signature: 0123456789abcdef -->\n"
        return answer
    text = "Internal error. Please contact customer support with the incident signature of this call."
    return simple_return(call, now, 500, 999, text)


def maintenance(call: Call, now: datetime, route: Route) -> Answer:
    """Return 503 with 1999; in v1 a page, which its clients know by the words Service Unavailable."""
    if route.is_v1:
        return html_page(503, "503 Service Unavailable", "Planned maintenance. Please try again later.")
    return simple_return(call, now, 503, 1999, "The service is down for maintenance. Please try again later.")


def not_ready(call: Call, now: datetime, route: Route, login: str) -> Answer:
    """Return HTTP 200 with 7001 instead of a report (recorded; the text, and v1's form, are stand-ins)."""
    text = "The report is not ready to be fetched."
    return generic_return(call, now, login, 7001, text) if route.is_v1 else simple_return(call, now, 200, 7001, text)


def not_found() -> Answer:
    """Return 404 as a page."""
    return html_page(404, "404 Not Found", "The requested URL was not found on this server.")


def ordered(
    call: Call, now: datetime, route: Route, standing: Standing | None, *, fault: Fault, login: str
) -> Answer | None:
    """Return the answer of a fault that replaces it, with or without limit headers; None: the fault spoils the body."""
    if fault.kind in _OF_ACCOUNT:
        return _OF_ACCOUNT[fault.kind](call, now, route, login)
    if fault.kind in {FaultKind.RATE_LIMIT, FaultKind.CONCURRENCY} and standing is not None:
        return over_limit(call, now, route, _refused(standing, fault), login)
    answer = _ordered_failure(call, now, route, fault=fault, login=login)
    if answer is not None:
        answer.headers.extend(standing.headers() if standing else [])
    return answer


_OF_ACCOUNT: dict[FaultKind, Callable[[Call, datetime, Route, str], Answer]] = {
    FaultKind.BAD_LOGIN: lambda call, now, route, _: bad_login(call, now, route),
    FaultKind.ACCOUNT_EXPIRED: expired,
    FaultKind.EULA: registration_incomplete,
    FaultKind.SECURE_IP: address_refused,
    FaultKind.NO_PERMISSION: not_permitted,
    FaultKind.PASSWORD_CHANGED: lambda call, now, route, _: bad_login(call, now, route),
    FaultKind.ACCOUNT_EXPIRES: expired,
}
"""The faults that say something about the account; such answers have no limit headers."""


_PAGES = {
    FaultKind.MAINTENANCE_PAGE: (503, "503 Service Unavailable", "Planned maintenance. Please try again later."),
    FaultKind.HTML_PAGE: (200, "Welcome", "This page is for people, not for programs."),
    FaultKind.BAD_GATEWAY: (502, "502 Bad Gateway", "The proxy got no valid answer."),
    FaultKind.GATEWAY_TIMEOUT: (504, "504 Gateway Timeout", "The proxy got no answer in time."),
}
"""The faults that are a page for people: status, title, text."""


def _ordered_failure(call: Call, now: datetime, route: Route, *, fault: Fault, login: str) -> Answer | None:
    """Return the answer of a fault that is the service's own failure, None if it is none."""
    if fault.kind in _PAGES:
        return html_page(*_PAGES[fault.kind])
    match fault.kind:
        case FaultKind.MAINTENANCE:
            answer = maintenance(call, now, route)
        case FaultKind.UNAVAILABLE:
            answer = Answer(status=503, content_type=HTML, head="")
        case FaultKind.MOVED:
            answer = moved(call, call.path)
        case FaultKind.NOT_READY:
            answer = not_ready(call, now, route, login)
        case FaultKind.INTERNAL:
            answer = internal(call, now, login)
        case FaultKind.ERROR:
            answer = _numbered(call, now, route, login, fault.number or 999)
        case _:
            return None
    return answer


def _numbered(call: Call, now: datetime, route: Route, login: str, number: int) -> Answer:
    """Return an error of any number, in the manner of the API that was called."""
    if route.is_v1:
        return refusal(call, now, route.resource, login, RefusedError(number, text_of(number)))
    return simple_return(call, now, 400, number, text_of(number))


def _refused(standing: Standing, fault: Fault) -> Standing:
    """Return the standing of a call that a fault refuses although it was let in."""
    limits = standing.limits
    if fault.kind is FaultKind.CONCURRENCY:
        return Standing(
            limits=limits, running=limits.concurrency, remaining=None, to_wait_s=None, refused="concurrency"
        )
    wait_s = int(fault.seconds) or 1
    return Standing(limits=limits, running=standing.running, remaining=0, to_wait_s=wait_s, refused="rate")
