"""People and their tokens. Our own user model stands in the first migration, because it cannot be put there later."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from vatriage.store.places import Zone


class User(AbstractUser):
    """Somebody who may log in: one role; the zones they see (none named = all)."""

    role = models.CharField(max_length=16, default="operator")
    zones = models.ManyToManyField(Zone, blank=True)
    must_change_password = models.BooleanField(default=False)

    class Meta:
        """Django's options."""

        db_table = "users"


class Token(models.Model):
    """A key to the REST API: only its hash is kept. Instants are seconds, 0 = never."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE)
    name = models.CharField(max_length=64)
    prefix = models.CharField(max_length=16, unique=True)
    sha256 = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    created_at = models.BigIntegerField()
    expires_at = models.BigIntegerField()
    last_used_at = models.BigIntegerField(default=0)
    revoked_at = models.BigIntegerField(default=0)

    class Meta:
        """Django's options."""

        db_table = "tokens"
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="token_key")]


class DoneAction(models.Model):
    """The answer to an action that came with an idempotency key: the same key gets the same answer, not a second action."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE)
    key = models.CharField(max_length=128)
    request = models.CharField(max_length=64)
    status = models.IntegerField(default=0)
    answer = models.JSONField(null=True)
    at = models.BigIntegerField()

    class Meta:
        """Django's options."""

        db_table = "done_actions"
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="done_action_key")]
