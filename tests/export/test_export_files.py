"""What is written: formats, columns, presets, folders, types; and what a format can't hold is named."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from orderdesk_batch import export, sheets
from orderdesk_batch.desk import Desk
from orderdesk_batch.errors import UsageError
from orderdesk_batch.export import columns
from orderdesk_batch.fields import RESOURCES
from orderdesk_batch.sandbox import Sandbox
from orderdesk_batch.store import loads

FOLDERS = {"1": "New", "2": "Hold ", "3": "hold", "4": "", "5": "1", "6": "Closed"}


def order(**fields: Any) -> dict[str, Any]:
    return {"id": "1", "source_id": "10", "source_name": "Shop", "folder_id": "1", "order_items": [], "order_shipments": [], **fields}


def cells(path: Path) -> list[dict[str, Any]]:
    """The rows of a file as our own reader sees them, blank cells left out."""
    sheet = sheets.read(path)
    rows = zip(*sheet.columns, strict=True)
    return [{name: cell for name, cell in zip(sheet.headings, row, strict=True) if cell is not None} for row in rows]


def test_a_csv_file_opens_rightly_in_excel_and_is_private(desk: Desk, tmp_path: Path) -> None:
    made = export.to_file(tmp_path / "o.csv", "orders", export.documents(desk.store, "orders", memory=desk.memory))
    raw = made.path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfid,source_id,source_name,email,folder,")
    assert raw.count(b"\r\n") == 121
    assert (made.rows, made.documents) == (120, 120)
    if os.name == "posix":
        assert stat.S_IMODE(made.path.stat().st_mode) == 0o600


def test_the_headings_are_the_field_names_of_the_table(desk: Desk, tmp_path: Path) -> None:
    for resource, of in RESOURCES.items():
        pages = export.documents(desk.store, resource, memory=desk.memory)
        made = export.to_file(tmp_path / f"{resource}.csv", resource, pages, with_items=resource == "orders")
        assert all(of.find(name) for name in made.columns)
        assert {"orders": "id", "inventory": "id"}.get(resource, "order.id") == made.columns[0]


def test_a_workbook_has_its_headings_frozen_and_a_filter_and_texts_stay_texts(desk: Desk, tmp_path: Path) -> None:
    made = export.to_file(tmp_path / "i.xlsx", "inventory", export.documents(desk.store, "inventory", memory=desk.memory))
    tab = openpyxl.load_workbook(made.path)["inventory"]
    assert tab.freeze_panes == "A2"
    assert tab.auto_filter.ref == f"A1:{openpyxl.utils.get_column_letter(len(made.columns))}41"
    assert tab["A1"].font.b
    codes = {row[1].value: row[1] for row in tab.iter_rows(min_row=2)}
    assert {"00123", "1E5", "3-4", "TRUE", "NULL", "NA", "1.10"} <= codes.keys()
    assert codes["00123"].data_type == "s"
    assert codes["00123"].number_format == "@"
    stock, price = made.columns.index("stock"), made.columns.index("price")
    assert tab.cell(2, price + 1).number_format == "0.00####"
    assert all(row[stock].data_type == "n" for row in tab.iter_rows(min_row=2))


def test_jsonl_holds_the_documents_as_they_came(box: Sandbox, desk: Desk, tmp_path: Path) -> None:
    first = box.orders()[0]
    box.put_order({**first, "unknown": {"deep": [1.10, None, "Zoë\u2028"]}, "order_total": 12345678901234567890}, touch=False)
    made = export.to_file(tmp_path / "o.jsonl", "orders", export.documents(desk.store, "orders", memory=desk.memory))
    lines = made.path.read_text("utf-8").split("\n")
    assert (len(lines), lines[-1]) == (121, "")
    found = loads(lines[0])
    assert found == desk.store.order("7000001") | {"order_total": 12345678901234567890}
    assert '"Zoë\\u2028"' in lines[0]
    with pytest.raises(UsageError, match="as they came"):
        export.to_file(tmp_path / "o.jsonl", "orders", [], columns="id")


def test_one_row_an_order_or_one_an_item_with_the_orders_cells_on_the_first(tmp_path: Path) -> None:
    two = order(email="a@example.com", order_items=[{"id": "7", "code": "A", "quantity": 2}, {"id": "8", "code": "B"}])
    bare = order(id="2", order_items=[])
    export.to_file(tmp_path / "o.csv", "orders", [two, bare], with_items=True, folders=FOLDERS)
    assert cells(tmp_path / "o.csv") == [
        {"id": "1", "source_id": "10", "source_name": "Shop", "email": "a@example.com", "folder": "New", "item.item_id": "7", "item.code": "A",
         "item.quantity": "2"},
        {"id": "1", "item.item_id": "8", "item.code": "B"},
        {"id": "2", "source_id": "10", "source_name": "Shop", "folder": "New"},
    ]  # fmt: skip
    export.to_file(tmp_path / "o.csv", "orders", [two], with_items=True, repeat=True)
    assert [row["email"] for row in cells(tmp_path / "o.csv")] == ["a@example.com"] * 2
    export.to_file(tmp_path / "o.csv", "orders", [two, bare])
    first, second = cells(tmp_path / "o.csv")
    assert json.loads(first["order_items"]) == two["order_items"]
    assert "order_items" not in second


def test_folders_are_named_where_a_name_means_one_folder(tmp_path: Path) -> None:
    documents = [order(id=key, folder_id=key) for key in (*FOLDERS, "9")]
    frame = export.to_frame("orders", documents, folders=FOLDERS, columns="folder")
    assert list(frame["folder"]) == ["New", "2", "3", "4", "5", "Closed", "9"]


def test_open_maps_and_lists_become_columns_as_they_turn_up(tmp_path: Path) -> None:
    documents = [
        order(order_metadata={"channel": "x"}),
        order(id="2", checkout_data={"Gift Message": "Hi"}, discount_list=[{"name": "A", "amount": "5.00"}, {"code": "B", "amount": 1}]),
        order(id="3", order_metadata={"a.b": True, "channel": None}, order_notes={"0": {"content": "n"}}),
    ]
    made = export.to_file(tmp_path / "o.csv", "orders", documents)
    opened = [name for name in made.columns if RESOURCES["orders"].field(name).steps]
    assert opened == [
        "checkout_data.Gift Message", "order_metadata.channel", "order_metadata.a.b", "discount_list.1.name", "discount_list.1.amount",
        "discount_list.2.code", "discount_list.2.amount", "order_notes.1.content",
    ]  # fmt: skip
    rows = cells(tmp_path / "o.csv")
    assert (rows[2]["order_metadata.a.b"], rows[1]["discount_list.1.amount"]) == ("TRUE", "5")


def test_maps_and_lists_as_json(tmp_path: Path) -> None:
    documents = [order(order_metadata={"channel": "x", "n": Decimal("1.50")}, discount_list=[{"name": "A"}], shipping={"city": "Leeds"})]
    made = export.to_file(tmp_path / "o.csv", "orders", documents, nested="json")
    (row,) = cells(tmp_path / "o.csv")
    assert row["order_metadata"] == '{"channel": "x", "n": 1.50}'
    assert row["discount_list"] == '[{"name": "A"}]'
    assert row["shipping.city"] == "Leeds"
    assert not [name for name in made.columns if name.startswith(("order_metadata.", "discount_list."))]


def test_columns_are_chosen_and_ordered_and_there_even_if_blank(tmp_path: Path) -> None:
    documents = [order(order_metadata={"channel": "x", "other": "y"}, email="a@example.com", shipping={"city": "Leeds"})]
    asked = "email, id,order_metadata.none,order_metadata.channel,discount_list.1.code,shipping.*"
    made = export.to_file(tmp_path / "o.csv", "orders", documents, columns=asked)
    assert made.columns[:6] == ["email", "id", "order_metadata.none", "order_metadata.channel", "discount_list.1.code", "shipping.first_name"]
    made = export.to_file(tmp_path / "o.csv", "orders", documents, columns=["order_metadata", "id"])
    assert made.columns == ["order_metadata.channel", "order_metadata.other", "id"]
    made = export.to_file(tmp_path / "o.csv", "orders", documents, columns=["id", "item.code"])
    assert made.columns == ["id", "item.code"]
    assert list(export.to_frame("inventory", [], columns="code,stock").columns) == ["code", "stock"]
    assert "location" in export.to_frame("inventory", [], columns="stock")  # alone it is the preset


@pytest.mark.parametrize(("resource", "preset"), [(name, preset) for name in export.PRESETS for preset in export.PRESETS[name]])
def test_each_preset_is_a_choice_of_columns(desk: Desk, resource: str, preset: str) -> None:
    frame = export.to_frame(resource, export.documents(desk.store, resource, memory=desk.memory), columns=preset)
    key = {"orders": "id", "inventory": "id"}.get(resource, "order.id")
    assert frame.columns[0] == key
    assert 4 < len(frame.columns) < 30
    assert len(frame)


@pytest.mark.parametrize(("asked", "says"), [
    ("emial", '"emial" is no column of orders; did you mean email?'),
    ("order_note", "it is an instruction, not a part of a record"),
    ("item.action", "it is an instruction"),
    ("return_address.first_name", "it is an instruction"),
    ("cc_number", "what the store shows of it is cc_number_masked"),
    ("x.*", '"x.*" is no column of orders'),
    (" , ", "No columns are named"),
])  # fmt: skip
def test_a_column_that_there_is_not_is_refused(asked: str, says: str) -> None:
    with pytest.raises(UsageError) as error:
        export.to_frame("orders", [], columns=asked)
    assert says in str(error.value)


def test_what_has_no_column_is_named(tmp_path: Path) -> None:
    documents = [order(tag_color="red", tag_name="", shipping={"nickname": "Al", "city": "x"}, order_metadata={"line\nbreak": 1, "a  b": 2, "": 3})]
    made = export.to_file(tmp_path / "o.csv", "orders", documents)
    (note,) = made.notes
    assert note.startswith("No column could be made for ")
    for name in ("tag_color", "shipping.nickname", "order_metadata.line\ufffdbreak", "order_metadata.a  b", "order_metadata."):
        assert name in note
    assert "tag_name" not in note


def test_keys_without_end_make_no_columns_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "MOST_OPEN", 100)
    documents = [order(id=str(n), order_metadata={f"k{n}": n}) for n in range(300)]
    made = export.to_file(tmp_path / "o.csv", "orders", documents)
    assert sum(name.startswith("order_metadata.") for name in made.columns) == 100
    assert "order_metadata.k100" in made.notes[0]
    assert "and 180 more" in made.notes[0]


def test_what_a_format_cannot_hold_is_named_and_left_out(tmp_path: Path) -> None:
    documents = [order(id=str(n), email="x\0y", shipping_method='="00123"', payment_type="_x005F_x0041_") for n in range(12)]
    documents[0]["ip_address"] = "a" * 40_000
    made = export.to_file(tmp_path / "o.csv", "orders", documents)
    assert {problem.column for problem in made.problems} == {"email", "shipping_method"}
    assert cells(tmp_path / "o.csv")[0]["payment_type"] == "_x005F_x0041_"
    made = export.to_file(tmp_path / "o.xlsx", "orders", documents)
    assert {problem.column for problem in made.problems} == {"email", "shipping_method", "payment_type", "ip_address"}
    (email,) = [problem for problem in made.problems if problem.column == "email"]
    assert str(email) == (
        "o.xlsx (email): 12 cells were left blank, the first in row 2: each holds a control character. "
        "An Excel file can't hold it, so the cell was left blank; a .jsonl file can."
    )
    assert all("email" not in row for row in cells(tmp_path / "o.xlsx"))


def test_history_goes_into_a_column_that_appends_nothing(box: Sandbox, desk: Desk, tmp_path: Path) -> None:
    search = export.search("orders", {"history": True})
    made = export.to_file(tmp_path / "o.csv", "orders", export.documents(desk.store, "orders", search, memory=desk.memory))
    assert made.columns[-1] == "history"
    assert json.loads(cells(made.path)[0]["history"])[0]["note"] == "Order imported"
    plan = desk.plan("orders", str(made.path))
    assert [change.action for change in plan.changes] == ["none"] * 120


def test_amounts_that_could_be_thousands_are_written_so_that_they_are_not(tmp_path: Path) -> None:
    documents = [{"id": 1, "code": "a", "weight": Decimal("1.234"), "price": Decimal("0.375"), "cost": "1234.567", "stock": 1234}]
    export.to_file(tmp_path / "i.csv", "inventory", documents)
    (row,) = cells(tmp_path / "i.csv")
    assert (row["weight"], row["price"], row["cost"], row["stock"]) == ("1.2340", "0.375", "1234.567", "1234")


# -- frames -----------------------------------------------------------------------------------------------


def test_a_frame_has_proper_types() -> None:
    documents = [
        order(order_total=Decimal("19.90"), quantity_total=2, date_added="2026-11-01 10:00:00", email="NA"),
        order(id="2", order_total="x", date_added="0000-00-00 00:00:00", quantity_total="4.5"),
    ]
    frame = export.to_frame("orders", documents)
    assert list(frame["id"]) == ["1", "2"]
    assert frame["id"].dtype == "string"
    assert frame["order_total"][0] == Decimal("19.90")
    assert frame["quantity_total"].dtype == "Int64"
    assert frame["date_added"][0] == pd.Timestamp("2026-11-01 10:00", tz="UTC")
    assert str(frame["date_added"].dt.tz) == "UTC"
    assert frame["date_added"].isna()[1]
    assert frame["email"][0] == "NA"
    assert frame.attrs["left_out"] == ['quantity_total: "4.5" is no whole', 'order_total: "x" is no money']
    assert export.to_frame("orders", documents[:1], money="float")["order_total"].dtype == "float64"
    with pytest.raises(UsageError, match="decimal"):
        export.to_frame("orders", [], money="euro")  # type: ignore[arg-type]


def test_an_empty_frame_has_its_columns_and_types() -> None:
    for resource in RESOURCES:
        frame = export.to_frame(resource, [])
        assert len(frame) == 0
        assert len(frame.columns) > 8
    assert str(export.to_frame("shipments", [])["date_shipped"].dtype) == "datetime64[us]"
    assert str(export.to_frame("orders", [])["date_added"].dtype) == "datetime64[us, UTC]"


def test_parquet_keeps_types_and_exact_amounts(desk: Desk, tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    made = export.to_file(tmp_path / "o.parquet", "orders", export.documents(desk.store, "orders", memory=desk.memory))
    table = pq.read_table(made.path)
    assert table.num_rows == 120
    assert str(table.schema.field("date_added").type) == "timestamp[us, tz=UTC]"
    assert str(table.schema.field("order_total").type) == "decimal128(38, 10)"
    assert str(table.schema.field("quantity_total").type) == "int64"
    assert table["order_total"][0].as_py() == desk.store.order("7000001")["order_total"]


def test_parquet_without_pyarrow_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(UsageError, match=r"orderdesk-batch\[archive\]"):
        export.to_file(tmp_path / "o.parquet", "orders", iter(lambda: 1 / 0, None))  # type: ignore[arg-type]


# -- files ------------------------------------------------------------------------------------------------


def never() -> Iterator[list[dict[str, Any]]]:
    raise AssertionError("nothing is read when it can't be written")
    yield


@pytest.mark.parametrize(("name", "says"), [
    ("o.txt", '".txt" is no format of an export. The name ends in .csv, .xlsx, .jsonl, .parquet.'),
    ("o", "it has no format of an export"),
    ("nowhere/o.csv", "does not exist"),
    ("folder.csv", "it is a folder"),
])  # fmt: skip
def test_a_place_that_cannot_be_written_is_said_before_anything_is_read(tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(UsageError) as error:
        export.to_file(tmp_path / name, "orders", never())
    assert says in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.csv"]


def test_a_file_that_is_there_is_replaced_once_the_new_one_is_whole(tmp_path: Path) -> None:
    def broken() -> Iterator[list[dict[str, Any]]]:
        yield [order()]
        raise KeyboardInterrupt

    for ending in ("csv", "xlsx", "jsonl"):
        path = tmp_path / f"o.{ending}"
        path.write_text("old")
        with pytest.raises(KeyboardInterrupt):
            export.to_file(path, "orders", broken())
        assert path.read_text() == "old"
        export.to_file(path, "orders", [order()])
        assert path.read_bytes() != b"old"
    assert len(list(tmp_path.iterdir())) == 3


def test_more_rows_than_a_worksheet_holds_are_refused_while_they_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orderdesk_batch.sheets.workbook.MOST_ROWS", 3000)

    def many() -> Iterator[list[dict[str, Any]]]:
        for n in range(8):
            assert n < 6
            yield [order(id=f"{n}-{m}") for m in range(1000)]

    with pytest.raises(UsageError, match="holds 2,999 rows, and there are more"):
        export.to_file(tmp_path / "o.xlsx", "orders", many())


def test_a_book_has_a_sheet_for_each_resource_from_one_reading(box: Sandbox, desk: Desk, tmp_path: Path) -> None:
    found = [export.documents(desk.store, name, memory=desk.memory) for name in ("orders", "inventory")]
    made = export.book(tmp_path / "all.xlsx", *found, folders=desk.settings()["folders"])
    reads = [seen.path for seen in box.requests if seen.path != "/store"]
    assert reads == ["/orders", "/inventory-items"]
    assert made.tabs == {
        "orders": 120, "items": sum(len(o["order_items"]) for o in box.orders()),
        "shipments": sum(len(o["order_shipments"]) for o in box.orders()), "inventory": 40,
    }  # fmt: skip
    assert openpyxl.load_workbook(made.path).sheetnames == ["orders", "items", "shipments", "inventory"]
    assert made.as_json()["sheets"] == made.tabs
    assert desk.plan("book", str(made.path)).counts["none"] == sum(made.tabs.values())
    with pytest.raises(UsageError, match=r"\.xlsx"):
        export.book(tmp_path / "all.csv", *found)


def test_the_face_is_there_without_pandas() -> None:
    import subprocess

    script = (
        "import sys; from orderdesk_batch import export; export.OPTIONS, export.Search, export.documents, export.to_file, export.get;"
        "print([name for name in ('pandas', 'requests', 'pyarrow', 'xlsxwriter', 'openpyxl') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
