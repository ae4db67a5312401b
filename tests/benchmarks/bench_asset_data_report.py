"""How fast an asset data report is joined with its glossary, against walking the glossary for each finding.

What is compared, each side on the same file, in the same process that has started up and has read it once:

- **whole file**: vatriage from the file's bytes to Arrow tables whose findings have the glossary's severities, against the
  naive reading whole: a tree of the document, which is asked by path for each finding's entry (what importers of this report
  do). Both begin with the bytes, so parsing counts on both sides.
- **join alone**: one hash join of tables in memory, against one loop over the glossary's entries for each finding.

Both ratios are printed; "at least 50 times faster" (4,485 findings) is meant of the whole file. Processor time of the
process counts, all its threads included, and the best of the rounds: other work on the machine is neither side's.
"""

import argparse
import tempfile
import time
import xml.etree.ElementTree as ET  # noqa: TID251 - the other side of the comparison
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from vatriage.model.report import ReportPage
from vatriage.vendors.qualys.asset_data_report import with_severities
from vatriage.vendors.qualys.readers import QualysReader

FINDINGS_A_HOST = 45
QIDS = 1_500
_RESULT = "Certificate #0 CN=host.example is a self signed certificate.\n" * 10
_PROSE = "<P>An attacker who can reach the service &quot;may&quot; do what its owner would not.\n" * 20


def write_report(path: Path, findings: int) -> None:
    """Write a report with so many findings of QIDS different QIDs."""
    with path.open("w") as file:
        file.write('<?xml version="1.0" encoding="UTF-8" ?>\n<ASSET_DATA_REPORT><HEADER>')
        file.write("<GENERATION_DATETIME>2026-03-01T00:00:00Z</GENERATION_DATETIME></HEADER><HOST_LIST>\n")
        for first in range(0, findings, FINDINGS_A_HOST):
            number = first // FINDINGS_A_HOST
            file.write(f"<HOST><IP>10.{number >> 16}.{number >> 8 & 255}.{number & 255}</IP><VULN_INFO_LIST>\n")
            for place in range(first, min(first + FINDINGS_A_HOST, findings)):
                qid = 10_000 + place * 7 % QIDS
                file.write(
                    f'<VULN_INFO><QID id="qid_{qid}">{qid}</QID><TYPE>Vuln</TYPE><PORT>443</PORT><PROTOCOL>tcp</PROTOCOL>'
                    f"<SSL>true</SSL><RESULT><![CDATA[{_RESULT}]]></RESULT><FIRST_FOUND>2026-01-01T00:00:00Z</FIRST_FOUND>"
                    "<LAST_FOUND>2026-02-25T08:00:00Z</LAST_FOUND><VULN_STATUS>Active</VULN_STATUS></VULN_INFO>\n"
                )
            file.write("</VULN_INFO_LIST></HOST>\n")
        file.write("</HOST_LIST><GLOSSARY><VULN_DETAILS_LIST>\n")
        for qid in range(10_000, 10_000 + QIDS):
            file.write(
                f'<VULN_DETAILS id="qid_{qid}"><QID id="qid_{qid}">{qid}</QID><TITLE>t</TITLE><SEVERITY>{qid % 5 + 1}</SEVERITY>'
                f"<THREAT><![CDATA[{_PROSE}]]></THREAT><CVE_ID_LIST><CVE_ID><ID>CVE-2026-{qid}</ID></CVE_ID></CVE_ID_LIST>"
                "</VULN_DETAILS>\n"
            )
        file.write("</VULN_DETAILS_LIST></GLOSSARY></ASSET_DATA_REPORT>\n")


def read(path: Path) -> int:
    """Read the report as vatriage does; return the sum of the findings' severities."""
    with path.open("rb") as file:
        pages = QualysReader().open(file, path.name).pages()
        return sum(sum(page.detections["qualys_severity"].to_pylist()) for page in pages)


def walk(path: Path) -> int:
    """Ask the tree for each finding's glossary entry; return the sum of the severities."""
    root = ET.parse(path).getroot()  # noqa: S314 - our own file
    total = 0
    for found in root.iter("VULN_INFO"):
        name = found.find("QID").get("id")
        entry = root.find(f".//GLOSSARY/VULN_DETAILS_LIST/VULN_DETAILS[@id='{name}']")
        total += int(entry.findtext("SEVERITY"))
    return total


def both_sides(path: Path) -> tuple[ReportPage, pa.Table]:
    """Return the report's findings as one page without severities, and its glossary."""
    with path.open("rb") as file:
        pages = list(QualysReader().open(file, path.name).pages())
    found = pa.concat_tables([page.detections for page in pages]).combine_chunks()
    place = found.schema.get_field_index("qualys_severity")
    found = found.set_column(place, found.schema.field(place), pa.array([0] * found.num_rows, pa.int8()))
    return ReportPage(detections=found), pa.concat_tables([page.vulnerabilities for page in pages]).combine_chunks()


def loop_join(page: ReportPage, glossary: pa.Table) -> int:
    """Walk the glossary for each finding; return the sum of the severities."""
    entries = list(zip(glossary["qid"].to_pylist(), glossary["qualys_severity"].to_pylist(), strict=True))
    return sum(next(level for number, level in entries if number == qid) for qid in page.detections["qid"].to_pylist())


def hash_join(page: ReportPage, glossary: pa.Table) -> int:
    """Join once; return the sum of the severities."""
    return sum(with_severities(page, glossary).detections["qualys_severity"].to_pylist())


def best_of(work: Callable[..., int], rounds: int, *arguments: object) -> tuple[float, int]:
    """Return the best of the rounds in seconds of processor time, and what the work comes to."""
    times, result = [], 0
    for _ in range(rounds):
        start = time.process_time()
        result = work(*arguments)
        times.append(time.process_time() - start)
    return min(times), result


def main() -> None:
    """Print the ratios: `python -m benchmarks.bench_asset_data_report [FINDINGS] [ROUNDS]`, from the folder `tests`."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("findings", type=int, nargs="?", default=4_485)
    arguments.add_argument("rounds", type=int, nargs="?", default=5)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "report.xml")
        write_report(path, given.findings)
        read(path)
        ours, walked = best_of(read, 3 * given.rounds, path), best_of(walk, given.rounds, path)
        sides = both_sides(path)
        joined, looped = best_of(hash_join, 3 * given.rounds, *sides), best_of(loop_join, given.rounds, *sides)
        size = path.stat().st_size / 1e6
    if len({ours[1], walked[1], joined[1], looped[1]}) != 1:
        raise SystemExit("the sides do not come to the same")
    print(f"{given.findings} findings, {QIDS} glossary entries, {size:.1f} MB, best of {given.rounds} rounds")
    for name, slow, fast in (("whole file", walked[0], ours[0]), ("join alone", looped[0], joined[0])):
        print(f"{name}: walking the glossary a finding {slow:8.4f} s, vatriage {fast:8.4f} s, ratio {slow / fast:7.1f}")


if __name__ == "__main__":
    main()
