"""Tests of written files: whole or not at all, private, and what is read back is what was written."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderdesk_batch.errors import UsageError
from orderdesk_batch.kinds import CLEAR, trim
from orderdesk_batch.sheets.sheet import Literal
from orderdesk_batch.sheets.workbook import Tab, tab_names, write_book
from orderdesk_batch.sheets.write import atomic, safe_text, write_csv, write_xlsx

AWKWARD = [
    "=1+1", "+1", "-1", "@SUM(A1)", "'quoted", "''", "'", "(clear)", "'(clear)", "''(clear)", "( clear )", "_x000D_", "_x0041_b", "00123",
    "1E5", "3-4", "NA", "Null", "TRUE", "1/2", "a\nb", 'say "hi", x;y\tz', "Ünï ✓ 東京 😀", "#N/A", "http://example.com", "<b>&amp;", " x",
]  # fmt: skip

# Any text that a sheet can hold: trimmed, its line ends folded, of characters that XML and UTF-8 have.
TEXTS = (
    st.text(
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff", include_characters="\n\t"), min_size=1
    )
    | st.sampled_from(AWKWARD)
    | st.builds(str.__add__, st.sampled_from("'=+-@(\n"), st.text(st.characters(codec="ascii", categories=["L", "N", "P"])))
)
TEXTS = TEXTS.map(trim).filter(bool)


def read_back(path: Path) -> list[list[Any]]:
    """The rows of a workbook below the headings, with nothing undone."""
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(path).worksheets[0].iter_rows(min_row=2)]


def undone(text: str) -> str:
    """What the reader makes of a CSV text: a guarding ' is taken off."""
    return text[1:] if text[:1] == "'" and (text[1:] == "(clear)" or text[1:2] in tuple("'=+-@\t\r")) else text


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "'a", "\ta", "\ra", "(clear)"])
def test_a_text_that_a_spreadsheet_could_run_is_guarded_in_csv(text: str) -> None:
    assert safe_text(text) == "'" + text


@pytest.mark.parametrize("text", ["", "a=1", "1-2", "(Clear) out", "007", "“=”"])
def test_other_texts_are_written_as_they_are(text: str) -> None:
    assert safe_text(text) == text


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=1, max_size=20))
def test_any_text_survives_csv(tmp_path: Path, texts: list[str]) -> None:
    assert write_csv(tmp_path / "t.csv", ["text"], [[text] for text in texts]) == []
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))[1:]
    assert [undone(row[0]) for row in rows] == texts
    assert not any(row[0][0] in "=+-@\t\r" or row[0] == "(clear)" for row in rows)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=1, max_size=20))
def test_any_text_survives_a_workbook_and_no_cell_is_a_formula(tmp_path: Path, texts: list[str]) -> None:
    assert write_xlsx(tmp_path / "t.xlsx", ["text"], [[text] for text in texts]) == []
    rows = [row[0] for row in read_back(tmp_path / "t.xlsx")]
    assert [row[1:] if row[0] == "'" and row.lstrip("'") == "(clear)" else row for row in rows] == texts
    parts = zipfile.ZipFile(tmp_path / "t.xlsx")
    assert not any(b"<f>" in parts.read(name) for name in parts.namelist() if "worksheets" in name)
    assert not any("rels" in name and b"hyperlink" in parts.read(name) for name in parts.namelist())


def test_our_own_reader_gets_every_awkward_text_back(tmp_path: Path) -> None:
    from orderdesk_batch.sheets import read

    for name, write in (("t.csv", write_csv), ("t.xlsx", write_xlsx)):
        write(tmp_path / name, ["text", "more"], [[text, "x"] for text in AWKWARD])
        assert [trim(str(cell)) for cell in read(tmp_path / name).columns[0]] == [trim(text) for text in AWKWARD], name


def test_a_text_column_is_formatted_as_text_and_risky_texts_stay_texts_when_edited(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "t.xlsx", ["sku", "stock", "blank"], [["=00123", 5, None]], text_columns=[2])
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").worksheets[0]
    assert sheet["A2"].data_type == "s" and sheet["A2"].quotePrefix and sheet["A2"].number_format == "@"
    assert [sheet.column_dimensions[letter].number_format for letter in "ABC"] == ["@", "General", "@"]
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref == "A1:C2"


def test_a_formula_of_a_csv_sheet_is_guarded_in_its_results(tmp_path: Path) -> None:
    from orderdesk_batch.sheets import read

    (tmp_path / "in.csv").write_text("id,Note\n1,=1+1\n2,=cmd|' /C calc'!A0\n3,#N/A\n")
    sheet = read(tmp_path / "in.csv")
    write_csv(tmp_path / "out.csv", sheet.headings, zip(*sheet.columns, strict=True), as_read=True)
    assert (tmp_path / "out.csv").read_text("utf-8-sig").splitlines()[1:] == ["1,'=1+1", "2,'=cmd|' /C calc'!A0", "3,#N/A"]


def test_the_wish_to_empty_is_told_from_the_text(tmp_path: Path) -> None:
    row = [CLEAR, "(clear)", Literal("(clear)")]
    write_csv(tmp_path / "a.csv", ["a", "b", "c"], [row])
    assert (tmp_path / "a.csv").read_text("utf-8-sig").splitlines()[1] == "(clear),'(clear),'(clear)"
    write_csv(tmp_path / "b.csv", ["a", "b", "c"], [row], as_read=True)
    assert (tmp_path / "b.csv").read_text("utf-8-sig").splitlines()[1] == "(clear),(clear),'(clear)"
    write_book(tmp_path / "b.xlsx", [Tab("t", ["a", "b", "c"], [row], as_read=True)])
    assert read_back(tmp_path / "b.xlsx") == [["(clear)", "(clear)", "'(clear)"]]


def test_numbers_and_dates_keep_their_types_and_all_their_digits(tmp_path: Path) -> None:
    row = [
        5, 1.25, Decimal("9.50"), 10**16, Decimal("0.1234567890123456789"), True, float("nan"), dt.date(2026, 11, 23),
        dt.datetime(2026, 11, 23, 9, 30), dt.datetime(2026, 11, 23, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=2))), dt.date(1899, 1, 1),
        {"a": [1]},
    ]  # fmt: skip
    write_xlsx(tmp_path / "t.xlsx", [str(n) for n in range(len(row))], [row])
    assert read_back(tmp_path / "t.xlsx")[0] == [
        5, 1.25, 9.5, "10000000000000000", "0.1234567890123456789", True, None, dt.datetime(2026, 11, 23), dt.datetime(2026, 11, 23, 9, 30),
        dt.datetime(2026, 11, 23, 7, 30), "1899-01-01", '{"a": [1]}',
    ]  # fmt: skip
    write_csv(tmp_path / "t.csv", [str(n) for n in range(len(row))], [row])
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert list(csv.reader(stream))[1][:8] == [
            "5",
            "1.25",
            "9.5",
            "1" + "0" * 16,
            "0.1234567890123456789",
            "TRUE",
            "",
            "2026-11-23",
        ]


def test_values_of_frames_are_written_as_what_they_are(tmp_path: Path) -> None:
    import pandas as pd

    row = [pd.NA, pd.NaT, pd.Timestamp("2026-11-23"), *pd.Series([3], dtype="int64"), float("nan")]
    write_xlsx(tmp_path / "t.xlsx", list("abcde"), [row])
    assert read_back(tmp_path / "t.xlsx")[0][:4] == [None, None, dt.datetime(2026, 11, 23), 3]
    write_csv(tmp_path / "t.csv", list("abcde"), [row])
    assert (tmp_path / "t.csv").read_text("utf-8-sig").splitlines()[1] == ",,2026-11-23 00:00:00,3,"


def test_what_a_workbook_cannot_hold_is_left_blank_and_named(tmp_path: Path) -> None:
    found = write_xlsx(
        tmp_path / "t.xlsx", ["sku", "note"], [["a\x01b", "fine"], ["c", "x" * 32_768], ["d", "😀" * 16_384], ["e", "y" * 32_767]]
    )
    assert [row[1] and row[1][0] for row in read_back(tmp_path / "t.xlsx")] == ["f", None, None, "y"]
    assert read_back(tmp_path / "t.xlsx")[0][0] is None
    assert [(problem.row, problem.column, problem.level) for problem in found] == [
        (2, "sku", "warning"),
        (3, "note", "warning"),
        (4, "note", "warning"),
    ]
    assert str(found[0]) == (
        't.xlsx, row 2 (sku): "a�b" holds a control character. An Excel file can\'t hold it, so the cell was left blank; a .jsonl file can.'
    )


def test_what_a_csv_cannot_hold_is_left_blank_and_named(tmp_path: Path) -> None:
    found = write_csv(tmp_path / "t.csv", ["sku"], [["a\0b"], ["\ud800"], ["c"]] + [["\0"]] * 300)
    assert (tmp_path / "t.csv").read_text("utf-8-sig").splitlines()[:4] == ["sku", '""', '""', "c"]
    assert len(found) == 201 and "102 more cells were left blank" in str(found[-1])


def test_a_csv_opens_in_excel_and_has_its_line_ends(tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", ["größe", "=note"], [["ü", "a\r\nb"]])
    assert (tmp_path / "t.csv").read_bytes() == b"\xef\xbb\xbf" + 'größe,\'=note\r\nü,"a\nb"\r\n'.encode()


def test_more_rows_than_a_worksheet_holds_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orderdesk_batch.sheets.workbook.MOST_ROWS", 4)
    with pytest.raises(UsageError, match=r"t\.xlsx: a worksheet holds 3 rows\. Write a \.csv file instead\."):
        write_xlsx(tmp_path / "t.xlsx", ["a"], [["x"]] * 4)
    assert list(tmp_path.iterdir()) == []


def test_rows_may_come_one_by_one_and_very_many_go_to_disk_as_they_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_xlsx(tmp_path / "a.xlsx", ["n", "t"], ((n, f"={n}") for n in range(500)))
    monkeypatch.setattr("orderdesk_batch.sheets.workbook._MANY", 10)
    write_xlsx(tmp_path / "b.xlsx", ["n", "t"], [(n, f"={n}") for n in range(500)])
    assert read_back(tmp_path / "a.xlsx") == read_back(tmp_path / "b.xlsx") == [[n, f"={n}"] for n in range(500)]


def test_tabs_get_names_that_excel_takes() -> None:
    assert tab_names(["orders", "ORDERS", "a/b[1]", "", "history", "x" * 40, "'q'"]) == [
        "orders", "ORDERS 2", "a b 1", "Sheet4", "history 2", "x" * 28, "q",
    ]  # fmt: skip


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "t.csv"
    target.write_text("old")

    def rows() -> Any:
        yield ["1"]
        raise RuntimeError("the store went away")

    with pytest.raises(RuntimeError):
        write_csv(target, ["a"], rows())
    with pytest.raises(RuntimeError):
        write_xlsx(target, ["a"], rows())
    assert target.read_text() == "old" and [path.name for path in tmp_path.iterdir()] == ["t.csv"]


@pytest.mark.skipif(os.name != "posix", reason="other systems keep private what is in the user's folder")
def test_a_file_is_private_from_its_first_moment(tmp_path: Path) -> None:
    with atomic(tmp_path / "t.txt") as beside:
        assert beside.stat().st_mode & 0o777 == 0o600
        beside.write_text("x")
    assert (tmp_path / "t.txt").stat().st_mode & 0o777 == 0o600
    write_xlsx(tmp_path / "t.xlsx", ["a"], [["b"]])
    assert (tmp_path / "t.xlsx").stat().st_mode & 0o777 == 0o600


def test_a_place_that_cannot_be_written_to_is_named_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    for place, said in (
        (tmp_path / "none" / "t.csv", "does not exist. Make it, or name another place."),
        (tmp_path / "file" / "t.csv", "is not a folder. Name another place."),
        (tmp_path, "it is a folder. Name a file in it"),
        (tmp_path / ("x" * 300 + ".csv"), "its name is too long. Name another place."),
    ):
        with pytest.raises(UsageError) as caught:
            write_csv(place, ["a"], [])
        assert said in str(caught.value) and str(place) in str(caught.value)

    def locked(self: Path, target: Path) -> None:
        raise PermissionError(13, "The process cannot access the file because it is being used by another process")

    (tmp_path / "t.xlsx").write_text("open in Excel")
    monkeypatch.setattr(Path, "replace", locked)
    with pytest.raises(UsageError, match=r"t\.xlsx can't be written: it is open in another program"):
        write_xlsx(tmp_path / "t.xlsx", ["a"], [["b"]])
    assert (tmp_path / "t.xlsx").read_text() == "open in Excel"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "t.xlsx"]


def test_a_full_disk_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"the disk is full\. Make room"), atomic(tmp_path / "t.csv"):
        raise OSError(28, "No space left on device")


def test_csv_rows_of_one_blank_cell_are_rows(tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", ["a"], [[None], [""], ["x"]])
    assert list(csv.reader(io.StringIO((tmp_path / "t.csv").read_text("utf-8-sig")))) == [["a"], [""], [""], ["x"]]
