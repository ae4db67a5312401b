"""Sessions of people at a browser: what tells a live one from one that has ended, whatever its cookie says."""

from django.db import models

from vatriage.store.users import User


class UserSession(models.Model):
    """One login that has not ended. Instants are seconds. Without its row a session is over."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE)
    started_at = models.BigIntegerField()
    seen_at = models.BigIntegerField()
    """When its owner last did something; pieces that refresh by themselves do not count."""
    address = models.CharField(max_length=45, default="")
    browser = models.CharField(max_length=200, default="")

    class Meta:
        """Django's options."""

        db_table = "user_sessions"
