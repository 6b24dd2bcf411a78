"""This file holds Spool: rows kept on disk while pages arrive, since the last page may bring a new column."""

from __future__ import annotations

import pickle
import struct
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from ..fields import Document
from .columns import Column, Layout, Row

_LENGTH = struct.Struct("<I")
_CHUNK = 2000  # rows packed together


class Spool:
    """The rows of one table, in a private file without a name that is gone with the process."""

    def __init__(self, layout: Layout, folder: Path | None = None) -> None:
        self.layout = layout
        self.count = 0
        self._waiting: list[Row] = []
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by `close`

    def add(self, documents: Iterable[Document]) -> None:
        """The rows of some documents."""
        for document in documents:
            self._waiting.extend(self.layout.rows(document))
        if len(self._waiting) >= _CHUNK:
            self._pack()

    def _pack(self) -> None:
        if self._waiting:
            packed = zlib.compress(pickle.dumps(self._waiting, 5), 1)
            self._file.write(_LENGTH.pack(len(packed)))
            self._file.write(packed)
            self.count += len(self._waiting)
            self._waiting = []

    def table(self) -> Table:
        """The rows under the columns that turned up, once all are in."""
        self._pack()
        return Table(self, self.layout.columns())

    def chunks(self) -> Iterator[list[Row]]:
        """The rows, some at a time."""
        self._file.seek(0)
        while head := self._file.read(_LENGTH.size):
            packed = self._file.read(_LENGTH.unpack(head)[0])
            yield pickle.loads(zlib.decompress(packed))  # noqa: S301 - we wrote it, and nobody else can reach it

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Table:
    """The rows of a spool as lists of cells; its length is known before they are read."""

    def __init__(self, spool: Spool, columns: Sequence[Column]) -> None:
        self.columns = columns
        self._spool = spool

    def __len__(self) -> int:
        return self._spool.count

    def __iter__(self) -> Iterator[list[Any]]:
        slots = [column.slot for column in self.columns]
        for rows in self._spool.chunks():
            for row in rows:
                yield [row.get(slot) for slot in slots]

    @property
    def headings(self) -> list[str]:
        """The columns' names."""
        return [column.name for column in self.columns]

    def chunks(self) -> Iterator[list[Row]]:
        """The rows by slot, some at a time."""
        return self._spool.chunks()
