"""A subscription made by a seed: as many hosts as one likes, with findings that look like an office's.

The QIDs and titles are invented (numbers from 900001; the list of open ports keeps its own); the CVE ids are real ones, so that real IDS signatures find
them. The same seed and size give the same subscription.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from vatriage_simulator.clock import SimulatedClock
from vatriage_simulator.hosts import SimHost
from vatriage_simulator.subscription import Subscription

MAX_HOSTS = 200_000
"""More would not fit comfortably into memory."""

LOGIN = "demo_ap1"
PASSWORD = "simulator"  # noqa: S105 - bait: it opens nothing but the simulator


@dataclass(frozen=True, slots=True)
class _Weakness:
    """A QID of the invented KnowledgeBase and where it is found."""

    qid: int
    title: str
    cve: str
    systems: str
    """A letter a system: w Windows, l Linux."""
    port: int | None
    severity: int
    authenticated: bool = False
    kind: str = "Confirmed"


_SYSTEMS = (
    ("Windows Server 2019 Standard 64 bit Edition Version 1809", "w"),
    ("Windows 10 Enterprise 64 bit Edition Version 22H2", "w"),
    ("Windows Server 2008 R2 Standard 64 bit Edition Service Pack 1", "w"),
    ("Ubuntu Linux 22.04.4", "l"),
    ("Debian Linux 11", "l"),
    ("Red Hat Enterprise Linux 8.9", "l"),
    ("Linux 2.4-2.6 / Embedded Device / F5 Networks Big-IP", "l"),
)
_WEAKNESSES = (
    _Weakness(900001, "SMBv1 server allows remote code execution", "CVE-2017-0144", "w", 445, 5),
    _Weakness(900002, "Remote Desktop Services run code before login", "CVE-2019-0708", "w", 3389, 5),
    _Weakness(900003, "Print spooler loads foreign drivers", "CVE-2021-34527", "w", None, 4, authenticated=True),
    _Weakness(900004, "Java logging library resolves remote names", "CVE-2021-44228", "wl", 8080, 5),
    _Weakness(900005, "Web server path traversal", "CVE-2021-41773", "l", 80, 5),
    _Weakness(900006, "TLS heartbeat discloses memory", "CVE-2014-0160", "l", 443, 4),
    _Weakness(900007, "Shell runs code from environment variables", "CVE-2014-6271", "l", 80, 5),
    _Weakness(900008, "Framework runs expressions from a header", "CVE-2017-5638", "wl", 8080, 5),
    _Weakness(900009, "Secure shell server signal handler race", "CVE-2024-6387", "l", 22, 4, kind="Potential"),
    _Weakness(900010, "Sudo heap overflow", "CVE-2021-3156", "l", None, 4, authenticated=True),
    _Weakness(900011, "Netlogon accepts an empty key", "CVE-2020-1472", "w", 445, 5),
    _Weakness(900012, "File server loads modules from a share", "CVE-2017-7494", "l", 445, 5),
)
_OPEN_PORTS_QID = 82023
"""The service's own QID for the open TCP ports of a host, which readers look for."""


def generate(seed: int, hosts: int, *, now: datetime, clock: SimulatedClock | None = None) -> Subscription:
    """Return a subscription with an account, a KnowledgeBase and hosts from 10.0.0.1 upwards.

    Nine hosts in ten were scanned in the last week, half of them with a login; one in ten not for months.

    Args:
        seed: what makes it differ.
        hosts: 0 to MAX_HOSTS.
        now: aware; dates lie before it.
        clock: as for Subscription.

    Raises: ValueError: too many hosts.
    """
    if not 0 <= hosts <= MAX_HOSTS:
        raise ValueError(f"{hosts} hosts: the simulator makes 0 to {MAX_HOSTS}")
    dice = random.Random(seed)
    sim = Subscription(now, clock=clock)
    sim.account(LOGIN, PASSWORD)
    _fill_knowledge_base(sim, now)
    for number in range(1, hosts + 1):
        _add_host(sim, number, dice, now)
    return sim


def _fill_knowledge_base(sim: Subscription, now: datetime) -> None:
    """Add the invented QIDs, each a month younger than the one before."""
    for place, weakness in enumerate(_WEAKNESSES):
        sim.vulnerability(
            weakness.qid,
            title=weakness.title,
            cves=[weakness.cve],
            severity=weakness.severity,
            type="Potential Vulnerability" if weakness.kind == "Potential" else "Vulnerability",
            published=now - timedelta(days=900 - 30 * place),
            code_modified=now - timedelta(days=400 - 30 * place),
            service_modified=now - timedelta(days=90 - place),
            remote=not weakness.authenticated,
            auth_types=["Windows" if weakness.systems == "w" else "Unix"],
            solution="Install the vendor's current release.",
            diagnosis="Invented for the simulator.",
        )
    sim.vulnerability(
        _OPEN_PORTS_QID,
        title="Open TCP services",
        type="Information Gathered",
        severity=1,
        published=now - timedelta(days=3000),
        patchable=False,
        category="TCP/IP",
    )


def _add_host(sim: Subscription, number: int, dice: random.Random, now: datetime) -> None:
    """Add one host, its last scan and what it found."""
    system, letter = dice.choice(_SYSTEMS)
    name = f"host-{number:05d}"
    host = sim.host(
        f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}",
        # With gaps, as real ids have: some runs of neighbours, mostly single ones.
        id=1000 + 3 * number + dice.randrange(3),
        os=system,
        dns=f"{name}.corp.example",
        netbios=name.upper() if letter == "w" else None,
    )
    stale = dice.random() < 0.1
    age = timedelta(days=dice.randint(60, 200) if stale else dice.randint(0, 6), seconds=dice.randint(60, 80_000))
    host.scanned(now - age, authenticated=dice.random() < 0.5, duration_s=dice.randint(120, 2600))
    _add_detections(host, letter, dice)


def _add_detections(host: SimHost, letter: str, dice: random.Random) -> None:
    """Add what the scan could find on such a system, and the list of its open ports."""
    scan = host.last_scan
    if scan is None:
        return
    for weakness in _WEAKNESSES:
        testable = scan.authenticated or not weakness.authenticated
        if letter not in weakness.systems or not testable or dice.random() > 0.25:
            continue
        status = dice.choices(("New", "Active", "Re-Opened", "Fixed"), (2, 10, 1, 3))[0]
        last_found = scan.at - timedelta(days=dice.randint(1, 30) if status == "Fixed" else 0)
        host.detect(
            weakness.qid,
            port=weakness.port,
            ssl=None if weakness.port is None else weakness.port == 443,
            type=weakness.kind,
            status=status,
            results=f"Found by the simulator on {host.ip}.",
            first_found=last_found - timedelta(days=0 if status == "New" else dice.randint(1, 300)),
            last_found=last_found,
            ignored=dice.random() < 0.03,
        )
    ports = sorted({item.port for item in host.detections if item.port} | {22 if letter == "l" else 445})
    rows = "".join(f"{port}\t-\tunknown\n" for port in ports)
    host.detect(_OPEN_PORTS_QID, type="Info", severity=1, results=f"Port\tIANA\tService\n{rows}")
