"""Accepted certificates in memory."""


class MemoryPins:
    """See Pins."""

    def __init__(self):
        self.accepted = {}
        self.changed = {}

    def known(self, server):
        """See Pins.known."""
        return self.accepted.get(server)

    def accept_first(self, server, sha256):
        """See Pins.accept_first."""
        self.accepted.setdefault(server, sha256)

    def note_changed(self, server, sha256):
        """See Pins.note_changed."""
        self.changed[server] = sha256
