"""Rule files of Suricata, Snort 2 and Snort 3: signatures out, nothing lost.

A rule that cannot be read becomes a `RuleReject`; its neighbours are loaded. Rules that are commented out are read too
(`enabled=False`), because a sensor may run another selection than the one at hand.
"""

from vatriage.model.signature import Signature
from vatriage.signatures.interface import MAX_RAW, Found, RuleReject
from vatriage.signatures.rule_lines import RULE, entries
from vatriage.signatures.rule_text import read_rule


def read_rules(text: str, name: str) -> Found:
    """Return the signatures of a rule file, and the rules that could not be read.

    Args:
        text: the whole file.
        name: what to call it in locations and rejects.
    """
    signatures: list[Signature] = []
    rejects: list[RuleReject] = []
    for entry in entries(text):
        try:
            if not RULE.match(entry.text):
                raise ValueError("the line starts with none of the known actions")  # noqa: TRY301 - one exit for all
            signatures.append(read_rule(entry.text, enabled=not entry.commented, location=f"{name}:{entry.line}"))
        except ValueError as error:
            rejects.append(RuleReject(file=name, line=entry.line, problem=str(error), raw=entry.text[:MAX_RAW]))
    return Found(signatures=signatures, rejects=rejects)
