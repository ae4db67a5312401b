"""classification.config of Snort and Suricata: the priority of each classtype.

`config classification: attempted-admin,Attempted Administrator Privilege Gain,1` (source: Suricata's and Snort 2's
manuals). A priority only ranks alerts inside a verdict's level.
"""

import re

from vatriage.signatures.interface import MAX_RAW, Found, RuleReject

START = re.compile(r"config\s+classification\s*:", re.IGNORECASE)
"""How every line that counts begins."""

_LINE = re.compile(r"config\s+classification\s*:\s*([^,\s][^,]*?)\s*,(.*),\s*([0-9]{1,3})\s*", re.IGNORECASE | re.ASCII)
_MAX_PRIORITY = 255


def read_classes(text: str, name: str) -> Found:
    """Return the priorities by classtype; of two that differ the worse (smaller) one.

    Args:
        text: the whole file.
        name: what to call it in rejects.
    """
    classes: dict[str, int] = {}
    rejects: list[RuleReject] = []
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        found = _LINE.fullmatch(stripped)
        if found is None or not 1 <= int(found[3]) <= _MAX_PRIORITY:
            problem = f"the line is not 'config classification: name,description,priority' with 1 to {_MAX_PRIORITY}"
            rejects.append(RuleReject(file=name, line=number, problem=problem, raw=stripped[:MAX_RAW]))
            continue
        classes[found[1]] = min(int(found[3]), classes.get(found[1], _MAX_PRIORITY))
    return Found(classes=classes, rejects=rejects)
