"""What speaks to servers for a person or a pull: routes, connections, the vendor's calls, pending changes."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vatriage.clock import Clock
from vatriage.config import Config
from vatriage.model.secret import Secret
from vatriage.net.interface import Fetcher
from vatriage.net.permits import MOST_REFUSALS, PermittedFetcher
from vatriage.vendors.qualys import requests
from vatriage.wiring.readers import report_reader, system_clock

if TYPE_CHECKING:
    from vatriage.model.route import Route
    from vatriage.net.connecting import Connecting
    from vatriage.store.devices import Device
    from vatriage.usecases.changes import Changes
    from vatriage.usecases.connectivity import ConnectivityTools
    from vatriage.vendors.interface import Calls

_TEST_WAIT_S = 10.0
_TEST_ANSWER_S = 60.0


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


def account_of(url: str, login: str) -> str:
    """Return the account's name in the inventory: whose reports name a host."""
    return f"{login}@{requests.query(url).server.partition(':')[0]}"


def limits_of(config: Config, url: str, login: str) -> str:
    """Return whose limits a call counts against: the subscription's, where VATRIAGE_SUBSCRIPTIONS names it."""
    account = account_of(url, login)
    return dict(config.subscriptions).get(account, account)
