"""Names of zones and devices can be seen and typed again."""

import pytest

from vatriage.errors import UsageError
from vatriage.model.name import checked_name


@pytest.mark.parametrize("name", ["a", "z" * 64, "Zürich 2", "a/b.c-d"])
def test_a_name_that_can_be_seen_is_taken(name):
    assert checked_name("zone", name) == name


@pytest.mark.parametrize("name", ["", "z" * 65, " ", "a ", " a", "a\n", "a\x1b[31m", "a\u202eb", "a\0", "a\udcff"])
def test_an_empty_long_or_invisible_name_is_refused(name):
    with pytest.raises(UsageError, match="1 to 64 characters"):
        checked_name("zone", name)
