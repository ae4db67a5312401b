"""Other people's real answers: every record that an independent parser sees becomes a row, or the kind is refused."""

import xml.etree.ElementTree as ET  # noqa: TID251 - the independent judge of our own reader
from collections import Counter
from pathlib import Path

import pytest

from unit.vendors.qualys_documents import read
from vatriage.vendors.qualys.kinds import KINDS

CORPUS = Path(__file__).parents[3] / "../shared/corpus/qualys"
IN_CORPUS = {
    "HOST_LIST_OUTPUT",
    "HOST_LIST_VM_DETECTION_OUTPUT",
    "KNOWLEDGE_BASE_VULN_LIST_OUTPUT",
    "SIMPLE_RETURN",
    "SCAN",
    "ASSET_DATA_REPORT",
    "SCAN_LIST_OUTPUT",
}
FINDINGS = {
    "HOST_LIST_VM_DETECTION_OUTPUT": ("DETECTION",),
    "SCAN": ("VULN", "PRACTICE", "INFO", "SERVICE"),
    "ASSET_DATA_REPORT": ("VULN_INFO",),
}
"""By kind, the elements that are findings."""
CVES = ("CVE_LIST/CVE/ID", "CVE_ID_LIST/CVE_ID/ID")


def judged(path):
    """Return a file's root in upper case, the number of each of its elements, and the root, as xml.etree sees them."""
    root = ET.fromstring(path.read_bytes().lstrip())  # noqa: S314 - files of the corpus, looked at before
    return root.tag.upper(), Counter(element.tag.upper() for element in root.iter()), root


FILES = sorted(CORPUS.rglob("*.xml")) if CORPUS.is_dir() else []
READ = [path for path in FILES if judged(path)[0] in KINDS]
REFUSED = [path for path in FILES if judged(path)[0] not in KINDS]
NAMES = {"ids": lambda path: "/".join(path.parts[-3:])}

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus beside the checkout")


def test_the_corpus_holds_answers_of_every_kind():
    assert {judged(path)[0] for path in READ} == IN_CORPUS


@pytest.mark.parametrize("path", READ, **NAMES)
def test_every_record_of_a_real_answer_becomes_a_row(path):
    kind, tags, _ = judged(path)

    found = read(path.read_bytes(), path.name)

    assert found.kind == kind
    assert len(found.hosts) == tags["IP" if kind == "SCAN" else "HOST"]
    assert len(found.detections) == sum(tags[name] for name in FINDINGS.get(kind, ()))
    assert len(found.scans) == (tags["SCAN"] if kind == "SCAN_LIST_OUTPUT" else 0)
    if kind != "SCAN":
        assert len(found.vulnerabilities) == tags["VULN"] + tags["VULN_DETAILS"]
    assert len(found.id_ranges) == tags["ID_SET"]
    assert found.rejects == []
    assert not found.end.partial
    assert found.end.generated_at > 0
    assert found.end.bytes_read == path.stat().st_size
    assert (found.end.truncation is not None) == ("WARNING" in tags)
    assert (found.end.error is not None) == ("CODE" in tags and kind == "SIMPLE_RETURN")


@pytest.mark.parametrize("path", READ, **NAMES)
def test_every_reference_of_a_real_answer_becomes_a_claim(path):
    kind, _, root = judged(path)
    named = [item for item in root.iter() if item.tag in {"VULN", "VULN_DETAILS", "PRACTICE", "INFO", "SERVICE"}]
    cves = {
        (int(item.get("number") or text_of(item.find("QID"))), text_of(cve))
        for item in named
        if item.get("number") or item.find("QID") is not None
        for place in CVES
        for cve in item.iterfind(place)
        if text_of(cve)
    }

    found = read(path.read_bytes(), path.name)

    assert {(row["qid"], row["claim"]) for row in found.references if row["claim"].startswith("CVE-")} == cves
    if kind == "SCAN":
        assert {row["qid"] for row in found.vulnerabilities} == {int(item.get("number")) for item in named}


@pytest.mark.parametrize("path", READ, **NAMES)
def test_the_findings_of_a_real_answer_are_of_the_kinds_that_it_says(path):
    kind, tags, root = judged(path)
    said = Counter(text_of(item).lower() for item in root.iter("TYPE"))
    if kind == "SCAN":
        expected = (tags["INFO"] + tags["SERVICE"], tags["PRACTICE"], tags["VULN"])
    elif kind in FINDINGS:
        untyped = sum(item.find("TYPE") is None for item in root.iter(FINDINGS[kind][0]))
        potential = said["practice"] + said["potential"] + untyped
        expected = (said["ig"] + said["info"], potential, said["vuln"] + said["confirmed"])
    else:
        expected = (0, 0, 0)

    found = Counter(row["kind"] for row in read(path.read_bytes(), path.name).detections)

    assert (found[0], found[1], found[2]) == expected


@pytest.mark.parametrize("path", REFUSED, **NAMES)
def test_every_other_document_is_refused_by_its_kind(path):
    found = read(path.read_bytes(), path.name)

    assert judged(path)[2].tag in found.end.error
    assert (found.hosts, found.detections) == ([], [])


def text_of(element):
    """Return an element's text without blanks."""
    return (element.text or "").strip()
