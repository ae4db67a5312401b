"""What a scan reached: the ports on which it reported something (VERDICT 3.4).

Only what was found in that very scan counts: a finding whose last sight is older says nothing of what this scan
reached.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Ports = NDArray[np.uint32]
"""Sorted, unique; protocol << 16 | port."""


def pack_ports(protocols: NDArray[np.int64], ports: NDArray[np.int64]) -> Ports:
    """Return (protocol, port) pairs as one sorted array without duplicates."""
    return np.unique((protocols.astype(np.uint32) << np.uint32(16)) | ports.astype(np.uint32))


def ports_by_host(hosts: pa.Table, detections: pa.Table, open_ports: pa.Table) -> dict[int, Ports]:
    """Return for each row of the page's hosts the ports its last scan reported something on.

    Args:
        hosts: model.report.HOSTS.
        detections: model.report.DETECTIONS; counted where `last_found` is the host's `scanned_at`.
        open_ports: model.report.OPEN_PORTS, already limited to lists of the last scan by the reader.
    """
    if not detections.num_rows and not open_ports.num_rows:
        return {}
    scanned_at = hosts["scanned_at"].to_numpy()
    host, port = detections["host"].to_numpy().astype(np.int64), detections["port"].to_numpy().astype(np.int64)
    protocol, last_found = detections["protocol"].to_numpy().astype(np.int64), detections["last_found"].to_numpy()
    reached = (port >= 0) & (protocol > 0) & (last_found > 0) & (last_found == scanned_at[host])
    all_hosts = np.r_[host[reached], open_ports["host"].to_numpy().astype(np.int64)]
    all_protocols = np.r_[protocol[reached], open_ports["protocol"].to_numpy().astype(np.int64)]
    all_ports = np.r_[port[reached], open_ports["port"].to_numpy().astype(np.int64)]
    order = np.argsort(all_hosts, kind="stable")
    owners, starts = np.unique(all_hosts[order], return_index=True)
    groups = np.split(order, starts[1:])
    return {
        int(owner): pack_ports(all_protocols[rows], all_ports[rows])
        for owner, rows in zip(owners, groups, strict=False)
    }
