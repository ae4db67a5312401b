"""Detections: the current version of each, the earlier ones, and RESULTS texts, compressed, once each."""

from django.db import models

from vatriage.store.hosts import Host


class DetectionColumns(models.Model):
    """The columns of one version of a detection (see inventory.versions). Instants are whole seconds."""

    host = models.ForeignKey(Host, on_delete=models.CASCADE, db_index=False)
    qid = models.BigIntegerField()
    port = models.IntegerField()
    protocol = models.SmallIntegerField()
    ssl = models.SmallIntegerField()
    instance = models.TextField(default="")
    kind = models.SmallIntegerField()
    qualys_severity = models.SmallIntegerField()
    status = models.SmallIntegerField()
    first_found = models.BigIntegerField()
    last_found = models.BigIntegerField()
    last_test = models.BigIntegerField()
    last_fixed = models.BigIntegerField()
    times_found = models.IntegerField()
    qds = models.SmallIntegerField(default=0)
    ignored = models.SmallIntegerField()
    disabled = models.SmallIntegerField()
    stamp = models.BigIntegerField()
    since = models.BigIntegerField()
    service = models.TextField(default="")
    results = models.CharField(max_length=32, default="")

    class Meta:
        """Django's options."""

        abstract = True


class Detection(DetectionColumns):
    """The current version."""

    gone_at = models.BigIntegerField(default=0)

    class Meta:
        """Django's options."""

        db_table = "detections"
        constraints = [
            models.UniqueConstraint(
                fields=["host", "qid", "port", "protocol", "ssl", "instance"], name="detection_key"
            ),
        ]


class DetectionPast(DetectionColumns):
    """An earlier version; `superseded` is when the next one was first reported."""

    superseded = models.BigIntegerField()

    class Meta:
        """Django's options."""

        db_table = "detections_past"
        indexes = [models.Index(fields=["host"], name="detection_past_host")]


class ResultText(models.Model):
    """One RESULTS text, zstd-compressed, named by the hash of its bytes."""

    name = models.CharField(max_length=32, primary_key=True)
    body = models.BinaryField()

    class Meta:
        """Django's options."""

        db_table = "result_texts"
