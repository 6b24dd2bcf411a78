"""Tests of the results file and of the fix-and-retry workbook."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from orderdesk_batch.errors import Problem, UsageError
from orderdesk_batch.sheets import read
from orderdesk_batch.sheets.results import (
    Part,
    Verdict,
    default_results,
    own_columns,
    release,
    reserve,
    write_book_problems,
    write_book_results,
    write_problems,
    write_results,
)
from orderdesk_batch.sheets.sheet import BadCell, Literal, Sheet

HEADINGS = ["Order #", "Tracking #", "Note"]
ROWS: list[list[Any]] = [
    ["10001", "9400", "=1+1"],
    ["10002", None, "(clear)"],
    ["10003", "1Z9", Literal("(clear)")],
    ["10004", "00123", None],
]
VERDICTS = {
    2: Verdict("done", "created", "26211", "991"),
    3: Verdict("refused", "the tracking number is blank"),
    4: Verdict("failed", "Shipment Not Added", "26213"),
    6: Verdict("none", "is on the order already", "26214"),
}


def sheet(rows: list[list[Any]] = ROWS, headings: list[str] = HEADINGS, **more: Any) -> Sheet:
    """A sheet with its rows in 2, 3, 4, 6: row 5 is blank."""
    facts = {"name": "t.csv", "tab": "", "rows": [2, 3, 4, 6][: len(rows)], **more}
    columns = [[row[column] for row in rows] for column in range(len(headings))]
    return Sheet(headings=headings, positions=list(range(len(headings))), columns=columns, **facts)


def lines(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def cells(path: Path, tab: int = 0) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(path).worksheets[tab].iter_rows()]


@pytest.mark.parametrize(
    ("path", "name"),
    [("t.xlsx", "t.results.xlsx"), ("t.csv", "t.results.csv"), ("t.TSV", "t.results.csv"), ("t.xls", "t.results.xlsx"),
     ("a.b.ods", "a.b.results.xlsx"), ("t.results.xlsx", "t.results.xlsx"), ("t.results.12.csv", "t.results.csv"), ("-", "stdin.results.csv")],
)  # fmt: skip
def test_results_go_beside_the_sheet(path: str, name: str) -> None:
    assert default_results(path).name == name
    assert default_results("in/deep/t.csv").parent == Path("in/deep")


def test_a_csv_called_xlsx_has_results_as_csv() -> None:
    assert default_results("t.xlsx", "csv").name == "t.results.csv"


def test_the_place_is_taken_before_anything_is_sent_and_what_is_there_is_kept(tmp_path: Path) -> None:
    first = reserve(tmp_path / "x.results.xlsx")
    second = reserve(tmp_path / "x.results.xlsx")
    third = reserve(str(tmp_path / "x.results.xlsx"))
    assert [path.name for path in (first, second, third)] == ["x.results.xlsx", "x.results.2.xlsx", "x.results.3.xlsx"]
    assert first.exists() and third.exists()


def test_a_place_not_needed_is_given_back_but_not_one_that_was_written(tmp_path: Path) -> None:
    empty, full = reserve(tmp_path / "a.csv"), reserve(tmp_path / "b.csv")
    full.write_text("results")
    for path in (empty, full, tmp_path / "never"):
        release(path)
    assert [path.name for path in tmp_path.iterdir()] == ["b.csv"]


def test_an_unwritable_place_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        reserve(tmp_path / "none" / "x.results.xlsx")
    with pytest.raises(UsageError, match=r"ends in \.xlsx or \.csv"):
        reserve(tmp_path / "x.pdf")
    (tmp_path / "folder.xlsx").mkdir()
    with pytest.raises(UsageError, match="it is a folder"):
        reserve(tmp_path / "folder.xlsx")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_one_may_not_write_to_is_told_at_once(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UsageError, match="you may not write to the folder"):
        reserve(tmp_path / "x.results.xlsx")


def test_a_csv_comes_back_as_it_was_with_four_columns_more(tmp_path: Path) -> None:
    path = write_results(reserve(tmp_path / "r.csv"), sheet(), VERDICTS, fallback=tmp_path)
    assert lines(path) == [
        ["Order #", "Tracking #", "Note", "result", "message", "order id", "shipment id"],
        ["10001", "9400", "'=1+1", "done", "created", "26211", "991"],
        ["10002", "", "(clear)", "refused", "the tracking number is blank", "", ""],
        ["10003", "1Z9", "'(clear)", "failed", "Shipment Not Added", "26213", ""],
        ["10004", "00123", "", "none", "is on the order already", "26214", ""],
    ]


def test_a_csv_keeps_its_delimiter(tmp_path: Path) -> None:
    path = write_results(tmp_path / "r.csv", sheet([["1,5", "x", None]], delimiter=";", format="csv"), {}, fallback=tmp_path)
    assert path.read_text("utf-8-sig").splitlines()[1] == "1,5;x;;;;;"


def test_a_workbook_comes_back_as_it_was_and_what_was_not_done_is_coloured(tmp_path: Path) -> None:
    rows = [["10001", 9400, 0.5], ["10002", None, True], ["10003", 940011189922310000000.0, "x"], ["10004", "00123", None]]
    path = write_results(
        tmp_path / "r.xlsx", sheet(rows, tab="Parcels", format="xlsx"), VERDICTS, record_heading="item id", fallback=tmp_path
    )
    assert [row[:3] for row in cells(path)[1:]] == rows
    assert cells(path)[0][3:] == ["result", "message", "order id", "item id"]
    made = openpyxl.load_workbook(path).worksheets[0]
    colours = [made.cell(row, 1).fill.fgColor.rgb[2:] for row in range(2, 6)]
    assert made.title == "Parcels" and colours[0] == colours[3] == "000000" and colours[1] == colours[2] != "000000"


@pytest.mark.parametrize(
    ("one", "added"),
    [("order id", ["result", "message", "order id"]), ("inventory item id", ["result", "message", "inventory item id"])],
)
def test_other_records_have_only_the_ids_that_they_have(tmp_path: Path, one: str, added: list[str]) -> None:
    path = write_results(
        tmp_path / "r.csv", sheet(), {2: Verdict("done", "updated", "", "7")}, record_heading=one, fallback=tmp_path
    )
    assert lines(path)[0][3:] == added
    assert lines(path)[1][3:] == ["done", "updated", "7"]


def test_a_results_file_given_back_has_its_columns_replaced_not_doubled(tmp_path: Path) -> None:
    first = write_results(tmp_path / "r.csv", sheet(), VERDICTS, fallback=tmp_path)
    again = read(first)
    path = write_results(tmp_path / "r2.csv", again, {3: Verdict("done", "created", "26212", "992")}, fallback=tmp_path)
    assert lines(path)[0] == lines(first)[0]
    assert [row[3:] for row in lines(path)[1:3]] == [[""] * 4, ["done", "created", "26212", "992"]]


@pytest.mark.parametrize(
    ("headings", "own"),
    [
        (["order id", "message"], []),
        (["Order ID", "result", "message"], [1, 2]),
        (["result", "message", "order id", "shipment id", "order id"], [0, 1, 2, 3]),
        (["result", "x", "message", "order id"], []),
        (["Result", "Message"], []),
    ],
)
def test_only_columns_in_our_own_order_and_spelling_are_ours(headings: list[str], own: list[int]) -> None:
    assert own_columns(headings) == own


def test_results_that_can_no_longer_be_written_there_go_to_the_run(tmp_path: Path) -> None:
    gone = tmp_path / "usb" / "r.xlsx"
    path = write_results(gone, sheet(), VERDICTS, fallback=tmp_path / "run")
    assert path == tmp_path / "run" / "r.xlsx" and len(cells(path)) == 5
    assert write_results(gone, sheet(), VERDICTS, fallback=tmp_path / "run").name == "r.2.xlsx"


def test_results_longer_than_a_worksheet_are_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orderdesk_batch.sheets.workbook.MOST_ROWS", 3)
    path = write_results(reserve(tmp_path / "r.xlsx"), sheet(), VERDICTS, fallback=tmp_path / "run")
    assert path == tmp_path / "run" / "r.csv" and len(lines(path)) == 5
    assert [left.name for left in (tmp_path / "run").iterdir()] == ["r.csv"]


def test_a_book_has_its_results_in_its_tabs(tmp_path: Path) -> None:
    parts = [
        Part(sheet(tab="orders"), {2: Verdict("done", "created", "", "5")}, "order id"),
        Part(sheet(tab="shipments"), {3: Verdict("waiting")}),
    ]
    path = write_book_results(reserve(tmp_path / "r.csv"), parts, fallback=tmp_path)
    assert [left.name for left in tmp_path.iterdir()] == ["r.xlsx"]  # a CSV has no tabs
    assert openpyxl.load_workbook(path).sheetnames == ["orders", "shipments"]
    assert cells(path, 0)[1][3:] == ["done", "created", "5"] and cells(path, 1)[2][3] == "waiting"


# The fix-and-retry workbook


def bad(row: int | None, column: str | None, reason: str, value: str | None = None, level: Any = "error") -> Problem:
    return Problem(reason, "Mend it.", level, row, column, value, place=f"t.csv, row {row}")


def test_only_the_bad_rows_are_in_it_with_all_columns_and_the_reasons_as_comments(tmp_path: Path) -> None:
    found = [
        bad(3, "Tracking #", "is blank"),
        bad(6, "Tracking #", "is odd", "00123"),
        bad(6, "Tracking #", "is short", "00123"),
        bad(6, None, "the row is late"),
        bad(2, "Note", "is unused", level="warning"),
    ]
    path = write_problems(tmp_path / "p.xlsx", sheet(), found)
    assert cells(path) == [HEADINGS, ["10002", None, "(clear)"], ["10004", "00123", None]]
    made = openpyxl.load_workbook(path).worksheets[0]
    assert made["B2"].comment.text == "Is blank.\nMend it."
    assert made["B3"].comment.text == '"00123" is odd.\nMend it.\n\n"00123" is short.\nMend it.'
    assert made["A3"].comment.text == "The row is late.\nMend it." and made["C3"].comment is None
    assert made["B2"].fill.fgColor.rgb == made["B3"].fill.fgColor.rgb != made["A2"].fill.fgColor.rgb
    assert cells(path, 1)[0][:2] == ["in row", "under heading"] and len(cells(path, 1)) == 7
    assert openpyxl.load_workbook(path).sheetnames == ["Rows to mend", "About"]


def test_errors_are_listed_before_warnings_and_the_way_on_is_said(tmp_path: Path) -> None:
    path = write_problems(
        tmp_path / "p.xlsx", sheet(), [bad(None, "Note", "is unused", level="warning"), bad(3, "Note", "is odd")]
    )
    assert [row[5] for row in cells(path, 1)] == ["level", "error", "warning", None]
    assert "Then upload this file" in cells(path, 1)[3][3]


def test_rows_that_stay_out_with_a_bad_one_come_along(tmp_path: Path) -> None:
    path = write_problems(tmp_path / "p.xlsx", sheet(tab="orders"), [bad(3, "Tracking #", "is blank")], rows={2, 3})
    assert [row[0] for row in cells(path)] == ["Order #", "10001", "10002"]
    assert openpyxl.load_workbook(path).sheetnames[0] == "orders"


def test_where_a_heading_is_bad_all_rows_are_in_it(tmp_path: Path) -> None:
    path = write_problems(
        tmp_path / "p.xlsx", sheet(), [bad(None, "Note", "means two fields"), bad(None, None, "no column says which order")]
    )
    assert len(cells(path)) == 5
    assert openpyxl.load_workbook(path).worksheets[0]["C1"].comment.text == "Means two fields.\nMend it."


def test_mended_it_reads_as_the_sheet_did_and_unmended_it_stays_bad(tmp_path: Path) -> None:
    rows = [
        ["=10001", BadCell("9.40011E+21", "is a number of more than 15 digits", code="digits-lost"), Literal("(clear)")],
        ["'10002", BadCell("#REF!", "is an error of a formula", code="error-cell"), "(clear)"],
        [7, 12.5, None],
    ]
    path = write_problems(tmp_path / "p.xlsx", sheet(rows), [bad(row, "Tracking #", "is bad") for row in (2, 3, 4)])
    again = read(f"{path}#Rows to mend")
    assert again.headings == HEADINGS
    assert again.columns[0] == ["=10001", "'10002", 7]
    assert [type(cell).__name__ for cell in again.columns[1]] == ["BadCell", "BadCell", "float"]
    assert again.columns[2] == ["(clear)", "(clear)", None] and [type(cell) for cell in again.columns[2][:2]] == [Literal, str]


def test_a_results_file_with_bad_rows_gives_a_workbook_without_our_columns(tmp_path: Path) -> None:
    results = read(write_results(tmp_path / "r.csv", sheet(), VERDICTS, fallback=tmp_path))
    path = write_problems(tmp_path / "p.xlsx", results, [bad(3, "Tracking #", "is blank")])
    assert cells(path)[0] == HEADINGS


def test_a_book_has_the_bad_rows_of_each_tab(tmp_path: Path) -> None:
    orders, items = sheet(tab="orders"), sheet(tab="items")
    path = write_book_problems(
        tmp_path / "p.xlsx", [(orders, [bad(2, "Note", "is odd")], None), (items, [bad(4, "Note", "is odd")], {3})]
    )
    assert openpyxl.load_workbook(path).sheetnames == ["orders", "items", "About"]
    assert [len(cells(path, tab)) for tab in range(3)] == [2, 3, 4]
    assert cells(path, 2)[2][:3] == ["items", 4, "Note"]


def test_very_many_bad_cells_are_coloured_but_not_all_commented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orderdesk_batch.sheets.results._MOST_COMMENTS", 1)
    path = write_problems(tmp_path / "p.xlsx", sheet(), [bad(row, "Note", "is odd") for row in (2, 3, 4)])
    made = openpyxl.load_workbook(path).worksheets[0]
    assert [made.cell(row, 3).comment is not None for row in (2, 3, 4)] == [True, False, False]
    assert made["C2"].fill.fgColor.rgb == made["C4"].fill.fgColor.rgb
