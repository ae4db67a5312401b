"""Elements that no reader has heard of are counted, and cost nothing else."""

import io

import pytest

from vatriage.vendors.qualys.readers import QualysReader
from vatriage.vendors.xml.unknown import MOST_NAMES, UnknownElements

HEAD = "<HOST_LIST_VM_DETECTION_OUTPUT><RESPONSE><DATETIME>2026-11-20T02:00:00Z</DATETIME><HOST_LIST>"
FOOT = "</HOST_LIST></RESPONSE></HOST_LIST_VM_DETECTION_OUTPUT>"


def host(inside="", more=""):
    return (
        f"<HOST><ID>7</ID><IP>10.1.0.7</IP><TAGS><TAG><NAME>x</NAME></TAG></TAGS>{more}<DETECTION_LIST><DETECTION>"
        f"<QID>5</QID><STATUS>Active</STATUS><UNIQUE_VULN_ID>1</UNIQUE_VULN_ID>{inside}</DETECTION></DETECTION_LIST></HOST>"
    )


def read(text):
    reading = QualysReader().open(io.BytesIO(text.encode()), "f")
    detections = sum(page.detections.num_rows for page in reading.pages())
    return detections, reading.end


def test_what_is_known_and_not_read_is_no_surprise():
    assert read(HEAD + host() + FOOT)[1].unknown == {}


def test_new_elements_are_counted_and_the_rest_is_read():
    text = HEAD + host("<MITRE><TACTIC>1</TACTIC></MITRE>") + host("<MITRE/>", more='<ORBIT phase="2">x</ORBIT>') + FOOT
    detections, end = read(text.replace("<ID>7</ID>", "<ID>8</ID>", 1))

    assert detections == 2
    assert end.error is None
    assert end.unknown == {"MITRE": 2, "TACTIC": 1, "ORBIT": 1}


def test_tags_inside_texts_are_no_elements():
    assert read(HEAD + host("<RESULTS><![CDATA[<script>alert(1)</script>]]></RESULTS>") + FOOT)[1].unknown == {}


@pytest.mark.parametrize("name", ["MITRE", "x" * 500, "q:MITRE"])
def test_names_are_told_shortly(name):
    found = UnknownElements(frozenset({"A"}))
    found.look(f"<A><{name}>1</{name}></A>".encode())

    assert list(found.counts) == [name[:64]]


def test_a_document_of_nothing_but_new_names_does_not_fill_the_memory():
    found = UnknownElements(frozenset())
    found.look("".join(f"<N{number}/>" for number in range(10_000)).encode())

    assert len(found.counts) == MOST_NAMES
