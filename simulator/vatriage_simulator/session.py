"""/api/2.0/fo/session/: action=login gives two cookies that stand for Basic authentication, action=logout ends them.

Source: recorded login and logout; this resource never has limit headers.
"""

import hmac
from http.cookies import CookieError, SimpleCookie

from vatriage_simulator import refusals
from vatriage_simulator.answers import Answer, Call, simple_return
from vatriage_simulator.parameters import Parameters
from vatriage_simulator.resources import Route
from vatriage_simulator.subscription import Subscription

_COOKIE = "QualysSession"


def cookie_of(call: Call) -> str:
    """Return the session cookie of a call, or nothing."""
    try:
        cookies = SimpleCookie(call.headers.get("cookie", ""))
    except CookieError:
        return ""
    return cookies[_COOKIE].value if _COOKIE in cookies else ""


def session(sim: Subscription, call: Call, route: Route) -> Answer:
    """Answer login and logout.

    Raises: BadParameterError: codes 1901, 1903, 1905.
    """
    now = sim.clock.now()
    parameters = Parameters(call.parameters)
    parameters.required("action")
    parameters.known(("action", "username", "password", "echo_request"))
    action = parameters.word("action", ("login", "logout"), "login")
    if call.method != "POST":
        return refusals.wrong_method(call, now)
    return _login(sim, call, route) if action == "login" else _logout(sim, call, route)


def _login(sim: Subscription, call: Call, route: Route) -> Answer:
    """Open a session for the right password."""
    now = sim.clock.now()
    Parameters(call.parameters).required("username", "password")
    account = sim.accounts.get(call.parameters["username"])
    if account is None or not hmac.compare_digest(
        account.password.encode(), call.parameters["password"].encode("utf-8", "surrogateescape")
    ):
        return refusals.bad_login(call, now, route)
    refusal = refusals.account_refusal(call, now, route, account)
    if refusal is not None:
        return refusal
    cookie = sim.sessions.open(account.login, now)
    answer = simple_return(call, now, 200, None, "Logged in")
    answer.headers.append(("Set-Cookie", f"{_COOKIE}={cookie}; path=/api; secure"))
    answer.headers.append(("Set-Cookie", f"DWRSESSIONID={cookie[::-1]}; path=/; secure"))
    return answer


def _logout(sim: Subscription, call: Call, route: Route) -> Answer:
    """Close the session that the cookie names."""
    now = sim.clock.now()
    cookie = cookie_of(call)
    if sim.sessions.login_of(cookie, now) is None:
        return refusals.bad_login(call, now, route)
    sim.sessions.close(cookie)
    return simple_return(call, now, 200, None, "Logged out")
