"""What others wrote is shown, and controls nothing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatriage.cli.printable import cut, printable, printable_bytes, printable_json, printable_lines

HOSTILE = "a\x1b[31m\x07\x9b2J\u202e\u2028\r\nb\udcff"


def test_control_bidirectional_and_half_characters_are_escaped():
    assert printable(HOSTILE) == r"a\x1b[31m\x07\x9b2J\u202e\u2028\r\nb\udcff"


def test_plain_words_of_any_script_stay_as_they_are():
    assert printable("Größe 重大 (CVE-2026-1)") == "Größe 重大 (CVE-2026-1)"


def test_only_our_own_line_ends_survive_in_text_of_several_lines():
    assert printable_lines("one\x1b\ntwo\r") == "one\\x1b\ntwo\\r"


def test_bytes_that_are_no_text_are_escaped_one_by_one():
    assert printable_bytes(b"<QID>\xff\x1b\n\xc3\xa9") == r"<QID>\xff\x1b\né"


def test_a_long_text_says_how_much_was_left_out():
    assert cut("abcdef", 4) == "abcd... (2 more characters)"
    assert cut("abcd", 4) == "abcd"


@given(st.text(st.characters(exclude_categories=[])))
def test_nothing_invisible_is_ever_left(text):
    assert printable(text).isprintable()


@given(st.dictionaries(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=3), max_size=3))
def test_escaped_json_means_the_same(value):
    text = printable_json(json.dumps(value, indent=2, ensure_ascii=False))

    assert json.loads(text) == value
    assert text.replace("\n", "").isprintable()


@pytest.mark.parametrize("text", ["\U000e0041", "\udcff"])
def test_json_escapes_characters_outside_the_first_plane_as_two(text):
    assert json.loads(printable_json(json.dumps(text, ensure_ascii=False))) == text
