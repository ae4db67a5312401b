"""RESULTS texts of the information-gathered QIDs that every scan brings (QIDs 6, 45017, 45038, 82023, 82004)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

_UNKNOWN_SERVICE = ("unknown", "Unknown", "unknown")
_DURATION = timedelta(seconds=300)


def service_list(protocol: str, ports: Iterable[int], services: Mapping[str, Sequence[str]]) -> str:
    """Return the table of QID 82023 (tcp) or 82004 (udp): tab-separated, a header and one row a port."""
    header = ["Port", "IANA Assigned Ports/Services", "Description", "Service Detected"]
    if protocol == "tcp":
        header.append("OS On Redirected Port")
    rows = ["\t".join([str(port), *services.get(str(port), _UNKNOWN_SERVICE)]) for port in ports]
    return "\n".join(["\t".join(header), *rows])


def host_name(ip: str, name: str) -> str:
    """Return the table of QID 6."""
    return f"IP address\tHost name\n{ip}\t{name}"


def operating_system(name: str, tracking_method: str) -> str:
    """Return the table of QID 45017; an agent reads the name, a scanner guesses it."""
    technique = "Cloud Agent" if tracking_method == "AGENT" else "TCP/IP Fingerprint"
    return f"Operating System\tTechnique\tID\n{name}\t{technique}\tdemo"


def scan_time(ended: datetime) -> str:
    """Return the text of QID 45038 for a scan that ended at an instant."""
    began = ended - _DURATION
    return f"Scan duration: {_DURATION.seconds} seconds\n\nStart time: {began:%a, %b %d %Y, %H:%M:%S} GMT\n\nEnd time: {ended:%a, %b %d %Y, %H:%M:%S} GMT"
