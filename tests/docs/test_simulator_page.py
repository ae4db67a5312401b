from pathlib import Path

import pytest

from vatriage_simulator.__main__ import _parser
from vatriage_simulator.fault_file import _SCHEDULE, _SCRIPTED
from vatriage_simulator.fault_kinds import FaultKind
from vatriage_simulator.resources import Resource

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "use-the-simulator.md").read_text()


@pytest.mark.parametrize("word", [*FaultKind, *Resource, *_SCRIPTED, *_SCHEDULE])
def test_every_kind_resource_and_field_of_a_fault_is_told(word):
    assert f"`{word}`" in PAGE


def test_every_option_is_told():
    options = {option for action in _parser()._actions for option in action.option_strings if option.startswith("--")}

    assert {option for option in options - {"--help"} if f"`{option}" not in PAGE} == set()
