"""Tuning rules: what people say of alerts that they have not looked at, as it is stored.

A row is one revision of a rule: nothing is deleted or overwritten, a later revision supersedes an earlier one. Instants are
seconds.
"""

from django.db import models

from vatriage.store.alerts import RANK_STEP
from vatriage.store.reviews import DENIED, IN_FORCE


class TuningRule(models.Model):
    """One revision of a rule. What matches is decided by zone, signature, ends and verdict, all that are given."""

    rule = models.BigIntegerField(default=0)
    """The rule's number: that of its first revision."""
    revision = models.IntegerField(default=1)
    zone = models.TextField()
    gid = models.BigIntegerField(default=-1)
    sid = models.BigIntegerField(default=-1)
    """-1 = any signature."""
    source_network = models.CharField(max_length=49, default="")
    target_network = models.CharField(max_length=49, default="")
    source_low = models.CharField(max_length=32, default="")
    source_high = models.CharField(max_length=32, default="g")
    """Hex digits of a network's first and last address; without a network, what is before and behind all of them."""
    target_low = models.CharField(max_length=32, default="")
    target_high = models.CharField(max_length=32, default="g")
    bound = models.SmallIntegerField()
    """The worst verdict that is marked."""
    mark = models.CharField(max_length=32)
    reason = models.TextField()
    enabled = models.SmallIntegerField(default=1)
    expires_at = models.BigIntegerField()
    author = models.CharField(max_length=255)
    at = models.BigIntegerField()
    superseded_by = models.BigIntegerField(default=0)

    class Meta:
        """Django's options."""

        db_table = "tuning_rules"
        constraints = [
            models.UniqueConstraint(fields=["rule", "revision"], name="tuning_rule_key"),
        ]
        indexes = [models.Index(fields=["superseded_by", "zone"], name="tuning_rule_now")]


def matches(group: str) -> str:
    """Return the condition that a rule `t` matches a group of alerts, by its alias, whatever their verdicts."""
    return (
        f"t.zone = {group}.zone AND (t.sid < 0 OR (t.sid = {group}.sid AND t.gid = {group}.gid)) AND "
        f"{group}.target_key BETWEEN t.target_low AND t.target_high AND "
        f"{group}.attacker_key BETWEEN t.source_low AND t.source_high"
    )


ACTING = "t.superseded_by = 0 AND t.enabled = 1 AND t.expires_at > %s"
"""That a rule acts. One value: the present instant in seconds."""
MARKED_GROUPS = (
    f"SELECT q.id FROM tuning_rules t JOIN alert_groups q ON {matches('q')} WHERE t.superseded_by = 0 AND t.enabled = 1"
)
"""Groups in which a rule may mark something: where to look first."""
MARKED = (
    f"(EXISTS (SELECT 1 FROM tuning_rules t JOIN alert_groups q ON {matches('q')} WHERE q.id = a.group_id AND {ACTING} "
    f"AND a.rank < (t.bound + 1) * {RANK_STEP}) AND {IN_FORCE} = '' AND NOT {DENIED})"
)
"""Whether a rule marks an alert `a`: it matches, the alert is no worse than the rule's bound, nobody's review of it is in
force, and it contradicts none. Five values: the present instant in seconds, five times."""
