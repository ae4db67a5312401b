"""How far a person's word reaches beyond one group of alerts."""

from enum import StrEnum

from vatriage.model.verdict import Verdict


class Scope(StrEnum):
    """Which alerts of a signature a review covers, in one zone, later ones too."""

    ON_TARGET = "signature_on_target"
    """From whomever, on this target."""
    FROM_ATTACKER = "signature_from_attacker"
    """On whatever target, from this attacker."""
    IN_ZONE = "signature_in_zone"
    """All of them."""


MOST_DAYS = 366
"""A review of such a scope holds so long at most: it speaks of alerts that nobody has seen."""
WORST = Verdict.POSSIBLY_AFFECTED
"""The worst verdict that a review of such a scope covers, whatever its author saw; see `DENYING`."""
