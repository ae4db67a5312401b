"""The database refuses to change or delete a line of the audit log, whoever asks; searching it is the same on both."""

import pytest

from vatriage.model.viewer import Who


@pytest.fixture
def line(store):
    from vatriage.store.audit import Audit, note

    note(Who("ann", "192.0.2.1"), 5, "device changed", "d", {"city": "bern"}, {"city": "Zürich"})
    return Audit.objects.get()


@pytest.mark.parametrize("sql", ["UPDATE audit SET actor = 'bob'", "DELETE FROM audit"])
def test_no_statement_changes_or_removes_a_line(line, sql):
    _refused(sql)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_nor_does_truncating_the_table_which_sqlite_does_not_know(line):
    _refused("TRUNCATE audit")


def _refused(sql):
    from django.db import DatabaseError, transaction

    from vatriage.store.audit import Audit
    from vatriage.store.bulk import execute

    with pytest.raises(DatabaseError, match="audit log only grows"), transaction.atomic():
        execute(sql)

    assert Audit.objects.get().actor == "ann"


def test_lines_are_still_added(line):
    from vatriage.store.audit import Audit, note

    note(Who("bob"), 6, "device deleted", "d", None, None)

    assert Audit.objects.count() == 2


@pytest.mark.parametrize(("text", "found"), [("zürich", True), ("Zürich", True), ("BERN", True), ("be_n", False)])
def test_a_search_finds_the_same_on_both_databases(line, text, found):
    from vatriage.store.audit_rows import AuditSearch, newest_lines

    lines = newest_lines(AuditSearch(text=text), below=0, limit=9)

    assert [row.after for row in lines] == ([{"city": "Zürich"}] if found else [])
