"""Opening the store: the home folder and the tables."""

import os
from pathlib import Path

from vatriage.errors import VatriageError


class StoreError(VatriageError):
    """The home folder or the database cannot be used."""

    exit_code = 8


def prepare_home(home: Path) -> None:
    """Make the home folder, closed to other users. Raises: StoreError: it cannot be made or written."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"The folder {home} cannot be made: {error.strerror}.", "Choose another --home.") from error
    if not os.access(home, os.W_OK | os.X_OK):
        raise StoreError(f"The folder {home} cannot be written.", "Choose another --home, or mend its permissions.")


def migrate(database: Path) -> None:
    """Bring the tables up to date; costs two queries where they are. Raises: StoreError: the database is unusable."""
    from django.core.management import call_command  # noqa: PLC0415 - only after Django is configured
    from django.db import DatabaseError, connection  # noqa: PLC0415 - the same
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415 - the same

    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", verbosity=0, interactive=False)
            database.chmod(0o600)
    except DatabaseError as error:
        raise StoreError(
            f"The database {database} cannot be used: {error}.",
            "Check the disk and the file's permissions; restore it from a backup if it is damaged.",
        ) from error
