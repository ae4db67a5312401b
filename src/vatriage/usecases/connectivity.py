"""Test Connectivity: stage by stage, read-only, with what a form holds or a device has. It never starts a scan (the seed,
step 7). And the end of a scan.
"""

from pathlib import Path

from vatriage.clock import now_us
from vatriage.errors import NotFoundError
from vatriage.net.interface import Fetcher
from vatriage.store.page_rows import last_scan
from vatriage.usecases.connectivity_stages import ConnectivityTools, Staging, asked
from vatriage.usecases.diagnosis import Diagnosis
from vatriage.vendors.interface import Calls, ReportReader

__all__ = ["ConnectivityTools", "cancel_last_scan", "test_connectivity"]


def test_connectivity(url: str, tools: ConnectivityTools) -> Diagnosis:
    """Return how far one comes with a device's URL, login, password and route, stage by stage.

    Raises: RequestRefusedError: the URL cannot be meant; nothing was tried.
    """
    query = tools.calls.query(url)
    test = Staging(tools, query)
    at_us = now_us(tools.clock)
    test.connect()
    if test.trouble is None:
        test.ask()
    return Diagnosis(
        server=query.server, query=query.kind, at_us=at_us, stages=test.in_order(), chain=test.chain,
        trouble=test.trouble,
    )  # fmt: skip


def cancel_last_scan(device: int, fetcher: Fetcher, calls: Calls, reader: ReportReader, folder: Path) -> str:
    """Cancel the scan that a device started last; return its ref.

    Raises:
        NotFoundError: no scan of it is known.
        NetError, VendorError: it was not cancelled.
    """
    ref = last_scan(device)
    if not ref:
        raise NotFoundError("No scan of this device is known.", "Only a device with a scan.php URL starts scans.")
    asked(calls.cancel_scan(ref), fetcher, calls, reader, folder)
    return ref
