"""What the newest verdicts of stored alerts rest on: the versions behind them, their claims, the outcomes that were seen.

This is what tells which of them another snapshot can change (`usecases/rejudge`).
"""

from django.db import models


class VerdictBasis(models.Model):
    """The versions that a number of newest verdicts were computed from, or were found to hold for.

    `alerts.basis` is its number, 0 = not known. `snapshot` and `clock_us` move on when a newer snapshot was compared with
    this one and the alerts that it may change were put aside (`rejudge_due`).
    """

    policy = models.TextField()
    signatures = models.TextField()
    snapshot = models.TextField()
    clock_us = models.BigIntegerField()
    """The earliest clock *T* of these verdicts."""

    class Meta:
        """Django's options."""

        db_table = "verdict_bases"
        indexes = [models.Index(fields=["snapshot", "signatures", "clock_us"], name="verdict_basis_snapshot")]


class ClaimSet(models.Model):
    """The claims of alerts of one signature, sorted, a line each; alerts of one signature may carry different ones."""

    key = models.CharField(max_length=32, unique=True)
    """Hash of the rest."""
    gid = models.BigIntegerField()
    sid = models.BigIntegerField()
    claims = models.TextField()

    class Meta:
        """Django's options."""

        db_table = "claim_sets"


class AlertOutcome(models.Model):
    """A stored alert that tells of an attack's success (VERDICT 6), wherever the attempt is stored."""

    alert_id = models.CharField(max_length=32, primary_key=True)
    zone = models.TextField()
    victim = models.CharField(max_length=45)
    attacker = models.CharField(max_length=45)
    at_us = models.BigIntegerField()

    class Meta:
        """Django's options."""

        db_table = "alert_outcomes"
        indexes = [models.Index(fields=["zone", "victim", "attacker", "at_us"], name="alert_outcome_pair")]
