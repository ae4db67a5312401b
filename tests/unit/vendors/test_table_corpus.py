"""Other people's real tables: each row that an independent count sees becomes a detection, or the kind is named."""

import csv
import io
import json
from pathlib import Path

import pytest

from unit.vendors.qualys_documents import read

CORPUS = Path(__file__).parents[3] / "../shared/corpus/qualys"
FILES = sorted([*CORPUS.rglob("*.csv"), *CORPUS.rglob("*.json")]) if CORPUS.is_dir() else []
REFUSED = {"PCI_CSV", "HTTP_HEADERS_JSON", "HTTP_EXCHANGE_JSON"}
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus beside the checkout")


def counted(path):
    """Return (rows, hosts, fixed rows, CVE pairs) of a table as the plain csv and json modules see it."""
    if path.suffix == ".json":
        rows = [row for row in json.loads(path.read_bytes()) if "qid" in row]
    else:
        lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
        start = next(number for number, line in enumerate(lines) if "QID" in line)
        rows = [dict(zip(lines[start], line, strict=True)) for line in lines[start + 1 :] if any(line)]
    hosts = {row.get("ip") or row.get("IP") or row.get("Asset IPV4") or row.get("Asset IPV6") for row in rows}
    fixed = sum("FIXED" in {row.get("Status"), row.get("Vuln Status", "").upper()} for row in rows)
    named = [(str(row.get("qid") or row["QID"]), row.get("CVE") or row.get("CVE ID") or "") for row in rows]
    pairs = {(int(qid), cve.strip()) for qid, cves in named for cve in cves.split(",") if cve.strip()}
    return len(rows), len(hosts), fixed, pairs


def test_the_corpus_holds_tables():
    kinds = {read(path.read_bytes(), path.name).kind for path in FILES}

    assert {"VMDR_CSV", "SCAN_CSV", "SCAN_JSON", *REFUSED} == kinds


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-3:]))
def test_every_row_of_a_real_table_becomes_a_detection_or_its_kind_is_named(path):
    found = read(path.read_bytes(), path.name)

    if found.kind in REFUSED:
        assert found.end.error
        assert found.hosts == found.detections == []
        return
    rows, hosts, fixed, pairs = counted(path)
    assert (len(found.detections), len(found.hosts)) == (rows, hosts)
    assert {(row["qid"], row["claim"]) for row in found.references} == pairs
    assert found.end.error is None
    assert not found.end.partial
    assert len(found.rejects) == (1 if fixed else 0)
    assert found.end.bytes_read == path.stat().st_size
