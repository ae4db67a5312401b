"""Test Connectivity: one small read-only call; it never starts a scan (the seed, step 7). And the end of a scan."""

import tempfile
from pathlib import Path

from vatriage.errors import NotFoundError
from vatriage.net.interface import Fetcher, Request
from vatriage.store.page_rows import last_scan
from vatriage.vendors.interface import Calls, QueryKind, ReportReader


def test_connectivity(url: str, fetcher: Fetcher, calls: Calls, reader: ReportReader, folder: Path) -> None:
    """Ask for one host, or for the list of saved reports, whatever the device's URL asks for.

    Raises: NetError, VendorError: the stage that failed, with its remedy.
    """
    current = calls.query(url).kind is QueryKind.CURRENT
    _ask(calls.host_list(0, 1) if current else calls.saved_reports({"last": "yes"}), fetcher, calls, reader, folder)


def cancel_last_scan(device: int, fetcher: Fetcher, calls: Calls, reader: ReportReader, folder: Path) -> str:
    """Cancel the scan that a device started last; return its ref.

    Raises:
        NotFoundError: no scan of it is known.
        NetError, VendorError: it was not cancelled.
    """
    ref = last_scan(device)
    if not ref:
        raise NotFoundError("No scan of this device is known.", "Only a device with a scan.php URL starts scans.")
    _ask(calls.cancel_scan(ref), fetcher, calls, reader, folder)
    return ref


def _ask(request: Request, fetcher: Fetcher, calls: Calls, reader: ReportReader, folder: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".part") as spool:
        body = Path(spool.name)
        answer = fetcher.fetch(request, body)
        with body.open("rb") as source:
            reading = reader.open(source, request.resource)
            for _page in reading.pages():
                continue
        refused = calls.refusal(answer, request.resource, reading.kind, reading.end.error_code, reading.end.error)
    if refused is not None:
        raise refused
