"""The quality of verdicts, one line a data set: what was said, what is decidable, what was suppressed and whether rightly.

`python -m quality.report` (or `make quality`) prints the table of docs/explanation/quality.md; tests/quality checks that
the page says the same.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from quality.captures import from_captures
from quality.judging import Judged, judge
from quality.scenario import Scenario, synthetic
from vatriage.model.verdict import Verdict, VerdictRecord

SUPPRESSED = (Verdict.FALSE_POSITIVE.name, Verdict.NOT_AFFECTED.name)
DECIDED = (*SUPPRESSED, Verdict.AFFECTED.name, Verdict.COMPROMISE_INDICATED.name)
COLUMNS = ("COMPROMISE_INDICATED", "AFFECTED", "POSSIBLY_AFFECTED", "UNKNOWN", "UNVERIFIABLE", "NOT_AFFECTED")
HEAD = (
    "| data set | scenarios | compromise | affected | possibly | unknown | unverifiable | not affected | decided "
    "| suppression precision | false suppressions |"
)


@dataclass
class Line:
    """The figures of one data set. The unit is the scenario: one attack on one host in one state of knowledge."""

    verdicts: Counter[str] = field(default_factory=Counter)
    right: int = 0
    """Suppressed, and the host was not vulnerable and the attack had no outcome."""
    wrong: int = 0
    """Suppressed although the host was vulnerable or the attack succeeded."""

    def add(self, scenario: Scenario, verdict: str) -> None:
        """Count one scenario."""
        self.verdicts[verdict] += 1
        if verdict in SUPPRESSED:
            self.wrong += scenario.outcome or scenario.vulnerable
            self.right += not (scenario.outcome or scenario.vulnerable)

    def cells(self) -> list[str]:
        """Return the line's columns after the first."""
        count, suppressed = self.verdicts.total(), self.right + self.wrong
        decided = sum(self.verdicts[name] for name in DECIDED)
        precision = f"{self.right} of {suppressed}" if suppressed else "-"
        counts = [str(self.verdicts[name] or "") for name in COLUMNS]
        return [str(count), *counts, f"{100 * decided / count:.0f} %", precision, str(self.wrong)]


@cache
def judged(scenario: Scenario) -> Judged:
    """Return a scenario's records, computed once a process."""
    return judge(scenario)


def all_scenarios() -> tuple[Scenario, ...]:
    """Return the synthetic ones, and those from captures where the corpus lies beside the checkout."""
    return (*synthetic(), *from_captures())


def figures(scenarios: Iterable[Scenario]) -> dict[str, Line]:
    """Return the line of every data set."""
    lines: dict[str, Line] = defaultdict(Line)
    for scenario in scenarios:
        lines[scenario.data_set].add(scenario, worst(judged(scenario).records))
    return dict(lines)


def worst(records: Iterable[VerdictRecord]) -> str:
    """Return the highest verdict of a scenario's alerts; its label demands that all are the same."""
    return max(Verdict[record.verdict] for record in records).name


def table(lines: dict[str, Line]) -> list[str]:
    """Return the figures as lines of Markdown."""
    rows = [f"| {name} | {' | '.join(line.cells())} |" for name, line in lines.items()]
    return [HEAD, "|" + " --- |" * HEAD.count(" |"), *rows]


if __name__ == "__main__":
    print("\n".join(table(figures(all_scenarios()))))
