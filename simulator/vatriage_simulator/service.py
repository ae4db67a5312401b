"""The service: from a call to its answer, in the order path, slash, header, login, limits, resource, fault.

Knows no socket; `handler` reads calls from the wire and `delivery` puts answers on it.
"""

import base64
import binascii
import hmac
from collections.abc import Callable
from functools import partial

from vatriage_simulator import effects, refusals
from vatriage_simulator.about import about
from vatriage_simulator.answers import Answer, Call, moved, simple_return
from vatriage_simulator.detection_list import detection_list
from vatriage_simulator.fault_kinds import SHAPING, FaultKind
from vatriage_simulator.faults import Fault
from vatriage_simulator.host_list import host_list
from vatriage_simulator.knowledge_base import knowledge_base
from vatriage_simulator.knowledge_base_v1 import knowledge_base_v1
from vatriage_simulator.limits import Standing
from vatriage_simulator.parameters import BadParameterError
from vatriage_simulator.resources import Resource, Route, find_route
from vatriage_simulator.scan_control import scan_cancel, scan_running_list, scanner_list, scheduled_scans
from vatriage_simulator.scan_fetch import scan_fetch
from vatriage_simulator.scan_list import scan_list
from vatriage_simulator.scan_reports import scan_report, scan_report_list
from vatriage_simulator.scan_stream import scan
from vatriage_simulator.session import cookie_of, session
from vatriage_simulator.subscription import Subscription
from vatriage_simulator.v1_errors import RefusedError, refusal

_V1: dict[Resource, Callable[[Subscription, Call, str], Answer]] = {
    Resource.ABOUT: about,
    Resource.SCAN: scan,
    Resource.SCAN_REPORT_LIST: scan_report_list,
    Resource.SCAN_REPORT: scan_report,
    Resource.SCAN_RUNNING_LIST: scan_running_list,
    Resource.SCAN_CANCEL: scan_cancel,
    Resource.SCHEDULED_SCANS: scheduled_scans,
    Resource.SCANNER_LIST: scanner_list,
    Resource.KNOWLEDGE_BASE_V1: knowledge_base_v1,
}
_KNOWLEDGE = frozenset({Resource.KNOWLEDGE_BASE, Resource.KNOWLEDGE_BASE_V1})


def answer(sim: Subscription, call: Call) -> tuple[Answer, str]:
    """Return the answer to a call and the login it was made with ("": none that is known).

    An answer whose `finished` frees a concurrency slot must be delivered or dropped with that call.
    """
    route = find_route(call.path, call.parameters.get("action", ""))
    if route is None:
        return refusals.not_found(), ""
    if route.slash_missing:
        return moved(call, f"{call.path}/"), ""
    if not route.is_v1 and not call.headers.get("x-requested-with"):
        return refusals.header_missing(call, sim.clock.now()), ""
    if route.resource is Resource.SESSION:
        return _session(sim, call, route)
    login = _login(sim, call, route)
    if login is None:
        return refusals.bad_login(call, sim.clock.now(), route), ""
    refusal = refusals.account_refusal(call, sim.clock.now(), route, sim.accounts[login])
    return refusal or _limited(sim, call, route, login), login


def _session(sim: Subscription, call: Call, route: Route) -> tuple[Answer, str]:
    """Answer the session resource, which has no limits and needs no login before."""
    try:
        found = session(sim, call, route)
    except BadParameterError as error:
        found = simple_return(call, sim.clock.now(), 400, error.code, error.text)
    login = call.parameters.get("username", "") if found.status == 200 else ""
    return _with_fault(sim, call, route, found, login=login), login


def _login(sim: Subscription, call: Call, route: Route) -> str | None:
    """Return who makes the call, by Basic or (on /api only) by session cookie; None if nobody we know.

    A call with both is judged by Basic: the guide forbids it and does not say what comes back.
    """
    written = call.headers.get("authorization")
    if written is not None:
        return _basic(sim, written)
    if route.is_v1:
        return None
    login = sim.sessions.login_of(cookie_of(call), sim.clock.now())
    return login if login in sim.accounts else None


def _basic(sim: Subscription, written: str) -> str | None:
    """Return the login of an Authorization header whose password is right."""
    scheme, _, token = written.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        login, _, password = base64.b64decode(token.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    account = sim.accounts.get(login)
    if account is None or not hmac.compare_digest(account.password.encode(), password.encode()):
        return None
    return login


def _limited(sim: Subscription, call: Call, route: Route, login: str) -> Answer:
    """Answer a call of a known account within the limits of its resource."""
    standing = sim.ledger.admit(route.resource, sim.clock.now())
    if standing.refused:
        return refusals.over_limit(call, sim.clock.now(), route, standing, login)
    try:
        found = _answered(sim, call, route, login)
        found.headers.extend(standing.headers())
        found = _with_fault(sim, call, route, found, login=login, standing=standing)
    except BaseException:
        sim.ledger.release(route.resource)
        raise
    found.finished = partial(_finish, sim, route.resource, found)
    return found


def _answered(sim: Subscription, call: Call, route: Route, login: str) -> Answer:
    """Return the answer of a resource or its refusal of the parameters."""
    try:
        return _resource(sim, call, route, login)
    except BadParameterError as error:
        return simple_return(call, sim.clock.now(), 400, error.code, error.text)
    except RefusedError as error:
        return refusal(call, sim.clock.now(), route.resource, login, error)


def _finish(sim: Subscription, resource: Resource, found: Answer) -> None:
    """Do what follows an answer: its fault's lasting effect, then the end of its call."""
    try:
        if found.fault is not None:
            effects.afterwards(sim, found.fault, found)
    finally:
        sim.ledger.release(resource)


def _resource(sim: Subscription, call: Call, route: Route, login: str, shape: FaultKind | None = None) -> Answer:
    """Answer a call that was let in; what scans have found by now is there for every API."""
    sim.scanning.settle()
    if route.is_v1:
        return _V1[route.resource](sim, call, login)
    match route.resource:
        case Resource.HOST_LIST:
            return host_list(sim, call, route.version, shape)
        case Resource.DETECTION_LIST:
            return detection_list(sim, call, route.version, shape)
        case Resource.KNOWLEDGE_BASE:
            return knowledge_base(sim, call, route.version)
        case Resource.SCAN_LIST:
            return scan_list(sim, call, route.version)
        case _:
            return scan_fetch(sim, call)


def _with_fault(
    sim: Subscription, call: Call, route: Route, found: Answer, *, login: str, standing: Standing | None = None
) -> Answer:
    """Return the answer with the fault that is ordered for it, if any; refusals use no fault up."""
    if found.status == 200 and not found.refused:
        fault = sim.faults.take(route.resource, found.record_ids)
        if fault is not None:
            effects.at_once(sim, fault, login)
            found = _spoilt(sim, call, route, found, login=login, standing=standing, fault=fault)
    return found


def _spoilt(
    sim: Subscription, call: Call, route: Route, found: Answer, *, login: str, standing: Standing | None, fault: Fault
) -> Answer:
    """Return the answer that a fault makes of one: another page, a refusal, or the same for `delivery` to spoil."""
    withheld = fault.kind is FaultKind.QIDS_WITHHELD and route.resource in _KNOWLEDGE
    if fault.kind in SHAPING or withheld:
        headers, found = found.headers, _resource(sim, call, route, login, fault.kind)
        found.headers.extend(headers)
    found.fault = fault
    return refusals.ordered(call, sim.clock.now(), route, standing, fault=fault, login=login) or found
