"""This file holds how reports open an archive's files: with DuckDB on this machine, or on a Dask cluster.

Neither reads a file here. Each report says which columns it needs, and only those are read, so that the documents in an
archive, which are most of it, cost nothing.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ..errors import UsageError
from ..extras import need
from . import engines
from .engines import STORE
from .frames import Frame

# resource → store → the store's Parquet files
_AT_ONCE: Final = 4_000_000  # bytes of files; of the columns that reports need, a few times as much in memory
Files = Mapping[str, Mapping[str, Sequence[Path]]]


@contextlib.contextmanager
def by_duckdb(files: Files, *, memory: str = "", threads: int = 0) -> Iterator[dict[str, Frame]]:
    """The resources as DuckDB relations, which are good as long as the `with` lasts.

    What does not fit into memory goes to a private folder that is gone at the end. Nothing is fetched from elsewhere.

    Args:
        memory: how much DuckDB may take, such as "500MB". By default 80 % of the machine's.
        threads: how many it works with. By default all of the machine's.

    Raises:
        UsageError: DuckDB is not installed, or a resource has no files.
    """
    duckdb = need("duckdb", "archive")
    with tempfile.TemporaryDirectory(prefix="orderdesk-report-", ignore_cleanup_errors=True) as spill:
        settings = {
            "temp_directory": spill, "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
            **({"memory_limit": memory} if memory else {}), **({"threads": str(threads)} if threads else {}),
        }  # fmt: skip
        with duckdb.connect(config=settings) as session:
            session.execute("set preserve_insertion_order = false")
            made = {}
            for resource, stores in _there(files).items():
                several = len(stores) > 1
                parts = []
                for store, paths in stores.items():
                    part = session.read_parquet([str(path) for path in paths], hive_partitioning=False)
                    parts.append(part.project(f"*, '{store.replace(chr(39), chr(39) * 2)}' as {STORE}") if several else part)
                made[resource] = parts[0]
                for part in parts[1:]:
                    made[resource] = made[resource].union(part)
            yield made


@contextlib.contextmanager
def by_dask(files: Files, address: str, *, wait: float = 10) -> Iterator[dict[str, Frame]]:
    """The resources as dataframes of a Dask cluster that is there already, whose workers see the files under the same paths.

    Args:
        address: the scheduler's, such as tcp://10.0.0.5:8786.
        wait: how many seconds it may take to answer.

    Raises:
        UsageError: Dask is not installed, there is no cluster, or it has no workers.
    """
    distributed = need("distributed", "dask")
    with engines.quiet():
        dataframe = need("dask.dataframe", "dask")
        try:
            client = distributed.Client(address, timeout=wait, set_as_default=False)
        except (OSError, ValueError, TypeError, ImportError) as error:
            words = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise UsageError(
                f"{address}: no Dask scheduler answers there ({words}). Look at what `dask scheduler` prints when it starts, "
                "or leave --dask out: DuckDB does it on this machine."
            ) from None
        with client, client.as_current():
            if not client.scheduler_info()["workers"]:
                raise UsageError(f"{address}: the cluster has no workers. Start one with: dask worker {address}")
            made = {}
            for resource, stores in _there(files).items():
                several = len(stores) > 1
                parts = []
                for store, paths in stores.items():
                    parts += [(group, store if several else "") for group in _groups(paths)]
                made[resource] = dataframe.from_map(_read, parts, meta=_empty(parts[0]), enforce_metadata=False)
            yield made


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
