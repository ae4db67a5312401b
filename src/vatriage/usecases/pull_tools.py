"""What a pull works with: the vendor's calls, the way to its server, folders, sizes and the clock."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from vatriage.clock import Clock
from vatriage.errors import VatriageError
from vatriage.model.route import Route
from vatriage.net.interface import Fetcher
from vatriage.usecases.pull_progress import WaitBell
from vatriage.vendors.interface import Calls, ReportReader


class PullCancelledError(VatriageError):
    """A person asked that the pull ends; what it fetched is kept, and the next pull goes on with it."""

    exit_code = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class PullTools:
    """What a pull works with."""

    calls: Calls
    fetcher: Fetcher
    """Obeys the account's permits."""
    reader: ReportReader
    clock: Clock
    route: Route
    """How the server is reached."""
    pages: Path
    """Folder of raw pages."""
    snapshots: Path
    page_hosts: int
    """Hosts of a page at most; fewer are asked for where so many do not come."""
    page_bytes: int
    """Bytes of a page at most, as they come unpacked."""
    full_every_s: float
    """After how long a pull is a full one again; 0 = always."""
    poll_s: float
    """How often to ask whether a scan still runs."""
    wait_s: float
    """How long to ask so."""
    retry_pause_s: float
    """How long to wait after a first failure; after the next ones twice as long each."""
    dice: Callable[[], float]
    """A random number from 0 to 1, so that processes which failed together do not try again together."""
    sleep: Callable[[float], None]
    progress: Callable[[int, str], None]
    bell: WaitBell = field(default_factory=WaitBell)
    """Rings at every wait for a permit."""
    stop: Callable[[], None] = lambda: None
    """Raises if the process is to end; asked between pages and while one comes."""
