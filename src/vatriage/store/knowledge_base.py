"""The vendor's KnowledgeBase and the history of its (QID, claim) pairs. Instants are whole seconds."""

from django.db import models


class Vulnerability(models.Model):
    """One QID as its newest copy describes it."""

    qid = models.BigIntegerField(primary_key=True)
    kind = models.SmallIntegerField()
    qualys_severity = models.SmallIntegerField()
    title = models.TextField()
    category = models.TextField()
    published = models.BigIntegerField()
    code_modified = models.BigIntegerField()
    service_modified = models.BigIntegerField()
    patchable = models.SmallIntegerField()
    remote = models.SmallIntegerField()
    auth_types = models.TextField()
    disabled = models.SmallIntegerField()
    solution = models.TextField()
    first_copy = models.BigIntegerField()
    last_copy = models.BigIntegerField()

    class Meta:
        """Django's options."""

        db_table = "vulnerabilities"


class Pair(models.Model):
    """That a QID is tied to a claim, by copies of the KnowledgeBase or only by reports: see inventory.knowledge.PairState."""

    qid = models.BigIntegerField()
    claim = models.CharField(max_length=64)
    first_with = models.BigIntegerField()
    last_with = models.BigIntegerField()
    by_copy = models.BooleanField(default=True)

    class Meta:
        """Django's options."""

        db_table = "knowledge_pairs"
        constraints = [models.UniqueConstraint(fields=["qid", "claim"], name="knowledge_pair_key")]
        indexes = [models.Index(fields=["claim"], name="knowledge_pair_claim")]
