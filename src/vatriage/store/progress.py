"""How far pulls under way are: one row each, written in passing, gone when the pull ends."""

from dataclasses import astuple, dataclass

from django.db import models

from vatriage.store.bulk import execute, fetch, insert, update_all
from vatriage.store.in_passing import note_in_passing
from vatriage.store.pulls import Pull


class PullProgress(models.Model):
    """See `Standing`."""

    pull = models.OneToOneField(Pull, on_delete=models.CASCADE, primary_key=True)
    stage = models.CharField(max_length=16)
    doing = models.CharField(max_length=200, default="")
    page = models.IntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    waiting_until = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=200, default="")
    resumed = models.BooleanField(default=False)
    noted_at = models.BigIntegerField()

    class Meta:
        """Django's options."""

        db_table = "pull_progress"


@dataclass(slots=True, kw_only=True)
class Standing:
    """How a pull under way stands."""

    stage: str
    """Of usecases/pull_progress."""
    doing: str = ""
    """In words: what is asked for."""
    page: int = 0
    """Number of the page under way, 0 = none."""
    bytes: int = 0
    """That came of it so far."""
    waiting_until: int = 0
    """Seconds, 0 = it does not wait."""
    reason: str = ""
    """Why it waits."""
    resumed: bool = False
    """It goes on with what an earlier process began."""
    noted_at: int = 0
    """Seconds."""


_COLUMNS = ("stage", "doing", "page", "bytes", "waiting_until", "reason", "resumed", "noted_at")
_SAVE = insert("pull_progress", ("pull_id", *_COLUMNS), f"(pull_id) DO UPDATE SET {update_all(_COLUMNS)}")


def save_standing(pull: int, standing: Standing) -> bool:
    """Note how a pull stands; return whether that was possible at once."""
    return note_in_passing(_SAVE, [pull, *astuple(standing)])


def standing_of(pull: int) -> Standing | None:
    """Return how a pull stands, None if nobody has noted it."""
    rows = fetch(f"SELECT {', '.join(_COLUMNS)} FROM pull_progress WHERE pull_id = %s", [pull])
    return Standing(**dict(zip(_COLUMNS, rows[0], strict=True))) if rows else None


def forget_standing(pull: int) -> None:
    """Drop the row of a pull that has ended."""
    execute("DELETE FROM pull_progress WHERE pull_id = %s", [pull])
