"""Other people's real answers: every record that an independent parser sees becomes a row."""

import xml.etree.ElementTree as ET  # noqa: TID251 - the independent judge of our own reader
from pathlib import Path

import pytest

from unit.vendors.qualys_documents import read

CORPUS = Path(__file__).parents[3] / "../shared/corpus/qualys"
ROOTS = {"HOST_LIST_OUTPUT", "HOST_LIST_VM_DETECTION_OUTPUT", "KNOWLEDGE_BASE_VULN_LIST_OUTPUT", "SIMPLE_RETURN"}


def judged(path):
    """Return a file's root in upper case and its elements, as xml.etree sees them."""
    root = ET.fromstring(path.read_bytes().lstrip())  # noqa: S314 - files of the corpus, looked at before
    return root.tag.upper(), [element.tag.upper() for element in root.iter()], root


FILES = [path for path in sorted(CORPUS.rglob("*.xml")) if judged(path)[0] in ROOTS] if CORPUS.is_dir() else []


@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus beside the checkout")
def test_the_corpus_holds_answers_of_every_kind():
    assert {judged(path)[0] for path in FILES} == ROOTS


@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus beside the checkout")
@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-3:]))
def test_every_record_of_a_real_answer_becomes_a_row(path):
    kind, tags, root = judged(path)

    found = read(path.read_bytes(), path.name)

    assert found.kind == kind
    assert len(found.hosts) == tags.count("HOST")
    assert len(found.detections) == tags.count("DETECTION")
    assert len(found.vulnerabilities) == tags.count("VULN")
    cves = {
        (int(text_of(vuln.find("QID"))), text_of(cve))
        for vuln in root.iter("VULN")
        for cve in vuln.iterfind("CVE_LIST/CVE/ID")
        if text_of(cve)
    }
    claims = {(row["qid"], row["claim"]) for row in found.references if row["claim"].startswith("CVE-")}
    assert claims == cves
    assert len(found.id_ranges) == tags.count("ID_SET")
    assert found.rejects == []
    assert not found.end.partial
    assert found.end.generated_at > 0
    assert found.end.bytes_read == path.stat().st_size
    assert (found.end.truncation is not None) == ("WARNING" in tags)
    assert (found.end.error is not None) == ("CODE" in tags and kind == "SIMPLE_RETURN")


def text_of(element):
    """Return an element's text without blanks."""
    return (element.text or "").strip()
