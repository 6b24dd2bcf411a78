"""Where the table is: headings below notes or in two lines, tabs, hidden and merged cells, and rows that are no records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from make_files import raw_xlsx, text_rows
from sheet_cases import FILES, codes, knows, rows

from orderdesk_batch.errors import SheetRefused, UsageError
from orderdesk_batch.sheets import Sheet, read, read_book, skip, tabs

Reading = Callable[..., Sheet]


def test_headings_are_found_below_notes_and_the_notes_are_named(file: Reading) -> None:
    sheet = file("notes_above.csv")
    assert (sheet.heading_row, sheet.headings, rows(sheet)) == (4, ["Order #", "Tracking", "Qty"], {5: ["1001", "1Z1", "1"]})
    [said] = sheet.problems
    assert said.level == "warning"
    assert "rows 1-2" in said.reason


def test_headings_are_found_below_notes_by_a_reader_that_knows_no_heading() -> None:
    assert read(FILES / "notes_above.csv").headings == ["Order #", "Tracking", "Qty"]


def test_of_two_rows_of_headings_the_lower_counts(file: Reading) -> None:
    sheet = file("amazon_row_3.xlsx")
    assert (sheet.heading_row, sheet.headings[0], len(sheet.rows)) == (3, "order-id", 1)
    assert rows(sheet)[4][1] == "05015851154158"


def test_two_line_headings_are_joined_and_merged_cells_filled(file: Reading) -> None:
    sheet = file("merged.xlsx")
    assert sheet.headings == ["Order #", "Tracking Number", "Ship to Name", "Ship to City"]
    assert rows(sheet) == {
        4: ["1001", "1Z1", "Ann", "Rome"],
        5: ["1001", "1Z2", "Ann", "Rome"],
        7: ["1002", "1Z3", "Bob", "Oslo"],
    }
    assert [(skip.row, skip.why) for skip in sheet.skipped] == [(6, "a line across the table")]


def test_two_line_headings_of_a_text_file_are_joined_where_that_makes_known_ones() -> None:
    sheet = read(b"Order,Tracking,Ship,\n#,Number,Date,Qty\n1001,1Z1,2026-03-01,5\n", knows=knows)
    assert sheet.headings == ["Order #", "Tracking Number", "Ship Date", "Qty"]
    assert sheet.rows == [3]


def test_an_empty_merged_cell_stays_empty(here: None) -> None:
    cells = text_rows([["One", "Two"], ["John", "Johnson"], ["Sam", ""], ["Dave", ""]])
    sheet = read(raw_xlsx(cells, after='<mergeCells><mergeCell ref="B3:B4"/></mergeCells>'))
    assert rows(sheet)[4] == ["Dave", None]


def test_the_row_of_the_headings_can_be_given(file: Reading) -> None:
    assert file("no_headings.csv", header_row=1).rows == [2]
    assert file("notes_above.csv", header_row=4).problems == []
    with pytest.raises(SheetRefused, match="row 3 is blank"):
        file("notes_above.csv", header_row=3)


def test_a_table_without_headings_is_refused(file: Reading) -> None:
    with pytest.raises(SheetRefused, match="no headings"):
        file("no_headings.csv")


def test_headings_alone_are_no_rows_and_a_warning(file: Reading) -> None:
    sheet = file("headings_only.csv")
    assert (sheet.rows, sheet.columns, codes(sheet)) == ([], [[], []], ["no-rows"])


def test_totals_page_lines_repeated_headings_and_notes_are_left_out_and_named_once(file: Reading) -> None:
    sheet = file("totals.csv")
    assert sheet.rows == [2, 3, 7]
    assert [(skip.row, skip.why) for skip in sheet.skipped] == [
        (4, "a total"),
        (5, "a page line"),
        (6, "the headings again"),
        (8, "a total"),
        (10, "a note"),
    ]
    [said] = sheet.problems
    assert said.level == "warning"
    assert all(row in said.reason for row in ("4", "5", "6", "8", "10"))


def test_a_sku_that_is_the_word_total_is_kept(file: Reading) -> None:
    assert rows(file("total_is_a_sku.csv"))[2] == ["TOTAL", "5"]


@pytest.mark.parametrize(
    "last",
    ["Total,,7", "Grand Total:,,7", "TOTALS,,", ",Total,7", "Summe,,7", "Total général,,7", ",,7", "Total: 7 parcels,,"],
)
def test_a_last_row_of_sums_is_a_total(last: str) -> None:
    assert read(f"Order #,Tracking,Qty\n1001,1Z1,3\n1002,1Z2,4\n{last}\n".encode()).rows == [2, 3]


@pytest.mark.parametrize("last", ["Totally Spies,1Z3,1", "Total,1Z3,1", "1003,,", "Sumo,,1", "Page,1Z3,2", ",,8", "1003,1Z3,7"])
def test_a_last_row_that_may_be_a_record_is_kept(last: str) -> None:
    assert read(f"Order #,Tracking,Qty\n1001,1Z1,3\n1002,1Z2,4\n{last}\n".encode()).rows == [2, 3, 4]


def test_hidden_rows_and_columns_are_read_and_said(file: Reading) -> None:
    sheet = file("hidden.xlsx")
    assert (sheet.headings, sheet.rows) == (["Order #", "Secret", "Qty"], [2, 3, 4])
    assert codes(sheet) == ["hidden-rows", "hidden-column"]
    assert "row 3" in sheet.problems[0].reason
    assert 'column B ("Secret")' in sheet.problems[1].reason


def test_the_only_tab_that_fits_is_taken_and_named_and_hidden_ones_are_not_read(file: Reading) -> None:
    sheet = file("tabs.xlsx")
    assert (sheet.tab, sheet.has_tabs) == ("Shipments", True)
    assert codes(sheet) == ["hidden-tabs", "tab-chosen"]
    assert '"Old"' in sheet.problems[0].reason
    assert '"Read me"' in sheet.problems[1].reason


def test_a_tab_asked_for_is_read_hidden_or_not(file: Reading) -> None:
    assert rows(file("tabs.xlsx#Old"))[2] == ["999", "OLD"]
    assert "hidden-tab" in codes(file("tabs.xlsx#Old"))
    assert file("tabs.xlsx", tab="Shipments").tab == "Shipments"


def test_a_tab_that_is_not_there_is_named_with_those_that_are(file: Reading) -> None:
    with pytest.raises(SheetRefused, match=r'no tab "Parcels".*"Shipments"'):
        file("tabs.xlsx#Parcels")
    with pytest.raises(SheetRefused, match="no tab"):
        file("totals.csv", tab="Orders")


def test_several_tabs_that_fit_are_asked_about(here: None) -> None:
    with pytest.raises(SheetRefused, match=r'"Read me", "Shipments".*tabs\.xlsx#Read me'):
        read(str(FILES / "tabs.xlsx"))


def test_all_visible_tabs_can_be_read_as_a_book(here: None) -> None:
    book = read_book(str(FILES / "tabs.xlsx"), wanted=lambda tab: tab == "Shipments")
    assert list(book) == ["Shipments"]
    assert tabs(FILES / "tabs.xlsx") == [("Read me", True), ("Shipments", True), ("Old", False)]
    assert tabs(FILES / "totals.csv") == []


def test_cells_below_no_heading_are_reported_and_kept() -> None:
    sheet = read(b"id,,age\n1101,John,30\n")
    assert (sheet.headings, sheet.columns[1], codes(sheet)) == (["id", "", "age"], ["John"], ["nameless"])
    assert "column B" in sheet.problems[0].reason


def test_blank_rows_and_columns_are_passed_over_and_rows_keep_their_numbers() -> None:
    sheet = read(b",,,\n,Order #,,Qty\n,,,\n,1001,,5\n,,,\n,1002,,6\n,,,\n")
    assert (sheet.headings, sheet.positions, sheet.rows) == (["Order #", "Qty"], [1, 3], [4, 6])
    assert sheet.place(6, 1) == "data, D6"


def test_headings_are_trimmed_and_their_line_breaks_folded() -> None:
    assert read('" Tracking\r\n Number\u00a0",b\n1Z1,2\n'.encode()).headings == ["Tracking Number", "b"]


def test_phantom_rows_and_far_columns_cost_nothing(here: None) -> None:
    empty = "".join(f'<row r="{row}" ht="15" customHeight="1"/>' for row in range(3, 20_000))
    far = '<row r="1048576"><c r="XFD1048576" s="1"/></row>'
    sheet = read(raw_xlsx(text_rows([["sku", "qty"], ["00123", "5"]]) + empty + far, styles=("0.00",)))
    assert rows(sheet) == {2: ["00123", "5"]}


def test_a_stray_cell_in_the_last_corner_is_read_without_all_that_lies_between(here: None) -> None:
    stray = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
    sheet = read(raw_xlsx(text_rows([["sku", "qty"], ["00123", "5"]]) + stray))
    assert sheet.rows == [2, 1048576]
    assert sheet.place(1048576, 2) == "data, Sheet1!XFD1048576"


def test_old_workbooks_tell_the_same(file: Reading) -> None:
    sheet = file("old.xls")
    assert sheet.format == "xls"
    assert codes(sheet) == ["hidden-tabs", "hidden-rows", "hidden-column"]
    table = rows(sheet)
    assert table[2][:5] == ["00123", 5, dt.date(2026, 3, 1), "08123", True]
    assert str(table[2][5]) == "#N/A"
    assert table[3][:5] == [1001, 2.5, dt.datetime(2026, 3, 1, 9, 30), 60606, False]


@pytest.mark.parametrize("path", ["no/such/file.csv", "nothing.xlsx#Tab", "."])
def test_a_path_that_is_no_file_is_a_wrong_use(path: str) -> None:
    with pytest.raises(UsageError):
        read(path)


def test_a_frame_of_the_raw_cells_has_excels_row_numbers(file: Reading) -> None:
    frame = file("totals.csv").frame()
    assert list(frame.index) == [2, 3, 7]
    assert list(frame.columns) == ["Order #", "Tracking", "Qty"]
    assert frame.loc[7, "Tracking"] == "1Z3"


def test_subtotals_of_groups_are_left_out_where_they_add_up() -> None:
    sheet = read(
        b"Carrier,Tracking,Qty\nUPS,1Z1,3\nUPS,1Z2,4\nUPS Total,,7\nDHL,JD1,2\nDHL,JD2,2\nDHL Total,,4\nGrand Total,,11\n"
    )
    assert [skip.row for skip in sheet.skipped] == [4, 7, 8]
    assert read(b"Name,Tracking,Qty\nTeam Total,1Z1,3\nBob Total,,9\nAnn,1Z3,1\n").rows == [2, 3, 4]


@pytest.mark.parametrize("name", ["City {} total", "Total"])
def test_however_many_rows_look_like_totals_each_cell_is_added_up_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0
    amount = skip._amount

    def counted(cell: Any) -> float | None:
        nonlocal looks
        looks += 1
        return amount(cell)

    monkeypatch.setattr(skip, "_amount", counted)
    made = []
    for many in (100, 400):
        looks = 0
        text = "".join(f"{name.format(n)},{n % 90 + 1},{n % 7 + 2}\n" for n in range(many))
        assert len(read(f"name,stock,cost\n{text}".encode()).rows) > many - 20
        made.append(looks)
    assert made[1] < 5 * made[0]


@pytest.mark.parametrize(
    "line", ["Page 1 of 3,,", "Page 2,,Shipments", "Printed 2026-03-01,,Page 1 of 3", "- 4 -,,", "Seite 1 von 2,,"]
)
def test_page_lines_between_rows_are_left_out(line: str) -> None:
    assert read(f"Order #,Tracking,Qty\n1001,1Z1,3\n{line}\n1002,1Z2,4\n".encode()).rows == [2, 4]


@pytest.mark.parametrize("name", ["tabs.xlsx#shipments", "tabs.xlsx# Shipments "])
def test_a_tab_is_found_in_whatever_case(file: Reading, name: str) -> None:
    assert file(name).tab == "Shipments"


def test_a_tab_may_have_a_number_sign_in_its_name(here: None, tmp_path: Path) -> None:
    path = tmp_path / "order#7.xlsx"
    path.write_bytes(raw_xlsx(text_rows([["sku"], ["a"]]), name="Items #2"))
    assert read(f"{path}#Items #2").tab == "Items #2"
    assert read(str(path)).tab == "Items #2"


def test_a_row_of_data_that_holds_a_known_word_is_no_second_row_of_headings() -> None:
    assert read(b"Order #,Status\nsku,5\n1002,6\n", knows=knows).rows == [2, 3]
