"""Pulls, replays and what is kept of them."""

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from vatriage.clock import Clock, now_us
from vatriage.config import Config
from vatriage.model.secret import Secret
from vatriage.wiring.readers import report_reader
from vatriage.wiring.servers import account_of, device_route, fetcher, qualys_calls

if TYPE_CHECKING:
    from vatriage.model.route import Route
    from vatriage.store.devices import Device
    from vatriage.usecases.pull_mode import Mode
    from vatriage.usecases.pull_run import PullResult
    from vatriage.usecases.pull_tools import PullTools
    from vatriage.usecases.raw_page_retention import Retention
    from vatriage.usecases.replay import ReplayTools


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
