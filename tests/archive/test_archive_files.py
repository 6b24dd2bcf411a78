"""An archive's files: how they are read, what their schema says, and what is done when some of it is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

import orderdesk_batch as od
from orderdesk_batch import archive
from orderdesk_batch.cli import run
from orderdesk_batch.errors import RunError, StoreError, UsageError
from orderdesk_batch.sandbox import FOLDERS, Sandbox
from orderdesk_batch.sandbox.spec import StoreSpec
from tests.archive.kept import Kept, contents, held
from tests.faults import Fault, FaultServer


def test_readers_of_hive_partitions_have_store_and_month_as_columns(kept: Kept) -> None:
    pl = pytest.importorskip("polars")
    kept.box.put_order({**kept.box.orders()[0], "date_added": "0000-00-00 00:00:00"})
    kept.update()
    table = ds.dataset(kept.folder / "orders", partitioning="hive").to_table(columns=["id", "store", "month", "order_total"])
    assert table.num_rows == 60
    frame = pl.scan_parquet(kept.folder / "orders/**/*.parquet", hive_partitioning=True).select("id", "store", "month").collect()
    assert "unknown" in frame["month"] and set(frame["store"]) == {int(kept.box.store_id)}
    items = ds.dataset(kept.folder / "items", partitioning="hive").to_table(columns=["order.id", "month"]).to_pylist()
    months = {row["id"]: row["month"] for row in table.to_pylist()}
    assert all(months[item["order.id"]] == item["month"] for item in items), "items stand in the month of their order"


def test_a_frame_has_the_columns_and_months_that_are_asked_for(kept: Kept) -> None:
    kept.update()
    frame = od.archive.frame(kept.folder, "orders", ["month", "id", "order_total"], months=["2026-03"], money="float")
    assert list(frame.columns) == ["month", "id", "order_total"] and set(frame["month"]) == {"2026-03"}
    assert frame["order_total"].dtype == "float64"
    assert od.archive.frame(kept.folder, "orders", ["id"], months=["1999-01"]).empty
    with pytest.raises(UsageError, match="no column colour"):
        od.archive.frame(kept.folder, "orders", ["colour"])
    with pytest.raises(UsageError, match=r'"parcels" is no resource'):
        od.archive.files(kept.folder, "parcels")
    with pytest.raises(UsageError, match="has no store 9; it has 40001"):
        od.archive.files(kept.folder, "orders", "9")
    with pytest.raises(UsageError, match=r"holds no archive. `orderdesk-batch archive"):
        od.archive.files(kept.home, "orders")


def test_files_and_manifest_say_by_which_schema_and_version_they_were_written(kept: Kept) -> None:
    kept.update()
    (path, *_) = archive.files(kept.folder, "orders")
    said = json.loads(pq.read_schema(path).metadata[b"orderdesk-batch"])
    assert said == {"format": 1, "version": od.__version__, "resource": "orders", "store": "40001", "month": path.parent.name[6:], "generation": 1}
    manifest = json.loads((kept.folder / "stores/40001/archive.json").read_text("utf-8"))
    assert (manifest["format"], manifest["version"]) == (1, od.__version__)
    assert manifest["columns"]["orders"][0] == ["id", "string"]


def change_manifest(kept: Kept, **fields: Any) -> None:
    path = kept.folder / "stores/40001/archive.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **fields}), encoding="utf-8")


def test_an_archive_of_a_newer_version_is_refused(kept: Kept) -> None:
    kept.update()
    change_manifest(kept, format=2, version="9.9", something="new")
    for use in (kept.update, lambda: archive.files(kept.folder, "orders")):
        with pytest.raises(RunError, match=r"a newer version of orderdesk-batch made this archive \(9.9, format 2; this one knows 1\)"):
            use()


def test_other_columns_are_made_from_the_documents_without_reading_the_store_again(kept: Kept) -> None:
    kept.update()
    before = contents(kept.folder)
    for path in archive.files(kept.folder, "orders"):  # as an older version would have left it
        table = pq.read_table(path, partitioning=None)
        pq.write_table(table.drop_columns(["email", "folder_id"]), path)
    manifest = json.loads((kept.folder / "stores/40001/archive.json").read_text("utf-8"))
    columns = [column for column in manifest["columns"]["orders"] if column[0] not in ("email", "folder_id")]
    change_manifest(kept, columns={**manifest["columns"], "orders": columns})
    done = kept.update()
    assert contents(kept.folder) == before
    assert done.requests.read == 5 and not any(done.resources["orders"][word] for word in ("added", "changed", "deleted"))


def test_a_folder_that_is_renamed_has_its_new_name_in_all_months(tmp_path: Path) -> None:
    folders = dict(FOLDERS)
    kept = Kept(tmp_path, stores=[StoreSpec(folders=folders)], orders=30, inventory=2)
    try:
        kept.update()
        folders["21656"] = "Gone out"
        kept.update()
        frame = archive.frame(kept.folder, "orders", ["folder", "folder_id"])
        assert {row.folder for row in frame.itertuples() if row.folder_id == "21656"} == {"Gone out"}
        assert contents(kept.folder) == kept.anew()
    finally:
        kept.close()


def test_what_is_lost_is_made_again(kept: Kept) -> None:
    kept.update()
    own = kept.folder / "stores/40001"
    (own / "index.sqlite").unlink()
    kept.change(3, email="new@example.com")
    done = kept.update()
    assert done.resources["orders"] == {"records": 60, "added": 0, "changed": 1, "deleted": 0}
    (own / "index.sqlite").write_bytes(b"no database" * 100)
    archive.files(kept.folder, "items")[0].unlink()
    kept.update()
    assert contents(kept.folder) == kept.anew()
    assert held(kept.folder) == kept.documents()
    (own / "archive.json").unlink()
    with pytest.raises(RunError, match=r"is there, but .*archive.json is not"):
        kept.update()


def test_a_file_and_the_index_that_are_lost_together_are_made_again(kept: Kept) -> None:
    kept.update()
    (kept.folder / "stores/40001/index.sqlite").unlink()
    archive.files(kept.folder, "orders")[0].unlink()
    archive.files(kept.folder, "inventory")[0].unlink()
    kept.update()
    assert held(kept.folder) == kept.documents()
    archive.files(kept.folder, "orders")[0].unlink()
    with FaultServer(kept.box.app) as server:
        server.faults.append(Fault("500_before", at=3))
        with pytest.raises(StoreError):
            kept.desk(server.url, retries=0).archive(kept.folder)
    kept.update()  # what was lost was known to be lost when the last one was interrupted
    assert held(kept.folder) == kept.documents()


def test_a_file_of_an_earlier_update_that_was_put_back_is_made_again(kept: Kept) -> None:
    kept.update()
    path = archive.files(kept.folder, "orders")[-1]
    before = path.read_bytes()
    kept.pass_time(86400)
    for order in range(60):
        kept.change(order, email="new@example.com")
    kept.update()
    path.write_bytes(before)  # as a backup or a folder that is kept in step between computers may do
    kept.pass_time(3 * 86400)
    kept.update()
    assert held(kept.folder) == kept.documents()
    assert contents(kept.folder) == kept.anew()


def test_a_manifest_that_is_not_as_it_was_written_is_said_to_be_damaged_and_nothing_is_deleted(kept: Kept) -> None:
    kept.update()
    path = kept.folder / "stores/40001/archive.json"
    files = archive.files(kept.folder, "orders")
    for part in ({"files": []}, {"files": {"orders": {"2026-01": {}}}}, {"files": {"orders": []}}, {"columns": [1]}):
        kept_back = path.read_bytes()
        change_manifest(kept, **part)
        for use in (kept.update, lambda: archive.frame(kept.folder, "orders")):
            with pytest.raises(RunError, match=r"it is damaged .* Restore it"):
                use()
        path.write_bytes(kept_back)
    assert all(file.exists() for file in files)


def test_damage_is_said_with_its_place_and_what_to_do(kept: Kept) -> None:
    kept.update()
    (path, *_) = archive.files(kept.folder, "orders")
    path.write_bytes(b"PAR1 no more PAR1")
    for order in range(60):
        kept.change(order, email="new@example.com")
    with pytest.raises(RunError, match=r"orders.parquet: can't be read .* delete it: the next update makes it again"):
        kept.update()
    path.unlink()
    kept.update()
    assert held(kept.folder) == kept.documents()


def test_an_archive_of_another_store_with_the_same_id_is_refused(kept: Kept) -> None:
    kept.update()
    change_manifest(kept, host="app.orderdesk.me")
    with pytest.raises(RunError, match=r"another store 40001, at app.orderdesk.me; this one is at 127.0.0.1"):
        kept.update()


def test_a_full_disk_leaves_the_last_update(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.update()
    before = contents(kept.folder)
    kept.change(3, email="new@example.com")

    def full(self: Any, *given: Any, **named: Any) -> Any:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(pq.ParquetWriter, "write_table", full)
        with pytest.raises(RunError, match=r"can't be written \(No space left on device\)"):
            kept.update()
    assert contents(kept.folder) == before
    kept.update()
    assert held(kept.folder) == kept.documents()


def test_the_command_prints_one_object_and_a_killed_one_leaves_what_was(
    box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ORDERDESK_STORE_ID", box.store_id)
    monkeypatch.setenv("ORDERDESK_API_KEY", box.api_key)
    monkeypatch.setenv("ORDERDESK_BASE_URL", box.url)
    folder = tmp_path / "archive"
    killed = "import os; from orderdesk_batch.archive import update; update.settle = lambda place, manifest: manifest.generation and os._exit(9)"
    code = f"{killed}; from orderdesk_batch.cli import run; run(['archive', {str(folder)!r}])"
    done = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)
    assert done.returncode == 9, "killed when the manifest was there and no file was moved"
    assert len(contents(folder)["orders"]) == 60 and not list((folder / "orders").glob("**/*.parquet"))
    assert run(["archive", str(folder), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert set(said) == {"archive", "store", "resources", "requests", "seconds", "notes"}
    assert said["resources"]["orders"] == {"records": 60, "added": 0, "changed": 0, "deleted": 0}
    assert len(list((folder / "orders").glob("**/*.parquet"))) == len(archive.files(folder, "orders"))
    assert run(["archive", str(folder)]) == 0
    assert "is up to date with Sandbox Store" in capsys.readouterr().out


def test_without_pyarrow_it_says_what_to_install(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(UsageError, match=r'pip install "orderdesk-batch\[archive\]"'):
        kept.update()
    assert not kept.folder.exists()
