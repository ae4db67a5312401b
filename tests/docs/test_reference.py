"""The reference pages say what the program says."""

import re

import pytest

from docs.console import DOCS, ROOT
from docs.write_reference import reference
from vatriage.model.verdict import Reason, Verdict

_SOURCES = sorted((ROOT / "src" / "vatriage").rglob("*.py"))
_FIRST_CELL = re.compile(r"^\| `?([\w-]+)`? \|", re.MULTILINE)


@pytest.mark.parametrize("name", reference())
def test_a_generated_page_is_what_the_program_dictates(name):
    assert (DOCS / "reference" / name).read_text() == reference()[name], "run python -m tests.docs.write_reference"


def test_every_exit_code_of_the_program_is_listed_and_no_other():
    text = "\n".join(path.read_text() for path in _SOURCES)
    used = {int(code) for code in re.findall(r"exit_code = (\d+)|typer\.Exit\((\d+)\)", text) for code in code if code}
    used |= {int(code) for code in re.findall(r"return (\d+)", (ROOT / "src/vatriage/__main__.py").read_text())}
    listed = _FIRST_CELL.findall((DOCS / "reference" / "exit-codes.md").read_text())

    assert sorted(used) == sorted(int(code) for code in listed if code.isdigit())


def test_every_variable_that_the_program_reads_is_in_the_settings():
    used = {name for path in _SOURCES for name in re.findall(r"VATRIAGE_[A-Z_]*[A-Z]", path.read_text())}
    page = (DOCS / "reference" / "settings.md").read_text()

    assert [name for name in sorted(used) if name not in page] == []


def test_every_reason_code_is_listed():
    listed = _FIRST_CELL.findall((DOCS / "reference" / "reasons.md").read_text())

    assert [code for code in listed if code not in ("code", "---")] == [reason.value for reason in Reason]


def test_every_verdict_has_advice():
    page = (DOCS / "how-to" / "read-a-verdict.md").read_text()

    assert [verdict.name for verdict in Verdict if verdict.name not in page] == []
