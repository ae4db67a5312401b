"""What people say of alerts, beside the verdict and never over it; and the filters that they keep."""

from django.db import models
from django.db.models import Q

from vatriage.store.alerts import RANK_STEP


class Review(models.Model):
    """One decision of a person about one alert (`alert_id`), or about a group of alerts (`group_id`). Instants are seconds.

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
        ]
        indexes = [
            models.Index(fields=["alert_id", "superseded_by"], name="review_alert"),
            models.Index(fields=["group_id", "superseded_by"], name="review_group"),
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


def _in_force(subject: str) -> str:
    """Return a query for the review in force of an alert `a`: it has not expired, and the alert is not worse than what
    the reviewer saw; that an attack was real stays true whatever comes."""  # noqa: D209 - one sentence
    return (
        f"SELECT r.id FROM reviews r WHERE r.{subject} AND r.superseded_by = 0 AND (r.expires_at = 0 OR "
        f"r.expires_at > %s) AND (r.decision = 'confirmed_positive' OR a.rank < (r.seen_verdict + 1) * {RANK_STEP})"
    )


REVIEWED_GROUPS = (
    "SELECT r.group_id FROM reviews r WHERE r.group_id <> '' AND r.superseded_by = 0 AND r.decision IN ({})"
)
REVIEWED_ALERTS = (
    "SELECT r.alert_id FROM reviews r WHERE r.alert_id <> '' AND r.superseded_by = 0 AND r.decision IN ({})"
)
"""Where to look for what IN_FORCE finds: people review by the hundred, so it is quicker to begin with what they said.

`{}` is where the list of decisions goes.
"""
REVIEWED_WHOLE = (
    "SELECT 1 FROM reviews r WHERE r.group_id = g.id AND r.superseded_by = 0 AND r.decision <> 'withdrawn' AND "
    "(r.expires_at = 0 OR r.expires_at > %s) AND (r.decision = 'confirmed_positive' OR g.worst <= r.seen_verdict)"
)
"""The review of a group `g` that covers all its alerts but those that people spoke of one by one. One value: now."""
IN_FORCE = (
    "COALESCE((SELECT w.decision FROM reviews w WHERE w.decision <> 'withdrawn' AND w.id = ("
    f"SELECT MAX(one.id) FROM ({_in_force('alert_id = a.id')} UNION ALL {_in_force('group_id = a.group_id')}) AS one"
    ")), '')"
)
"""What people say of an alert `a`, "" if nothing: the later one of what they said of it and of its group.

Two values: the present instant in seconds, twice.
"""
