"""Rows gathered until they are worth a page; a host's rows that stand together come in one page."""

from collections.abc import Iterator

from vatriage.model.report import Reject, ReportPage
from vatriage.vendors.qualys.tables.page import table_page
from vatriage.vendors.qualys.tables.rows import Row, TableFacts

PAGE_ROWS = 20_000
"""Rows after which a page ends at the next host, or at twice as many in the midst of one."""

PAGE_BYTES = 8 * 1024 * 1024
"""The same for the rows' bytes."""

PAGE_REJECTS = 1_000
"""Rejects of broken rows after which a page ends."""


class Batch:
    """The rows and rejects of the page to come. Memory: PAGE_BYTES twice over, and one row."""

    def __init__(self, facts: TableFacts) -> None:
        self._facts = facts
        self._rows: list[Row] = []
        self._rejects: list[Reject] = []
        self._bytes = 0
        self.rows = 0
        """Taken so far, of all pages."""

    def add(self, row: Row) -> Iterator[ReportPage]:
        """Take a row; yields the page that ends before it, if one does."""
        weight = max(len(self._rows) / PAGE_ROWS, self._bytes / PAGE_BYTES)
        if weight >= 2 or (weight >= 1 and _names(row) != _names(self._rows[-1])):
            yield from self.flush()
        self._rows.append(row)
        self._bytes += len(row.raw)
        self.rows += 1

    def reject(self, reject: Reject) -> Iterator[ReportPage]:
        """Take a reject of what is no row; yields a page if there are many of them."""
        self._rejects.append(reject)
        if len(self._rejects) >= PAGE_REJECTS:
            yield from self.flush()

    def flush(self) -> Iterator[ReportPage]:
        """Yield what has been gathered, if there is anything."""
        if self._rows or self._rejects:
            yield table_page(self._rows, self._facts, self._rejects)
        self._rows, self._rejects, self._bytes = [], [], 0

    def finish(self) -> Iterator[ReportPage]:
        """Yield the last page, with what is to be said of the whole document."""
        if self._rows:
            yield from self.flush()
        if self._facts.fixed:
            self._rejects.append(
                self._facts.reject(
                    self._facts.first_fixed,
                    f"{self._facts.fixed} rows whose finding is fixed, this the first of them",
                    f"a {self._facts.kind.name} clears no host: they were kept as information of their QIDs, which "
                    "neither confirms nor clears",
                )
            )
        yield from self.flush()


def _names(row: Row) -> tuple[str, str, str]:
    return row.get("ID"), row.get("IP"), row.get("IPV6")
