"""One address that tries many logins is shut out for a while, whatever logins it tries.

Axes counts a login's failures from an address; who tries a few passwords of each of many logins never reaches that limit.
The limit here is higher, because behind one address there may be a whole office (NAT).
"""

from datetime import timedelta

from axes.helpers import get_cool_off, get_failure_limit
from axes.models import AccessAttempt
from django.db.models import Sum
from django.http import HttpRequest

from vatriage.web import house
from vatriage.web.sessions import address_of

LIMIT = 50
"""Failures from one address within the time that axes shuts a login out, before the address is."""


def failures_from(request: HttpRequest) -> int:
    """Return how often logins failed lately from the address of a request; a login that worked took its own away.

    One login counts no further than where it is shut out by itself: who hammers on it tries no password any more.
    """
    span = get_cool_off(request) or timedelta(0)
    rows = AccessAttempt.objects.filter(
        ip_address=address_of(request) or None, attempt_time__gt=house.clock().now() - span
    )
    by_login = rows.order_by().values("username").annotate(failures=Sum("failures_since_start"))
    most = int(get_failure_limit(request, None))
    return sum(min(row["failures"], most) for row in by_login)


def is_shut_out(request: HttpRequest) -> bool:
    """Whether too many logins failed from the address of a request."""
    return failures_from(request) >= LIMIT
