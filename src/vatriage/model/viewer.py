"""Who acts or looks: a person with a role, seen from somewhere. Rights are those of MARS (user guide, roles), see Right."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Right(StrEnum):
    """What a page or a call asks of a person."""

    OWN = "own"
    """One's own account: every role has it (MARS denied it to Operators)."""
    READ = "read"
    """Seeing devices, pulls, alerts, hosts, the KnowledgeBase."""
    REVIEW = "review"
    """Judging alerts as a person, keeping filters."""
    NOTIFIED_USERS = "notified users"
    """Making users of role Notifications Only, and setting their passwords."""
    ADMIN = "admin"
    """Changing anything that acts: devices, rules, parameters, users; raw pages; the audit log."""


class Role(StrEnum):
    """A user's role, fixed as in MARS."""

    ADMIN = "admin"
    ANALYST = "analyst"
    OPERATOR = "operator"
    NOTIFIED = "notified"

    @property
    def label(self) -> str:
        """The role's name on pages."""
        return _LABELS[self]

    @property
    def rights(self) -> frozenset[Right]:
        """What a user of the role may do."""
        return _RIGHTS[self]


_LABELS: Mapping[Role, str] = {
    Role.ADMIN: "Admin",
    Role.ANALYST: "Security Analyst",
    Role.OPERATOR: "Operator",
    Role.NOTIFIED: "Notifications Only",
}
_RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.ADMIN: frozenset(Right),
    Role.ANALYST: frozenset({Right.OWN, Right.READ, Right.REVIEW, Right.NOTIFIED_USERS}),
    Role.OPERATOR: frozenset({Right.OWN, Right.READ}),
    Role.NOTIFIED: frozenset({Right.OWN}),
}


@dataclass(frozen=True, slots=True)
class Who:
    """Who changed something, for the audit log."""

    name: str
    """A login, or "command line"."""
    address: str = ""
    """The IP address the request came from, "" for this machine's command line."""


COMMAND_LINE = Who("command line")


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """A person who is logged in, or the owner of a token."""

    name: str
    role: Role
    zones: frozenset[str] | None = None
    """Names of the zones whose hosts and alerts they see; None = all."""
    address: str = ""
    scopes: frozenset[Right] | None = None
    """What a token may do of what its owner may; None = everything (a person at a browser)."""

    def may(self, right: Right) -> bool:
        """Whether they have a right."""
        return right in self.role.rights and (self.scopes is None or right in self.scopes)

    def sees(self, zone: str) -> bool:
        """Whether a zone is theirs to look at."""
        return self.zones is None or zone in self.zones

    @property
    def who(self) -> Who:
        """Their name for the audit log."""
        return Who(self.name, self.address)
