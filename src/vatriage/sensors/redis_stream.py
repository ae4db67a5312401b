"""A stream of Redis that a sensor fills (Suricata 8's `mode: stream`), read by a consumer group without loss.

An entry is acknowledged once its verdict is committed. What an ended consumer left comes again: its own at once, others'
once they lie idle. What was trimmed away before it was read is counted. Source: Suricata's src/util-log-redis.c (`XADD key
MAXLEN ~ 100000 * eve EVENT`), the commands' pages (entries-added and entries-read exist from Redis 7 and Valkey on).
"""

from typing import Any

import msgspec

from vatriage.net.redis_server import Client, RedisServer, said_by
from vatriage.sensors.interface import Delivery, SourceAwayError
from vatriage.sensors.redis_entries import COUNT, Told, delivery_of, read_mark
from vatriage.sensors.redis_hand_over import RedisHandOver

Entries = list[tuple[bytes, dict[bytes, bytes]]]
_START = "0-0"


class RedisStream(RedisHandOver):
    """See AlertSource.

    Args:
        server: holds the stream.
        key: the stream.
        group: shares the stream's entries among its consumers.
        consumer: who takes; no two processes may have one name at a time.
        field: of an entry, the event.
        idle_s: after how many seconds what another consumer took is taken over.
        format_name: the entries' format.
    """

    def __init__(
        self, server: RedisServer, key: str, group: str, consumer: str, field: str, idle_s: int, format_name: str
    ) -> None:
        name = f"{server.address.server}?stream={key}&group={group}&consumer={consumer}"
        super().__init__(server, name, format_name)
        self._key, self._group, self._consumer = key, group, consumer
        self._field, self._idle_s = field.encode(), idle_s
        self._is_known = False
        self._claims_at, self._claims_from = 0.0, _START

    def begin(self, bookmark: bytes) -> None:
        """See AlertSource.begin."""
        super().begin(bookmark)
        self._is_known = bool(bookmark)

    def settle(self) -> None:
        """See AlertSource.settle."""
        self._is_known = True
        super().settle()

    def _take(self, client: Client) -> Delivery | None:
        self._confirm(client)
        told = Told()
        self._note_run(client, told)
        if self._is_fresh:
            self._ensure_group(client, told)
        entries = self._again(client, told) or self._fresh(client, told)
        if not entries and not told:
            return None
        delivery = delivery_of(self.name, self._events(entries, told), self._mark, told, self._format_name)
        self._taken = [number for number, _ in entries]
        self._after = read_mark(delivery.bookmark)
        return delivery

    def _ensure_group(self, client: Client, told: Told) -> None:
        """Make the group, which reads from the stream's beginning. One that we knew and that is gone is a gap."""
        from valkey.exceptions import ResponseError  # noqa: PLC0415 - an extra

        try:
            gone = _gone(client.xinfo_stream(self._key)) if client.exists(self._key) else 0
            client.xgroup_create(self._key, self._group, id="0", mkstream=True, entries_read=gone)
        except ResponseError as error:
            if not said_by(error).startswith("BUSYGROUP"):
                raise
            return
        self._mark = msgspec.structs.replace(self._mark, gone=gone)
        if self._is_known:
            told.lose(1, f"{self.name}: the stream or its group was removed and made anew, a part may be lost")

    def _again(self, client: Client, told: Told) -> Entries:
        """Return what was handed over before: to us and not acknowledged, or to others and idle for too long."""
        entries: Entries = []
        if self._is_fresh:
            entries = self._left(client)
            self._is_fresh = bool(entries)
        if not entries and self._server.now_s() >= self._claims_at:
            entries = self._claimed(client, told)
        if entries:
            told.note(f"{self.name}: {len(entries):,} entries come again, which were taken before and not acknowledged")
        return entries

    def _left(self, client: Client) -> Entries:
        found = client.xreadgroup(self._group, self._consumer, {self._key: "0"}, count=COUNT)
        return found[0][1] if found else []

    def _claimed(self, client: Client, told: Told) -> Entries:
        reply: list[Any] = client.xautoclaim(
            self._key, self._group, self._consumer, self._idle_s * 1000, self._claims_from, COUNT
        )
        self._claims_from = reply[0].decode()
        if self._claims_from == _START:
            self._claims_at = self._server.now_s() + self._idle_s
        if len(reply) > 2 and reply[2]:  # the third part came with Redis 7
            told.lose(
                len(reply[2]), f"{self.name}: {len(reply[2]):,} entries were trimmed before they were acknowledged"
            )
        return list(reply[1])

    def _fresh(self, client: Client, told: Told) -> Entries:
        """Return new entries. What was trimmed away unread is told first, so that a sudden end does not hide it."""
        stream, groups = client.xinfo_stream(self._key), client.xinfo_groups(self._key)
        if self._note_gone(stream, groups, told):
            return []
        with client.pipeline(transaction=True) as pipeline:
            pipeline.xinfo_stream(self._key)
            pipeline.xinfo_groups(self._key)
            pipeline.xreadgroup(self._group, self._consumer, {self._key: ">"}, count=COUNT)
            stream, groups, found = pipeline.execute()
        self._note_gone(stream, groups, told)
        return found[0][1] if found else []

    def _note_gone(self, stream: dict[str, Any], groups: list[dict[str, Any]], told: Told) -> int:
        """Count the entries that left the stream unread; what was told already is not told again."""
        read = next((one.get("entries-read") for one in groups if one["name"] == self._group.encode()), None)
        gone = _gone(stream)
        missing = 0 if read is None else gone - max(int(read), self._mark.gone)
        if missing > 0:
            self._mark = msgspec.structs.replace(self._mark, gone=gone)
            told.lose(
                missing,
                f"{self.name}: {missing:,} entries were trimmed away before they were read; let the sensor keep more "
                "(stream-maxlen), or judge with more consumers",
            )
        return max(missing, 0)

    def _events(self, entries: Entries, told: Told) -> list[bytes]:
        """Return the events of entries; one without its field is handed over whole, to be refused and counted."""
        trimmed = sum(not fields for _, fields in entries)
        if trimmed:
            told.lose(trimmed, f"{self.name}: {trimmed:,} entries were trimmed before they were acknowledged")
        return [
            fields.get(self._field) or b"no field %s: %s" % (self._field, b" ".join(sum(fields.items(), ())))
            for _, fields in entries
            if fields
        ]

    def _confirm(self, client: Client) -> None:
        if self._safe:
            client.xack(self._key, self._group, *self._safe)
            self._safe = []


def _gone(stream: dict[str, Any]) -> int:
    """Return how many entries a stream has had that it has no more. Raises: SourceAwayError: the server does not count."""
    if "entries-added" not in stream:
        raise SourceAwayError(
            "This server does not tell which entries of a stream were lost.", "Redis 7 or Valkey does; or use a list."
        )
    return int(stream["entries-added"]) - int(stream["length"])
