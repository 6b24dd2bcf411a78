"""This folder holds the archive: orders, items, shipments and inventory as a Parquet data set that is kept up to date.

What is in an archive's folder:

    DIR/
      orders/store=40001/month=2026-11/orders.parquet         one row an order
      items/store=40001/month=2026-11/items.parquet           one row an item, in the month of its order
      shipments/store=40001/month=2026-11/shipments.parquet   one row a shipment, in the month of its order
      inventory/store=40001/month=2024-02/inventory.parquet   one row an inventory item
      stores/40001/archive.json                               the manifest: which files there are, and how far they reach
      stores/40001/index.sqlite, work/, lock                  a cache, files that are being written, who is at it

`store=` and `month=` are read as columns by whatever reads hive partitions (DuckDB, pandas, polars, Dask), so no file has
columns of these names. The month is that of `date_added` (UTC), so a record stays where it is when it is changed; without
a date it is `unknown`. Stores share no file, so each can be brought up to date by a thread or process of its own.

A file has the columns that `export --nested json` writes, with the types of an exported .parquet file: the same for all
files, whatever keys a store's open maps have. Besides, orders have `folder_id`, and every row has its `document`, the
API's own JSON. The name and version of the schema are in each file's metadata and in the manifest.

**How an update is one step.** New files are written to `work/` first. Then the manifest that names them takes the place of
the old one, by one rename: that is the moment of the update. Before it, nothing that can be read was touched; after it, each
new file is moved over the one it replaces, and a move that a crash left undone is made up for by the next update. Who reads
by `files()` or `frame()` sees a file that was not moved yet where it is, and so always all of the last update. Who reads by
a pattern, such as DuckDB, sees all of one update unless one ends while it reads; then each month is of the one update or the
next, and whole, so no record is there twice but an order whose `date_added` was set to another month. Files whose names carry
a generation would be simpler to swap, but whoever reads by a pattern would have both generations meanwhile.

What the index knows is made anew from the files if it is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .places import FORMAT as FORMAT
    from .reading import files as files
    from .reading import frame as frame
    from .reading import stores as stores
    from .update import Archived as Archived
    from .update import Archiver as Archiver

_WHERE = {
    "FORMAT": "places", "files": "reading", "frame": "reading", "stores": "reading", "Archived": "update", "Archiver": "update",
}  # fmt: skip

__all__ = ["FORMAT", "Archived", "Archiver", "files", "frame", "stores"]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
