"""The controller: the engine with everything it does."""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from vatriage.clock import Clock
from vatriage.config import Config
from vatriage.wiring.judging import rejudging
from vatriage.wiring.opening import open_store
from vatriage.wiring.pulls import pull_device_now, tidy_raw_pages
from vatriage.wiring.readers import system_clock
from vatriage.wiring.sending import send_verdicts

if TYPE_CHECKING:
    from vatriage.engine.durable import EnginePlace
    from vatriage.store.devices import Device
    from vatriage.usecases.pull_run import PullResult


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
