"""Secrets: how passwords are kept.

A password is encrypted with a key that lies in a file of its own (mode 0600), bound to the device it belongs to, so that
a ciphertext moved to another device is refused. The first key of the file encrypts; all of them decrypt (rotation).
"""

import hmac
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from vatriage.errors import VatriageError
from vatriage.model.secret import Secret


class VaultError(VatriageError):
    """The key is missing, damaged or not ours."""

    exit_code = 8


class Vault:
    """Encrypts and decrypts under the keys of one file."""

    def __init__(self, keys: list[bytes]) -> None:
        self._first = keys[0] if keys else b""
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def derive(self, purpose: str) -> Secret:
        """Return a key for a purpose of its own (signing sessions), from which the vault's key cannot be told."""
        return Secret(hmac.new(self._first, purpose.encode(), "sha256").hexdigest())

    def lock(self, secret: Secret, owner: str) -> bytes:
        """Return the ciphertext of a secret that belongs to `owner`."""
        return self._fernet.encrypt(f"{owner}\0{secret.reveal()}".encode())

    def unlock(self, token: bytes | memoryview, owner: str) -> Secret:
        """Return the secret of `owner`.

        Raises: VaultError: the key is another one, or the ciphertext belongs to somebody else.
        """
        try:
            plain = self._fernet.decrypt(bytes(token)).decode()
        except InvalidToken as error:
            raise VaultError(
                f"The stored password of {owner!r} cannot be decrypted with this key.",
                "Put the right key file back, or set the password again with `vatriage device add`.",
            ) from error
        name, _, text = plain.partition("\0")
        if name != owner:
            raise VaultError(f"The stored password of {owner!r} belongs to another device.", "Set it again.")
        return Secret(text)


def open_vault(path: Path) -> Vault:
    """Return the vault of a key file, which is made (mode 0600) if it is not there.

    Raises: VaultError: the file is damaged or cannot be read.
    """
    if not path.exists():
        _make_key(path)
    try:
        keys = [line for line in path.read_bytes().split() if line]
        return Vault(keys)
    except (OSError, ValueError) as error:
        raise VaultError(f"The key file {path} cannot be used: {error}.", "Restore it from your backup.") from error


def _make_key(path: Path) -> None:
    """Write a new key; the file is complete and closed to others before it bears its name."""
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(Fernet.generate_key() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return  # another process was first: its key counts
    finally:
        draft.unlink()
