"""Which end of the alerting packet is under attack (VERDICT 5).

`dest_ip` is not the victim: 27 % of the CVE rules of ET Open are client-side or watch answers. The order of trust is
the rule's `target:`, then `metadata: attack_target`, then the flow together with the rule's header; what stays
undecided is judged on both ends, and the worse verdict wins. An `attack_target` that names both ends (`Client_and_Server`,
or words for either) means both; one that names a device and no end (`IoT`, `Networking_Equipment`) says nothing of it.

Guard client-side.
"""

from typing import NamedTuple

from vatriage.model.address import is_public, pack_address
from vatriage.model.alert import Alert, Direction
from vatriage.model.signature import Side, Signature

SOURCE = "source"
DESTINATION = "destination"

_CLIENT_WORDS = frozenset({"client_endpoint", "smb_client", "mobile_client", "client", "web_client"})
_SERVER_WORDS = frozenset(
    {
        "server",
        "web_server",
        "smtp_server",
        "smb_server",
        "dns_server",
        "ftp_server",
        "sql_server",
        "imap_server",
        "pop3_server",
        "http_server",
        "ldap_server",
        "mail_server",
        "database_server",
    }
)
_OUTBOUND = "(outbound"
_BOTH_WORDS = frozenset({"client_and_server", "both"})


class Target(NamedTuple):
    """The candidate ends, in the order source before destination, and what decided."""

    sides: tuple[str, ...]
    chosen_by: str


class End(NamedTuple):
    """One end of the packet."""

    address: str | None
    port: int | None


def end(alert: Alert, side: str) -> End:
    """Return the address and port of one end."""
    if side == SOURCE:
        return End(alert.source_address, alert.source_port)
    return End(alert.destination_address, alert.destination_port)


def opposite(side: str) -> str:
    """Return the other end."""
    return DESTINATION if side == SOURCE else SOURCE


def choose(alert: Alert, signature: Signature | None) -> Target:
    """Return the end or ends that may be under attack."""
    return (
        _by_rule_target(alert, signature)
        or _by_attack_target(alert, signature)
        or _by_flow_and_header(alert, signature)
    )


def is_outbound(alert: Alert, signature: Signature | None, side: str) -> bool:
    """Whether the end lies outside and an own host attacks it: VA data can say nothing of the attack (section 5).

    Guard outbound.

    The caller has found no host for the end in the inventory. Outside is a public address, or what the rule's header
    calls external while it calls the other end home.
    """
    here, there = end(alert, side), end(alert, opposite(side))
    if here.address is None or there.address is None:
        return False
    if _side_of(signature, side) is Side.EXTERNAL and _side_of(signature, opposite(side)) is Side.HOME:
        return True
    return is_public(pack_address(here.address)) and not is_public(pack_address(there.address))


def is_declared_outbound(alert: Alert, signature: Signature | None, side: str) -> bool:
    """Whether the rule says by itself that an own host attacks the end: then a clean victim clears nobody (section 5).

    It says so with a header from home to external, or with `(Outbound` in the message of a rule from home to anywhere.
    Guard outbound.
    """
    if _side_of(signature, opposite(side)) is not Side.HOME or _side_of(signature, side) is Side.HOME:
        return False
    message = alert.message or (signature.message if signature else "")
    return _side_of(signature, side) is Side.EXTERNAL or _OUTBOUND in message.lower()


def _by_rule_target(alert: Alert, signature: Signature | None) -> Target | None:
    if alert.target_address is not None:
        for side in (DESTINATION, SOURCE):
            here = end(alert, side)
            if here.address == alert.target_address and alert.target_port in (None, here.port):
                return Target((side,), "rule_target")
    if signature is not None and signature.target in ("src_ip", "dest_ip"):
        return Target((SOURCE if signature.target == "src_ip" else DESTINATION,), "rule_target")
    return None


def _by_attack_target(alert: Alert, signature: Signature | None) -> Target | None:
    words = {word.strip().lower() for word in alert.attack_targets}
    if signature is not None:
        words |= {word.strip().lower() for word in signature.attack_targets}
    if not words & (_CLIENT_WORDS | _SERVER_WORDS | _BOTH_WORDS):
        return None
    client, server = words <= _CLIENT_WORDS, words <= _SERVER_WORDS
    if not client and not server:
        chosen_by = "attack_target" if words <= _CLIENT_WORDS | _SERVER_WORDS | _BOTH_WORDS else "undecided"
        return Target((SOURCE, DESTINATION), chosen_by)
    client_side = client_side_of(alert, signature)
    if client_side is None:
        return None
    return Target((client_side if client else opposite(client_side),), "attack_target")


def _by_flow_and_header(alert: Alert, signature: Signature | None) -> Target:
    both = Target((SOURCE, DESTINATION), "undecided")
    client_side = client_side_of(alert, signature)
    inward = _side_of(signature, DESTINATION) is Side.HOME and _side_of(signature, SOURCE) is not Side.HOME
    outward = _side_of(signature, SOURCE) is Side.HOME and _side_of(signature, DESTINATION) is not Side.HOME
    if inward:
        return Target((DESTINATION,), "header")
    if client_side == SOURCE:
        return both if outward and not _destination_is_declared_outside(signature) else Target((DESTINATION,), "flow")
    if client_side == DESTINATION:
        return Target((SOURCE,), "header") if outward else both
    return both


def _destination_is_declared_outside(signature: Signature | None) -> bool:
    """An own client towards `$EXTERNAL_NET`: the flow and the header agree that the other end is attacked."""
    return _side_of(signature, DESTINATION) is Side.EXTERNAL


def _side_of(signature: Signature | None, side: str) -> Side:
    if signature is None:
        return Side.ANY
    return signature.source_side if side == SOURCE else signature.destination_side


def client_side_of(alert: Alert, signature: Signature | None) -> str | None:
    """Return which end of the packet opened the flow, or None if nothing says so."""
    if alert.client_address is not None and alert.source_address != alert.destination_address:
        if alert.client_address == alert.source_address:
            return SOURCE
        if alert.client_address == alert.destination_address:
            return DESTINATION
    word = alert.direction or (signature.flow if signature is not None else None)
    if word == Direction.TO_SERVER:
        return SOURCE
    return DESTINATION if word == Direction.TO_CLIENT else None
