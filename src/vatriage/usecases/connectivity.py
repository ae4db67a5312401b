"""Test Connectivity: one small read-only call; it never starts a scan (the seed, step 7)."""

import tempfile
from pathlib import Path

from vatriage.net.interface import Fetcher
from vatriage.vendors.interface import Calls, ReportReader


def test_connectivity(fetcher: Fetcher, calls: Calls, reader: ReportReader, folder: Path) -> None:
    """Ask for one host. Raises: NetError, VendorError: the stage that failed, with its remedy."""
    request = calls.host_list(0, 1)
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".part") as spool:
        body = Path(spool.name)
        answer = fetcher.fetch(request, body)
        with body.open("rb") as source:
            reading = reader.open(source, "connectivity test")
            for _page in reading.pages():
                continue
        refused = calls.refusal(answer, request.resource, reading.kind, reading.end.error_code, reading.end.error)
    if refused is not None:
        raise refused
