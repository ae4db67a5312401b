"""The table of guards names places in the code and cases that exist, and holds every guard that has cases."""

import re
from pathlib import Path

import pytest

from quality.scenario import synthetic

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "explanation" / "guards.md"
ROW = re.compile(r"^\| `([a-z-]+)` \| (.*) \|$")
CASES = {(one.row, one.id.split("/")[1]): one.guard for one in synthetic()}


def rows():
    """Return by guard: files, acting case, resting case."""
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        match = ROW.match(line)
        if match:
            _, _, files, acts, rests = match[2].split(" | ")
            found[match[1]] = (re.findall(r"`([^`]+)`", files), acts.strip("`"), rests.strip("`"))
    return found


def test_every_guard_with_cases_has_a_row_and_every_row_has_cases():
    assert set(rows()) == {row for row, _ in CASES}
    assert len(rows()) == 20


@pytest.mark.parametrize("guard", rows())
def test_the_cases_of_a_row_exist_and_are_what_the_row_says(guard):
    _, acts, rests = rows()[guard]

    assert (CASES[guard, acts], CASES[guard, rests]) == ("acts", "rests")


@pytest.mark.parametrize("guard", rows())
def test_the_code_names_the_guard_where_it_is_implemented(guard):
    files, _, _ = rows()[guard]
    named = re.compile(rf"\bguards?\b[^.]*\b{guard}(?![\w-])", re.IGNORECASE)

    assert files
    assert [file for file in files if not named.search((ROOT / file).read_text(encoding="utf-8"))] == []
