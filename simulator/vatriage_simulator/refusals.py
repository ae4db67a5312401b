"""The service's refusals: logins, accounts, limits, maintenance, and the faults a test orders.

Codes and statuses are those of the API guide's appendix D where it tells them; a *stand-in* is the simulator's own
choice for what no public source shows.
"""

from datetime import datetime

from vatriage_simulator.accounts import Account
from vatriage_simulator.answers import Answer, Call, generic_return, html_page, simple_return
from vatriage_simulator.faults import Fault, FaultKind
from vatriage_simulator.limits import Standing
from vatriage_simulator.resources import Resource, Route

_REALM_V2 = "Qualys Front Office"
_REALM_V1 = "MSP Front Office"
"""Recorded by the scripts of v1's time."""


def bad_login(call: Call, now: datetime, route: Route) -> Answer:
    """Return 401 with the challenge: 2000 as XML, for v1 plain text (as a client of 2011 expects it)."""
    if route.resource is Resource.ABOUT:
        answer = Answer(status=401, content_type="text/plain", head="ACCESS DENIED\n")
        answer.headers.append(("WWW-Authenticate", f'Basic realm="{_REALM_V1}"'))
        return answer
    answer = simple_return(call, now, 401, 2000, "Bad Login/Password")
    answer.headers.append(("WWW-Authenticate", f'Basic realm="{_REALM_V2}"'))
    return answer


def expired(call: Call, now: datetime, route: Route, login: str) -> Answer:
    """Return HTTP 200 with 2001 (recorded in 2020; in v1 as a GENERIC_RETURN)."""
    if route.resource is Resource.ABOUT:
        return generic_return(call, now, login, 2001, "Account Expired")
    return simple_return(call, now, 200, 2001, "This account has expired.")


def registration_incomplete(call: Call, now: datetime, route: Route, login: str) -> Answer:
    """Return 2003. HTTP 403 is a stand-in: no status was recorded."""
    text = "Registration must be completed before API requests will be served for this account"
    if route.resource is Resource.ABOUT:
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
    if route.resource is Resource.KNOWLEDGE_BASE and not account.kb_entitled:
        # Stand-in: neither status nor code of a missing KnowledgeBase entitlement is public.
        return simple_return(call, now, 403, 2012, "User does not have permission to download the KnowledgeBase.")
    return None


def header_missing(call: Call, now: datetime) -> Answer:
    """Return the refusal of a call without X-Requested-With. A stand-in: the guide says only that it is required."""
    return simple_return(call, now, 400, 1903, "Missing required header: X-Requested-With")


def wrong_method(call: Call, now: datetime) -> Answer:
    """Return 1908 for a call that must be POST."""
    return simple_return(call, now, 400, 1908, f"Request method {call.method} is not supported for this resource")


def over_limit(call: Call, now: datetime, standing: Standing) -> Answer:
    """Return 409: 1960 for concurrency, 1965 for rate, with the limit headers."""
    if standing.refused == "concurrency":
        waiting = standing.running - standing.limits.concurrency + 1
        text = f"This API cannot be run again until {waiting} currently running instance has finished."
        answer = simple_return(call, now, 409, 1960, text, item=("CALLS_TO_FINISH", str(waiting)))
    else:
        text = f"This API cannot be run again for another {standing.to_wait_s} seconds."
        answer = simple_return(call, now, 409, 1965, text, item=("SECONDS_TO_WAIT", str(standing.to_wait_s)))
    answer.headers.extend(standing.headers())
    return answer


def internal(call: Call, now: datetime) -> Answer:
    """Return 500 with 999."""
    text = "Internal error. Please contact customer support with the incident signature of this call."
    return simple_return(call, now, 500, 999, text)


def not_found() -> Answer:
    """Return 404 as a page."""
    return html_page(404, "404 Not Found", "The requested URL was not found on this server.")


def ordered(
    call: Call, now: datetime, route: Route, standing: Standing | None, *, fault: Fault, login: str
) -> Answer | None:
    """Return the answer of a fault that replaces it, with or without limit headers; None: the fault spoils the body."""
    match fault.kind:
        case FaultKind.BAD_LOGIN:
            return bad_login(call, now, route)
        case FaultKind.ACCOUNT_EXPIRED:
            return expired(call, now, route, login)
        case FaultKind.EULA:
            return registration_incomplete(call, now, route, login)
        case FaultKind.RATE_LIMIT | FaultKind.CONCURRENCY if standing is not None:
            return over_limit(call, now, _refused(standing, fault))
        case FaultKind.MAINTENANCE:
            answer = simple_return(call, now, 503, 1999, "The service is down for maintenance. Please try again later.")
        case FaultKind.MAINTENANCE_PAGE:
            answer = html_page(503, "503 Service Unavailable", "Planned maintenance. Please try again later.")
        case FaultKind.INTERNAL:
            answer = internal(call, now)
        case FaultKind.HTML_PAGE:
            answer = html_page(200, "Welcome", "This page is for people, not for programs.")
        case _:
            return None
    answer.headers.extend(standing.headers() if standing else [])
    return answer


def _refused(standing: Standing, fault: Fault) -> Standing:
    """Return the standing of a call that a fault refuses although it was let in."""
    limits = standing.limits
    if fault.kind is FaultKind.CONCURRENCY:
        return Standing(
            limits=limits, running=limits.concurrency, remaining=None, to_wait_s=None, refused="concurrency"
        )
    wait_s = int(fault.seconds) or 1
    return Standing(limits=limits, running=standing.running, remaining=0, to_wait_s=wait_s, refused="rate")
