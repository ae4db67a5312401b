"""What judges alerts: knowledge, live sources, stored alerts that are judged again."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vatriage.clock import Clock
from vatriage.config import Config
from vatriage.errors import UsageError
from vatriage.model.policy import Policy
from vatriage.wiring.readers import alert_reader

if TYPE_CHECKING:
    from vatriage.model.signature import SignatureIndex
    from vatriage.net.redis_server import RedisServer
    from vatriage.outputs.interface import VerdictSink
    from vatriage.sensors.interface import AlertSource
    from vatriage.signatures.interface import RuleReject
    from vatriage.triage.kernel import Knowledge
    from vatriage.usecases.live import LiveTriage
    from vatriage.usecases.rejudge import Rejudging


def triage_knowledge(
    config: Config, rules: Sequence[Path] = (), on_rejects: "Callable[[list[RuleReject]], None]" = lambda _rejects: None
) -> "Knowledge":
    """Return everything a verdict is computed from: the current snapshot, stored and given signatures, the policy.

    Args:
        config: where snapshot and stored signatures lie.
        rules: rule files, maps, classifications and folders of them, beside the stored ones.
        on_rejects: told what could not be read of `rules`.
    """
    from vatriage.ranking.stored import load_ranking  # noqa: PLC0415 - each verb pays for what it needs
    from vatriage.signatures.index import merge_indexes  # noqa: PLC0415 - the same
    from vatriage.signatures.knowledge import load_outcome_rules, load_transitive  # noqa: PLC0415 - the same
    from vatriage.store.snapshots import load_snapshot  # noqa: PLC0415 - the same
    from vatriage.triage.kernel import Knowledge  # noqa: PLC0415 - the same
    from vatriage.usecases.signatures import read_signatures, stored_signatures  # noqa: PLC0415 - the same

    index: SignatureIndex = stored_signatures(config.signatures)
    if rules:
        loaded = read_signatures(rules)
        on_rejects(loaded.rejects)
        index = merge_indexes(index, loaded.index)
    return Knowledge(
        snapshot=load_snapshot(config.snapshots),
        signatures=index,
        policy=Policy(),
        outcome_rules=load_outcome_rules(),
        transitive=load_transitive(),
        ranking=load_ranking(config.ranking),
    )


def changing_knowledge(
    config: Config, rules: Sequence[Path] = (), on_rejects: "Callable[[list[RuleReject]], None]" = lambda _rejects: None
) -> "Callable[[], Knowledge]":
    """Return what returns the knowledge of the moment: read anew once the snapshot or the stored signatures changed.

    See `triage_knowledge` for the arguments.
    """
    from vatriage.ranking.stored import places  # noqa: PLC0415 - each verb pays for what it needs

    known: list[tuple[object, Knowledge]] = []

    def current() -> "Knowledge":
        files = (config.snapshots / "current.json", config.signatures, *places(config.ranking))
        version = [_changed_at(path) for path in files]
        if not known or known[0][0] != version:
            known[:] = [(version, triage_knowledge(config, rules, on_rejects))]
        return known[0][1]

    return current


def _changed_at(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_ino


def rejudging(config: Config, clock: Clock) -> "Rejudging":
    """Return what judges stored alerts again; the store must be open."""
    from vatriage.usecases.archive import with_events  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.rejudge import Rejudging  # noqa: PLC0415 - the same

    return Rejudging(
        changing_knowledge(config), alert_reader, config.snapshots, clock,
        lambda events: with_events(config.archive, events),
    )  # fmt: skip


def live_triage(
    source: str, zone: str, knowledge: "Callable[[], Knowledge]", config: Config, clock: Clock,
    format_name: str | None = None, time_zone: str | None = None, sink: "VerdictSink | None" = None,
) -> "LiveTriage":  # fmt: skip
    """Return what judges a source's alerts as they come; the store must be open.

    Args:
        source: a log, a pattern of dated logs, `-`, or an address of Redis (see `alert_source`).
        zone: its alerts'.
        knowledge: see `changing_knowledge`.
        config: the settings.
        clock: tells when.
        format_name: the source's format, None = told by its first bytes.
        time_zone: the sensor's, for formats that write local times.
        sink: where verdicts go besides the store.

    Raises: UsageError: there is no such format, time zone or zone, or the address asks for what cannot be had.
    """
    from vatriage.usecases.live import LiveTriage  # noqa: PLC0415 - needs an open store

    alert_reader(format_name, time_zone=time_zone)
    found = alert_source(source, config, format_name)
    return LiveTriage(found, zone, lambda name: alert_reader(name, time_zone=time_zone), knowledge, clock, sink)


def alert_source(source: str, config: Config, format_name: str | None = None) -> "AlertSource":
    """Return a live source of alerts.

    Args:
        source: `-` (standard input), `redis://...?list=` or `?stream=`, a file's path, or a path whose name is a pattern.
        config: the settings.
        format_name: its format, None = told by its first bytes (from Redis: EVE).

    Raises: UsageError: the address asks for what cannot be had.
    """
    from vatriage.net.redis_address import is_redis_address  # noqa: PLC0415 - each verb pays for what it needs

    if source == "-":
        from vatriage.sensors.standard_input import StandardInput  # noqa: PLC0415 - the same

        return StandardInput(format_name=format_name)
    if is_redis_address(source):
        from vatriage.sensors.redis_source import redis_source  # noqa: PLC0415 - the same

        return redis_source(_redis_server(source, config), format_name)
    from vatriage.sensors.dated_logs import DatedLogs, is_pattern  # noqa: PLC0415 - the same
    from vatriage.sensors.follow import FollowedFile  # noqa: PLC0415 - the same

    path = Path(source).absolute()
    return FollowedFile(DatedLogs(path) if is_pattern(path) else path, format_name)


def verdict_sink(address: str, config: Config) -> "VerdictSink":
    """Return where verdict records go. Raises: UsageError: it is no `redis://...?stream=NAME`."""
    from vatriage.net.redis_address import is_redis_address  # noqa: PLC0415 - each verb pays for what it needs
    from vatriage.outputs.redis_stream import RedisVerdicts  # noqa: PLC0415 - the same

    if not is_redis_address(address):
        raise UsageError("Verdicts can be sent to a stream of Redis only.", "--to redis://host:6379/0?stream=verdicts.")
    return RedisVerdicts(_redis_server(address, config))


def _redis_server(address: str, config: Config) -> "RedisServer":
    from vatriage.net.redis_address import read_address  # noqa: PLC0415 - each verb pays for what it needs
    from vatriage.net.redis_server import RedisServer  # noqa: PLC0415 - the same

    server = read_address(address, config.redis_password)
    return RedisServer(server, config.connect_timeout_s, config.idle_timeout_s)
