"""The only room where real things meet: settings, clock, store, vendors, sensors.

What a verb does not need is not imported: start-up is half the time of a small one.

`triage_knowledge` needs neither Django nor a database, so that judging a file starts fast; everything that touches the
inventory calls `open_store` first.
"""

import random
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vatriage.clock import Clock, SystemClock, now_us
from vatriage.config import Config
from vatriage.errors import UsageError
from vatriage.model.policy import Policy
from vatriage.model.secret import Secret
from vatriage.net.interface import Fetcher
from vatriage.net.permits import MOST_REFUSALS, PermittedFetcher
from vatriage.vendors.qualys import requests

if TYPE_CHECKING:
    from vatriage.engine.durable import EnginePlace
    from vatriage.leases.interface import LeaseReader
    from vatriage.model.route import Route
    from vatriage.model.signature import SignatureIndex
    from vatriage.net.connecting import Connecting
    from vatriage.net.redis_server import RedisServer
    from vatriage.outputs.interface import VerdictSink
    from vatriage.sensors.interface import AlertReader, AlertSource
    from vatriage.signatures.interface import RuleReject
    from vatriage.store.destinations import Destination
    from vatriage.store.devices import Device
    from vatriage.store.opening import Tables
    from vatriage.triage.kernel import Knowledge
    from vatriage.usecases.changes import Changes
    from vatriage.usecases.connectivity import ConnectivityTools
    from vatriage.usecases.doctor_machine import Machine
    from vatriage.usecases.live import LiveTriage
    from vatriage.usecases.pull_mode import Mode
    from vatriage.usecases.pull_run import PullResult
    from vatriage.usecases.pull_tools import PullTools
    from vatriage.usecases.raw_page_retention import Retention
    from vatriage.usecases.rejudge import Rejudging
    from vatriage.usecases.replay import ReplayTools
    from vatriage.usecases.sending import Opening, SendCounts, Sender
    from vatriage.vendors.interface import Calls, ReportReader

_TEST_WAIT_S = 10.0
_TEST_ANSWER_S = 60.0
_SEND_S = 15.0
"""How long a receiver of verdicts may take to answer."""


def system_clock() -> Clock:
    """Return the machine's clock."""
    return SystemClock()


def alert_reader(
    format_name: str | None = None, *, year: int | None = None, time_zone: str | None = None
) -> "AlertReader":
    """Return the reader of sensors' alerts.

    Args:
        format_name: the format of every source, None = told by its first bytes.
        year: of the first line of formats that write none.
        time_zone: the sensor's, IANA name, for formats that write local times.

    Raises: UsageError: there is no such format or time zone.
    """
    from vatriage.model.local_time import time_zone as zone_named  # noqa: PLC0415 - each verb pays for what it needs
    from vatriage.sensors.any_format import AnyFormat  # noqa: PLC0415 - the same
    from vatriage.sensors.dating import Dating  # noqa: PLC0415 - the same

    return AnyFormat(format_name, Dating(year=year, time_zone=None if time_zone is None else zone_named(time_zone)))


def lease_reader(format_name: str | None, beginning: bytes) -> "tuple[str, LeaseReader]":
    """Return a reader of leases under its format's name.

    Args:
        format_name: of `vatriage.leases.formats`; None = told by the beginning.
        beginning: the file's first bytes.
    """
    from vatriage.leases.formats import READERS, told_by  # noqa: PLC0415 - only who takes leases in needs it

    name = format_name or told_by(beginning)
    return name, READERS[name]


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


def open_store(config: Config) -> None:
    """Make the home folder if needed, configure Django on the database and bring its tables up to date.

    Raises:
        UsageError: the database's address cannot be read.
        StoreError: the home folder or the database cannot be used.
    """
    from vatriage.settings import configure, postgresql, sqlite  # noqa: PLC0415 - Django is imported only where needed
    from vatriage.store.opening import migrate, prepare_home  # noqa: PLC0415 - the same

    prepare_home(config.home)
    database = postgresql(config.server) if config.server else sqlite(config.database)
    configure(database, secret_key="unused until there is a web face")  # noqa: S106 - signs nothing
    migrate(config.home)


def open_web(config: Config, *, https: bool = False) -> None:
    """The same for the web face: its pages, sessions and logins as well.

    Raises:
        UsageError: the database's address cannot be read.
        StoreError: the home folder or the database cannot be used.
        VaultError: the key cannot be used.
    """
    from vatriage.settings import configure_web, postgresql, sqlite  # noqa: PLC0415 - Django is imported only where needed
    from vatriage.store.opening import migrate, prepare_home  # noqa: PLC0415 - the same
    from vatriage.vault import open_vault  # noqa: PLC0415 - the same

    prepare_home(config.home)
    database = postgresql(config.server) if config.server else sqlite(config.database)
    configure_web(database, open_vault(config.key).derive("sessions"), config, config.hosts, https=https)
    migrate(config.home)


def look_at_store(config: Config) -> "Tables":
    """Configure Django on the database that is there, and return how its tables stand; changes nothing.

    Raises:
        UsageError: the database's address cannot be read.
        StoreError: there is no database yet, or it cannot be used.
    """
    from vatriage.settings import configure, postgresql, sqlite  # noqa: PLC0415 - Django is imported only where needed
    from vatriage.store.opening import StoreError, look_at_tables  # noqa: PLC0415 - the same

    if not config.server and not config.database.exists():
        raise StoreError(f"There is no inventory in {config.home}.", "Run `vatriage init`, or choose another --home.")
    database = postgresql(config.server) if config.server else sqlite(config.database)
    configure(database, secret_key="unused until there is a web face")  # noqa: S106 - signs nothing
    return look_at_tables()


def machine(config: Config, clock: Clock) -> "Machine":
    """Return what the doctor looks at on this machine; the store must be open."""
    from vatriage.usecases.doctor_machine import Machine  # noqa: PLC0415 - needs an open store

    return Machine(
        home=config.home, database=config.database, where=database_shown(config), pages=config.pages,
        snapshots=config.snapshots, key=config.key, retention=retention(config), clock=clock,
    )  # fmt: skip


def close_store() -> None:
    """Close this process's connections: a child process must open its own."""
    from django.db import connections  # noqa: PLC0415 - Django is imported only where needed

    connections.close_all()


def database_shown(config: Config) -> str:
    """Return where the inventory is, for people: a file, or a server's database without the password."""
    if config.server is None:
        return str(config.database)
    from vatriage.settings import postgresql  # noqa: PLC0415 - only where a server is used

    parts = postgresql(config.server)
    user, port = f"{parts['USER']}@" if parts["USER"] else "", f":{parts['PORT']}" if parts["PORT"] else ""
    if parts["HOST"].startswith("/"):
        return f"postgresql://{user}{port}/{parts['NAME']}?host={parts['HOST']}"
    return f"postgresql://{user}{parts['HOST']}{port}/{parts['NAME']}"


def report_reader() -> "ReportReader":
    """Return the reader of the VA vendor's documents."""
    from vatriage.vendors.qualys.readers import QualysReader  # noqa: PLC0415 - each verb pays for what it needs

    return QualysReader()


def qualys_calls(config: Config | None = None) -> "Calls":
    """Return the vendor's requests at the versions of the API that are set; None: to understand URLs, and ask nothing.

    Raises: UsageError: a version is set of what has none.
    """
    from vatriage.vendors.qualys.calls import QualysCalls  # noqa: PLC0415 - each verb pays for what it needs
    from vatriage.vendors.qualys.versions import checked_versions  # noqa: PLC0415 - the same

    return QualysCalls(
        checked_versions(dict(config.api_versions) if config else {}), scores=config is not None and config.ask_scores
    )


def changes(clock: Clock, snapshots: Path | None = None) -> "Changes":
    """Return the desk where changes are submitted and activated; the store must be open.

    Args:
        clock: for its notes.
        snapshots: folder of the snapshot that must follow what is activated; None = nothing is activated, or none is kept.
    """
    from vatriage.usecases.changes import Changes  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.device_kind import DeviceKind  # noqa: PLC0415 - the same
    from vatriage.usecases.parameter_kinds import parameter_kinds  # noqa: PLC0415 - the same
    from vatriage.usecases.update_rule_kind import UpdateRuleKind  # noqa: PLC0415 - the same
    from vatriage.usecases.zone_kind import ZoneKind  # noqa: PLC0415 - the same

    kinds = [
        *parameter_kinds(clock),
        ZoneKind(snapshots),
        DeviceKind(qualys_calls(), clock, snapshots),
        UpdateRuleKind(),
    ]
    return Changes(kinds, clock)


def device_route(config: Config, device: "Device") -> "Route":
    """Return the way to a device's server, as the system parameters and the device have it; the store must be open."""
    from vatriage.usecases.parameters import device_route as route_of  # noqa: PLC0415 - needs an open store
    from vatriage.vault import open_vault  # noqa: PLC0415 - the same

    return route_of(device, open_vault(config.key))


def connecting(config: Config, url: str, route: "Route") -> "Connecting":
    """Return what connects to a device's server by a route; the store must be open.

    Raises: CertificateError: the route's authorities cannot be used.
    """
    from vatriage.model.route import split  # noqa: PLC0415 - each verb pays for what it needs
    from vatriage.net.connecting import Connecting  # noqa: PLC0415 - the same
    from vatriage.store.parameters import StoredPins  # noqa: PLC0415 - needs an open store

    host, port = split(requests.query(url).server)
    clock = system_clock()
    return Connecting(
        route, host, port, pins=StoredPins(clock), clock=clock, timeout_s=config.connect_timeout_s
    )  # fmt: skip


def fetcher(
    config: Config,
    url: str,
    login: str,
    password: Secret,
    route: "Route",
    waiting: Callable[[float], None] = lambda _seconds: None,
    sleep: Callable[[float], None] = time.sleep,
    tries: int = MOST_REFUSALS,
) -> Fetcher:
    """Return the fetcher of a device's server, which obeys the account's permits; the store must be open.

    Args:
        config: timeouts.
        url: the device's.
        login: the account's.
        password: the same.
        route: how the server is reached (`device_route`).
        waiting: told of every wait for a permit, in seconds.
        sleep: waits so many seconds.
        tries: how often a call is made that is refused for the account's limits.

    Raises: CertificateError: the route's authorities cannot be used.
    """
    from vatriage.net.https import HttpsFetcher  # noqa: PLC0415 - each verb pays for what it needs
    from vatriage.store.permits import StoredPermits  # noqa: PLC0415 - needs an open store

    inner = HttpsFetcher(
        connecting(config, url, route),
        login,
        password,
        first_byte_timeout_s=config.first_byte_timeout_s,
        idle_timeout_s=config.idle_timeout_s,
    )
    clock = system_clock()
    permits = StoredPermits(limits_of(config, url, login), clock)
    return PermittedFetcher(
        inner, permits, sleep=sleep, longest_wait_s=config.longest_wait_s, clock=clock, waiting=waiting, tries=tries
    )  # fmt: skip


def connectivity_tools(
    config: Config, url: str, login: str, password: Secret, route: "Route", clock: Clock
) -> "ConnectivityTools":
    """Return what Test Connectivity works with, for a stored device or for what a form holds; the store must be open.

    A person waits for the answer, so that nothing waits long: neither for a permit nor for a server's first byte.

    Raises: CertificateError: the route's authorities cannot be used.
    """
    from vatriage.net.probe import probe  # noqa: PLC0415 - each verb pays for what it needs
    from vatriage.usecases.connectivity import ConnectivityTools  # noqa: PLC0415 - needs an open store

    hasty = replace(
        config,
        longest_wait_s=min(config.longest_wait_s, _TEST_WAIT_S),
        first_byte_timeout_s=min(config.first_byte_timeout_s, _TEST_ANSWER_S),
    )
    return ConnectivityTools(
        calls=qualys_calls(config),
        fetcher=fetcher(hasty, url, login, password, route, tries=1),
        reader=report_reader(),
        folder=config.home,
        probe=lambda: probe(connecting(config, url, route)),
        route=route,
        clock=clock,
    )


def pull_tools(
    config: Config,
    url: str,
    login: str,
    password: Secret,
    route: "Route",
    clock: Clock,
    progress: Callable[[int, str], None],
    stop: Callable[[], None] = lambda: None,
) -> "PullTools":
    """Return what a pull of a device works with; the store must be open.

    Args:
        config: folders, page size, timeouts.
        url: the device's.
        login: the account's.
        password: the same.
        route: how the server is reached (`device_route`).
        clock: for the ledger.
        progress: told of every page (how many, what) and of every wait.
        stop: raises if the process is to end.
    """
    from vatriage.usecases.pull_progress import WaitBell  # noqa: PLC0415 - the same
    from vatriage.usecases.pull_tools import PullTools  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.pull_wait import WatchedSleep  # noqa: PLC0415 - the same

    pages = 0

    def advance(done: int, text: str) -> None:
        nonlocal pages
        pages = done
        progress(done, text)

    def waiting(seconds: float) -> None:
        progress(pages, f"waiting {seconds:g} s as the server asks")

    def pause(seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            stop()
            time.sleep(min(left, 0.5))

    bell = WaitBell(waiting)
    sleep = WatchedSleep(pause, bell.look)
    return PullTools(
        calls=qualys_calls(config),
        bell=bell,
        fetcher=fetcher(config, url, login, password, route, bell, sleep),
        reader=report_reader(),
        clock=clock,
        route=route,
        pages=config.pages,
        snapshots=config.snapshots,
        page_hosts=config.page_hosts,
        page_bytes=config.page_bytes,
        full_every_s=config.full_pull_days * 86_400,
        retry_pause_s=config.retry_pause_s,
        dice=random.random,
        poll_s=config.scan_poll_s,
        wait_s=config.scan_wait_s,
        sleep=sleep,
        progress=advance,
        stop=stop,
    )


def account_of(url: str, login: str) -> str:
    """Return the account's name in the inventory: whose reports name a host."""
    return f"{login}@{requests.query(url).server.partition(':')[0]}"


def limits_of(config: Config, url: str, login: str) -> str:
    """Return whose limits a call counts against: the subscription's, where VATRIAGE_SUBSCRIPTIONS names it."""
    account = account_of(url, login)
    return dict(config.subscriptions).get(account, account)


def pull_device_now(
    config: Config, device: "Device", clock: Clock, progress: Callable[[int, str], None],
    stop: Callable[[], None] = lambda: None, mode: "Mode | None" = None,
) -> "PullResult":  # fmt: skip
    """Pull one device: what the command line and the controller both do; the store must be open.

    Args:
        config: folders, page size, timeouts.
        device: an active one.
        clock: for the ledger.
        progress: told of every page (how many, what) and of every wait.
        stop: raises if the process is to end.
        mode: all hosts or only what changed; None = what is due.

    Raises:
        VatriageError: the pull failed; what it fetched is kept.
    """
    from vatriage.usecases.pulls import pull_device  # noqa: PLC0415 - needs an open store
    from vatriage.vault import open_vault  # noqa: PLC0415 - the same

    password = open_vault(config.key).unlock(device.password_token, device.owner)
    route = device_route(config, device)
    tools = pull_tools(config, device.url, device.login, password, route, clock, progress, stop)
    try:
        result = pull_device(device, account_of(device.url, device.login), tools, mode)
    finally:
        told = tidy_raw_pages(config, clock)
    if told:
        result.notes.append(told)
    return result


def tidy_raw_pages(config: Config, clock: Clock) -> str:
    """Remove raw pages that are not to be kept any longer; return what went wrong, "" if nothing. The store must be open."""
    from vatriage.usecases.raw_page_retention import tidied  # noqa: PLC0415 - needs an open store

    return tidied(config.pages, retention(config), now_us(clock) // 1_000_000)


def replay_tools(config: Config, clock: Clock, progress: Callable[[int, str], None]) -> "ReplayTools":
    """Return what the replay of a pull works with; the store must be open."""
    from vatriage.usecases.replay import ReplayTools  # noqa: PLC0415 - needs an open store

    return ReplayTools(
        reader=report_reader(), pages=config.pages, snapshots=config.snapshots, clock=clock, progress=progress
    )


def retention(config: Config) -> "Retention":
    """Return how much of the raw pages is kept, as the settings have it."""
    from vatriage.usecases.raw_page_retention import Retention  # noqa: PLC0415 - needs an open store

    return Retention(max_bytes=config.raw_pages_max_bytes, max_age_s=config.raw_pages_max_age_days * 86_400)


def run_controller(config: Config, stop: threading.Event, say: Callable[[str], None] = lambda _line: None) -> None:
    """Run update rules, pulls and what people ask for, until `stop` is set; opens the store itself.

    The process should end by `os._exit` afterwards: a thread that still reads from a slow server is no reason to wait,
    and dies as by a kill, which every pull survives.

    Args:
        config: the settings.
        stop: ends it; pulls under way come to the end of what they do for a few seconds, and go on at the next start.
        say: told one line for every event.

    Raises:
        UsageError: another controller works on the store.
        StoreError: the home folder or the database cannot be used.
    """
    open_store(config)
    from vatriage.engine.controller import Engine, Stopping  # noqa: PLC0415 - DBOS costs a second: only the controller pays

    clock = system_clock()

    def check() -> None:
        if stop.is_set():
            raise Stopping

    def pull(device: "Device", doing: Callable[[str], None]) -> "PullResult":
        said_at = 0.0

        def progress(pages: int, text: str) -> None:
            nonlocal said_at
            if time.monotonic() - said_at >= 1:
                said_at = time.monotonic()
                doing(f"{pages} pages, {text}")

        return pull_device_now(config, device, clock, progress, check)

    def send() -> list[str]:
        counts = send_verdicts(config, clock, stop.is_set)
        sent = [f"{counts.sent} verdicts sent, {counts.lost} given up."] if counts.sent or counts.lost else []
        return sent + [f"Sending to {failure}" for failure in counts.failed]

    from vatriage.usecases.rejudge_work import RejudgeWork  # noqa: PLC0415 - needs an open store

    Engine(
        _engine_place(config), pull=pull, clock=clock, say=say, tidy=lambda: tidy_raw_pages(config, clock),
        watch=lambda: watch_hiding(clock),
        rejudge=RejudgeWork(rejudging(config, clock), clock, stop.is_set), send=send,
    ).run(stop)  # fmt: skip


def watch_hiding(clock: Clock) -> str:
    """End hiding where something speaks against it; return what ended, "" if nothing. The store must be open."""
    from vatriage.usecases.hiding_watch import watch  # noqa: PLC0415 - needs an open store

    return watch(clock)


def destination_opening(config: Config, clock: Clock) -> "Opening":
    """Return what connects to a destination of verdicts; the store must be open.

    Certificates are always checked: by the system's authorities, those of the TLS settings where they name some, or the
    destination's own file. An acceptance of any certificate in the TLS settings is not for secrets that sign.
    """
    from vatriage.model.destination import Kind, place_of  # noqa: PLC0415 - each verb pays for what it needs
    from vatriage.model.route import TlsMode, TlsPolicy  # noqa: PLC0415 - the same
    from vatriage.net import mailing, streaming  # noqa: PLC0415 - the same
    from vatriage.net.connecting import Connecting  # noqa: PLC0415 - the same
    from vatriage.net.guarded import PublicOnly  # noqa: PLC0415 - the same
    from vatriage.net.posting import Poster  # noqa: PLC0415 - the same
    from vatriage.store.parameters import StoredPins  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.destinations import secret_of  # noqa: PLC0415 - the same
    from vatriage.usecases.parameters import appliance_route  # noqa: PLC0415 - the same
    from vatriage.usecases.senders import MailSender, SyslogSender, WebhookSender  # noqa: PLC0415 - the same
    from vatriage.vault import open_vault  # noqa: PLC0415 - the same

    @contextmanager
    def opening(row: "Destination") -> "Iterator[Sender]":
        place, vault = place_of(row.url), open_vault(config.key)
        route = appliance_route(vault)
        tls = route.tls if route.tls.mode is TlsMode.PRIVATE and not row.settings.get("ca_file") else TlsPolicy()
        route = replace(route, tls=tls, ca_file=row.settings.get("ca_file") or "")
        kind = Connecting if row.settings.get("private") else PublicOnly
        connection = kind(
            route, place.host, place.port, pins=StoredPins(clock), clock=clock, timeout_s=config.connect_timeout_s
        )
        if place.kind is Kind.WEBHOOK:
            with Poster(connection, _SEND_S) as poster:
                yield WebhookSender(poster, place.path, secret_of(row, vault), clock)
            return

        if place.kind is Kind.MAIL:
            said, secret = row.settings, secret_of(row, vault)

            def mail(message: bytes) -> None:
                mailing.send_mail(
                    connection, message, sender=said["sender"], recipients=said["recipients"], login=said["login"],
                    password=secret, tls=place.scheme == "smtps", timeout_s=_SEND_S,
                )  # fmt: skip

            yield MailSender(mail, said["sender"], said["recipients"], clock)
            return

        def deliver(content: bytes) -> None:
            streaming.deliver(connection, content, tls=place.scheme == "tls", timeout_s=_SEND_S)

        yield SyslogSender(
            None if place.scheme == "udp" else deliver, lambda lines: streaming.datagrams(connection, lines),
            socket.gethostname(),
        )  # fmt: skip

    return opening


def send_verdicts(config: Config, clock: Clock, stop: Callable[[], bool] = lambda: False) -> "SendCounts":
    """Send what waits in the outbox and is due: what the command line and the controller both do; the store must be open."""
    from vatriage.usecases.sending import send_due  # noqa: PLC0415 - needs an open store

    return send_due(destination_opening(config, clock), clock, stop)


def _engine_place(config: Config) -> "EnginePlace":
    from vatriage.engine.durable import EnginePlace, server_address  # noqa: PLC0415 - only the controller pays for DBOS
    from vatriage.settings import postgresql  # noqa: PLC0415 - the same

    server = None
    if config.server is not None:
        parts = postgresql(config.server)
        server = server_address(
            {name.lower(): str(parts[name]) for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")}
        )
    return EnginePlace(file=config.engine, server=server, pulls_at_once=config.pulls_at_once)
