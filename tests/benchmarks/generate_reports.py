"""Writes large reports of our own making: seeded, hostile, of the shape and size of real ones."""

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

DETECTIONS_A_HOST = 97
"""On average; real accounts have 30 to 150."""

HOSTILE_SHARE = 0.004
"""Share of detections whose RESULTS imitate markup."""

HOSTILE_TEXTS = (
    "</RESULTS></DETECTION></DETECTION_LIST></HOST>",
    "<DETECTION><QID>1</QID></DETECTION>",
    "<HOST><ID>666</ID></HOST></HOST_LIST>",
    "nested <![CDATA[ opener, no end",
    "&lt;b&gt; &foo; &#1; stays text",
    "<!-- half a comment",
    "<?php echo 'half an instruction';",
    "Gr\u00fc\u00dfe aus K\u00f6ln, \u65e5\u672c\u8a9e \U0001f600",
)
"""What a host can make a scanner quote; each stands in a CDATA section."""

_HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<!DOCTYPE HOST_LIST_VM_DETECTION_OUTPUT SYSTEM "https://qualysapi.example/api/5.0/fo/asset/host/vm/detection/dtd/output.dtd">
<!-- generated -->
<HOST_LIST_VM_DETECTION_OUTPUT>
  <RESPONSE>
    <DATETIME>2026-05-03T10:00:00Z</DATETIME>
    <HOST_LIST>
"""
_TAIL = """    </HOST_LIST>
  </RESPONSE>
</HOST_LIST_VM_DETECTION_OUTPUT>
<!-- CONFIDENTIAL -->
"""
_HOST = """      <HOST>
        <ID>{number}</ID>
        <IP>10.{b}.{c}.{d}</IP>
        <TRACKING_METHOD>IP</TRACKING_METHOD>
        <OS><![CDATA[Linux 5.{d}]]></OS>
        <DNS><![CDATA[host-{number}.example]]></DNS>
        <QG_HOSTID><![CDATA[00000000-0000-0000-0000-{number:012d}]]></QG_HOSTID>
        <LAST_SCAN_DATETIME>{moment}</LAST_SCAN_DATETIME>
        <LAST_VM_SCANNED_DATE>{moment}</LAST_VM_SCANNED_DATE>
        <LAST_VM_SCANNED_DURATION>229</LAST_VM_SCANNED_DURATION>
        <LAST_VM_AUTH_SCANNED_DATE>{moment}</LAST_VM_AUTH_SCANNED_DATE>
        <DETECTION_LIST>
"""
_DETECTION = """          <DETECTION>
            <UNIQUE_VULN_ID>{unique}</UNIQUE_VULN_ID>
            <QID>{qid}</QID>
            <TYPE>{kind}</TYPE>
            <SEVERITY>{level}</SEVERITY>
{port}            <SSL>0</SSL>
            <RESULTS><![CDATA[{results}]]></RESULTS>
            <STATUS>{status}</STATUS>
            <FIRST_FOUND_DATETIME>{first}</FIRST_FOUND_DATETIME>
            <LAST_FOUND_DATETIME>{moment}</LAST_FOUND_DATETIME>
            <TIMES_FOUND>{times}</TIMES_FOUND>
            <LAST_TEST_DATETIME>{moment}</LAST_TEST_DATETIME>
            <LAST_UPDATE_DATETIME>{moment}</LAST_UPDATE_DATETIME>
            <IS_IGNORED>0</IS_IGNORED>
            <IS_DISABLED>0</IS_DISABLED>
            <LAST_PROCESSED_DATETIME>{moment}</LAST_PROCESSED_DATETIME>
          </DETECTION>
"""


def detections_report(size: int, seed: int = 1) -> Iterator[bytes]:
    """Yield a HOST_LIST_VM_DETECTION_OUTPUT of about `size` bytes, host by host, the same for the same seed."""
    dice = random.Random(seed)
    written = 0
    number = 0
    yield _HEAD.encode()
    while written < size:
        number += 1
        host = _host(dice, number).encode()
        written += len(host)
        yield host
    yield _TAIL.encode()


def write_report(path: Path, size: int, seed: int = 1) -> None:
    """Write such a report to a file."""
    with path.open("wb") as file:
        file.writelines(detections_report(size, seed))


def _host(dice: random.Random, number: int) -> str:
    """Return one host with its detections."""
    moment = f"2026-0{dice.randint(1, 9)}-{dice.randint(1, 28):02d}T{dice.randint(0, 23):02d}:11:13Z"
    head = _HOST.format(number=number, b=number >> 16, c=number >> 8 & 255, d=number & 255, moment=moment)
    count = dice.randint(DETECTIONS_A_HOST - 40, DETECTIONS_A_HOST + 40)
    found = "".join(_detection(dice, number * 1000 + ordinal, moment) for ordinal in range(count))
    return f"{head}{found}        </DETECTION_LIST>\n      </HOST>\n"


def _detection(dice: random.Random, unique: int, moment: str) -> str:
    """Return one detection."""
    port = dice.choice((0, 22, 80, 443, 3389, 8443))
    return _DETECTION.format(
        unique=unique,
        qid=dice.randint(10_000, 400_000),
        kind=dice.choice(("Confirmed", "Confirmed", "Potential", "Info")),
        level=dice.randint(1, 5),
        port=f"            <PORT>{port}</PORT>\n            <PROTOCOL>tcp</PROTOCOL>\n" if port else "",
        results=_results(dice),
        status=dice.choice(("New", "Active", "Active", "Fixed", "Re-Opened")),
        first="2025-11-02T04:45:50Z",
        moment=moment,
        times=dice.randint(1, 400),
    )


def _results(dice: random.Random) -> str:
    """Return a text as a scanner quotes it, hostile now and then."""
    if dice.random() < HOSTILE_SHARE:
        return dice.choice(HOSTILE_TEXTS)
    line = f"package-{dice.randint(1, 9999)}\t1.{dice.randint(0, 30)}-{dice.randint(1, 9)}\t2.0-1\n"
    return "Package\tInstalled Version\tRequired Version\n" + line * dice.randint(2, 48)


def main() -> None:
    """Write a report: `generate_reports.py PATH MEGABYTES [SEED]`."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("path", type=Path)
    arguments.add_argument("megabytes", type=int)
    arguments.add_argument("seed", type=int, nargs="?", default=1)
    given = arguments.parse_args()
    write_report(given.path, given.megabytes * 1_000_000, given.seed)


if __name__ == "__main__":
    main()
