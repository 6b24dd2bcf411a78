"""This file holds Flat: documents as rows of the archive's tables, whose columns are the same in all files."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from .. import __version__
from ..errors import RunError
from ..export.columns import Layout
from ..export.jsontext import dumps
from ..export.parquet import array, types
from ..export.reading import with_keys
from ..extras import need
from ..fields import RESOURCES, Document
from ..plan.compare import children
from .places import FORMAT

DOCUMENT: Final = "document"
FOLDER_ID: Final = "folder_id"
_OURS: Final = b"orderdesk-batch"  # the key in a file's metadata


def _unsaid(bad: str) -> None:
    """What a type can't hold is blank; the document beside it has it."""


class Flat:
    """The table of one resource: its columns, and the rows that documents make."""

    def __init__(self, resource: str, folders: Mapping[str, str] | None = None, money: str = "decimal") -> None:
        """Make it.

        Args:
            folders: the store's folders, id → name.
        """
        pa = need("pyarrow", "archive")
        self.resource = resource
        self._inside = RESOURCES[resource].inside
        self.key = "order.id" if self._inside else "id"  # the column that tells which record a row is of
        self._money = money
        self._layout = Layout(resource, nested="json", folders=folders)
        self._columns = self._layout.columns()  # those that turn up later are in the document alone
        extra = [FOLDER_ID, DOCUMENT] if resource == "orders" else [DOCUMENT]
        self.schema = pa.schema([*types(self._columns, money), *((name, pa.string()) for name in extra)])

    @property
    def columns(self) -> list[list[str]]:
        """The names of the columns and their types, for the manifest."""
        return [[field.name, str(field.type)] for field in self.schema]

    def batch(self, documents: Sequence[Document], texts: Sequence[str]) -> Any:
        """The rows that records make: one each, or one for each item or shipment of orders.

        Args:
            documents: orders; for the table of inventory, its items.
            texts: the same as JSON.
        """
        pa = need("pyarrow", "archive")
        if self._inside:
            texts = [dumps(child) for order in documents for child in children(order, self._inside)]
            documents = [child for order in documents for child in with_keys(order, self.resource)]
        rows = [row for document in documents for row in self._layout.rows(document)]
        self._layout.left.clear()
        cells: list[list[Any]] = [[row.get(column.slot) for row in rows] for column in self._columns]
        kinds = [column.kind for column in self._columns]
        if self.resource == "orders":
            cells.append([folder_of(document) or None for document in documents])
            kinds.append("text")
        arrays = [
            array(column, kind, self._money, of.type, _unsaid) for column, kind, of in zip(cells, kinds, list(self.schema)[:-1], strict=True)
        ]
        arrays.append(pa.array(texts, pa.string()))
        return pa.record_batch(arrays, schema=self.schema)

    def stamped(self, store: str, month: str, generation: int) -> Any:
        """The schema with what a file says of itself."""
        said = {
            "format": FORMAT, "version": __version__, "resource": self.resource, "store": store, "month": month, "generation": generation,
        }  # fmt: skip
        return self.schema.with_metadata({_OURS: json.dumps(said).encode()})


def folder_of(document: Document) -> str:
    """The id of an order's folder as text; blank for none."""
    held = document.get("folder_id")
    return "" if held is None else str(held)


def facts(schema: Any) -> dict[str, Any]:
    """What a file says of itself: format, version, resource, store, month, generation."""
    held = json.loads((schema.metadata or {}).get(_OURS, b"{}"))
    return held if isinstance(held, dict) else {}


def empty(resource: str, columns: Sequence[str] | None, money: str) -> Any:
    """A table without rows, as a reading without files gives it."""
    pa = need("pyarrow", "archive")
    schema = pa.schema([("store", pa.string()), ("month", pa.string()), *Flat(resource, money=money).schema])
    return schema.empty_table().select(list(columns) if columns is not None else schema.names)


@contextlib.contextmanager
def open_file(path: Path) -> Iterator[Any]:
    """A Parquet file, open for reading.

    Raises:
        FileNotFoundError: it is not there.
        RunError: it can't be read.
    """
    pa, pq = need("pyarrow", "archive"), need("pyarrow.parquet", "archive")
    try:
        with pq.ParquetFile(str(path)) as file:
            yield file
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError) as error:
        words = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RunError(f"{path}: can't be read ({words}). If it is damaged, delete it: the next update makes it again.") from None
