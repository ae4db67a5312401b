"""The formats of leases, by name; and which one a file's first bytes look like."""

from vatriage.leases.csv_rows import read_csv
from vatriage.leases.interface import LeaseReader
from vatriage.leases.isc import read_isc
from vatriage.leases.kea import read_kea
from vatriage.leases.zeek import read_zeek

READERS: dict[str, LeaseReader] = {"isc": read_isc, "kea": read_kea, "zeek": read_zeek, "csv": read_csv}


def told_by(beginning: bytes) -> str:
    """Return the name of the format that a file's first bytes look like; `csv` if they look like none other."""
    text = beginning.removeprefix(b"\xef\xbb\xbf").lstrip()
    first = text.partition(b"\n")[0]
    if text.startswith((b"{", b"#separator", b"#fields")):
        return "zeek"
    if b"hwaddr" in first and b"valid_lifetime" in first:
        return "kea"
    looks_isc = (b"lease ", b"# The format of this file", b"authoring-byte-order", b"server-duid")
    return "isc" if text.startswith(looks_isc) or b"\nlease " in text else "csv"
