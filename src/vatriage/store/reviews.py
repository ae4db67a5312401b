"""What people say of alerts, beside the verdict and never over it; and the filters that they keep."""

from django.db import models
from django.db.models import Q

from vatriage.model.alert_filter import DENYING
from vatriage.model.verdict import Verdict
from vatriage.store.alerts import RANK_STEP

DENYING_LIST = ", ".join(f"'{decision}'" for decision in DENYING)


class Review(models.Model):
    """One decision of a person about one alert (`alert_id`), a group of alerts (`group_id`), or alerts of a signature
    (`scope`, with the columns that it needs). Instants are seconds.

    Rows are never deleted: a later review of the same subject supersedes an earlier one.
    """

    zone = models.TextField()
    alert_id = models.CharField(max_length=32, default="")
    group_id = models.CharField(max_length=32, default="")
    decision = models.CharField(max_length=32)
    reason = models.TextField()
    seen_verdict = models.SmallIntegerField()
    expires_at = models.BigIntegerField(default=0)
    reviewer = models.CharField(max_length=255)
    at = models.BigIntegerField()
    superseded_by = models.BigIntegerField(default=0)
    scope = models.CharField(max_length=32, default="")
    """`review_scope.Scope` if it reaches beyond one group, else ""."""
    gid = models.BigIntegerField(default=0)
    sid = models.BigIntegerField(default=0)
    target_address = models.CharField(max_length=45, default="")
    attacker_address = models.CharField(max_length=45, default="")

    class Meta:
        """Django's options."""

        db_table = "reviews"
        constraints = [
            models.UniqueConstraint(
                fields=["alert_id"], condition=Q(superseded_by=0) & ~Q(alert_id=""), name="review_of_alert"
            ),
            models.UniqueConstraint(
                fields=["group_id"], condition=Q(superseded_by=0) & ~Q(group_id=""), name="review_of_group"
            ),
            models.UniqueConstraint(
                fields=["zone", "sid", "gid", "target_address", "attacker_address"],
                condition=Q(superseded_by=0) & ~Q(scope=""),
                name="review_of_signature",
            ),
        ]
        indexes = [
            models.Index(fields=["alert_id", "superseded_by"], name="review_alert"),
            models.Index(fields=["group_id", "superseded_by"], name="review_group"),
            models.Index(fields=["zone", "sid", "superseded_by"], name="review_signature"),
        ]


class SavedFilter(models.Model):
    """A filter of the alert list under a name of its owner's choice."""

    owner = models.CharField(max_length=255)
    name = models.CharField(max_length=64)
    query = models.JSONField()
    saved_at = models.BigIntegerField()

    class Meta:
        """Django's options."""

        db_table = "saved_filters"
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="saved_filter_key")]


def wide_of(row: str) -> str:
    """Return the condition that a review `r` of alerts of a signature covers an alert or a group, by its alias."""
    return (
        f"r.scope <> '' AND r.zone = {row}.zone AND r.sid = {row}.sid AND r.gid = {row}.gid AND "
        f"(r.target_address = '' OR r.target_address = {row}.target_address) AND "
        f"(r.attacker_address = '' OR r.attacker_address = {row}.attacker_address)"
    )


_DIRECT = (
    "r.id IN (SELECT d.id FROM reviews d WHERE d.alert_id = a.id AND d.superseded_by = 0 UNION ALL "
    "SELECT d.id FROM reviews d WHERE d.group_id = a.group_id AND d.superseded_by = 0)"
)
_UNEXPIRED = "r.superseded_by = 0 AND (r.expires_at = 0 OR r.expires_at > %s)"


def _in_force(subject: str) -> str:
    """Return a query for the newest review of a subject that is in force for an alert `a`: it has not expired, and the
    alert is not worse than what the reviewer saw; that an attack was real stays true whatever comes."""  # noqa: D209 - one sentence
    return (
        f"SELECT MAX(r.id) FROM reviews r WHERE {subject} AND {_UNEXPIRED} AND "
        f"(r.decision = 'confirmed_positive' OR a.rank < (r.seen_verdict + 1) * {RANK_STEP})"
    )


REVIEWED_GROUPS = (
    "SELECT r.group_id FROM reviews r WHERE r.group_id <> '' AND r.superseded_by = 0 AND r.decision IN ({0}) UNION "
    "SELECT q.id FROM reviews r JOIN alert_groups q ON " + wide_of("q") + " WHERE r.superseded_by = 0 AND "
    "r.decision IN ({0})"
)
REVIEWED_ALERTS = (
    "SELECT r.alert_id FROM reviews r WHERE r.alert_id <> '' AND r.superseded_by = 0 AND r.decision IN ({0})"
)
"""Where to look for what IN_FORCE finds: people review by the hundred, so it is quicker to begin with what they said.

`{0}` is where the list of decisions goes: twice for the groups, once for the alerts.
"""
REVIEWED_WHOLE = (
    "SELECT 1 FROM reviews r WHERE r.group_id = g.id AND r.superseded_by = 0 AND r.decision <> 'withdrawn' AND "
    "(r.expires_at = 0 OR r.expires_at > %s) AND (r.decision = 'confirmed_positive' OR g.worst <= r.seen_verdict)"
)
"""The review of a group `g` that covers all its alerts but those that people spoke of one by one. One value: now."""
IN_FORCE = (
    "COALESCE((SELECT w.decision FROM reviews w WHERE w.decision <> 'withdrawn' AND w.id = COALESCE("
    f"({_in_force(_DIRECT)}), ({_in_force(wide_of('a'))}))), '')"
)
"""What people say of an alert `a`, "" if nothing.

It is the later one of what they said of it and of its group; where they said nothing of either, what they said last of its
signature. Two values: the present instant in seconds, twice.
"""
_AGAINST = f"a.rank >= (r.seen_verdict + 1) * {RANK_STEP} AND a.rank >= {Verdict.POSSIBLY_AFFECTED * RANK_STEP}"
_DENIED = f"SELECT 1 FROM reviews r WHERE {{}} AND {_UNEXPIRED} AND r.decision IN ({DENYING_LIST}) AND {_AGAINST}"
DENIED = f"(EXISTS ({_DENIED.format(_DIRECT)}) OR EXISTS ({_DENIED.format(wide_of('a'))}))"
"""Whether evidence speaks against what somebody said of an alert `a`, whatever was said since. Two values: now, twice."""
CONTRADICTED = f"({IN_FORCE} = '' AND {DENIED})"
"""Whether an alert `a` shows that somebody who called it harmless was wrong, or does not know what is known now.

They said false positive or noise, the verdict is worse than the one they saw, and evidence speaks for the attack; nobody
has spoken of it since. Four values: the present instant in seconds, four times.
"""
