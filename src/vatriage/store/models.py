"""The table of contents of the store: imports only, because Django looks here."""

from vatriage.store.alert_counters import AlertGroup, AlertSignature, VerdictHour, VerdictReason
from vatriage.store.alerts import AlertEvent, AlertRow, VerdictRow
from vatriage.store.audit import Audit
from vatriage.store.bases import AlertOutcome, ClaimSet, VerdictBasis
from vatriage.store.bookmarks import Bookmark
from vatriage.store.changes import ConfigVersion, PendingChange
from vatriage.store.destinations import Destination, OutboxRow
from vatriage.store.detections import Detection, DetectionPast, ResultText
from vatriage.store.devices import Device, DeviceLease, Permit, PermitCall, PermitLimit
from vatriage.store.hosts import Host, HostAddress, HostChange, HostScan
from vatriage.store.identity import HostStatement, LeaseImport, LeaseReject, LeaseStated, PoolStated
from vatriage.store.knowledge_base import Pair, Vulnerability
from vatriage.store.parameters import Parameter, Pin
from vatriage.store.places import Account, AssetValue, Zone, ZoneNetwork
from vatriage.store.progress import PullProgress
from vatriage.store.pulls import Pull, PullHost, PullIds, PullMissing, PullPage, PullScan, Rejected
from vatriage.store.rejudging import ArchiveFile, DueAlert, Escalation, Rejudgement
from vatriage.store.reviews import Review, SavedFilter
from vatriage.store.sessions import UserSession
from vatriage.store.shadow import Hiding, ShadowSample, ShadowSampleAlert
from vatriage.store.tuning_rules import TuningRule
from vatriage.store.unsent import Unsent
from vatriage.store.update_rules import Controller, RuleRow, RuleRun, RunPull, RunRequest
from vatriage.store.users import DoneAction, Token, User

__all__ = [
    "Account",
    "AlertEvent",
    "AlertGroup",
    "AlertOutcome",
    "AlertRow",
    "AlertSignature",
    "ArchiveFile",
    "AssetValue",
    "Audit",
    "Bookmark",
    "ClaimSet",
    "ConfigVersion",
    "Controller",
    "Destination",
    "Detection",
    "DetectionPast",
    "Device",
    "DeviceLease",
    "DoneAction",
    "DueAlert",
    "Escalation",
    "Hiding",
    "Host",
    "HostAddress",
    "HostChange",
    "HostScan",
    "HostStatement",
    "LeaseImport",
    "LeaseReject",
    "LeaseStated",
    "OutboxRow",
    "Pair",
    "Parameter",
    "PendingChange",
    "Permit",
    "PermitCall",
    "PermitLimit",
    "Pin",
    "PoolStated",
    "Pull",
    "PullHost",
    "PullIds",
    "PullMissing",
    "PullPage",
    "PullProgress",
    "PullScan",
    "Rejected",
    "Rejudgement",
    "ResultText",
    "Review",
    "RuleRow",
    "RuleRun",
    "RunPull",
    "RunRequest",
    "SavedFilter",
    "ShadowSample",
    "ShadowSampleAlert",
    "Token",
    "TuningRule",
    "Unsent",
    "User",
    "UserSession",
    "VerdictBasis",
    "VerdictHour",
    "VerdictReason",
    "VerdictRow",
    "Vulnerability",
    "Zone",
    "ZoneNetwork",
]
