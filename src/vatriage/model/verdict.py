"""What we say about an alert, why, and until when: the words and the record of VERDICT 11."""

from enum import IntEnum, StrEnum
from typing import Any

import msgspec

SCHEMA_VERSION = 1
"""Version of the record's shape."""


class Verdict(IntEnum):
    """The lattice in order of danger; the join over candidate victims and over claims is the maximum."""

    FALSE_POSITIVE = 0
    NOT_AFFECTED = 1
    UNVERIFIABLE = 2
    UNKNOWN = 3
    POSSIBLY_AFFECTED = 4
    AFFECTED = 5
    COMPROMISE_INDICATED = 6


class Reason(StrEnum):
    """Why a verdict is not another one: codes of VERDICT 2 to 6."""

    CONFIRMED = "confirmed"
    STALE_POSITIVE = "stale_positive"
    FOUND_LATER = "found_later"
    POTENTIAL = "potential"
    PORT_MISMATCH = "port_mismatch"
    IDENTITY = "identity"
    INFORMATION_GATHERED = "information_gathered"
    LIST_NOT_WHOLE = "list_not_whole"
    CHECK_SET_UNVOUCHED = "check_set_unvouched"
    NEVER_SCANNED = "never_scanned"
    STALE = "stale"
    NOT_TESTABLE_UNAUTHENTICATED = "not_testable_unauthenticated"
    PORT_NOT_COVERED = "port_not_covered"
    QID_NEWER_THAN_SCAN = "qid_newer_than_scan"
    QID_DISABLED = "qid_disabled"
    NO_QID_FOR_CLAIM = "no_qid_for_claim"
    QID_NOT_IN_SNAPSHOT = "qid_not_in_snapshot"
    CLAIM_CONFLICT = "claim_conflict"
    MALFORMED_CLAIM = "malformed_claim"
    NO_CLAIM = "no_claim"
    SIGNATURE_NOT_LOADED = "signature_not_loaded"
    ALERT_UNCLEAR = "alert_unclear"
    HOST_UNKNOWN = "host_unknown"
    NO_TARGET = "no_target"
    NO_SINGLE_VICTIM = "no_single_victim"
    OUTBOUND = "outbound"
    TRANSITIVE = "transitive"
    OUTCOME_SEEN = "outcome_seen"
    OUTCOME_UNCONFIRMED = "outcome_unconfirmed"
    OBSERVED_VULNERABLE = "observed_vulnerable"
    TESTED_ABSENT = "tested_absent"
    FIXED = "fixed"


class EvidenceKind(StrEnum):
    """What a piece of evidence is."""

    DETECTION = "detection"
    POTENTIAL = "potential"
    INFORMATION = "information"
    FIXED = "fixed"
    ABSENCE = "absence"
    OUTCOME = "outcome"
    STATEMENT = "statement"
    """What a person says of the host; it weighs nothing."""
    POOL = "pool"
    """That a person says who stands behind the address: which hosts were judged."""


class ClaimRecord(msgspec.Struct, frozen=True):
    """A claim as the record shows it."""

    id: str
    sources: tuple[str, ...]


class TargetRecord(msgspec.Struct, frozen=True):
    """One end of the flow that may be under attack."""

    address: str | None
    port: int | None
    protocol: str
    side: str
    """`source` or `destination` of the alerting packet."""
    chosen_by: str
    """`rule_target`, `attack_target`, `flow`, `header` or `undecided`."""
    host: str | None
    """The inventory's host, where one is known at the alert's time."""


class Justification(msgspec.Struct, frozen=True):
    """Why one claim does not hold; compulsory for every claim of a NOT_AFFECTED."""

    claim: str
    kind: str
    """`vulnerability_tested_absent` or `fixed`."""
    qids: tuple[int, ...]
    valid_until: str
    """The last alert time that the same evidence would still refute."""


class EvidenceRecord(msgspec.Struct, frozen=True):
    """One piece of evidence with its provenance."""

    kind: str
    polarity: str
    """`+` for the attack's success, `-` against it, `0` neither (it only forbids refutation)."""
    claim: str
    qid: int | None
    observed_at: str
    source: str
    qds: int | None = None
    """The vendor's own score of the detection (Qualys Detection Score, 1 to 100), where the report states one."""


class Inputs(msgspec.Struct, frozen=True):
    """The versions of everything the verdict was computed from (VERDICT 9)."""

    policy: str
    signatures: str
    knowledge_base: str
    snapshot: str
    known_exploited: str = ""
    """Catalogue of exploited vulnerabilities that the priority was computed from: its date and a hash; "" = none."""
    epss: str = ""
    """Scores that the priority was computed from: their date and a hash; "" = none were loaded."""


class PriorityFactor(msgspec.Struct, frozen=True):
    """One part of an alert's priority; the parts add up to it."""

    name: str
    """See triage.priority."""
    points: int
    """What it adds; 0 where nothing is known, which `value` says."""
    value: str
    """What is so."""
    source: str
    """Who says so, "" where nothing is known."""


class VerdictRecord(msgspec.Struct, frozen=True):
    """The one shape in which a verdict leaves the program (VERDICT 11)."""

    schema: int
    id: str
    timestamp: str
    judged_at: str
    zone: str
    signature: str
    target: TargetRecord
    other_target: TargetRecord | None
    claims: tuple[ClaimRecord, ...]
    verdict: str
    conflict: bool
    reasons: tuple[str, ...]
    justifications: tuple[Justification, ...]
    evidence: tuple[EvidenceRecord, ...]
    disposition: str
    priority: int
    expires: str | None
    inputs: Inputs
    source_file: str
    source_line: int
    priority_factors: tuple[PriorityFactor, ...] = ()
    """What the priority is made of; empty in records of earlier releases."""

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain dictionaries and lists."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain
