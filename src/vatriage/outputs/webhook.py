"""A webhook's body and signature.

The body is `{"schema": 1, "delivery", "event", "record"}`; the record is the one shape of VERDICT 11, as it is stored. It
is signed like GitHub's and Stripe's: HMAC-SHA256 over the instant of sending, a dot, and the body, so that neither can be
changed, and an old request that is sent again can be told by its instant.
"""

import hmac
from collections.abc import Mapping

from vatriage.model.destination import Outgoing
from vatriage.model.secret import Secret

SCHEMA = 1


def webhook_body(item: Outgoing) -> bytes:
    """Return the body: the same bytes at every attempt."""
    return b'{"schema":%d,"delivery":"%s","event":"%s","record":%s}' % (
        SCHEMA, item.delivery.encode(), item.news.value.encode(), item.content,
    )  # fmt: skip


def webhook_headers(item: Outgoing, body: bytes, secret: Secret, now_s: int) -> Mapping[str, str]:
    """Return the headers of one attempt.

    Args:
        item: what is sent.
        body: of `webhook_body`.
        secret: shared with the receiver.
        now_s: the instant of sending, seconds since the epoch.
    """
    return {
        "Content-Type": "application/json",
        "X-Vatriage-Delivery": item.delivery,
        "X-Vatriage-Event": item.news.value,
        "X-Vatriage-Timestamp": str(now_s),
        "X-Vatriage-Signature": f"v1={signature(body, secret, now_s)}",
    }


def signature(body: bytes, secret: Secret, now_s: int) -> str:
    """Return HMAC-SHA256 over `now_s`, a dot and the body, lower-case hexadecimal."""
    return hmac.new(secret.reveal().encode(), b"%d.%s" % (now_s, body), "sha256").hexdigest()
