"""Update rules, their runs, what people asked for, and the controller that does it. Instants are seconds, 0 = not yet."""

from django.db import models

from vatriage.store.devices import Device

QUEUED, RUNNING, WAITING = "queued", "running", "waiting"
"""States of what is not finished; only a pull waits."""
COMPLETE, INCOMPLETE, FAILED, CANCELLED = "complete", "incomplete", "failed", "cancelled"
"""How a run or a pull ended."""
JOINED = "joined"
"""A pull that another run had under way already."""
SKIPPED, MISSED = "skipped", "missed"
"""Runs that never began: the rule's run before was still under way; nothing could run it and its policy is to skip."""


class RuleRow(models.Model):
    """An activated update rule; `selectors` and `schedule` are plain values (model/update_rule)."""

    name = models.CharField(max_length=64, unique=True)
    selectors = models.JSONField()
    schedule = models.JSONField()
    paused = models.BooleanField(default=False)
    due_since = models.BigIntegerField()
    """Nothing is due at or before it: the schedule was activated, or resumed, then."""
    created_at = models.BigIntegerField()
    changed_at = models.BigIntegerField()

    class Meta:
        """Django's options."""

        db_table = "update_rules"

    @property
    def key(self) -> str:
        """What decides the rule's jitter: rules of one name in two installations differ."""
        return f"{self.name} {self.created_at}"


class RuleRun(models.Model):
    """One run of a rule, or of one device that a person asked for."""

    rule = models.ForeignKey(RuleRow, null=True, on_delete=models.SET_NULL)
    rule_name = models.CharField(max_length=64, default="")
    device = models.ForeignKey(Device, null=True, on_delete=models.SET_NULL)
    """The one device of a run without a rule."""
    due = models.BigIntegerField()
    local_date = models.CharField(max_length=10, default="")
    state = models.CharField(max_length=16)
    started_at = models.BigIntegerField(default=0)
    finished_at = models.BigIntegerField(default=0)
    error = models.TextField(default="")
    requested_by = models.CharField(max_length=255, default="")
    """"" = the schedule."""

    class Meta:
        """Django's options."""

        db_table = "rule_runs"
        constraints = [models.UniqueConstraint(fields=["rule", "due"], name="rule_run_key")]
        indexes = [
            models.Index(fields=["finished_at"], name="rule_run_finished"),
            models.Index(fields=["due"], name="rule_run_due"),
        ]


class RunPull(models.Model):
    """One device's pull in a run; a device has one that is not finished at most."""

    run = models.ForeignKey(RuleRun, on_delete=models.CASCADE, related_name="pulls")
    device = models.ForeignKey(Device, null=True, on_delete=models.SET_NULL)
    device_name = models.CharField(max_length=64)
    state = models.CharField(max_length=16)
    pull = models.BigIntegerField(default=0)
    """Number of the pull in the ledger, 0 = none yet."""
    attempts = models.IntegerField(default=0)
    failures = models.IntegerField(default=0)
    """Attempts that failed for lack of network."""
    doing = models.CharField(max_length=255, default="")
    waiting_until = models.BigIntegerField(default=0)
    error = models.TextField(default="")
    finished_at = models.BigIntegerField(default=0)

    class Meta:
        """Django's options."""

        db_table = "run_pulls"
        constraints = [
            models.UniqueConstraint(fields=["run", "device_name"], name="run_pull_key"),
            models.UniqueConstraint(fields=["device"], condition=models.Q(finished_at=0), name="run_pull_at_once"),
        ]


class RunRequest(models.Model):
    """Run Now: a rule or a device that somebody wants pulled; the controller takes it. One at a time for each."""

    rule = models.OneToOneField(RuleRow, null=True, on_delete=models.CASCADE)
    device = models.OneToOneField(Device, null=True, on_delete=models.CASCADE)
    requested_by = models.CharField(max_length=255)
    requested_at = models.BigIntegerField()

    class Meta:
        """Django's options."""

        db_table = "run_requests"


class Controller(models.Model):
    """The controller that runs, and when it was last heard of."""

    name = models.CharField(max_length=64, unique=True)
    holder = models.CharField(max_length=64)
    started_at = models.BigIntegerField()
    seen_at = models.BigIntegerField()

    class Meta:
        """Django's options."""

        db_table = "controllers"
