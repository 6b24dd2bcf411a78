"""`orderdesk-batch report`: an archive in, a table out, on the terminal, as JSON or as a file; and one sentence where something is wrong."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orderdesk_batch import cli, report
from orderdesk_batch.archive.places import Manifest, Place
from orderdesk_batch.memory import Memory
from tests.report import generated
from tests.report.asked import in_pandas

pytest.importorskip("duckdb")

Run = Any


def listed(made: generated.Archive) -> Path:
    """The archive with the manifests that say which files it has."""
    for store in made.files["orders"]:
        place = Place(made.folder, store)
        place.own.mkdir(parents=True)
        manifest = Manifest(store, "127.0.0.1", generation=1)
        for resource, stores in made.files.items():
            months = {path.parent.name.removeprefix("month="): {"rows": 1, "generation": 1} for path in stores.get(store, ())}
            manifest.files[resource] = months
        manifest.save(place)
    return made.folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> generated.Archive:
    found = generated.archive(tmp_path_factory.mktemp("archive"), orders=400, months=4, documents=40, inventory=True)
    listed(found)
    return found


@pytest.fixture
def run(made: generated.Archive, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a report over the archive; its exit code, stdout and stderr."""

    def asked(*words: str, archive: Path | None = None) -> tuple[int, str, str]:
        code = cli.run(["report", words[0], "--archive", str(archive or made.folder), *words[1:]])
        said = capsys.readouterr()
        return code, said.out, said.err

    return asked


def table(run: Run, *words: str) -> list[dict[str, Any]]:
    code, out, _ = run(*words, "--json")
    assert code == 0
    rows: list[dict[str, Any]] = json.loads(out)["rows"]
    return rows


@pytest.mark.parametrize("name", report.__all__)
def test_each_report_is_a_command_and_says_what_its_function_says(name: str, run: Run, made: generated.Archive) -> None:
    now = ["--now", "2025-03-01"]
    takes_now = name in ("folders", "folder_ages", "unshipped", "days_left", "low_stock")
    code, out, err = run(name.replace("_", "-"), "--json", *(now if takes_now else []))
    assert (code, err) == (0, "")
    said = json.loads(out)
    held = in_pandas(made.files)
    import inspect

    function = getattr(report, name)
    tables = [held[one] for one in inspect.signature(function).parameters if one in held]
    found = function(*tables, **({"now": pd.Timestamp("2025-03-01").to_pydatetime()} if takes_now else {}))
    assert said["columns"] == list(found.columns) and len(said["rows"]) == len(found)


def test_without_a_file_the_table_is_printed_and_what_is_not_shown_is_counted(run: Run) -> None:
    code, out, _ = run("sales", "--by", "source")
    assert code == 0 and "Shopify" in out and "average" in out
    assert "more rows; -o FILE writes them all" in run("days-to-ship")[1]


def test_stores_and_days_narrow_it(run: Run) -> None:
    everything = table(run, "sales", "--by", "store")
    assert [row["store"] for row in everything] != [] and sum(row["orders"] for row in everything) == 400
    one = table(run, "sales", "--by", "store", "--store", "40002")
    assert [row["store"] for row in one] == ["40002"]
    months = table(run, "sales", "--by", "month", "--since", "2024-12-01", "--until", "2025-02-01")
    assert [row["month"] for row in months] == ["2024-12-01", "2025-01-01"]
    units = sum(row["quantity"] for row in table(run, "sales-by-sku"))
    cut = [sum(row["quantity"] for row in table(run, "sales-by-sku", *one)) for one in (["--since", "2025-01-01"], ["--until", "2025-01-01"])]
    assert all(cut) and sum(cut) == units


def test_days_are_those_of_the_stores_zone_where_it_is_remembered(run: Run, tmp_path: Path) -> None:
    Memory(tmp_path / "home", "40001", "https://app.orderdesk.me/api/v2").put_settings({"id": "40001", "zone": "Asia/Tokyo"})
    code, out, err = run("order-hours", "--store", "40001", "--json")
    assert code == 0 and "Asia/Tokyo" in err
    assert json.loads(out)["rows"] == table(run, "order-hours", "--store", "40001", "--zone", "Asia/Tokyo")
    assert "Asia/Tokyo" not in run("order-hours")[2]  # two stores


def test_files_are_private_and_no_cell_of_them_is_a_formula(run: Run, tmp_path: Path) -> None:
    hostile = generated.archive(tmp_path / "hostile", orders=40, months=1, documents=10)
    for path in hostile.files["orders"]["40001"]:
        orders = pq.read_table(path)
        names = pa.array(["=cmd|'/c calc'!A1"] * orders.num_rows)
        pq.write_table(orders.set_column(orders.column_names.index("source_name"), "source_name", names), path)
    listed(hostile)
    for ending in ("csv", "xlsx", "parquet"):
        target = tmp_path / f"sources.{ending}"
        code, out, _ = run("sales", "--by", "source", "-o", str(target), archive=hostile.folder)
        assert code == 0 and f"were written to {target}" in out
        assert sys.platform == "win32" or target.stat().st_mode & 0o077 == 0
    assert "'=cmd" in (tmp_path / "sources.csv").read_text("utf-8-sig")
    cell = openpyxl.load_workbook(tmp_path / "sources.xlsx").active["A2"]  # type: ignore[index]
    assert (cell.value, cell.data_type) == ("=cmd|'/c calc'!A1", "s") and cell.quotePrefix
    assert pd.read_parquet(tmp_path / "sources.parquet")["orders"].sum() == 40


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sales", "-o", "sales.jsonl"], "name ends in .csv, .xlsx, .parquet"),
        (["sales", "--store", "9"], "has no store 9; it has 40001, 40002"),
        (["sales", "--by", "colour"], "no column colour"),
        (["sales", "--zone", "Mars/Base"], '"Mars/Base" is no time zone'),
        (["sales", "--since", "yesterday"], '--since "yesterday" is no date'),
        (["sales", "--memory", "lots"], '--memory "lots" is no size'),
        (["sales", "--dask", "nonsense"], '"nonsense" is no address'),
        (["folder-ages", "--bands", "3,1"], "rising"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_nothing_is_written(words: list[str], said: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*words)
    assert code == 2 and out == "" and said in err and "Traceback" not in err
    assert not list(tmp_path.glob("*.jsonl"))


def test_no_archive_no_inventory_and_a_missing_extra_say_what_to_do(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "holds no archive. `orderdesk-batch archive" in run("sales", archive=tmp_path)[2]
    bare = listed(generated.archive(tmp_path / "bare", orders=40, months=1, documents=10))
    assert "has no inventory. `orderdesk-batch archive` brings them" in run("stock-value", archive=bare)[2]
    monkeypatch.setitem(sys.modules, "duckdb", None)
    code, _, err = run("sales")
    assert code == 2 and 'pip install "orderdesk-batch[archive]"' in err
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert 'pip install "orderdesk-batch[dask]"' in run("sales", "--dask", "tcp://127.0.0.1:1")[2]


def test_a_file_that_an_update_took_away_is_named(run: Run, tmp_path: Path) -> None:
    gone = generated.archive(tmp_path / "gone", orders=40, months=1, documents=10)
    listed(gone)
    gone.files["orders"]["40001"][0].unlink()
    code, _, err = run("sales", archive=gone.folder)
    assert code == 2 or code == 1
    assert "report once more" in err and "Traceback" not in err
