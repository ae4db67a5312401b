"""The only room where real things meet: settings, clock, store, vendors, sensors.

What a verb does not need is not imported: start-up is half the time of a small one.

`triage_knowledge` needs neither Django nor a database, so that judging a file starts fast; everything that touches the
inventory calls `open_store` first.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vatriage.clock import Clock, SystemClock
from vatriage.config import Config
from vatriage.model.policy import Policy
from vatriage.model.secret import Secret
from vatriage.net.interface import Fetcher
from vatriage.net.permits import PermittedFetcher
from vatriage.vendors.qualys import requests

if TYPE_CHECKING:
    from vatriage.model.signature import SignatureIndex
    from vatriage.sensors.interface import AlertReader
    from vatriage.signatures.interface import RuleReject
    from vatriage.triage.kernel import Knowledge
    from vatriage.usecases.changes import Changes
    from vatriage.usecases.pull_pages import PullTools
    from vatriage.vendors.interface import Calls, ReportReader


def system_clock() -> Clock:
    """Return the machine's clock."""
    return SystemClock()


def alert_reader() -> "AlertReader":
    """Return the reader of Suricata's EVE."""
    from vatriage.sensors.suricata_eve import SuricataEve  # noqa: PLC0415 - each verb pays for what it needs

    return SuricataEve()


def triage_knowledge(
    config: Config, rules: Sequence[Path] = (), on_rejects: "Callable[[list[RuleReject]], None]" = lambda _rejects: None
) -> "Knowledge":
    """Return everything a verdict is computed from: the current snapshot, stored and given signatures, the policy.

    Args:
        config: where snapshot and stored signatures lie.
        rules: rule files, maps, classifications and folders of them, beside the stored ones.
        on_rejects: told what could not be read of `rules`.
    """
    from vatriage.signatures.index import merge_indexes  # noqa: PLC0415 - each verb pays for what it needs
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
    )


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


def qualys_calls() -> "Calls":
    """Return the vendor's requests: the module is the implementation."""
    return requests


def changes(clock: Clock) -> "Changes":
    """Return the desk where changes are submitted and activated; the store must be open."""
    from vatriage.usecases.changes import Changes  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.device_kind import DeviceKind  # noqa: PLC0415 - the same

    return Changes([DeviceKind(qualys_calls())], clock)


def fetcher(
    config: Config,
    url: str,
    login: str,
    password: Secret,
    ca_file: str,
    waiting: Callable[[float], None] = lambda _seconds: None,
) -> Fetcher:
    """Return the fetcher of a device's server, which obeys the account's permits; the store must be open.

    Args:
        config: timeouts.
        url: the device's.
        login: the account's.
        password: the same.
        ca_file: PEM file of a private authority, "" for the system's.
        waiting: told of every wait for a permit, in seconds.
    """
    from vatriage.net.https import HttpsFetcher  # noqa: PLC0415 - each verb pays for what it needs
    from vatriage.store.permits import StoredPermits  # noqa: PLC0415 - needs an open store

    inner = HttpsFetcher(
        requests.query(url).server,
        login,
        password,
        ca_file=Path(ca_file) if ca_file else None,
        connect_timeout_s=config.connect_timeout_s,
        first_byte_timeout_s=config.first_byte_timeout_s,
        idle_timeout_s=config.idle_timeout_s,
    )
    permits = StoredPermits(account_of(url, login), system_clock())
    return PermittedFetcher(inner, permits, sleep=time.sleep, longest_wait_s=config.longest_wait_s, waiting=waiting)


def pull_tools(
    config: Config,
    url: str,
    login: str,
    password: Secret,
    ca_file: str,
    clock: Clock,
    progress: Callable[[int, str], None],
) -> "PullTools":
    """Return what a pull of a device works with; the store must be open.

    Args:
        config: folders, page size, timeouts.
        url: the device's.
        login: the account's.
        password: the same.
        ca_file: PEM file of a private authority, "" for the system's.
        clock: for the ledger.
        progress: told of every page (how many, what) and of every wait.
    """
    from vatriage.usecases.pull_pages import PullTools  # noqa: PLC0415 - needs an open store

    pages = 0

    def advance(done: int, text: str) -> None:
        nonlocal pages
        pages = done
        progress(done, text)

    def waiting(seconds: float) -> None:
        progress(pages, f"waiting {seconds:g} s as the server asks")

    return PullTools(
        calls=qualys_calls(),
        fetcher=fetcher(config, url, login, password, ca_file, waiting),
        reader=report_reader(),
        clock=clock,
        pages=config.pages,
        snapshots=config.snapshots,
        page_hosts=config.page_hosts,
        poll_s=config.scan_poll_s,
        wait_s=config.scan_wait_s,
        sleep=time.sleep,
        progress=advance,
    )


def account_of(url: str, login: str) -> str:
    """Return the account's name in the inventory: whose reports name a host."""
    return f"{login}@{requests.query(url).server.partition(':')[0]}"
