"""A token's file: read and written so that nobody else on this machine can."""

import os
from pathlib import Path

from vatriage.errors import NotFoundError, UsageError
from vatriage.model.secret import Secret

_LONGEST = 1_000


def write_token(path: Path, token: Secret) -> None:
    """Write a token to a new file (mode 0600). Raises: UsageError: it cannot be made, or is there already."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise UsageError(
            f"The file {path} cannot be made: {error.strerror}.",
            "The token was made all the same: revoke it, then name a new file.",
        ) from error
    with os.fdopen(handle, "w") as file:
        file.write(f"{token.reveal()}\n")


def read_token(path: Path) -> Secret:
    """Return the token in a file. Raises: NotFoundError: it cannot be read; UsageError: it holds none, or is open to others."""
    try:
        with path.open("rb") as file:
            readable = os.fstat(file.fileno()).st_mode & 0o077
            text = file.read(_LONGEST + 1).strip()
    except OSError as error:
        raise NotFoundError(f"The token file {path} cannot be read: {error.strerror}.", "Check its path.") from error
    if readable:
        raise UsageError(f"Others on this machine may read the token file {path}.", f"chmod 600 {path}")
    if not text or len(text) > _LONGEST or not text.isascii() or len(text.split()) != 1:
        raise UsageError(f"The file {path} holds no token.", "It must hold the token and nothing else.")
    return Secret(text.decode())
