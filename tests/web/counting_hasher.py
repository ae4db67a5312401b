"""Argon2, counted: how often a login makes it work."""

from django.contrib.auth.hashers import Argon2PasswordHasher

DONE = []
"""One entry for each hash that was computed."""


class CountingHasher(Argon2PasswordHasher):
    """See Argon2PasswordHasher."""

    def encode(self, password, salt):
        """Count, then hash."""
        DONE.append("encode")
        return super().encode(password, salt)

    def verify(self, password, encoded):
        """Count, then compare."""
        DONE.append("verify")
        return super().verify(password, encoded)
