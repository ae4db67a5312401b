# ruff: noqa: S314 - nobody else wrote these documents

from datetime import datetime, timedelta, timezone
from xml.etree import ElementTree as ET  # noqa: TID251 - the tests read what the simulator wrote

from hypothesis import given
from hypothesis import strategies as st

from vatriage_simulator import markup

TEXTS = st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"]))


def legal(text: str) -> str:
    """The text as XML can hold it."""
    return "".join(char if char in "\t\n" or " " <= char not in "\ufffe\uffff" else "\ufffd" for char in text)


@given(TEXTS)
def test_a_text_comes_back_as_it_went_in(text):
    assert (ET.fromstring(f"<a>{markup.text(text)}</a>").text or "") == legal(text)


@given(TEXTS)
def test_a_cdata_section_comes_back_as_it_went_in(text):
    assert (ET.fromstring(f"<a>{markup.cdata(text)}</a>").text or "") == legal(text)


@given(st.lists(st.sampled_from(["]", ">", "]]>", "<![CDATA[", "x"])).map("".join))
def test_a_cdata_section_cannot_be_left(text):
    assert (ET.fromstring(f"<a>{markup.cdata(text)}</a>").text or "") == text


def test_an_instant_is_written_in_utc():
    moment = datetime(2026, 5, 3, 10, 0, tzinfo=timezone(timedelta(hours=2)))

    assert markup.instant(moment) == "2026-05-03T08:00:00Z"
