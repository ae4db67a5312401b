"""A digest of verdicts as an e-mail: counts, escalations, the worst alerts; plain text."""

from collections import Counter
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import blake2b

from vatriage.model.destination import News, Outgoing
from vatriage.model.verdict import Verdict

MOST_LISTED = 50
"""Alerts that are listed; all are counted."""
_LONGEST = 200
"""Characters of a signature's message."""


def digest(items: Sequence[Outgoing], *, sender: str, recipients: Sequence[str], at: str) -> bytes:
    """Return the message, ready to be sent: the same bytes for the same arguments.

    Args:
        items: at least one, in order.
        sender: address.
        recipients: addresses.
        at: instant of the digest, ISO.
    """
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = _subject(items)
    mail["From"], mail["To"] = sender, ", ".join(recipients)
    mail["Message-ID"] = f"<{_name(items)}@vatriage.invalid>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_text(items, at))
    return mail.as_bytes()


def _subject(items: Sequence[Outgoing]) -> str:
    if all(item.news is News.TEST for item in items):
        return "vatriage: a test message"
    counted = Counter(item.record.verdict for item in items)
    told = [
        f"{counted[verdict.name]} {verdict.name}" for verdict in sorted(Verdict, reverse=True) if counted[verdict.name]
    ]
    return f"vatriage: {', '.join(told)}"


def _text(items: Sequence[Outgoing], at: str) -> str:
    counted = Counter(item.record.verdict for item in items)
    lines = [f"Verdicts up to {at}, since the digest before:", ""]
    lines += [
        f"{counted[verdict.name]:8,}  {verdict.name}"
        for verdict in sorted(Verdict, reverse=True)
        if counted[verdict.name]
    ]
    escalated = [item for item in items if item.news is News.ESCALATION]
    lines += ["", f"{len(escalated):,} of them are escalations: a known alert got a worse verdict."]
    worst = sorted(
        items, key=lambda item: (-Verdict[item.record.verdict], -item.record.priority, item.record.timestamp)
    )
    lines += ["", "The worst, by verdict and priority:" if len(worst) > MOST_LISTED else "By verdict and priority:", ""]
    for item in worst[:MOST_LISTED]:
        lines += _lines(item)
    if len(worst) > MOST_LISTED:
        lines.append(f"... and {len(worst) - MOST_LISTED:,} more.")
    return "\n".join(lines) + "\n"


def _lines(item: Outgoing) -> list[str]:
    record, target = item.record, item.record.target
    port = "" if target.port is None else f" port {target.port}"
    told = " (escalation)" if item.news is News.ESCALATION else ""
    message = "".join(sign if sign.isprintable() else " " for sign in item.alert.message)[:_LONGEST]
    return [
        f"{record.verdict}{told}, priority {record.priority}, {record.timestamp}, zone {record.zone}",
        f"    {record.signature} {message}",
        f"    target {target.address or '-'}{port}; reasons: {', '.join(record.reasons) or '-'}; alert {record.id}",
    ]


def _name(items: Sequence[Outgoing]) -> str:
    """Return a name that is the same for the same deliveries: a mail that comes twice can be told."""
    return blake2b("".join(item.delivery for item in items).encode(), digest_size=16).hexdigest()
