"""This file holds Searcher: export, get, call, and the report of what was searched."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from .planner import Planner
from .reading import BOOK

if TYPE_CHECKING:
    import pandas as pd

    from ..doctor import Finding
    from ..export import Documents, Written


class Searcher(Planner):
    """A planner that also searches."""

    def documents(self, resource: str, *, files: bool = False, **filters: Any) -> Documents:
        """The documents that a search finds, as they came, page by page; each once.

        Args:
            resource: orders, items, shipments or inventory.
            files: whether `@name` stands for the lines of a file.
            filters: the API's filters (`folder_name="New"`), `since="7d"`, `limit`, `order` (ids).

        Raises:
            UsageError: a filter that there is not, or a time that makes no sense.
        """
        from .. import export

        settings = self.settings()
        return export.documents(
            self.store, resource, export.search(resource, filters, files=files), memory=self.memory, zone=settings["zone"],
            folders=settings["folders"], progress=self.progress,
            now=dt.datetime.fromtimestamp(self._clock(), dt.UTC),
        )  # fmt: skip

    def export(self, resource: str, output: str | os.PathLike[str] | None = None, **options: Any) -> pd.DataFrame | Written:
        """Search the store; a DataFrame, or a file if `output` names one (.csv, .xlsx, .jsonl, .parquet).

        >>> import orderdesk_batch as od
        >>> with od.sandbox(orders=12, inventory=3) as desk:
        ...     len(desk.export("orders", folder_name="New"))
        6

        Args:
            resource: orders, items, shipments, inventory; or book, with an .xlsx to write to.
            options: the API's filters, and how it is written: with_items, columns, nested, money, repeat.
        """
        from .. import export

        if resource == BOOK:
            return self._book(output, options)
        shape = {one.key for one in export.OPTIONS[resource] if one.use == "shape"} if resource in export.OPTIONS else set()
        how = {name: options.pop(name) for name in list(options) if name in shape}
        pages = self.documents(resource, **options)
        folders = self.settings()["folders"]
        if output is None:
            return export.to_frame(resource, pages, folders=folders, **how)
        return export.to_file(Path(output), resource, pages, folders=folders, **how)

    def _book(self, output: str | os.PathLike[str] | None, options: Mapping[str, Any]) -> Written:
        from .. import export

        if output is None:
            raise UsageError("A book is written to a file: give its name (.xlsx).")
        return export.book(
            Path(output), self.documents("orders", **options), self.documents("inventory"), folders=self.settings()["folders"]
        )

    def get(
        self, resource: str, ids: Iterable[str | int] | str | int, *, history: bool = False, missing: list[str] | None = None
    ) -> list[dict[str, Any]]:
        """The records with these ids, as documents; of items and shipments `ORDER_ID/ID`, or `ORDER_ID/` for all.

        Args:
            missing: takes the ids of records that are not there; without it they are an error.

        Raises:
            NotFound: one of them is not there, and `missing` was not given.
        """
        from .. import export

        return export.get(self.store, resource, ids, history=history, missing=missing)  # type: ignore[arg-type]

    def call(self, method: str, path: str, *, query: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None,
             body: Any = None, all_pages: bool = False) -> dict[str, Any]:  # fmt: skip
        """Any authorised call; the answer's JSON, without secrets. A write is sent once, as it is."""
        from .. import export

        return export.call(self.store, method, path, query=query, headers=headers, body=body, all_pages=all_pages)

    def doctor(self, *, write: bool = False, confirm: Callable[[str], str] | None = None, **options: Any) -> list[Finding]:
        """Check what this tool assumes of the API on this very store; the findings are remembered and used.

        Args:
            write: also create one order and one inventory item, try what is not documented, and delete them.
            confirm: given the store's name, gives back what the person typed; it has to be that name.

        Raises:
            UsageError: the name was not typed; nothing was written.
        """
        from ..doctor import examine

        return examine(self.store, self.memory, write=write, confirm=confirm, **options)
