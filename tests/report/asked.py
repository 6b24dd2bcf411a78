"""All reports with the tables they take, as the tests ask for them; and a child process that measures what they need.

    python -m tests.report.asked ENGINE FOLDER NAME,NAME
"""

from __future__ import annotations

import contextlib
import datetime as dt
import pickle
import resource
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from orderdesk_batch import report
from orderdesk_batch.report import archives

NOW = dt.datetime(2026, 5, 3, 12)
ZONE = "America/New_York"  # its clock changes thrice in the made archive
Tables = Mapping[str, Any]

REPORTS: dict[str, Callable[[Tables], Any]] = {
    "sales": lambda held: report.sales(held["orders"], zone=ZONE),
    "sales by week": lambda held: report.sales(held["orders"], by="week", zone=ZONE),
    "sales by country": lambda held: report.sales(held["orders"], by="shipping.country"),
    "sales by sku": lambda held: report.sales_by_sku(held["items"]),
    "order hours": lambda held: report.order_hours(held["orders"], zone=ZONE),
    "folders": lambda held: report.folders(held["orders"], now=NOW),
    "folder ages": lambda held: report.folder_ages(held["orders"], now=NOW),
    "unshipped": lambda held: report.unshipped(held["orders"], held["shipments"], now=NOW),
    "days to ship": lambda held: report.days_to_ship(held["orders"], held["shipments"], zone=ZONE),
    "shipping time": lambda held: report.shipping_time(held["orders"], held["shipments"], zone=ZONE),
    "shipping cost": lambda held: report.shipping_cost(held["orders"], held["shipments"]),
    "tracking coverage": lambda held: report.tracking_coverage(held["shipments"]),
    "stock value": lambda held: report.stock_value(held["inventory"]),
    "days left": lambda held: report.days_left(held["inventory"], held["orders"], held["items"], now=NOW, days=500),
    "low stock": lambda held: report.low_stock(held["inventory"], held["orders"], held["items"], now=NOW, days=500, within=2000),
    "customers": lambda held: report.customers(held["orders"]),
    "came back": lambda held: report.came_back(held["orders"]),
}


def in_pandas(files: archives.Files) -> dict[str, Any]:
    """The tables as pandas frames, without the documents: what the others are held against."""
    import pandas as pd
    import pyarrow.parquet as pq

    made = {}
    for name, stores in files.items():
        parts = []
        for store, paths in stores.items():
            columns = [one for one in pq.read_schema(paths[0]).names if one != "document"]
            parts += [pd.read_parquet(path, columns=columns).assign(store=store) for path in paths]
        made[name] = pd.concat(parts, ignore_index=True)
    return made


def peak() -> int:
    """The most memory that this process ever had, in bytes; not what its parent had, which getrusage counts in."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


@contextlib.contextmanager
def cluster() -> Iterator[str]:
    """The address of a Dask cluster of two processes on this machine."""
    import logging

    import dask
    from distributed import LocalCluster

    logging.getLogger("distributed").setLevel(logging.ERROR)
    with (
        dask.config.set({"distributed.admin.system-monitor.gil.enabled": False}),
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, memory_limit="1GB", dashboard_address=None) as made,
    ):
        yield made.scheduler_address


def measure(engine: str, files: archives.Files, names: list[str]) -> dict[str, Any]:
    """The answers of an engine, and the most memory that one of its processes had."""
    if engine == "pandas":
        held = in_pandas(files)
        return {"answers": {name: REPORTS[name](held) for name in names}, "peak": peak()}
    if engine == "duckdb":
        with archives.by_duckdb(files, memory="250MB", threads=2) as relations:
            return {"answers": {name: REPORTS[name](relations) for name in names}, "peak": peak()}
    from distributed import get_client

    with cluster() as address, archives.by_dask(files, address) as held_by_dask:
        answers = {name: REPORTS[name](held_by_dask) for name in names}
        return {"answers": answers, "peak": max(peak(), *get_client().run(peak).values())}


def main() -> None:
    engine, folder, names = sys.argv[1:]
    files = pickle.loads((Path(folder) / "files.pickle").read_bytes())
    (Path(folder) / f"{engine}.pickle").write_bytes(pickle.dumps(measure(engine, files, names.split(","))))


if __name__ == "__main__":
    main()
