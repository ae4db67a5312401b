"""Bounds of time and memory: one pass, whatever the size."""

import subprocess
import sys

import pytest

from benchmarks.generate_reports import write_report
from unit.vendors.qualys_v1_documents import category, finding, header, scanned, section
from unit.vendors.table_documents import VMDR_COLUMNS, VMDR_ROW, quoted

PROGRAM = """
import resource, sys
from vatriage.vendors.qualys.readers import QualysReader
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with open(sys.argv[1], "rb") as file:
    reading = QualysReader().open(file, "report")
    rows = sum(page.detections.num_rows for page in reading.pages())
assert reading.end.error is None, reading.end
print(rows, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def rows_and_peak(path):
    """Read a report in a process of its own; returns detections and the growth of its peak memory in MiB."""
    output = subprocess.run([sys.executable, "-c", PROGRAM, path], capture_output=True, text=True, check=True).stdout
    rows, peak = output.split()
    return int(rows), int(peak)


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """A report of 15 MB and one of 60 MB."""
    folder = tmp_path_factory.mktemp("reports")
    for size in (15, 60):
        write_report(folder / f"{size}.xml", size * 1_000_000)
    return folder


def test_memory_does_not_grow_with_the_report(reports):
    small_rows, small = rows_and_peak(reports / "15.xml")
    large_rows, large = rows_and_peak(reports / "60.xml")

    assert large_rows > 3.5 * small_rows
    assert large < 1.4 * small + 8


def write_stream(path, hosts):
    """Write a report as it is streamed, HEADER last: every host has to wait for it."""
    text = "<![CDATA[" + "x" * 20_000 + "]]>"
    with path.open("w") as file:
        file.write('<SCAN value="scan/1772006400.12345">')
        for number in range(hosts):
            one = section("VULNS", category(finding(qid=number + 1, RESULT=text)))
            file.write(scanned(f"10.{number >> 8}.{number & 255}.1", one))
        file.write(header(NBHOST_ALIVE=str(hosts)) + "</SCAN>")


def test_hosts_that_wait_for_the_header_do_not_wait_in_memory(tmp_path):
    for hosts in (1_000, 4_000):
        write_stream(tmp_path / f"{hosts}.xml", hosts)

    small_rows, small = rows_and_peak(tmp_path / "1000.xml")
    large_rows, large = rows_and_peak(tmp_path / "4000.xml")

    assert (small_rows, large_rows) == (1_000, 4_000)
    assert large < 1.4 * small + 8


def write_table(path, rows):
    """Write a VMDR table of long texts, ten rows a host."""
    with path.open("w", encoding="utf-8") as file:
        file.write(quoted(*VMDR_COLUMNS))
        for row in range(rows):
            host = row // 10
            changed = {"QID": row % 10 + 1, "Asset IPV4": f"10.{host >> 16}.{host >> 8 & 255}.{host & 255}"}
            line = VMDR_ROW | changed | {"Results": f"{row:08} " * 60}
            file.write(quoted(*(line[name] for name in VMDR_COLUMNS)))


def test_memory_does_not_grow_with_a_table(tmp_path):
    write_table(tmp_path / "table.csv", 75_000)
    found, peak = rows_and_peak(tmp_path / "table.csv")

    assert found == 75_000
    assert peak < 40
    assert (tmp_path / "table.csv").stat().st_size > 50_000_000
