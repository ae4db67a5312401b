"""What Qualys's refusals mean (Appendix D of the API guide; an HTTP 200 may carry an error; pure).

A right password of an account without the API right is answered as a wrong one (401, 2000): the causes say so.
"""

from vatriage.net.interface import Answer
from vatriage.vendors.interface import (
    CredentialsRejectedError,
    Quota,
    RateLimitedError,
    Refusal,
    ReportUnreadableError,
    RequestRefusedError,
    TemporarilyUnavailableError,
    VendorError,
)

_CODES = {
    "1920": Refusal.CONCURRENCY,
    "1960": Refusal.CONCURRENCY,
    "1965": Refusal.RATE,
    "2000": Refusal.LOGIN,
    "2001": Refusal.EXPIRED,
    "2002": Refusal.INACTIVE,
    "2003": Refusal.REGISTRATION,
    "2007": Refusal.ADDRESS,
    "2010": Refusal.LOGIN,
    "2011": Refusal.LOGIN,
    "2012": Refusal.RIGHT,
    "999": Refusal.TROUBLE,
    "1999": Refusal.MAINTENANCE,
}
"""By the number of a SIMPLE_RETURN or GENERIC_RETURN."""
_STATUSES = {
    301: Refusal.VERSION, 302: Refusal.VERSION, 307: Refusal.VERSION, 308: Refusal.VERSION, 401: Refusal.LOGIN, 403: Refusal.RIGHT, 404: Refusal.VERSION, 409: Refusal.RATE, 410: Refusal.VERSION,
    429: Refusal.RATE, 503: Refusal.MAINTENANCE,
}  # fmt: skip
_TEXTS = (
    ("expired", Refusal.EXPIRED),
    ("eula", Refusal.REGISTRATION),
    ("registration must be completed", Refusal.REGISTRATION),
    ("secure ip", Refusal.ADDRESS),
    ("end of service", Refusal.VERSION),
    ("no longer supported", Refusal.VERSION),
    ("deprecated", Refusal.VERSION),
)
"""Words of an error whose number tells nothing."""
_CREDENTIALS = (
    Refusal.LOGIN, Refusal.EXPIRED, Refusal.INACTIVE, Refusal.REGISTRATION, Refusal.ADDRESS, Refusal.RIGHT,
)  # fmt: skip
_CAUSES = {
    Refusal.LOGIN: (
        "Login or password is wrong: type both again.",
        "The account belongs to another Qualys platform: each has a server of its own, which the URL must name.",
        (
            "The account may not use the API, or must be activated in the Qualys user interface first (first login, new "
            "password): Qualys answers both as a wrong password."
        ),
    ),
    Refusal.EXPIRED: ("The account or its subscription has expired: renew it with Qualys.",),
    Refusal.INACTIVE: ("The account is switched off: have a manager of the subscription activate it.",),
    Refusal.REGISTRATION: (
        (
            "The account's registration is not complete, or the service agreement (EULA) not accepted: log in to the Qualys "
            "user interface once and accept it."
        ),
    ),
    Refusal.ADDRESS: (
        (
            "The subscription allows logins from its list of secure IP addresses only, and the address we come from is not on "
            "it: add it there."
        ),
    ),
    Refusal.RIGHT: ("The account lacks the right to do this: have a manager of the subscription grant it.",),
    Refusal.RATE: ("The subscription's calls of this hour or day are used up: wait until the window ends.",),
    Refusal.CONCURRENCY: ("As many calls of the subscription run as it may make at once: wait until one ends.",),
    Refusal.MAINTENANCE: ("Qualys is in maintenance: try again later, see the platform's status page.",),
    Refusal.TROUBLE: ("Qualys has an internal error: try again; if it stays, report the incident to Qualys.",),
    Refusal.VERSION: (
        (
            "This server does not know the function: the URL names another server than an API server, or Qualys has ended "
            "this version of the API."
        ),
    ),
    Refusal.REQUEST: ("Qualys calls our request wrong: the account may lack a module, or the API has changed.",),
    Refusal.UNREADABLE: (
        "What answers is no Qualys API server: the URL names another server, or a proxy or portal answers in its place.",
        "Qualys has changed the form of its answers.",
    ),
}


def explained(refusal: Refusal) -> tuple[str, ...]:
    """See Calls.explained."""
    return _CAUSES[refusal]


def refusal(answer: Answer, resource: str, kind: str | None, code: str | None, error: str | None) -> VendorError | None:
    """Return what an answer refuses, None if it is a report."""
    said = error or f"{resource}: HTTP status {answer.status}."
    why = _why(answer, code, error or "")
    if why in (Refusal.RATE, Refusal.CONCURRENCY):
        wait = answer.headers.get("x-ratelimit-towait-sec", "")
        wait_s = float(wait) if wait.isdigit() and wait != "0" else None
        return RateLimitedError(said, "Pull again later.", wait_s=wait_s, refusal=why, said=said)
    if why is not None and why in _CREDENTIALS:
        return CredentialsRejectedError(
            f"Invalid user credentials. {said}", " ".join(_CAUSES[why]), refusal=why, said=said
        )
    if why in (Refusal.MAINTENANCE, Refusal.TROUBLE):
        hint = "The service is in maintenance or in trouble: pull again later."
        return TemporarilyUnavailableError(said, hint, refusal=why, said=said)
    if why is not None:
        hint = "The account may lack a right, or the API version has ended."
        return RequestRefusedError(said, hint, refusal=why, said=said)
    if error is not None or kind is None:
        text = f"Fail to parse scan report. {said}"
        return ReportUnreadableError(text, "Pull again.", refusal=Refusal.UNREADABLE, said=said)
    return None


def quota(answer: Answer) -> Quota | None:
    """See Calls.quota."""
    names = (
        "x-ratelimit-limit", "x-ratelimit-window-sec", "x-ratelimit-remaining", "x-ratelimit-towait-sec",
        "x-concurrency-limit-limit", "x-concurrency-limit-running",
    )  # fmt: skip
    numbers = [_number(answer.headers.get(name, "")) for name in names]
    if all(number is None for number in numbers):
        return None
    calls, window_s, remaining, wait_s, at_once, running = numbers
    return Quota(
        calls=calls, window_s=window_s, remaining=remaining, wait_s=wait_s, at_once=at_once, running=running
    )  # fmt: skip


def _why(answer: Answer, code: str | None, text: str) -> Refusal | None:
    """Return the cause; the vendor's number says more than the status, and its text more than an unknown number."""
    if code in _CODES:
        return _CODES[code]
    if code is not None:
        for words, why in _TEXTS:
            if words in text.lower():
                return why
    if answer.status in _STATUSES:
        return _STATUSES[answer.status]
    if answer.status >= 500:
        return Refusal.TROUBLE
    return Refusal.REQUEST if answer.status >= 400 or code is not None else None


def _number(text: str) -> int | None:
    return int(text[:9]) if text.strip().isascii() and text.strip().isdigit() else None
