"""This file holds Months: the writing of an update's files, month by month, some thousand rows at a time."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ..errors import RunError
from ..export.asking import Listed
from ..extras import need
from ..fields import Document
from ..sheets.write import to_disk
from ..store.wire import loads
from .index import Index
from .places import MADE_OF, Manifest, Place
from .reading import there
from .tables import DOCUMENT, Flat, open_file

ROWS: Final = 4000  # of a row group: what is in hand at a time
BYTES: Final = 16 * 2**20  # the same, for rows that are long
_SOME: Final = 500  # documents that are made rows together
_PLAIN: Final = re.compile(r"[\w-]+", re.ASCII)  # ids that a column holds as they are


class Months:
    """The files of a store, and what takes their place."""

    def __init__(self, place: Place, manifest: Manifest, index: Index, folders: Mapping[str, str]) -> None:
        """Nothing is written yet.

        Args:
            manifest: of the last update.
            folders: the store's folders, id → name.
        """
        self._place = place
        self._manifest = manifest
        self._index = index
        self._generation = manifest.generation + 1
        self.flats = {resource: Flat(resource, folders) for made_of in MADE_OF.values() for resource in made_of}

    def write(self, listed: Listed, month: str, *, anew: bool) -> dict[str, dict[str, int]]:
        """Write a month's files beside those that are there: what stays as it was, then what changed or came.

        Args:
            anew: make all rows from their documents, for other columns or names of folders.

        Returns:
            The entries of the manifest by resource; none for what has no rows.

        Raises:
            RunError: a file can't be read or written.
        """
        leaving = set(self._index.leaving(listed, month))
        anew = anew or not all(_PLAIN.fullmatch(record) for record in leaving)
        entries = {}
        with contextlib.ExitStack() as stack:
            sinks = {resource: stack.enter_context(self._sink(resource, month)) for resource in MADE_OF[listed]}
            if anew:
                for documents, texts in self.documents(listed, month):
                    kept = [n for n, document in enumerate(documents) if str(document["id"]) not in leaving]
                    self._add(sinks, [documents[n] for n in kept], [texts[n] for n in kept])
            else:
                for resource, sink in sinks.items():
                    for batch in self._staying(resource, month, leaving):
                        sink.add(batch)
            for documents, texts in self._index.coming(listed, month):
                self._add(sinks, documents, texts)
        for resource, sink in sinks.items():
            if sink.rows:
                entries[resource] = {"rows": sink.rows, "generation": self._generation}
            else:
                sink.path.unlink(missing_ok=True)
        return entries

    def documents(self, listed: Listed, month: str) -> Iterator[tuple[list[Document], list[str]]]:
        """The documents that a month's file holds, and the same as JSON; some at a time.

        Raises:
            RunError: it can't be read.
        """
        path = self._old(listed, month)
        if path is None:
            return
        with open_file(path) as file:
            for batch in file.iter_batches(batch_size=_SOME, columns=[DOCUMENT]):
                texts = batch.column(0).to_pylist()
                yield [loads(text) for text in texts], texts

    def _old(self, resource: str, month: str) -> Path | None:
        entry = self._manifest.listing(resource).get(month)
        return None if entry is None else there(self._place, resource, month, entry["generation"])

    def _staying(self, resource: str, month: str, leaving: set[str]) -> Iterator[Any]:
        """The rows of a month that stay as they are."""
        pa, pc = need("pyarrow", "archive"), need("pyarrow.compute", "archive")
        path = self._old(resource, month)
        if path is None:
            return
        gone = pa.array(sorted(leaving), pa.string())
        with open_file(path) as file:
            for batch in file.iter_batches(batch_size=ROWS):
                yield batch.filter(pc.invert(pc.is_in(batch.column(self.flats[resource].key), gone))) if leaving else batch

    def _add(self, sinks: Mapping[str, Sink], documents: list[Document], texts: list[str]) -> None:
        for resource, sink in sinks.items():
            sink.add(self.flats[resource].batch(documents, texts))

    @contextlib.contextmanager
    def _sink(self, resource: str, month: str) -> Iterator[Sink]:
        schema = self.flats[resource].stamped(self._place.store, month, self._generation)
        path = self._place.fresh(resource, month, self._generation)
        sink = Sink(path, schema)
        with _said(path, sink.close):
            yield sink
            sink.finish()


class Sink:
    """A Parquet file that rows are written to; private, and on the disk once it is finished."""

    def __init__(self, path: Path, schema: Any) -> None:
        self.path = path
        self.rows = 0
        self._schema = schema
        self._waiting: list[Any] = []
        self._writer: Any = None

    def add(self, batch: Any) -> None:
        """Some rows."""
        if not batch.num_rows:
            return
        self.rows += batch.num_rows
        self._waiting.append(batch)
        if sum(one.num_rows for one in self._waiting) >= ROWS or sum(one.nbytes for one in self._waiting) >= BYTES:
            self._flush()

    def _flush(self) -> None:
        pa, pq = need("pyarrow", "archive"), need("pyarrow.parquet", "archive")
        if self._writer is None:
            os.close(os.open(self.path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
            repeated = [name for name in self._schema.names if name != DOCUMENT]  # no document is there twice
            self._writer = pq.ParquetWriter(str(self.path), self._schema, compression="zstd", use_dictionary=repeated)
        if self._waiting:
            # Rows of one update differ from those of another in what their schema says of the file, which is no part of a row.
            plain = [batch.replace_schema_metadata(None) for batch in self._waiting]
            self._writer.write_table(pa.Table.from_batches(plain).cast(self._schema), row_group_size=ROWS)
            self._waiting = []

    def finish(self) -> None:
        """The last rows, to the disk."""
        if not self.rows:
            return
        self._flush()
        self._writer.close()
        self._writer = None
        to_disk(self.path)

    def close(self) -> None:
        """Let go of the file, whole or not."""
        if self._writer is not None:
            with contextlib.suppress(Exception):  # it was not finished, so it counts for nothing
                self._writer.close()
            self._writer = None
        self._waiting = []


@contextlib.contextmanager
def _said(path: Path, close: Callable[[], None]) -> Iterator[None]:
    """What the disk refuses, in a sentence; the file is closed in any case."""
    pa = need("pyarrow", "archive")
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        words = getattr(error, "strerror", None) or str(error)
        raise RunError(
            f"{path}: can't be written ({words}). The archive is as its last update left it, and what was read is kept: "
            "make room and run it again."
        ) from None
    finally:
        close()
