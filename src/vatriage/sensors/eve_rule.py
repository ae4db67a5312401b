"""The raw rule that Suricata writes into an alert (`alert.rule`): which vulnerabilities it names.

Only two options are looked for, wherever they stand: reading one too many (inside a text in quotes) adds a claim, which
may confirm and makes refuting harder, so a whole parser would gain nothing here. The raw rule never replaces the loaded
one: what it claims is one more source.
"""

import re
from functools import lru_cache

from vatriage.model.claim_text import claims_in_text
from vatriage.model.claims import claims_in_reference

_REFERENCE = re.compile(r"\breference\s*:\s*([^;]*)", re.IGNORECASE)
_METADATA = re.compile(r"\bmetadata\s*:\s*([^;]*)", re.IGNORECASE)
_MOST_KEPT = 16_384
"""Characters of a rule that is remembered; the longest of ET Open has 2,449."""


def references_of(rule: str) -> tuple[str, ...]:
    """Return the references that name a vulnerability, as `kind,text`; what metadata names as `cve,text`."""
    return _remembered(rule) if len(rule) <= _MOST_KEPT else _references_of(rule)


def _references_of(rule: str) -> tuple[str, ...]:
    found = [text.strip() for text in _REFERENCE.findall(rule)]
    named = [text for text in found if claims_in_reference(text)]
    for items in _METADATA.findall(rule):
        for item in items.split(","):
            key, _, value = item.strip().partition(" ")
            if key.lower() == "cve" and value.strip():
                named.append(f"cve,{value.strip()}")
            elif key.lower() != "cve":
                named.extend(f"cve,{one.id}" for one in claims_in_text(item))
    return tuple(named)


_remembered = lru_cache(maxsize=4096)(_references_of)
