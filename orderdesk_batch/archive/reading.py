"""This file holds how an archive is read: its files, and frames of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..errors import RunError, UsageError
from ..export.frame import check_money
from ..extras import need
from .places import RESOURCES, Manifest, Place, places

if TYPE_CHECKING:
    import pandas as pd

_TRIES: Final = 5  # readings of a frame, while updates change the files


@dataclass(frozen=True)
class Part:
    """A file of an archive."""

    path: Path
    store: str
    month: str  # 2026-11, or unknown
    rows: int
    generation: int  # the update that wrote it


def stores(folder: str | os.PathLike[str]) -> list[str]:
    """The ids of the stores that are in an archive.

    Raises:
        UsageError: there is no archive.
    """
    return [place.store for place in _places(Path(folder), None)]


def files(folder: str | os.PathLike[str], resource: str, stores: Iterable[str] | str | None = None) -> list[Path]:
    """The Parquet files of a resource that make up the last update, by store and month; for any reader of Parquet.

    An update that ends meanwhile replaces them: take the list anew for each reading.

    Args:
        resource: orders, items, shipments, inventory.
        stores: ids of stores; None for all that are there.

    Raises:
        UsageError: no such archive, store or resource.
        RunError: it is damaged, or a newer version made it.
    """
    return [part.path for part in parts(folder, resource, stores)]


def parts(folder: str | os.PathLike[str], resource: str, stores: Iterable[str] | str | None = None) -> list[Part]:
    """The same as `files`, with what is known of each."""
    if resource not in RESOURCES:
        raise UsageError(f'"{resource}" is no resource. Write one of {", ".join(RESOURCES)}.')
    asked = [stores] if isinstance(stores, str) else None if stores is None else [str(one) for one in stores]
    return [part for place in _places(Path(folder), asked) for part in _of(place, resource)]


def frame(
    folder: str | os.PathLike[str],
    resource: str,
    columns: Sequence[str] | None = None,
    *,
    stores: Iterable[str] | str | None = None,
    months: Iterable[str] | None = None,
    money: str = "decimal",
) -> pd.DataFrame:
    """A resource as a DataFrame, all from one update of each store, with the columns `store` and `month` in front.

    The columns have the types that `desk.export` gives them.

    Args:
        columns: only these; None for all, the documents too.
        stores: ids of stores; None for all.
        months: only these, such as `["2026-10", "2026-11"]`.
        money: "decimal" for exact amounts, "float" for quick ones.

    Raises:
        UsageError: no such archive, store, resource or column.
        RunError: it is damaged, or a newer version made it.
    """
    check_money(money)
    chosen = None if months is None else set(months)
    for _ in range(_TRIES):
        listed = [part for part in parts(folder, resource, stores) if chosen is None or part.month in chosen]
        try:
            tables = [_table(part, resource, columns, money) for part in listed]
        except (FileNotFoundError, _Replaced):
            continue  # an update has just ended
        return _frame(tables, resource, columns, money)
    raise RunError(f"{folder}: a file of the archive is missing. `orderdesk-batch archive` makes it again.")


class _Replaced(Exception):
    """A file is of another update than the manifest says."""


def _places(folder: Path, asked: list[str] | None) -> list[Place]:
    found = list(places(folder))
    if not found:
        raise UsageError(f"{folder} holds no archive. `orderdesk-batch archive {folder}` makes one.")
    if asked is None:
        return found
    if unknown := [store for store in asked if store not in {place.store for place in found}]:
        raise UsageError(f"{folder} has no store {', '.join(unknown)}; it has {', '.join(place.store for place in found)}.")
    return [place for place in found if place.store in asked]


def _of(place: Place, resource: str) -> Iterator[Part]:
    manifest = Manifest.load(place)
    if manifest is None:
        return
    for month, entry in sorted(manifest.listing(resource).items()):
        yield Part(there(place, resource, month, entry["generation"]), place.store, month, entry["rows"], entry["generation"])


def there(place: Place, resource: str, month: str, generation: int) -> Path:
    """Where a month's file is: among the files that were written and not moved yet, or in its place."""
    fresh = place.fresh(resource, month, generation)
    return fresh if fresh.exists() else place.file(resource, month)


def _table(part: Part, resource: str, columns: Sequence[str] | None, money: str) -> Any:
    from .tables import facts, open_file

    with open_file(part.path) as file:
        if facts(file.schema_arrow).get("generation") != part.generation:
            raise _Replaced
        names = file.schema_arrow.names
        wanted = names if columns is None else [name for name in columns if name not in ("store", "month")]
        if missing := [name for name in wanted if name not in names]:
            raise UsageError(f'The {resource} of the archive have no column {", ".join(missing)}. They have {", ".join(names)}.')
        table = file.read(columns=wanted)
    pa = need("pyarrow", "archive")
    others = {pa.date32(): pa.timestamp("us")}  # as `desk.export` has them
    if money == "float":
        others |= {one.type: pa.float64() for one in table.schema if pa.types.is_decimal(one.type)}
    table = table.cast(pa.schema([pa.field(one.name, others.get(one.type, one.type)) for one in table.schema]))
    for at, (name, value) in enumerate((("store", part.store), ("month", part.month))):
        if columns is None or name in columns:
            table = table.add_column(min(at, table.num_columns), name, pa.array([value] * table.num_rows, pa.string()))
    return table.replace_schema_metadata(None).select(list(columns) if columns is not None else table.column_names)


def _frame(tables: list[Any], resource: str, columns: Sequence[str] | None, money: str) -> pd.DataFrame:
    from .tables import empty

    pa = need("pyarrow", "archive")
    pandas = need("pandas")
    whole = pa.concat_tables(tables) if tables else empty(resource, columns, money)
    types = {pa.string(): pandas.StringDtype(), pa.int64(): pandas.Int64Dtype()}
    made: pd.DataFrame = whole.to_pandas(types_mapper=types.get, date_as_object=False)
    made.attrs["resource"] = resource
    return made
