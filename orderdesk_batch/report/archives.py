"""This file holds how reports open an archive's files: with DuckDB on this machine, or on a Dask cluster.

Neither reads a file here. Each report says which columns it needs, and only those are read, so that the documents in an
archive, which are most of it, cost nothing.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ..errors import RunError, UsageError
from ..extras import need
from . import engines
from .engines import STORE
from .frames import Frame

# resource → store → the store's Parquet files
_ADDRESS: Final = re.compile(r"[a-z]+://\S+:\d{1,5}/?")
_AT_ONCE: Final = 4_000_000  # bytes of files; of the columns that reports need, a few times as much in memory
Files = Mapping[str, Mapping[str, Sequence[Path]]]


@contextlib.contextmanager
def by_duckdb(files: Files, *, memory: str = "", threads: int = 0, tell_store: bool = False) -> Iterator[dict[str, Frame]]:
    """The resources as DuckDB relations, which are good as long as the `with` lasts.

    What does not fit into memory goes to a private folder that is gone at the end. Nothing is fetched from elsewhere.

    Args:
        memory: how much DuckDB may take, such as "500MB". By default 80 % of the machine's.
        threads: how many it works with. By default all of the machine's.
        tell_store: whether the tables of a single store have a column `store` too; those of several always have.

    Raises:
        UsageError: DuckDB is not installed, or a resource has no files.
    """
    duckdb = need("duckdb", "archive")
    with tempfile.TemporaryDirectory(prefix="orderdesk-report-", ignore_cleanup_errors=True) as spill:
        settings = {
            "temp_directory": spill, "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
            **({"memory_limit": memory} if memory else {}), **({"threads": str(threads)} if threads else {}),
        }  # fmt: skip
        with _sayable(duckdb, memory), duckdb.connect(config=settings) as session:
            session.execute("set preserve_insertion_order = false")
            made = {}
            for resource, stores in _there(files).items():
                several = tell_store or len(stores) > 1
                parts = []
                for store, paths in stores.items():
                    part = session.read_parquet([str(path) for path in paths], hive_partitioning=False)
                    parts.append(part.project(f"*, '{store.replace(chr(39), chr(39) * 2)}' as {STORE}") if several else part)
                made[resource] = parts[0]
                for part in parts[1:]:
                    made[resource] = made[resource].union(part)
            yield made


@contextlib.contextmanager
def _sayable(duckdb: Any, memory: str) -> Iterator[None]:
    """DuckDB's errors in our words."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise UsageError(
            f"DuckDB has too little memory{f' with {memory}' if memory else ''}: give it more with --memory, or make room for its "
            f"scratch files in {tempfile.gettempdir()} ({_line(error)})."
        ) from None
    except (duckdb.ParserException, duckdb.InvalidInputException) as error:
        if "memory" not in str(error).lower():
            raise
        raise UsageError(f'--memory "{memory}" is no size. Write it as 500MB or 2GB.') from None
    except (duckdb.IOException, duckdb.HTTPException) as error:
        raise RunError(
            f"A file of the archive can't be read ({_line(error)}). If an update has just replaced it, report once more; "
            "else `orderdesk-batch archive` makes it again."
        ) from None


def _line(error: BaseException) -> str:
    """The first line of what an error says."""
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__


@contextlib.contextmanager
def by_dask(files: Files, address: str, *, wait: float = 10, tell_store: bool = False) -> Iterator[dict[str, Frame]]:
    """The resources as dataframes of a Dask cluster that is there already, whose workers see the files under the same paths.

    Args:
        address: the scheduler's, such as tcp://10.0.0.5:8786.
        wait: how many seconds it may take to answer.
        tell_store: see `by_duckdb`.

    Raises:
        UsageError: Dask is not installed, there is no cluster, or it has no workers.
    """
    distributed = need("distributed", "dask")
    if not _ADDRESS.fullmatch(address):
        raise UsageError(f'"{address}" is no address of a Dask scheduler. Write it as tcp://10.0.0.5:8786.')
    with engines.quiet():
        dataframe = need("dask.dataframe", "dask")
        try:
            client = distributed.Client(address, timeout=wait, set_as_default=False)
        except (OSError, ValueError, TypeError, ImportError) as error:
            raise UsageError(
                f"{address}: no Dask scheduler answers there ({_line(error)}). Look at what `dask scheduler` prints when it starts, "
                "or leave --dask out: DuckDB does it on this machine."
            ) from None
        with client, client.as_current():
            if not client.scheduler_info()["workers"]:
                raise UsageError(f"{address}: the cluster has no workers. Start one with: dask worker {address}")
            made = {}
            for resource, stores in _there(files).items():
                several = tell_store or len(stores) > 1
                parts = []
                for store, paths in stores.items():
                    parts += [(group, store if several else "") for group in _groups(paths)]
                made[resource] = dataframe.from_map(_read, parts, meta=_empty(parts[0]), enforce_metadata=False)
            try:
                yield made
            except FileNotFoundError as error:
                raise UsageError(
                    f"The workers of {address} don't see {error.filename or _line(error)}. They need the archive under the same path: on a "
                    "shared folder."
                ) from None
            except ImportError as error:
                raise UsageError(
                    f"The workers of {address} have not got {error.name or _line(error)}. Install the same there as here: "
                    'pip install "orderdesk-batch[dask]"'
                ) from None
            except distributed.KilledWorker as error:
                raise RunError(
                    f"Workers of {address} were lost over and over ({_line(error)}). Mostly they have too little memory: give them more, "
                    "or start more of them."
                ) from None


def only(tables: Mapping[str, Frame], since: dt.datetime | None, until: dt.datetime | None, *, others: bool) -> dict[str, Frame]:
    """The tables with nothing but the orders that were made from `since` on and before `until`, both UTC.

    Args:
        tables: orders, and others.
        others: whether the others are cut to what belongs to those orders too; a report that joins them does that itself.
    """
    nw = need("narwhals")
    with engines.quiet():
        orders = engines.each_row(engines.opened(tables["orders"]), functools.partial(_between, since=since, until=until))
        made = {**tables, "orders": orders.to_native()}
        for name, table in tables.items() if others else ():
            if name != "orders":
                own = engines.opened(table)
                keys = ["order.id", *([STORE] if STORE in engines.columns_of(own) else [])]
                ids = orders.select(nw.col("id").alias("order.id"), *keys[1:])
                made[name] = own.join(ids, on=keys, how="semi").to_native()
    return made


def _between(table: Any, since: dt.datetime | None, until: dt.datetime | None) -> Any:
    nw = need("narwhals")
    if since is not None:
        table = table.filter(nw.col("date_added") >= nw.lit(since))
    return table if until is None else table.filter(nw.col("date_added") < nw.lit(until))


def _groups(paths: Sequence[Path]) -> Iterator[list[str]]:
    """Files that are read together: many small ones would keep a cluster busy with itself."""
    group: list[str] = []
    size = 0
    for path in paths:
        size += path.stat().st_size
        group.append(str(path))
        if size >= _AT_ONCE:
            yield group
            group, size = [], 0
    if group:
        yield group


def _read(part: tuple[list[str], str], columns: Sequence[str] | None = None) -> Any:
    """Some files, these columns of them, as a pandas frame; on a worker."""
    paths, store = part
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = []
    wanted = None if columns is None else [name for name in columns if name != STORE]
    for path in paths:
        with pq.ParquetFile(path) as file:
            tables.append(file.read(columns=wanted))
    table = pa.concat_tables(tables)
    if store and (columns is None or STORE in columns):
        table = table.append_column(STORE, pa.array([store] * table.num_rows, pa.string()))
    frame = table.replace_schema_metadata(None).to_pandas(types_mapper=need("pandas").ArrowDtype)
    return frame if columns is None else frame[list(columns)]


def _empty(part: tuple[list[str], str]) -> Any:
    """What `_read` gives, without rows."""
    paths, store = part
    schema = need("pyarrow.parquet", "dask").read_schema(paths[0])
    pa, pd = need("pyarrow", "dask"), need("pandas")
    if store:
        schema = schema.append(pa.field(STORE, pa.string()))
    return schema.remove_metadata().empty_table().to_pandas(types_mapper=pd.ArrowDtype)


def _there(files: Files) -> Files:
    """The same without stores that have no files.

    Raises:
        UsageError: a resource has none at all.
    """
    found: dict[str, dict[str, Sequence[Path]]] = {}
    for resource, stores in files.items():
        found[resource] = {store: paths for store, paths in stores.items() if paths}
        if not found[resource]:
            raise UsageError(f"The archive has no {resource}. `orderdesk-batch archive` brings them.")
    return found
