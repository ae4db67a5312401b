"""Common Event Format out: one line an alert, what every SIEM takes over syslog.

Source: ArcSight CEF implementation standard, version 0: in the header backslash and bar are escaped, in values backslash,
equals sign and ends of lines.
"""

from vatriage.model.alert import Alert
from vatriage.model.instant import parse_instant
from vatriage.model.verdict import Verdict, VerdictRecord
from vatriage.outputs.cve_ids import cves, qids
from vatriage.outputs.impact import impact
from vatriage.outputs.program import NAME, VERSION

_SEVERITY = {
    Verdict.COMPROMISE_INDICATED.name: 10,
    Verdict.AFFECTED.name: 9,
    Verdict.POSSIBLY_AFFECTED.name: 7,
    Verdict.NOT_AFFECTED.name: 1,
    Verdict.FALSE_POSITIVE.name: 0,
}
_UNDECIDED = {1: 8, 2: 6, 3: 4, 4: 3}
"""By the sensor's own priority: what we cannot decide is worth what the sensor says."""
_CONTROLS = {**dict.fromkeys(range(32), " "), 0x7F: " "}


def encode_cef(alert: Alert, record: VerdictRecord) -> bytes:
    """Return the line, UTF-8, without an end of line; empty values are left out.

    Args:
        alert: the alert.
        record: its verdict.
    """
    severity = _SEVERITY.get(record.verdict, _UNDECIDED.get(alert.alert_priority or 0, 5))
    head = ["CEF:0", NAME, NAME, VERSION, record.signature, alert.message or record.signature, str(severity)]
    fields = " ".join(
        f"{key}={_value(value)}" for key, value in _fields(alert, record).items() if value not in (None, "")
    )
    return (
        "|".join(_header(part) for part in head).encode("utf-8", "replace") + b"|" + fields.encode("utf-8", "replace")
    )


def _fields(alert: Alert, record: VerdictRecord) -> dict[str, object]:
    texts = [
        ("verdict", record.verdict),
        ("reasons", ",".join(record.reasons)),
        ("cves", ",".join(cves(record))),
        ("qids", ",".join(map(str, qids(record)))),
        ("expires", record.expires or ""),
        ("zone", record.zone),
    ]
    labelled: dict[str, object] = {}
    for number, (label, text) in enumerate(texts, 1):
        if text:
            labelled |= {f"cs{number}Label": label, f"cs{number}": text}
    numbers = {"cn1Label": "impact", "cn1": impact(record), "cn2Label": "priority", "cn2": record.priority}
    return {
        "rt": parse_instant(record.timestamp) // 1_000, "externalId": record.id, "act": record.disposition,
        "cat": alert.category, "proto": alert.protocol.upper(), **_end("src", "spt", alert.source_address, alert.source_port),
        **_end("dst", "dpt", alert.destination_address, alert.destination_port), "dvchost": alert.sensor,
    } | labelled | numbers  # fmt: skip


def _end(address_key: str, port_key: str, address: str | None, port: int | None) -> dict[str, object]:
    """Return one end of the flow; IPv6 has keys of its own."""
    if address and ":" in address:
        number, label = ("2", "Source IPv6 Address") if address_key == "src" else ("3", "Destination IPv6 Address")
        return {f"c6a{number}Label": label, f"c6a{number}": address, port_key: port}
    return {address_key: address, port_key: port}


def _header(text: str) -> str:
    return text.translate(_CONTROLS).replace("\\", "\\\\").replace("|", "\\|")


def _value(value: object) -> str:
    text = str(value).replace("\\", "\\\\").replace("=", "\\=")
    return text.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\r").translate(_CONTROLS)
