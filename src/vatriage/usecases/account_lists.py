"""What an account says of itself in short lists: its scan schedule, its past scans, its Scanner Appliances.

Every call here only reads; none starts a scan.
"""

import tempfile
from pathlib import Path

from vatriage.inventory.freshness import PlannedScan, planned
from vatriage.model.report import ReportPage
from vatriage.net.interface import Fetcher, Request
from vatriage.vendors.interface import Calls, ReportReader

LOOK_BACK_S = 60 * 86_400
"""How far back past scans are looked at: two runs of a monthly one."""


class AccountLists:
    """Asks one account.

    Args:
        fetcher: of the account's server.
        calls: the vendor's requests.
        reader: reads the answers.
        folder: where an answer lies while it is read.
    """

    def __init__(self, fetcher: Fetcher, calls: Calls, reader: ReportReader, folder: Path) -> None:
        self._fetcher = fetcher
        self._calls = calls
        self._reader = reader
        self._folder = folder

    def planned_scans(self, now: int) -> list[PlannedScan]:
        """Return the scans that the service will start, with what their past runs tell.

        Args:
            now: seconds.

        Raises: NetError, VendorError, LongWaitError: the account was not to be asked.
        """
        schedules = [item for page in self._ask(self._calls.scheduled_scans()) for item in page.schedules]
        if not schedules:
            return []
        runs = [run for page in self._ask(self._calls.past_scans(now - LOOK_BACK_S)) for run in page.scans]
        return planned(schedules, runs)

    def appliances(self) -> list[str]:
        """Return the names of the account's Scanner Appliances. Raises: NetError, VendorError, LongWaitError."""
        return [name for page in self._ask(self._calls.appliances()) for name in page.appliances]

    def _ask(self, request: Request) -> list[ReportPage]:
        with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".part") as spool:
            body = Path(spool.name)
            answer = self._fetcher.fetch(request, body)
            with body.open("rb") as source:
                reading = self._reader.open(source, request.resource)
                pages = list(reading.pages())
        end = reading.end
        refused = self._calls.refusal(answer, request.resource, reading.kind, end.error_code, end.error)
        if refused is not None:
            raise refused
        return pages
