"""The table of contents of the store: imports only, because Django looks here."""

from vatriage.store.alerts import AlertRow, VerdictRow
from vatriage.store.detections import Detection, DetectionPast, ResultText
from vatriage.store.devices import Audit, Device, DeviceLease, Permit, PermitLimit
from vatriage.store.hosts import Host, HostAddress, HostChange, HostScan
from vatriage.store.knowledge_base import Pair, Vulnerability
from vatriage.store.places import Account, Zone
from vatriage.store.pulls import Pull, PullHost, PullMissing, PullPage, PullScan, Rejected
from vatriage.store.users import User

__all__ = [
    "Account",
    "AlertRow",
    "Audit",
    "Detection",
    "DetectionPast",
    "Device",
    "DeviceLease",
    "Host",
    "HostAddress",
    "HostChange",
    "HostScan",
    "Pair",
    "Permit",
    "PermitLimit",
    "Pull",
    "PullHost",
    "PullMissing",
    "PullPage",
    "PullScan",
    "Rejected",
    "ResultText",
    "User",
    "VerdictRow",
    "Vulnerability",
    "Zone",
]
