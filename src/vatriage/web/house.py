"""What a page needs of the house: settings, clock, vault, the desk of changes."""

from django.conf import settings

from vatriage.clock import Clock, now_us
from vatriage.config import Config
from vatriage.usecases.changes import Changes
from vatriage.vault import Vault, open_vault
from vatriage.wiring import readers, servers


def config() -> Config:
    """Return our settings."""
    kept: Config = getattr(settings, "HOUSE_CONFIG")  # noqa: B009 - the type checker does not know our own setting
    return kept


def clock() -> Clock:
    """Return the clock."""
    return readers.system_clock()


def now_s() -> int:
    """Return the present instant in seconds."""
    return now_us(clock()) // 1_000_000


def changes() -> Changes:
    """Return the desk where changes are submitted and activated."""
    return servers.changes(clock(), config().snapshots)


def vault() -> Vault:
    """Return the vault of passwords."""
    return open_vault(config().key)
