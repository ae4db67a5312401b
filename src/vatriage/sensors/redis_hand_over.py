"""What lists and streams of Redis have in common as sources: asking a server that may be away, and settling late."""

import msgspec

from vatriage.net.interface import NetError
from vatriage.net.redis_server import Client, RedisServer
from vatriage.sensors.interface import Delivery, SourceAwayError
from vatriage.sensors.redis_entries import Mark, Told, note_restart, read_mark, run_of


class RedisHandOver:
    """See AlertSource; `_take` and `_confirm` are a kind's own.

    Args:
        server: holds the entries.
        name: of the source.
        format_name: the entries' format.
    """

    def __init__(self, server: RedisServer, name: str, format_name: str) -> None:
        self.name = name
        self._server, self._format_name = server, format_name
        self._mark = self._after = Mark()
        self._taken: list[bytes] = []
        self._safe: list[bytes] = []
        self._is_fresh = True

    def begin(self, bookmark: bytes) -> None:
        """See AlertSource.begin: the server keeps the place, the bookmark tells what was lost or started anew."""
        self._mark = self._after = read_mark(bookmark)
        self._is_fresh = True

    def take(self) -> Delivery | None:
        """See AlertSource.take; None also while it is too early to ask a server that failed."""
        if self._server.rests:
            return None
        try:
            return self._server.ask(self._take)
        except NetError as error:
            self._is_fresh = True
            raise SourceAwayError(error.message, error.hint) from error

    def settle(self) -> None:
        """See AlertSource.settle; what cannot be confirmed now is confirmed before the next take."""
        self._safe += self._taken
        self._taken, self._mark = [], self._after
        try:
            self._server.ask(self._confirm)
        except NetError:
            self._is_fresh = True

    def close(self) -> None:
        """See AlertSource.close."""
        self._server.close()

    @property
    def ended(self) -> bool:
        """See AlertSource.ended."""
        return False

    def _note_run(self, client: Client, told: Told) -> None:
        """Note that the server was started anew since we asked last."""
        run = run_of(client)
        if run != self._mark.run:
            self._is_fresh = True
            note_restart(client, self._mark.run, run, self.name, told)
            self._mark = msgspec.structs.replace(self._mark, run=run)

    def _take(self, client: Client) -> Delivery | None:
        """Return what comes next, None if there is nothing; confirms first what is safe."""
        raise NotImplementedError

    def _confirm(self, client: Client) -> None:
        """Tell the server that entries in `_safe` are committed, and forget them."""
        raise NotImplementedError
