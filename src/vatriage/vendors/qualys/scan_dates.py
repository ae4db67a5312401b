"""The dates of a scan report's hosts and findings: they are the scan's, which its HEADER states once for all.

A finding is taken to have been there from the scan's launch on, and as seen at its end; the scan's silence counts from
its end on. Each errs to the side that clears less: which host was looked at in which minute, the report does not say.
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from vatriage.model.report import DETECTIONS, HOSTS, ReportPage

NOT_SCANNED = -1
"""In HOSTS.scanned_at, until dated: the scan did not finish on this host."""


def dated(page: ReportPage, launched_at: int, ended_at: int) -> ReportPage:
    """Return a page with its scan's dates, in seconds."""
    scanned_at = page.hosts["scanned_at"].to_numpy()
    hosts = _with(page.hosts, HOSTS.field("scanned_at"), np.where(scanned_at == NOT_SCANNED, 0, ended_at))
    hosts = _with(hosts, HOSTS.field("last_scan"), np.where(scanned_at == NOT_SCANNED, 0, ended_at))
    found = page.detections
    for name, at in (("first_found", launched_at), ("last_found", ended_at), ("last_test", ended_at)):
        found = _with(found, DETECTIONS.field(name), np.full(found.num_rows, at, np.int64))
    return replace(page, hosts=hosts, detections=found)


def _with(table: pa.Table, field: pa.Field, values: "np.typing.NDArray[np.int64]") -> pa.Table:
    """Return a table with one column replaced."""
    return table.set_column(table.schema.get_field_index(field.name), field, pa.array(values, field.type))
