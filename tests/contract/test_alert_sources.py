"""What every live source of alerts owes: each event once, in order; what is not settled comes again; nothing goes unseen."""

import os

import pytest

from vatriage.config import Config
from vatriage.net.redis_address import read_address
from vatriage.net.redis_server import RedisServer
from vatriage.sensors.dated_logs import DatedLogs
from vatriage.sensors.follow import FollowedFile
from vatriage.sensors.redis_source import redis_source
from vatriage.sensors.standard_input import StandardInput
from vatriage.wiring.judging import alert_source


def event(number):
    return b'{"timestamp":"2026-11-21T09:05:00.%06d+0000","event_type":"flow","n":%d}' % (number, number)


class OfFile:
    """A log that grows."""

    def __init__(self, folder):
        self._path = folder / "eve.json"

    def put(self, *numbers):
        """Append events."""
        with self._path.open("ab") as log:
            log.writelines(event(number) + b"\n" for number in numbers)

    def source(self):
        """Return a new source of them."""
        return FollowedFile(self._path, "eve")


class OfDatedLogs(OfFile):
    """A log of a new name every second event."""

    def __init__(self, folder):
        self._folder, self._written = folder, 0

    def put(self, *numbers):
        """Append events."""
        for number in numbers:
            path = self._folder / f"eve-2026-11-{1 + self._written // 2:02}.json"
            with path.open("ab") as log:
                log.write(event(number) + b"\n")
            os.utime(path, (1_700_000_000 + self._written,) * 2)
            self._written += 1

    def source(self):
        """Return a new source of them."""
        return FollowedFile(DatedLogs(self._folder / "eve-%Y-%m-%d.json"), "eve")


class OfPipe:
    """A pipe, which cannot be read again by another source."""

    def __init__(self, _folder):
        self._out, self._in = os.pipe()

    def put(self, *numbers):
        """Append events."""
        os.write(self._in, b"".join(event(number) + b"\n" for number in numbers))

    def source(self):
        """Return a new source of them."""
        return StandardInput(self._out, "eve")


class OfRedis:
    """A list or stream of Redis."""

    def __init__(self, server, query):
        self._server, self._query = server, query

    def put(self, *numbers):
        """Append events."""
        with self._server.client() as client:
            for number in numbers:
                self._add(client, event(number))

    def _add(self, client, entry):
        if self._query.startswith("stream"):
            client.xadd("suricata", {"eve": entry})
        elif "push=right" in self._query:
            client.rpush("suricata", entry)
        else:
            client.lpush("suricata", entry)

    def source(self):
        """Return a new source of them."""
        return redis_source(RedisServer(read_address(self._server.address(self._query))), None)


KINDS = ["file", "dated", "pipe", "list=suricata", "list=suricata&push=right", "stream=suricata"]


@pytest.fixture(params=KINDS)
def sensor(request, tmp_path):
    return _made(request, tmp_path)


@pytest.fixture(params=[kind for kind in KINDS if kind != "pipe"])
def kept_sensor(request, tmp_path):
    """A source that another process can go on with; a pipe is read by one only, and what it loses is a gap."""
    return _made(request, tmp_path)


def _made(request, tmp_path):
    if request.param in ("file", "dated", "pipe"):
        return {"file": OfFile, "dated": OfDatedLogs, "pipe": OfPipe}[request.param](tmp_path)
    return OfRedis(request.getfixturevalue("valkey"), request.param)


def numbers_in(delivery):
    return [int(line.split(b'"n":')[1][:-1]) for line in delivery.data.split(b"\n") if line]


def drain(source, most=100):
    """Take and settle all there is; return the events, the last bookmark, what was lost."""
    found, bookmark, lost = [], b"", 0
    for _ in range(most):
        if (delivery := source.take()) is None:
            return found, bookmark, lost
        found += numbers_in(delivery)
        bookmark, lost = delivery.bookmark, lost + delivery.lost
        source.settle()
    raise AssertionError("it never ends")


def test_each_event_comes_once_and_in_order(sensor):
    source = sensor.source()
    source.begin(b"")
    sensor.put(0, 1, 2)
    first, _, _ = drain(source)
    sensor.put(3, 4)
    second, _, lost = drain(source)
    source.close()

    assert (first, second, lost) == ([0, 1, 2], [3, 4], 0)


def test_where_nothing_has_come_nothing_is_handed_over_and_nothing_lost(sensor):
    source = sensor.source()
    source.begin(b"")
    found, _, lost = drain(source)

    assert (found, lost, source.ended) == ([], 0, False)
    source.close()


def test_after_a_restart_it_goes_on_behind_what_was_settled(kept_sensor):
    kept_sensor.put(0, 1, 2)
    source = kept_sensor.source()
    source.begin(b"")
    _, bookmark, _ = drain(source)
    source.close()
    kept_sensor.put(3)
    again = kept_sensor.source()
    again.begin(bookmark)
    found, _, lost = drain(again)
    again.close()

    assert (found, lost) == ([3], 0)


def test_what_was_taken_and_not_settled_comes_again_to_the_next_process(kept_sensor):
    kept_sensor.put(0, 1)
    source = kept_sensor.source()
    source.begin(b"")
    taken = numbers_in(source.take())
    source.close()
    kept_sensor.put(2)
    again = kept_sensor.source()
    again.begin(b"")
    found, _, lost = drain(again)
    again.close()

    assert taken == found[: len(taken)]
    assert (found, lost) == ([0, 1, 2], 0)


def test_a_bookmark_tells_the_line_and_records_name_the_source(sensor):
    sensor.put(0, 1)
    source = sensor.source()
    source.begin(b"")
    delivery = source.take()
    lines = delivery.data.split(b"\n")
    place = next(place for place, line in enumerate(lines) if line)
    source.settle()
    source.close()

    assert delivery.first_line + place == 1
    assert delivery.name == source.name
    assert delivery.format_name == "eve"


def test_the_wiring_knows_every_kind(valkey, tmp_path):
    config = Config(home=tmp_path)
    kinds = {
        "-": StandardInput, "eve.json": FollowedFile, "eve-%Y.json": FollowedFile,
        valkey.address("list=a"): type(OfRedis(valkey, "list=a").source()),
        valkey.address("stream=a"): type(OfRedis(valkey, "stream=a").source()),
    }  # fmt: skip

    assert [type(alert_source(text, config)) for text in kinds] == list(kinds.values())
