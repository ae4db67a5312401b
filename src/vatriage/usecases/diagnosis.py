"""The result of Test Connectivity: stages in their order, and what to show behind View Errors."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from vatriage.model.instant import format_instant

STAGES = (
    "name resolution", "proxy", "TCP", "TLS", "login", "permission", "API versions", "KnowledgeBase entitlement",
    "quota headers", "configured query",
)  # fmt: skip
"""Every diagnosis has all of them, in this order."""


class State(StrEnum):
    """How a stage ended."""

    PASSED = "passed"
    WARNING = "warning"
    """It went well, and a person should know something."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """It was not tried; the details say why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult:
    """One stage."""

    name: str
    state: State
    details: tuple[str, ...] = ()
    """What was found, one sentence each."""
    remedy: str = ""
    """What to do, "" if nothing."""
    ms: int = 0
    """How long it took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What is behind the button View Errors."""

    code: str
    """`stage/reason`, one for each cause: `tcp/refused`, `vendor/expired`."""
    message: str
    """The seed's (Table 12-1) where it has one for this."""
    hints: tuple[str, ...] = ()
    """The seed's list below its message, word for word."""
    stage: str = ""
    """The stage that failed."""
    came_back: str = ""
    """What was tried on what, and what came back."""
    causes: tuple[str, ...] = ()
    """What can have caused it, given all that went well before; each with what to do."""
    exit_code: int = 1
    """Of the command line."""

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        shape = asdict(self)
        del shape["exit_code"]
        return shape | {"hints": list(self.hints), "causes": list(self.causes)}

    def text(self) -> str:
        """Return all of it as lines for a terminal."""
        lines = [self.message, *(f"  - {hint}" for hint in self.hints)]
        lines += [f"Failed at: {self.stage}", f"Came back: {self.came_back}"]
        return "\n".join([*lines, "What can have caused it:", *(f"  - {cause}" for cause in self.causes)])


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateShown:
    """One certificate of the chain that the server showed."""

    subject: str
    issuer: str
    not_after: str | None
    """ISO 8601."""
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What Test Connectivity found."""

    server: str
    query: str
    """The kind of the report query: `current`, `last saved`, `saved`, `real time`."""
    at_us: int
    """When it began, microseconds."""
    stages: tuple[StageResult, ...]
    chain: tuple[CertificateShown, ...] = field(default=())
    trouble: Trouble | None = None
    """None = no stage failed."""

    @property
    def ok(self) -> bool:
        """Whether no stage failed."""
        return self.trouble is None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know although it went well."""
        return tuple(said for stage in self.stages if stage.state is State.WARNING for said in stage.details[-1:])

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {
            "ok": self.ok,
            "server": self.server,
            "query": self.query,
            "at": format_instant(self.at_us),
            "stages": [asdict(stage) | {"details": list(stage.details)} for stage in self.stages],
            "chain": [asdict(item) for item in self.chain],
            "trouble": None if self.trouble is None else self.trouble.to_dict(),
        }
