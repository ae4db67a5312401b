"""Numbers that cannot be meant are wrong use (exit code 2), before anything is opened."""

import pytest
from typer.testing import CliRunner

from vatriage.cli.main import app

HUGE = "9" * 23


@pytest.mark.parametrize(
    "arguments",
    [
        ["explain", "--from", "x", "--line", "0"],
        ["explain", "--from", "x", "--line", "-1"],
        ["explain", "--from", "x", "--line", "many"],
        ["activate", "--confirm-scan", "-1"],
        ["activate", "--confirm-scan", HUGE],
        ["device", "add", "d", "--url", "h", "--login", "l", "--confirm-scan", "-1"],
        ["rejects", "--pull", "0"],
        ["rejects", "--pull", HUGE],
        ["rejects", "--limit", "0"],
        ["kb", "show", "-1"],
        ["kb", "show", "1.5"],
    ],
    ids=" ".join,
)
def test_a_number_out_of_bounds_is_wrong_use(arguments):
    assert CliRunner().invoke(app, arguments).exit_code == 2
