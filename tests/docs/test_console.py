"""Every command of every console block is run, and prints what the page says."""

import re
import shutil

import pytest

from docs.console import ROOT, agrees, commands, pages, workplace

_PAGES = {str(path.relative_to(ROOT)): path for path in pages() if "```console" in path.read_text()}
_TOOLS = ("jq", "sqlite3")
"""What a reader may have and a test machine may lack."""


@pytest.mark.parametrize("name", _PAGES)
def test_the_commands_print_what_the_page_says(name):
    page = _PAGES[name].read_text()
    left_out = []
    with workplace(page) as place:
        for command in commands(page):
            if any(re.search(rf"\b{tool}\b", command.text) and not shutil.which(tool) for tool in _TOOLS):
                left_out.append(command.text.strip())
                continue
            printed = place.run(command.text)
            if not agrees(printed, command.output):
                pytest.fail(f"{name}: $ {command.text}printed:\n{printed}\nbut the page says:\n{command.output}")
    if left_out:
        pytest.skip(f"{name}: not run, because jq or sqlite3 is missing: {left_out}")


def test_three_dots_stand_for_anything_and_nothing_else_does():
    assert agrees("a 12 b\nc", "a ... b\nc\n")
    assert not agrees("a 12 b\nd", "a ... b\nc\n")
    assert not agrees("a\nb", "a")


def test_a_command_may_go_on_in_the_next_line():
    (command,) = commands("```console\n$ vatriage pull \\\n    a\nout\n```\n")

    assert (command.text, command.output) == ("vatriage pull \\\n    a\n", "out\n")
