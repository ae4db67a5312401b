"""The numbers of the verdict: times to live, age limits, windows. Versioned, stored with every verdict."""

from dataclasses import asdict, dataclass
from hashlib import sha256

from vatriage.model.evidence import ScanKind
from vatriage.model.instant import DAY_US, US

RULES = 3
"""Counts up when the kernel decides otherwise from the same evidence, so that stored verdicts are told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How long evidence counts (VERDICT 2, 6). All fields are microseconds."""

    agent_ttl_us: int = 2 * DAY_US
    authenticated_ttl_us: int = 7 * DAY_US
    remote_ttl_us: int = 3 * DAY_US
    stale_positive_us: int = 90 * DAY_US
    """A positive not seen again for longer than this before the alert is only a possibility."""
    outcome_window_us: int = 600 * US
    """An outcome counts this long after the attempt."""

    def ttl_us(self, kind: ScanKind) -> int:
        """Return how long the absence of a finding in a scan of this kind counts, in microseconds."""
        return (self.remote_ttl_us, self.authenticated_ttl_us, self.agent_ttl_us)[kind]

    @property
    def version(self) -> str:
        """The policy's name in every verdict: number of its rules and a hash of its values."""
        return f"{RULES}-{sha256(repr(sorted(asdict(self).items())).encode()).hexdigest()[:12]}"
