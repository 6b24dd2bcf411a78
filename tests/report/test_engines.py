"""All reports over a made archive: the answers of all engines are equal, to the last digit; and far from all of it is in memory."""

from __future__ import annotations

import pickle
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from orderdesk_batch import report
from orderdesk_batch.errors import UsageError
from orderdesk_batch.report import archives
from tests.report import generated
from tests.report.asked import REPORTS, in_pandas

pytest.importorskip("duckdb")
pytest.importorskip("dask.dataframe")

AT_SIZE = ("sales by sku", "shipping time", "tracking coverage")
quiet = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index:DeprecationWarning")  # Dask's, with pandas


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> generated.Archive:
    """Some 6,000 order items of two stores."""
    return generated.archive(tmp_path_factory.mktemp("small"), orders=2_100, months=3, documents=40, inventory=True)


@pytest.fixture(scope="module")
def expected(small: generated.Archive) -> dict[str, pd.DataFrame]:
    held = in_pandas(small.files)
    return {name: ask(held) for name, ask in REPORTS.items()}


@pytest.fixture(scope="module")
def by_duckdb(small: generated.Archive) -> Iterator[dict[str, Any]]:
    with archives.by_duckdb(small.files) as held:
        yield held


@pytest.fixture(scope="module")
def by_dask(small: generated.Archive) -> Iterator[dict[str, Any]]:
    """Dask without a cluster; the one at size has one."""
    import dask
    import dask.dataframe as dd

    parts = {
        name: [([str(path)], store) for store, paths in stores.items() for path in paths] for name, stores in small.files.items()
    }
    with dask.config.set(scheduler="synchronous"):
        yield {
            name: dd.from_map(archives._read, one, meta=archives._empty(one[0]), enforce_metadata=False) for name, one in parts.items()
        }


@pytest.mark.parametrize("name", REPORTS)
def test_duckdb_answers_as_pandas_does(name: str, by_duckdb: dict[str, Any], expected: dict[str, pd.DataFrame]) -> None:
    assert len(expected[name])
    pd.testing.assert_frame_equal(REPORTS[name](by_duckdb), expected[name], check_exact=True)


@quiet
@pytest.mark.parametrize("name", REPORTS)
def test_dask_answers_as_pandas_does(name: str, by_dask: dict[str, Any], expected: dict[str, pd.DataFrame]) -> None:
    pd.testing.assert_frame_equal(REPORTS[name](by_dask), expected[name], check_exact=True)


def test_polars_answers_as_pandas_does(small: generated.Archive, expected: dict[str, pd.DataFrame]) -> None:
    pl = pytest.importorskip("polars")
    held = {
        name: pl.concat([pl.scan_parquet(path).with_columns(store=pl.lit(store)) for store, paths in stores.items() for path in paths])
        for name, stores in small.files.items()
    }
    for name, ask in REPORTS.items():
        found = ask(held).to_pandas().astype(expected[name].dtypes.to_dict())
        pd.testing.assert_frame_equal(found, expected[name], check_exact=True)


def test_orders_of_two_stores_with_one_id_are_two(by_duckdb: dict[str, Any]) -> None:
    ids = set(REPORTS["days to ship"](by_duckdb)["id"])
    assert {one.partition("/")[0] for one in ids} == set(generated.STORES)
    assert len({one.partition("/")[2] for one in ids}) < len(ids)


def test_tables_that_tell_the_store_and_tables_that_do_not_are_not_joined(small: generated.Archive) -> None:
    held = in_pandas(small.files)
    with pytest.raises(UsageError, match="The orders have a column store, the shipments have none"):
        report.shipping_time(held["orders"], held["shipments"].drop(columns="store"))


def test_tables_of_two_engines_are_not_joined_but_todays_inventory_goes_with_an_archive(
    small: generated.Archive, by_duckdb: dict[str, Any], expected: dict[str, pd.DataFrame]
) -> None:
    held = in_pandas(small.files)
    with pytest.raises(UsageError, match="The orders are a frame of duckdb, the shipments of pandas"):
        report.unshipped(by_duckdb["orders"], held["shipments"])
    mixed = {**by_duckdb, "inventory": held["inventory"]}
    pd.testing.assert_frame_equal(REPORTS["low stock"](mixed), expected["low stock"], check_exact=True)


def test_no_document_is_read(by_duckdb: dict[str, Any], small: generated.Archive) -> None:
    from orderdesk_batch.report import frames

    table = frames.scan(by_duckdb["items"], "items", code=frames.word("code"), price=frames.money("price"))
    plan = table.to_native().explain()
    assert "code" in plan and "document" not in plan and "quantity" not in plan


@pytest.mark.slow
def test_two_million_items_need_a_fraction_of_their_size_and_all_engines_agree(tmp_path: Path) -> None:
    made = generated.archive(tmp_path)
    assert made.rows["items"] >= 2_000_000
    (tmp_path / "files.pickle").write_bytes(pickle.dumps(made.files))
    found = {}
    for engine in ("pandas", "duckdb", "dask"):
        began = time.monotonic()
        words = [sys.executable, "-W", "ignore", "-m", "tests.report.asked", engine, str(tmp_path), ",".join(AT_SIZE)]
        done = subprocess.run(words, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-4000:]
        found[engine] = pickle.loads((tmp_path / f"{engine}.pickle").read_bytes())
        print(f"{engine}: {time.monotonic() - began:.1f} s, {found[engine]['peak'] / 1e6:,.0f} of {made.in_memory / 1e6:,.0f} MB")
    for engine in ("duckdb", "dask"):
        for name in AT_SIZE:
            pd.testing.assert_frame_equal(found[engine]["answers"][name], found["pandas"]["answers"][name], check_exact=True)
        assert found[engine]["peak"] < made.in_memory / 3
