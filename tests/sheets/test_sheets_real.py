"""Real files from other projects' test suites, read as a careful person would; skipped where they aren't at hand."""

from __future__ import annotations

import csv
import datetime as dt
import time
from pathlib import Path

import pytest

from orderdesk_batch.errors import SheetRefused
from orderdesk_batch.sheets import BadCell, Cell, Limits, child, parcel, read
from orderdesk_batch.sheets.content import recognise
from orderdesk_batch.sheets.delimited import read_text
from orderdesk_batch.sheets.grid import Grid
from orderdesk_batch.sheets.text import settle

REAL = Path(__file__).parents[3] / "shared" / "real-sheets"
pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="the real sheets aren't here")
D = dt.date


def at(year: int, month: int, day: int, *clock: int) -> dt.datetime:
    """A moment without a zone, as sheets have it."""
    return dt.datetime(year, month, day, *clock)


# fmt: off
REFUSED = {  # file -> words of the one sentence
    "calamine_any_sheets.xlsb": "no headings",
    "calamine_date_iso.xlsx": "no headings",
    "calamine_errors.xlsx": "no headings",
    "calamine_issue_594_dos.ods": "cells|rows",
    "calamine_merged_range.xlsx": "no tab's headings tell",
    "calamine_pass_protected.ods": "password",
    "calamine_pass_protected.xlsx": "password",
    "calamine_too_small.xls": "a line of text",
    "csvkit_sheets.xlsx": '"data", "ʤ"',
    "excelize_BadWorkbook.xlsx": "no sheets",
    "exceljs_missing-bits.xlsx": "damaged",
    "exceljs_test-issue-991.csv": "no headings",
    "frictionless_table-infer-iso-8859-7.csv": "line 2.*--encoding",
    "made_bitflip_crc.xlsx": "damaged",
    "made_truncated_zip.xlsx": "damaged or incomplete",
    "made_utf8_with_utf16_bom_inside.csv": "line 3: byte 20",
    "made_whitespace_only.csv": "blank",
    "messytables_encrypted_no_password.xls": "password",
    "openpyxl_guess_types.xlsx": "no headings",
    "openspout_attack_billion_laughs.xlsx": "entities",
    "openspout_non_zip.ods": "a line of text",
    "phpspreadsheet_56_MixedDateFormats.ods": "no headings",
    "phpspreadsheet_NumberFormatTest.de.csv": "no headings",
    "phpspreadsheet_excel2003_spreadsheetml.xls": "XML spreadsheet of Excel 2003",
    "phpspreadsheet_ignoreerror.xlsx": "no tab's headings tell",
    "phpspreadsheet_issue.2232.csv": "no headings",
    "phpspreadsheet_misleading.xlsx": "no headings",
    "phpspreadsheet_oleloop.xls": "damaged",
    "python-calamine_empty_file.xlsx": "the file is empty",
    "python-calamine_password.xls": "password",
    "roo_1904_base.xlsx": "no headings",
    "roo_boolean.xlsm": "no headings",
    "roo_formula.xlsx": "no headings",
    "roo_number_with_zero_prefix.xlsx": "no headings",
    "roo_strict.xlsx": '"Sheet1", "Sheet2"',
    "sheetjs_1904.xls": "no headings",
    "sheetjs_1904.xlsb": "no headings",
    "sheetjs_1904.xlsx": "no headings",
    "sheetjs_DataTypesFormats.xlsx": "no headings",
    "sheetjs_password_2002_40_xor.xls": "password",
    "xlsxwriter_array_formula01.xlsx": "no headings",
    "xlsxwriter_formula_results01.xlsx": "no headings",
}

TABLES: dict[str, tuple[list[str] | int, int, int, dict[tuple[int, int], Cell], str]] = {
    # file -> headings or their number, row of the headings, number of rows, some cells, what is said
    "agate-excel_test_ambiguous_date.xlsx": (["s"], 1, 1, {(2, 0): D(1900, 1, 1)}, ""),
    "calamine_has_x000D_.xlsx": (["ABC DEF"], 1, 0, {}, "no-rows"),
    "calamine_issue_174.xlsx": (11, 1, 1, {(2, 0): 123, (2, 1): "Test Contact Name", (2, 5): 1.5, (2, 6): 1}, ""),
    "csv-spectrum_comma_in_quotes.csv": (5, 1, 1, {(2, 3): "Anytown, WW", (2, 4): "08123"}, ""),
    "csv-spectrum_json.csv": (2, 1, 1, {(2, 1): '{"type": "Point", "coordinates": [102.0, 0.5]}'}, ""),
    "csv-spectrum_newlines_crlf.csv": (3, 1, 3, {(3, 0): "Once upon \na time", (4, 2): "9"}, ""),
    "csv-spectrum_quotes_and_newlines.csv": (2, 1, 2, {(2, 1): 'ha \n"ha" \nha', (3, 1): "4"}, ""),
    "csvkit_Datagov_FY10_EDU_recp_by_State.csv": (9, 3, 53, {(4, 0): "ALABAMA", (4, 8): "19,582"}, "notes-above left-out"),
    "csvkit_FY09_EDU_Recipients_by_State.csv": (9, 1, 52, {(2, 2): "01", (2, 3): "6,718"}, ""),
    "csvkit_bad.csv": (4, 1, 3, {(4, 1): "mixed types.... uh oh", (4, 2): "17"}, "ragged ragged"),
    "csvkit_blanks.csv": (6, 1, 1, {(2, 0): None, (2, 1): "NA", (2, 2): "N/A", (2, 3): "NONE", (2, 4): "NULL", (2, 5): "."}, ""),
    "csvkit_mac_newlines.csv": (["a", "b", "c"], 1, 2, {(2, 2): "3", (3, 0): "Once upon\ra time"}, ""),
    "csvkit_null_byte.csv": (["a", "b", "c"], 1, 1, {(2, 1): "2"}, ""),
    "csvkit_test_header_newline.csv": (["start end", "b", "c"], 1, 1, {(2, 0): "d"}, ""),
    "csvkit_test_latin1.csv": (3, 1, 2, {(3, 2): "©"}, "encoding-guessed"),
    "csvkit_test_locale.csv": (3, 1, 1, {(2, 0): "1,7", (2, 1): "200.000.000", (2, 2): None}, ""),
    "csvkit_test_no_leading_zeroes.csv": (3, 1, 1, {(2, 0): "01", (2, 1): "00.11"}, ""),
    "csvkit_test_skip_lines.xlsx": (8, 4, 5, {(5, 1): D(1971, 1, 1), (6, 7): "Extra data beyond headers will be trimmed"}, "nameless"),
    "csvkit_test_utf16_big.csv": (["a", "b", "c"], 1, 2, {(3, 2): "ʤ"}, ""),
    "csvkit_test_utf16_little.csv": (["a", "b", "c"], 1, 2, {(3, 2): "ʤ"}, ""),
    "csvkit_test_utf8_bom.csv": (["foo", "bar", "baz"], 1, 2, {(3, 2): "ʤ"}, ""),
    "exceljs_1519293514-KRISHNAPATNAM_LINE_UP.xlsx": (9, 5, 28, {(10, 2): "01/11/2017", (11, 2): "31/10/2017", (10, 5): "59793 MT"}, "notes-above nameless left-out"),
    "exceljs_google-sheets.xlsx": (["BEGIN", "HIDDEN", "VISIBLE"], 1, 2, {(2, 0): "HIDDEN"}, "hidden-rows hidden-column"),
    "frictionless_adjust-floating-point-error.xlsx": (4, 1, 5, {(3, 1): 68.665, (3, 2): 274.66, (3, 3): 274.66}, ""),
    "frictionless_blank-headers.csv": (["id", "", "age"], 1, 2, {(2, 1): "John"}, "nameless"),
    "frictionless_blank-rows-multiple.csv": (3, 1, 2, {(3, 1): "Julie"}, ""),
    "frictionless_cast-int-to-string-issue-1251.xlsx": (5, 1, 2, {(2, 0): "001", (3, 0): "002", (2, 3): "a", (3, 3): 1}, ""),
    "frictionless_doublequote.csv": (17, 1, 5, {(2, 4): "2019"}, ""),
    "frictionless_duplicate-headers.csv": (["id", "name", "id", "age", "id"], 1, 2, {(2, 4): "001101"}, ""),
    "frictionless_leading-zeros.csv": (["value"], 1, 3, {(2, 0): "01", (3, 0): "002", (4, 0): "00003"}, ""),
    "frictionless_multiline-headers.xlsx": (["Region", "Caloric contribution (%)", "Cumulative impact of changes on cost of food basket from previous quarter",
                                             "Cumulative impact of changes on cost of food basket from baseline (%)"], 5, 1, {(6, 0): "A", (6, 3): "D"}, ""),
    "frictionless_number-test.csv": (6, 1, 13, {(2, 0): "NaN", (9, 0): "-0", (10, 0): "95%", (14, 5): "4e4"}, ""),
    "frictionless_skip-rows-before-headers.csv": (["id", "name"], 2, 2, {(4, 1): "中国人"}, "notes-above"),
    "frictionless_structure-errors.csv": (6, 1, 3, {(2, 0): "1101", (5, 0): "1"}, "ragged"),
    "frictionless_table-with-booleans.ods": (["id", "boolean"], 1, 2, {(2, 0): 1, (2, 1): True, (3, 1): False}, ""),
    "made_crlf_mixed.csv": (["sku", "qty"], 1, 3, {(2, 1): "5", (3, 1): "6", (4, 0): "00125", (4, 1): "7"}, ""),
    "made_csv_saved_as.xls": (9, 1, 52, {(2, 2): "01", (3, 2): "02"}, ""),
    "made_formulas_no_cache.xlsx": (["sku", "qty", "total"], 1, 2, {(2, 0): "00123", (3, 1): 5}, ""),
    "made_phantom_rows.xlsx": (["sku", "qty"], 1, 1, {(2, 0): "00123", (2, 1): 5}, ""),
    "made_semicolon_one_column_with_commas.csv": (["sku", "note"], 1, 2, {(2, 1): "a,b,c"}, ""),
    "made_single_column.csv": (["tracking"], 1, 2, {(2, 0): "9400111899220010079324"}, ""),
    "made_two_boms.csv": (["sku", "qty"], 1, 1, {(2, 0): "00123"}, ""),
    "made_very_wide_16384.xlsx": (16384, 1, 1, {(2, 16383): 16383}, ""),
    "made_very_wide_5000.csv": (5000, 1, 1, {(2, 4999): "4999"}, ""),
    "made_xlsx_named.csv": (["Item", "Type", "Quantity"], 1, 4, {(2, 1): "Apple", (5, 2): 100}, ""),
    "messytables_begrotingsanalyse-2011.csv": (14, 4, 39, {}, "notes-above nameless nameless"),
    "messytables_excel_pasting.csv": (9, 4, 13, {(5, 0): "Timber", (5, 1): "2,666"}, "notes-above left-out"),
    "messytables_mixedGLB.csv": (19, 4, 133, {(5, 0): "1880", (5, 14): "****", (137, 0): "2012"}, "notes-above"),
    "messytables_spanish_chars.csv": (8, 1, 114, {(2, 6): "229,932.50"}, "encoding-guessed left-out"),
    "messytables_sparse_with_column_errors.csv": (4, 1, 2200, {(4, 2): "300368540"}, "encoding-guessed nameless"),
    "messytables_sw_gen.xlsx": (17, 1, 15, {(2, 0): "474939423470395392"}, ""),
    "messytables_utf-16le_encoded.csv": (19, 1, 327, {(2, 0): "5C1", (2, 1): "Enfield PCT"}, ""),
    "messytables_weird_head_padding.csv": (10, 12, 70, {(14, 1): ".", (14, 2): "379"}, ""),
    "openspout_csv_delimited_with_pipes.csv": (3, 1, 2, {(3, 2): "csv--33"}, ""),
    "openspout_csv_with_encoding_utf16le_no_bom.csv": (3, 1, 2, {(3, 2): "csv--33"}, ""),
    "openspout_csv_with_utf32le_bom.csv": (["csv--11", "csv--12", "csv--13"], 1, 2, {}, ""),
    "openspout_file_corrupted.xlsx": (3, 1, 2, {(3, 2): "csv--33"}, ""),
    "openspout_sheet_with_all_cell_types.xlsx": (11, 1, 0, {}, "no-rows"),
    "openspout_sheet_with_number_columns_repeated.ods": (9, 1, 0, {}, "no-rows"),
    "phpspreadsheet_AutoFilter_Basic_Office365.xlsx": (4, 1, 56, {(2, 3): 790, (57, 3): 335}, "hidden-rows"),
    "phpspreadsheet_currency4.ods": (2, 1, 5, {(2, 1): "GBP"}, ""),
    "phpspreadsheet_enclosure.csv": (3, 1, 3, {(2, 0): "12/17/2017 14:35", (4, 2): "username2"}, ""),
    "phpspreadsheet_escape.csv": (10, 1, 1, {}, "left-out"),
    "phpspreadsheet_issue.3255.xlsx": (["#", "Title", "Author"], 1, 14, {(15, 1): "David Copperfield"}, ""),
    "phpspreadsheet_issue.3982.xlsx": (24, 1, 4, {(2, 5): D(2024, 5, 10), (2, 9): 100, (2, 10): 122}, ""),
    "phpspreadsheet_line_break_in_enclosure_with_escaped_quotes.csv": (["Name", "Copy", "URL"], 1, 4, {(5, 2): "http://google.com"}, ""),
    "phpspreadsheet_longIntegers.csv": (2, 1, 5, {(2, 0): "123456789012345678901234", (6, 1): "012345678901234567890123"}, ""),
    "phpspreadsheet_maccentraleurope.biff5.xls": (16, 1, 2, {(2, 1): "0000001", (3, 0): 220695536930}, ""),
    "phpspreadsheet_premiere.utf16be.csv": (["première", "second", "troisième"], 1, 1, {(2, 0): "Quatrième"}, ""),
    "phpspreadsheet_premiere.win1252.csv": (["première", "second", "troisième"], 1, 1, {(2, 2): "sixième"}, "encoding-guessed"),
    "phpspreadsheet_sample.xls": (22, 1, 1, {(2, 2): "9780073374376", (2, 3): "0073374377", (2, 5): 10, (2, 6): 1, (2, 13): "1", (2, 14): "10000"}, ""),
    "phpspreadsheet_semicolon_separated.csv": (["This", "Are", "Headers"], 1, 2, {(2, 2): "25,5", (3, 2): ":,:"}, ""),
    "phpspreadsheet_sep.csv": (["A", "1"], 1, 1, {(2, 0): "2", (2, 1): "3"}, ""),
    "python-calamine_issue139.xlsx": (["date"], 1, 1, {}, ""),
    "rails_admin_import_shift_jis.csv": (["Color"], 1, 3, {(2, 0): "Amazonギフト券5,000円分が抽選で当たる！CNN.co.jp 読者アンケートはこちらから"}, "encoding-guessed"),
    "roo_expand_merged_ranges_issue_506.xlsx": (["One", "Two"], 1, 3, {(2, 1): "Johnson", (3, 1): None, (4, 1): None}, ""),
    "roo_hidden_sheets.xlsx": (["visible sheet 1"], 1, 0, {}, "hidden-tabs no-rows"),
    "roo_iso_8859_1.csv": (8, 1, 1, {(2, 0): "MI-12005WC", (2, 4): "Miramar; cuir blanc"}, ""),
    "roo_parse_clean_with_unicode.xlsx": (["Name", "Age"], 1, 1, {(2, 1): 18}, ""),
    "roo_type_excel.xlsx": (["Date", "Start time", "End time", "Pause", "Sum", "Comment"], 3, 10, {(4, 0): D(2007, 5, 7)}, ""),
    "roo_type_openoffice.xlsx": (["Date", "Start time", "End time", "Pause", "Sum", "Comment"], 3, 10, {(4, 0): D(2007, 5, 7), (4, 1): 9.25}, ""),
    "sheetjs_ErrorTypes.xls": (10, 1, 13, {(2, 2): "#NULL?", (9, 0): "#WTF"}, ""),
    "sheetjs_sheet_visibility.xlsx": (7, 1, 1, {(2, 0): 118}, "hidden-tabs"),
    "tabulator_table.tsv": (["id", "name"], 1, 3, {(3, 1): "中国人", (4, 1): "\\N"}, ""),
    "tabulator_test_scientific_notation.xlsx": (["scientific_notation"], 1, 1, {(2, 0): 4.27335427525861e-07}, ""),
    "xlrd_biff4_no_format_no_window2.xls": (["ID", "TOTAL", "MAIN", "SUB"], 1, 26, {(2, 1): "DOG & CAT PRODUCTS"}, ""),
    "xlrd_ragged.xls": (4, 1, 4, {(3, 0): "f", (5, 3): "l"}, "nameless"),
}

CELLS: dict[str, tuple[str, dict[tuple[int, int], Cell]]] = {  # file -> tab, cells by row and column, for tables without headings too
    "calamine_any_sheets.xlsb": ("Visible", {(1, 0): 1, (1, 1): 2, (3, 1): 6}),
    "calamine_date_iso.xlsx": ("Sheet", {(1, 0): D(2021, 1, 1), (2, 0): at(2021, 1, 1, 10, 10, 10), (3, 0): dt.time(10, 10, 10)}),
    "calamine_has_x000D_.xlsx": ("Sheet1", {(1, 0): "ABC\r\nDEF"}),
    "csvkit_sheets.xlsx": ("data", {(2, 0): "Chicago Reader", (3, 7): "Extra data beyond headers will be trimmed"}),
    "exceljs_test-issue-991.csv": ("", {(1, 0): "2019-11-04", (2, 0): "11-04-2019", (4, 0): "00210PRG1", (5, 0): "1234-5thisisnotadate"}),
    "openpyxl_guess_types.xlsx": ("Sheet1", {(1, 0): "3.14", (1, 1): 3.14, (1, 2): "3/14/15", (1, 3): 0.15, (2, 3): "3E5"}),
    "openspout_sheet_with_all_cell_types.xlsx": ("Sheet1", {(1, 0): "s1--A1", (1, 1): "s1--A2", (1, 2): False, (1, 3): True, (1, 5): D(2015, 6, 1), (1, 6): 10, (1, 7): 10.43}),
    "openspout_sheet_with_number_columns_repeated.ods": ("Sheet1", {(1, 0): "foo", (1, 2): "foo", (1, 3): None, (1, 5): True, (1, 6): True, (1, 10): 10.43}),
    "phpspreadsheet_56_MixedDateFormats.ods": ("Sheet1", {(1, 1): D(2025, 1, 1), (5, 1): D(2025, 12, 31), (6, 1): D(2025, 12, 30)}),
    "phpspreadsheet_NumberFormatTest.de.csv": ("", {(1, 1): "1.234", (1, 2): "12.345,67", (4, 0): "WAHR", (4, 1): "FALSCH"}),
    "phpspreadsheet_ignoreerror.xlsx": ("Main", {(1, 0): "01234", (2, 0): "12345"}),
    "phpspreadsheet_issue.2232.csv": ("", {(2, 1): "FaLSe", (3, 1): "tRUE", (4, 1): "Faux", (5, 1): "Vrai"}),
    "phpspreadsheet_misleading.xlsx": ("Sheet1", {(1, 0): D(2000, 1, 1), (2, 0): D(2012, 2, 29), (3, 0): D(2023, 12, 31), (1, 2): 36526, (1, 3): "123"}),
    "roo_1904_base.xlsx": ("Prices", {(1, 0): D(2009, 6, 15), (2, 0): D(2013, 4, 19)}),
    "roo_boolean.xlsm": ("Sheet1", {(1, 0): True, (2, 0): False}),
    "roo_formula.xlsx": ("Sheet1", {(7, 0): 21, (7, 1): 21}),
    "roo_strict.xlsx": ("Sheet2", {(1, 0): "Sheet 2"}),
    "sheetjs_1904.xls": ("Sheet1", {(1, 1): D(1904, 1, 2), (5, 1): D(1934, 6, 3), (5, 2): "1934-06-03"}),
    "sheetjs_1904.xlsb": ("Sheet1", {(1, 1): D(1904, 1, 2), (5, 1): D(1934, 6, 3), (5, 2): "1934-06-03"}),
    "sheetjs_1904.xlsx": ("Sheet1", {(1, 1): D(1904, 1, 2), (5, 1): D(1934, 6, 3), (5, 2): "1934-06-03"}),
    "sheetjs_DataTypesFormats.xlsx": ("Sheet1", {(1, 1): D(2020, 7, 23), (2, 1): at(2020, 7, 23, 9), (3, 1): 123, (4, 1): 0.9876, (5, 1): 456, (6, 1): 7890}),
    "xlsxwriter_formula_results01.xlsx": ("Sheet1", {(1, 0): 2, (2, 0): "Foo", (3, 0): True, (4, 0): False}),
}

BAD = {  # file -> tab, and what the bad cells show
    "calamine_errors.xlsx": ("Feuil1", ["#DIV/0!", "#NAME?", "#VALUE!", "#NULL!", "#REF!", "#NUM!", "#N/A"]),
    "csvkit_null_byte.csv": ("", ["\u2400"]),
    "made_formulas_no_cache.xlsx": ("Sheet", ["", "", ""]),
    "openspout_sheet_with_all_cell_types.xlsx": ("Sheet1", ["ERROR", "invalid::date"]),
    "phpspreadsheet_currency4.ods": ("Sheet1", ["1.23 CAD", "2.23 GBP", "3.23 JPY", "4.23 CNY", "6.23 USD", "7.23 EUR"]),
    "python-calamine_issue139.xlsx": ("bad_xlsx_dates", ["2994626"]),
    "xlsxwriter_formula_results01.xlsx": ("Sheet1", ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#DIV/0!"]),
}
# fmt: on


@pytest.fixture(autouse=True)
def _here(here: None) -> None:
    """All but the dangerous ones are read in this process."""


def grid(name: str, tab: str) -> Grid:
    """The cells of a file, headings or not."""
    data = (REAL / name).read_bytes()
    form = recognise(data)
    if form == "csv":
        return read_text(settle(data), None, Limits())[0]
    order = {"form": form, "want": tab, "cells": 10**7, "unpacked": 10**9}
    found: Grid = parcel.unpack(child.answer(order, data))["grids"][0]
    return found


def cell(found: Grid, row: int, position: int) -> Cell:
    """The cell of a row and a column, blank where the grid has none."""
    if row not in found.rows or position not in found.positions:
        return None
    return found.columns[found.positions.index(position)][found.rows.index(row)]


def test_every_real_file_has_an_expectation() -> None:
    with (REAL / "INDEX.csv").open(encoding="utf-8") as lines:
        names = {line["file"] for line in csv.DictReader(lines)}
    assert names == set(REFUSED) | set(TABLES)


@pytest.mark.parametrize("name", REFUSED)
def test_a_real_file_is_refused_in_a_sentence_and_quickly(name: str) -> None:
    began = time.monotonic()
    with pytest.raises(SheetRefused, match=REFUSED[name]) as refused:
        read(str(REAL / name))
    assert time.monotonic() - began < 3
    assert str(refused.value).startswith(f"{name}: ")
    assert refused.value.problems[0].hint


@pytest.mark.parametrize("name", TABLES)
def test_a_real_file_is_read_as_a_careful_person_reads_it(name: str) -> None:
    headings, heading_row, count, some, said = TABLES[name]
    sheet = read(str(REAL / name))
    if isinstance(headings, int):
        assert len(sheet.headings) == headings
    else:
        assert sheet.headings == headings
    assert (sheet.heading_row, len(sheet.rows)) == (heading_row, count)
    for (row, index), expected in some.items():
        found = sheet.columns[index][sheet.rows.index(row)]
        assert (found, type(found)) == (expected, type(expected)), f"row {row}, column {index}"
    codes = " ".join(problem.code for problem in sheet.problems)
    assert codes == said or (not said and codes.replace("ragged", "").split() in ([], ["notes-above", "nameless", "left-out"]))


@pytest.mark.parametrize("name", CELLS)
def test_cells_of_real_files_are_what_they_are_with_headings_or_without(name: str) -> None:
    tab, some = CELLS[name]
    found = grid(name, tab)
    assert {place: cell(found, *place) for place in some} == some


@pytest.mark.parametrize("name", BAD)
def test_cells_of_real_files_that_can_not_be_read_are_bad(name: str) -> None:
    tab, shown = BAD[name]
    found = grid(name, tab)
    bad: list[tuple[int, int, str]] = []
    for position, column in zip(found.positions, found.columns, strict=True):
        bad += [(row, position, each.text) for row, each in zip(found.rows, column, strict=True) if isinstance(each, BadCell)]
    assert sorted(text for _, _, text in bad) == sorted(shown)


def test_leading_zeros_of_number_cells_are_refused_one_by_one() -> None:
    found = grid("roo_number_with_zero_prefix.xlsx", "Sheet1")
    assert len(found.rows) == 50
    assert all(isinstance(each, BadCell) for each in found.columns[0])


def test_merged_cells_fill_their_range_and_nothing_else() -> None:
    sheet = read(f"{REAL / 'calamine_merged_range.xlsx'}#Sheet1", header_row=None)
    assert sheet.headings[:3] == ["A1", "B1", "C1"]
    assert [column[0] for column in sheet.columns][:3] == ["A3", "B3", "C3"]


def test_formulas_whose_zero_may_be_a_placeholder_are_reported() -> None:
    found = grid("xlsxwriter_array_formula01.xlsx", "Sheet1")
    assert [note.code for note in found.notes] == ["formula-zeros"]


def test_the_rows_that_a_filter_hides_are_said_to_be_filtered() -> None:
    [said] = read(str(REAL / "phpspreadsheet_AutoFilter_Basic_Office365.xlsx")).problems
    assert "51 of 56" in said.reason
    assert "filter" in said.reason


@pytest.mark.parametrize(
    "name", ["phpspreadsheet_oleloop.xls", "calamine_issue_594_dos.ods", "openspout_attack_billion_laughs.xlsx"]
)
def test_hostile_files_are_refused_by_a_real_child_process(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    began = time.monotonic()
    with pytest.raises(SheetRefused):
        read(str(REAL / name))
    assert time.monotonic() - began < 5
