"""classification.config: a priority for each classtype."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatriage.signatures.signature_files import read_signature_files

LINE = "config classification: attempted-admin,Attempted Administrator Privilege Gain,1"


def read(text):
    return read_signature_files(io.BytesIO(text.encode("utf-8", "replace")), "classification.config")


def test_each_classtype_has_a_priority():
    found = read(f"# prose\n\n{LINE}\r\nconfig  classification:misc-activity, Misc, activity , 3 \n")

    assert (found.classes, found.rejects) == ({"attempted-admin": 1, "misc-activity": 3}, [])


def test_of_two_priorities_the_worse_counts():
    assert read(f"{LINE[:-1]}4\n{LINE}\n{LINE[:-1]}2").classes == {"attempted-admin": 1}


@pytest.mark.parametrize(
    "line", ["config classification: x,1", LINE[:-1], f"{LINE[:-1]}0", f"{LINE[:-1]}256", "include x"]
)
def test_a_line_that_cannot_be_read_is_told(line):
    found = read(f"{LINE}\n{line}\n")

    assert found.classes == {"attempted-admin": 1}
    assert [(one.line, one.raw) for one in found.rejects] == [(2, line)]


@given(st.text())
def test_any_text_is_read_or_told(text):
    found = read(f"{LINE}\n{text}")
    lines = [one.strip() for one in text.encode("utf-8", "replace").decode().split("\n")]

    assert len(found.classes) + len(found.rejects) <= 1 + sum(1 for one in lines if one and one[0] != "#")
    assert found.classes["attempted-admin"] == 1
