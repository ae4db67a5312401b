"""What an answer says of the account's limits (pure).

Source: API limits and HTTP response headers of the API guide. Limits count per subscription and resource; the headers
come with every answer, refused ones included.
"""

from dataclasses import dataclass

from vatriage.net.interface import Answer

TOO_MANY = (409, 429)
"""Statuses that refuse a call because of limits."""
BUSY_WAIT_S = 5
"""How long to wait after a refusal that does not say how long: other calls of the subscription are running."""
LONGEST_WAIT_S = 7 * 86_400
"""A header that asks for more is damaged; the longest window that is sold is a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the account stands after an answer."""

    wait_s: int
    """Seconds until the resource may be called again, 0 = at once."""
    concurrency: int | None
    """How many calls may run at a time, None = not said."""
    calls: int = 0
    """How many calls a window allows, 0 = not said."""
    window_s: int = 0
    """How long that window is, 0 = not said."""
    remaining: int | None = None
    """How many calls are left in the window, None = not said."""
    refused: bool = False
    """The call was refused for its limits, and does not count against them."""


def standing(answer: Answer) -> Standing:
    """Return what the next call must obey."""
    wait_s = _number(answer, "x-ratelimit-towait-sec")
    if not wait_s and answer.status in TOO_MANY:
        wait_s = _number(answer, "retry-after") or BUSY_WAIT_S
    concurrency = _number(answer, "x-concurrency-limit-limit")
    return Standing(
        wait_s=min(wait_s, LONGEST_WAIT_S), concurrency=concurrency or None,
        calls=_number(answer, "x-ratelimit-limit"), window_s=_number(answer, "x-ratelimit-window-sec"),
        remaining=_number(answer, "x-ratelimit-remaining") if "x-ratelimit-remaining" in answer.headers else None,
        refused=answer.status in TOO_MANY,
    )  # fmt: skip


def _number(answer: Answer, name: str) -> int:
    text = answer.headers.get(name, "").strip()
    return int(text[:9]) if text.isascii() and text.isdigit() else 0
