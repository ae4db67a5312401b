"""A list of Redis that a sensor fills (Suricata's `mode: list`, `lpush` or `rpush`), handed over without loss.

Entries are moved (LMOVE, one by one and each in one step) to a list of this consumer, judged, committed, and only then
removed from there. What an ended consumer left in its list comes again. Source: LMOVE, "Pattern: Reliable queue".
"""

from vatriage.net.redis_server import Client, RedisServer
from vatriage.sensors.interface import Delivery
from vatriage.sensors.redis_entries import COUNT, Told, delivery_of, read_mark
from vatriage.sensors.redis_hand_over import RedisHandOver


class RedisList(RedisHandOver):
    """See AlertSource.

    Args:
        server: holds the list.
        key: the list.
        consumer: who takes; no two processes may have one name at a time.
        newest: the side on which the sensor puts new entries, `left` or `right`; the oldest are taken first.
        format_name: the entries' format.
    """

    def __init__(self, server: RedisServer, key: str, consumer: str, newest: str, format_name: str) -> None:
        super().__init__(server, f"{server.address.server}?list={key}&consumer={consumer}", format_name)
        self._key, self._consumers, self._own = key, f"{key}:vatriage", f"{key}:vatriage:{consumer}"
        self._consumer, self._oldest = consumer, "RIGHT" if newest == "left" else "LEFT"

    def _take(self, client: Client) -> Delivery | None:
        self._confirm(client)
        told = Told()
        self._look(client, told)
        entries = self._left(client, told) if self._is_fresh else []
        if not entries:
            self._is_fresh = False
            entries = self._moved(client)
        if not entries and not told:
            return None
        self._taken = entries
        delivery = delivery_of(self.name, entries, self._mark, told, self._format_name)
        self._after = read_mark(delivery.bookmark)
        return delivery

    def _look(self, client: Client, told: Told) -> None:
        """Note a restart, and what other consumers left, when a connection is fresh."""
        self._note_run(client, told)
        if self._is_fresh:
            client.sadd(self._consumers, self._consumer)

    def _left(self, client: Client, told: Told) -> list[bytes]:
        """Return what was moved before and not committed, or not removed, the oldest first."""
        left = list(reversed(client.lrange(self._own, -COUNT, -1)))
        if left:
            told.note(f"{self.name}: {len(left):,} entries come again, which were taken before and not acknowledged")
        else:
            self._note_others(client, told)
        return left

    def _note_others(self, client: Client, told: Told) -> None:
        for name in sorted(client.smembers(self._consumers)):
            other = name.decode(errors="replace")
            count = client.llen(f"{self._consumers}:{other}") if other != self._consumer else 0
            if count:
                told.note(
                    f"{self.name}: {count:,} entries are in the hands of consumer {other}; if it has ended for ever, "
                    f"&consumer={other} takes them over"
                )

    def _moved(self, client: Client) -> list[bytes]:
        count = min(client.llen(self._key), COUNT)
        if not count:
            return []
        with client.pipeline(transaction=False) as pipeline:
            for _ in range(count):
                pipeline.lmove(self._key, self._own, self._oldest, "LEFT")
            return [entry for entry in pipeline.execute() if entry is not None]

    def _confirm(self, client: Client) -> None:
        if not self._safe:
            return
        with client.pipeline(transaction=False) as pipeline:
            for entry in self._safe:
                pipeline.lrem(self._own, -1, entry)
            pipeline.execute()
        self._safe = []
