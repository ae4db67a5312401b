"""What an address of Redis asks for: a list or a stream, by whom it is taken."""

import re

from vatriage.errors import UsageError
from vatriage.net.redis_address import option
from vatriage.net.redis_server import RedisServer
from vatriage.sensors.formats import EVE
from vatriage.sensors.interface import AlertSource
from vatriage.sensors.redis_list import RedisList
from vatriage.sensors.redis_stream import RedisStream

_LIST = {"list", "consumer", "push"}
_STREAM = {"stream", "group", "consumer", "field", "idle"}
_LOSSY = {"channel", "publish", "subscribe", "pubsub"}
_NAME = "vatriage"
_WORD = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


def redis_source(server: RedisServer, format_name: str | None) -> AlertSource:
    """Return the source that a server's address asks for.

    Raises: UsageError: it asks for none, for both, or for a channel, which loses what nobody hears.
    """
    options = server.address.options
    if _LOSSY & options.keys():
        raise UsageError(
            "A channel of Redis (PUBLISH) loses every alert that is sent while nobody listens, and does not tell.",
            "Let the sensor write a list or a stream (redis: mode: list), and use ?list= or ?stream=.",
        )
    if ("list" in options) == ("stream" in options):
        raise UsageError(
            f"{server.address.server} names no list and no stream, or both.",
            "Write ?list=suricata, or ?stream=suricata&group=vatriage&consumer=NAME.",
        )
    known = _LIST if "list" in options else _STREAM
    unknown = sorted(options.keys() - known)
    if unknown:
        raise UsageError(f"There is no option {unknown[0][:40]!r} here.", f"Options are: {', '.join(sorted(known))}.")
    for name in ("list", "stream", "group", "consumer", "field"):
        if name in options and not _WORD.fullmatch(options[name]):
            raise UsageError(
                f"{name}= holds no usable name.", "Up to 200 characters, none of them a control character."
            )
    return _list(server, format_name or EVE) if "list" in options else _stream(server, format_name or EVE)


def _list(server: RedisServer, format_name: str) -> AlertSource:
    options = server.address.options
    newest = options.get("push", "left")
    if newest not in ("left", "right"):
        raise UsageError(f"push={newest[:40]!r} is no side.", "left (lpush, Suricata's own) or right (rpush).")
    return RedisList(server, options["list"], options.get("consumer", _NAME), newest, format_name)


def _stream(server: RedisServer, format_name: str) -> AlertSource:
    options = server.address.options
    return RedisStream(
        server, options["stream"], options.get("group", _NAME), options.get("consumer", _NAME),
        options.get("field", EVE), option(server.address, "idle", 60, 1, 86_400), format_name,
    )  # fmt: skip
