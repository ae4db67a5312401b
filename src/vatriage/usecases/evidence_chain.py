"""The chain of evidence of a verdict as a graph that can be drawn: from the alert over its claims and tests to the decision.

A pure function of the record. Columns run from left to right in the order of the argument: the alert, who and what (the
signature, the target), what is claimed and which host, what was tested or is missing, the decision.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from vatriage.model.verdict import EvidenceKind, EvidenceRecord, Reason, TargetRecord, VerdictRecord
from vatriage.usecases.explain import reason_text


class NodeKind(StrEnum):
    """What a node stands for."""

    ALERT = "alert"
    SIGNATURE = "signature"
    TARGET = "target"
    CLAIM = "claim"
    HOST = "host"
    TEST = "test"
    MISSING = "missing"
    """Why something was not decided: a test that is missing, a claim that cannot be read, ..."""
    DECISION = "decision"


COLUMNS = {
    NodeKind.ALERT: 0, NodeKind.SIGNATURE: 1, NodeKind.TARGET: 1, NodeKind.CLAIM: 2, NodeKind.HOST: 2, NodeKind.TEST: 3,
    NodeKind.MISSING: 3, NodeKind.DECISION: 4,
}  # fmt: skip
"""Where each kind of node stands, from the left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One step of the argument."""

    id: str
    kind: NodeKind
    title: str
    lines: tuple[str, ...] = ()
    """Details, each a short line."""
    polarity: str = ""
    """Of a test: `+` for the attack's success, `-` against it, `0` neither; else empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """That one step leads to another."""

    start: str
    end: str
    label: str
    polarity: str = ""
    """As the test's that it comes from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The whole argument. Every node but the alert is the end of an edge, every one but the decision the start of one."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


_OF_SIGNATURE = frozenset(
    {
        Reason.NO_CLAIM, Reason.SIGNATURE_NOT_LOADED, Reason.CLAIM_CONFLICT, Reason.MALFORMED_CLAIM,
        Reason.NO_QID_FOR_CLAIM, Reason.TRANSITIVE,
    }
)  # fmt: skip
"""Reasons that lie in what is claimed; all others lie in the target and its tests."""
_SHOWN_AS_TESTS = frozenset({Reason.CONFIRMED, Reason.TESTED_ABSENT, Reason.FIXED, Reason.OUTCOME_SEEN})
_TESTS = {
    EvidenceKind.DETECTION: "Found: confirmed",
    EvidenceKind.POTENTIAL: "Found: potential",
    EvidenceKind.INFORMATION: "Information gathered",
    EvidenceKind.FIXED: "Found fixed",
    EvidenceKind.ABSENCE: "Tested and absent",
    EvidenceKind.OUTCOME: "Outcome in the stream",
    EvidenceKind.STATEMENT: "Said by a person",
    EvidenceKind.POOL: "Virtual address",
}
_QIDS_SHOWN = 6


def evidence_chain(record: VerdictRecord) -> Chain:
    """Return a record's argument as a graph."""
    nodes = [
        Node(id="alert", kind=NodeKind.ALERT, title="Alert", lines=(record.timestamp, f"zone {record.zone}")),
        Node(id="signature", kind=NodeKind.SIGNATURE, title="Signature", lines=(record.signature,)),
    ]
    edges = [Edge(start="alert", end="signature", label="fired")]
    for part in (_claims(record), _targets(record), _tests(record), _missing(record)):
        for one, arrows in part:
            nodes.append(one)
            edges += arrows
    lines = tuple(code.replace("_", " ") for code in record.reasons) + (
        ("sources conflict",) if record.conflict else ()
    )
    nodes.append(Node(id="decision", kind=NodeKind.DECISION, title=record.verdict.replace("_", " "), lines=lines))
    leads_on = {edge.start for edge in edges}
    edges += [
        Edge(start=node.id, end="decision", label="", polarity=node.polarity)
        for node in nodes
        if node.kind is not NodeKind.DECISION and node.id not in leads_on
    ]
    return Chain(nodes=tuple(nodes), edges=tuple(edges))


_Part = Iterator[tuple[Node, list[Edge]]]


def _claims(record: VerdictRecord) -> _Part:
    for claim in record.claims:
        yield (
            Node(id=f"claim {claim.id}", kind=NodeKind.CLAIM, title=claim.id, lines=claim.sources),
            [Edge(start="signature", end=f"claim {claim.id}", label="claims")],
        )


def _targets(record: VerdictRecord) -> _Part:
    for name, target in (("target", record.target), ("other target", record.other_target)):
        if target is None:
            continue
        title = "Target" if name == "target" else "The other end"
        lines = (_place(target), f"the {target.side} of the packet")
        yield (
            Node(id=name, kind=NodeKind.TARGET, title=title, lines=lines),
            [Edge(start="alert", end=name, label=target.chosen_by.replace("_", " "))],
        )
        if target.host is not None:
            yield (
                Node(id=f"{name}'s host", kind=NodeKind.HOST, title="Host", lines=(target.host,)),
                [Edge(start=name, end=f"{name}'s host", label="held by")],
            )


def _place(target: TargetRecord) -> str:
    if target.address is None:
        return "no address"
    return target.address if target.port is None else f"{target.address} port {target.port}/{target.protocol or '?'}"


def _tests(record: VerdictRecord) -> _Part:
    """Yield one node for all QIDs of a claim that one report tested at one instant, with the same result."""
    tested: dict[tuple[str, str, str, str, str], list[EvidenceRecord]] = {}
    for item in record.evidence:
        key = (item.kind, item.polarity, item.claim, item.observed_at, item.source)
        tested.setdefault(key, []).append(item)
    tested_on = "target's host" if record.target.host is not None else "target"
    for place, ((kind, polarity, claim, at, source), items) in enumerate(tested.items()):
        qids = [str(item.qid) for item in items if item.qid is not None]
        more = f" and {len(qids) - _QIDS_SHOWN} more" if len(qids) > _QIDS_SHOWN else ""
        named = (f"QID {', '.join(qids[:_QIDS_SHOWN])}{more}",) if qids else ()
        name = f"test {place}"
        starts = [(tested_on, "on")] if claim else [(tested_on, "on"), ("signature", "of")]
        if claim and any(one.id == claim for one in record.claims):
            starts.append((f"claim {claim}", "asks for"))
        yield (
            Node(
                id=name, kind=NodeKind.TEST, title=_TESTS[EvidenceKind(kind)], lines=(*named, at, source),
                polarity=polarity,
            ),
            [Edge(start=start, end=name, label=label) for start, label in starts],
        )  # fmt: skip


def _missing(record: VerdictRecord) -> _Part:
    tested = {item.claim for item in record.evidence}
    untested = [claim.id for claim in record.claims if claim.id not in tested]
    for code in record.reasons:
        if code in _SHOWN_AS_TESTS:
            continue
        starts = [("signature", "but")]
        if code not in _OF_SIGNATURE:
            starts = [("target's host" if record.target.host is not None else "target", "but")]
        starts += [(f"claim {claim}", "") for claim in untested]
        yield (
            Node(id=f"reason {code}", kind=NodeKind.MISSING, title=code.replace("_", " "), lines=(reason_text(code),)),
            [Edge(start=start, end=f"reason {code}", label=label) for start, label in starts],
        )
