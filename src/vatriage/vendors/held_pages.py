"""Pages that wait for what stands further on in their document, on disk rather than in memory."""

from collections.abc import Iterator
from dataclasses import replace
from tempfile import SpooledTemporaryFile
from typing import Self

import pyarrow as pa

from vatriage.model.report import ReportPage

_TABLES = ("hosts", "detections", "open_ports", "vulnerabilities", "references")
_IN_MEMORY = 16 * 1024 * 1024
"""Bytes held before the file goes to disk; it has no name there, and only its owner may read it."""


class HeldPages:
    """A queue of pages in order; closed with its context."""

    def __init__(self) -> None:
        """Begin with none."""
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by the context of the queue
        self._pages: list[tuple[ReportPage, list[int]]] = []

    def __enter__(self) -> Self:
        """Return the queue."""
        return self

    def __exit__(self, *_: object) -> None:
        """Forget everything."""
        self._file.close()

    def put(self, page: ReportPage) -> None:
        """Add a page."""
        sizes = []
        for name in _TABLES:
            table = getattr(page, name)
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, table.schema) as stream:
                stream.write_table(table)
            sizes.append(self._file.write(sink.getvalue()))
        empty = {name: getattr(page, name).schema.empty_table() for name in _TABLES}
        self._pages.append((replace(page, **empty), sizes))

    def drain(self) -> Iterator[ReportPage]:
        """Yield the pages in order; the queue is empty then."""
        self._file.seek(0)
        for page, sizes in self._pages:
            tables = {
                name: pa.ipc.open_stream(self._file.read(size)).read_all()
                for name, size in zip(_TABLES, sizes, strict=True)
            }
            yield replace(page, **tables)
        self._pages = []
        self._file.seek(0)
        self._file.truncate()
