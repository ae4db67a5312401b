"""Lists of keys in queries: every number of keys would be a statement of its own that SQLite's driver keeps."""

import pytest

from vatriage.store.bulk import KEYS, key_lists


@pytest.mark.parametrize("count", [1, 2, 3, KEYS - 1, KEYS, KEYS + 1, 5 * KEYS + 7])
def test_all_keys_are_asked_for_and_no_others(count):
    keys = list(range(count))
    lists = [values for _, values in key_lists(keys)]
    assert [key for values in lists for key in dict.fromkeys(values)] == keys
    assert max(map(len, lists)) <= KEYS


def test_no_keys_make_no_query():
    assert list(key_lists([])) == []


def test_few_statements_serve_any_number_of_keys():
    statements = {marks for count in range(1, KEYS + 1) for marks, _ in key_lists(range(count))}
    assert len(statements) == KEYS.bit_length()


def test_a_list_has_as_many_placeholders_as_values():
    for count in (1, 5, KEYS + 9):
        assert all(marks.count("%s") == len(values) for marks, values in key_lists(range(count)))
