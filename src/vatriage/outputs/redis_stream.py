"""Verdict records into a stream of Redis: an entry a record, its field `record` the JSON of VERDICT 11."""

from typing import Any

from vatriage.errors import UsageError
from vatriage.net.interface import NetError
from vatriage.net.redis_address import option
from vatriage.net.redis_server import RedisServer
from vatriage.outputs.interface import OutputError

_FIELD = b"record"
_PIECE = 1_000
_MOST = 10**12


class RedisVerdicts:
    """See VerdictSink.

    Args:
        server: its address names the stream (`?stream=`) and how many entries it is cut to at about (`&maxlen=`, 0 = never).

    Raises: UsageError: the address names no stream, or something else as well.
    """

    def __init__(self, server: RedisServer) -> None:
        address = server.address
        unknown = sorted(address.options.keys() - {"stream", "maxlen"})
        if unknown or not address.options.get("stream"):
            raise UsageError(
                f"{address.server}: {f'there is no option {unknown[0][:40]!r}' if unknown else 'no stream is named'}.",
                "Verdicts go to ?stream=verdicts, cut to about a length with &maxlen=1000000.",
            )
        self._server, self._key = server, address.options["stream"]
        self._maxlen = option(address, "maxlen", 0, 0, _MOST) or None
        self.name = f"{address.server}?stream={self._key}"

    def send(self, records: bytes) -> None:
        """See VerdictSink.send."""
        lines = records.splitlines()
        for start in range(0, len(lines), _PIECE):
            self._add(lines[start : start + _PIECE])

    def close(self) -> None:
        """Let go of the connection."""
        self._server.close()

    def _add(self, lines: list[bytes]) -> None:
        if self._server.rests:
            raise OutputError(f"{self.name} failed a moment ago; verdicts wait for it.")
        try:
            self._server.ask(lambda client: _added(client.pipeline(transaction=False), self._key, lines, self._maxlen))
        except NetError as error:
            raise OutputError(f"Verdicts are waiting: {error.message}", error.hint) from error


def _added(pipeline: Any, key: str, lines: list[bytes], maxlen: int | None) -> None:
    with pipeline:
        for line in lines:
            pipeline.xadd(key, {_FIELD: line}, maxlen=maxlen, approximate=True)
        pipeline.execute()
