"""Cells of workbooks: what a number, a date, a format or a formula means, read fast and read exactly."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter
from make_files import ods, ods_row, raw_xlsx, text_rows
from sheet_cases import codes, rows

from orderdesk_batch.sheets import BadCell, Cell, Literal, Sheet, read, xlsx
from orderdesk_batch.sheets.formats import from_serial, shown

Reading = Callable[..., Sheet]
ORDER = {"unpacked": 10**9, "cells": 10**7, "want": None}
DAY = dt.datetime(2026, 3, 1, 12, 0)


@pytest.fixture
def cell(here: None) -> Callable[..., Cell]:
    """Reads one cell, given as XML, below a heading."""

    def reading(inside: str, attributes: str = "", **options: Any) -> Cell:
        body = text_rows([["Order #", "Value"]]) + f'<row r="2"><c r="A2"><v>1</v></c><c r="B2" {attributes}>{inside}</c></row>'
        return rows(read(raw_xlsx(body, **options)))[2][1]

    return reading


@pytest.mark.parametrize(
    ("inside", "attributes", "expected"),
    [
        ("<v>5</v>", "", 5),
        ("<v>5.0</v>", "", 5),
        ("<v>68.66499999999999</v>", "", 68.665),
        ("<v>274.65999999999997</v>", "", 274.66),
        ("<v>4.27335427525861E-07</v>", "", 4.27335427525861e-07),
        ("<v>0.1</v>", 't="n"', 0.1),
        ("<v>1</v>", 't="b"', True),
        ("<v>0</v>", 't="b"', False),
        ("<is><t>00123</t></is>", 't="inlineStr"', "00123"),
        ("<is><r><t>00</t></r><r><t>123</t></r></is>", 't="inlineStr"', "00123"),
        ("<is><t>東京</t><rPh><t>トウキョウ</t></rPh></is>", 't="inlineStr"', "東京"),
        ("<is><t>ABC_x000D_\nDEF</t></is>", 't="inlineStr"', "ABC\r\nDEF"),
        ("<is><t>_x005F_x000D_</t></is>", 't="inlineStr"', "_x000D_"),
        ("<is><t>'(clear)</t></is>", 't="inlineStr"', Literal("(clear)")),
        ("<is><t>''(clear)</t></is>", 't="inlineStr"', "'(clear)"),
        ("<is><t>'=1</t></is>", 't="inlineStr"', "'=1"),
        ("<v>Foo</v>", 't="str"', "Foo"),
        ("<f>1+1</f><v>2</v>", "", 2),
        ("<v>2015-06-01</v>", 't="d"', dt.date(2015, 6, 1)),
        ("<v>2015-06-03T13:21:58</v>", 't="d"', dt.datetime(2015, 6, 3, 13, 21, 58)),
        ("<v><![CDATA[7]]></v>", "", 7),
    ],
)
def test_a_cell_is_read_as_it_is_meant(cell: Callable[..., Cell], inside: str, attributes: str, expected: Cell) -> None:
    found = cell(inside, attributes)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("inside", "attributes", "code", "text"),
    [
        ("<v>#N/A</v>", 't="e"', "error-cell", "#N/A"),
        ("<v>ERROR</v>", 't="e"', "error-cell", "ERROR"),
        ("<f>1+1</f>", "", "not-calculated", ""),
        ("<f>1+1</f><v></v>", "", "not-calculated", ""),
        ("<f>1+1</f><v/>", "", "not-calculated", ""),
        ('<f t="shared" si="0"/>', "", "not-calculated", ""),
        ("<f>A1</f>", 't="str"', "not-calculated", ""),
        ("<v>9400111899220010079324</v>", "", "digits-lost", "9400111899220010079324"),
        ("<v>9.40011189922001E+21</v>", "", "digits-lost", "9.40011189922001E+21"),
        ("<v>0001</v>", "", "zeros", "0001"),
        ("<v>invalid::date</v>", 't="d"', "date", "invalid::date"),
        ("<v>99</v>", 't="s"', "damaged-cell", "99"),
        ("<v>maybe</v>", 't="b"', "damaged-cell", "maybe"),
        ("<is><t>a_x0000_b</t></is>", 't="inlineStr"', "nul", "a\u2400b"),
        ("<v>2994626</v>", 's="1"', "date", "2994626"),
        ("<v>-3</v>", 's="1"', "date", "-3"),
        ("<v>60</v>", 's="1"', "date", "1900-02-29"),
    ],
)
def test_a_cell_that_can_not_be_read_for_sure_is_bad(
    cell: Callable[..., Cell], inside: str, attributes: str, code: str, text: str
) -> None:
    found = cell(inside, attributes, styles=("yyyy-mm-dd",))
    assert isinstance(found, BadCell)
    assert (found.code, found.text) == (code, text)
    assert found.reason
    assert found.hint.endswith(".")


def test_an_empty_text_of_a_formula_is_blank(cell: Callable[..., Cell]) -> None:
    assert cell('<f>""</f><v></v>', 't="str"') is None


@pytest.mark.parametrize("workbook", ['<calcPr calcId="1" fullCalcOnLoad="1"/>', '<calcPr calcId="124519"/>'])
def test_zeros_that_no_program_calculated_are_no_values(here: None, workbook: str) -> None:
    body = text_rows([["Order #", "Sum"]]) + '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><f>C1</f><v>0</v></c></row>'
    sheet = read(raw_xlsx(body, workbook=workbook))
    found = rows(sheet)[2][1]
    if "fullCalc" in workbook:
        assert isinstance(found, BadCell)
    else:
        assert (found, codes(sheet)) == (0, ["formula-zeros"])


@pytest.mark.parametrize(
    ("value", "code", "expected"),
    [
        (8123, "00000", "08123"),
        (60606, "00000", 60606),
        (7, '"ORD-"0000', "ORD-0007"),
        (1001, '"#"0', "#1001"),
        (123456789, "000-00-0000", "123-45-6789"),
        (5551234567, "(###) ###-####", "(555) 123-4567"),
        (1.5, '0.0" kg"', "1.5 kg"),
        (12, '0 "pcs"', "12 pcs"),
        (12, 'General" oz"', "12 oz"),
        (9.99, '"$"#,##0.00', 9.99),
        (9.99, "[$€-407] #,##0.00", 9.99),
        (9.99, '#,##0.00\\ "kr"', 9.99),
        (-5, "#,##0;[Red]-#,##0", -5),
        (0.15, "0%", 0.15),
        (1234567, '0.0,,"M"', 1234567),
        (1234, "#\\ ##0", 1234),
        (5, "0.00", 5),
        (46082, "dd/mm/yyyy", dt.date(2026, 3, 1)),
        (46082.5, "[$-409]d-mmm-yy h:mm;@", DAY),
        (0.25, "h:mm AM/PM", dt.time(6, 0)),
        (1.5, "[h]:mm", "36:00:00"),
        (46082, '"day" 0', "day 46082"),
        (46082, "\\d0", "d46082"),
        (46082, "[Red]0", 46082),
        (46082, "0.00E+00", 46082),
        (46082, 'yyyy"年"m"月"d"日"', dt.date(2026, 3, 1)),
    ],
)
def test_a_number_is_what_its_format_shows_where_that_means_something(value: float, code: str, expected: Cell) -> None:
    found = shown(value, code)
    assert (found, type(found)) == (expected, type(expected))


def test_days_are_counted_as_excel_counts_them() -> None:
    assert from_serial(1) == dt.date(1900, 1, 1)
    assert from_serial(59) == dt.date(1900, 2, 28)
    assert from_serial(61) == dt.date(1900, 3, 1)
    assert from_serial(2958465) == dt.date(9999, 12, 31)
    assert isinstance(from_serial(2958466), BadCell)
    assert from_serial(0, epoch_1904=True) == dt.date(1904, 1, 1)
    assert from_serial(46082.99999999) == dt.date(2026, 3, 2)


def test_a_workbook_counts_days_from_1904_if_it_says_so(file: Reading) -> None:
    assert rows(file("epoch_1904.xlsx"))[2] == ["1001", dt.date(2026, 3, 1)]


def test_formats_are_heeded_in_a_whole_sheet(file: Reading) -> None:
    assert rows(file("formats.xlsx")) == {
        2: ["ORD-0007", "08123", "1.5 kg", 9.99, DAY, 0.15],
        3: ["ORD-12345", 60606, "2 kg", 1234.5, dt.date(2026, 3, 2), 1],
    }


def test_errors_and_formulas_in_a_whole_sheet(file: Reading) -> None:
    table = rows(file("errors_and_formulas.xlsx"))
    assert [getattr(cell, "code", cell) for cell in table[2]] == ["1001", "error-cell", None]
    assert [getattr(cell, "code", cell) for cell in table[3]] == ["1002", "not-calculated", "1002"]
    assert [getattr(cell, "code", cell) for cell in table[4]] == ["digits-lost", "zeros", 42]


def test_several_currencies_in_a_column_are_refused_and_one_is_not(here: None) -> None:
    def sheet(first: str, second: str) -> list[Cell]:
        body = text_rows([["Order #", "Price"]]) + "".join(
            f'<row r="{row}"><c r="A{row}"><v>{row}</v></c><c r="B{row}" s="{style}"><v>9.5</v></c></row>'
            for row, style in ((2, 1), (3, 2))
        )
        return read(raw_xlsx(body, styles=(first, second))).columns[1]

    assert sheet("[$€-407] 0.00", "[$$-409]0.00") != [9.5, 9.5]
    assert all(isinstance(found, BadCell) for found in sheet("[$€-407] 0.00", "[$$-409]0.00"))
    assert sheet("[$€-407] 0.00", "#,##0.00 [$€-1]") == [9.5, 9.5]


FORMATS = [
    "General",
    "0",
    "0.00",
    "#,##0",
    "0%",
    "@",
    "[$€-407] 0.00",
    "mmm-yy",
    "[Red]0",
    "dd.mm.yyyy;@",
    "[h]:mm",
    "h:mm AM/PM",
    "0.00E+00",
]
FORMATS += [
    "# ?/?",
    "[$-F800]dddd\\,\\ mmmm\\ dd",
    'yyyy"年"m"月"d"日"',
    "#\\ ##0",
    "mm:ss.0",
    "[s]",
    "yyyy-mm-dd hh:mm:ss",
    "dddd",
    "m",
    "ss",
]
FORMATS += [
    "0;[Red]-0",
    'General;-General;"-"',
    "[$-1010000]d/m/yy",
    '"yes";"yes";"no"',
    "B1d-mmm-yy",
    'hh"h"mm',
    "[<1]0.00;0",
    "0_ ;[Red]\\-0\\ ",
]


def test_the_fast_reader_and_the_exact_one_agree_on_formats() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    tab = book.add_worksheet()
    tab.write_row(0, 0, ["format", "a", "b", "c", "d"])
    for row, code in enumerate(FORMATS, 1):
        tab.write_string(row, 0, code)
        for at, value in enumerate((5, 1234.5, 45292, 45292.75), 1):
            tab.write_number(row, at, value, book.add_format({"num_format": code}))
    book.close()
    fast, slow = (xlsx.read(out.getvalue(), {**ORDER, "slow": slow})["grids"][0] for slow in (False, True))
    assert fast.columns == slow.columns
    assert [list(map(type, column)) for column in fast.columns] == [list(map(type, column)) for column in slow.columns]


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_namespaces_and_their_prefixes_make_no_difference(here: None, prefix: str) -> None:
    space = f"xmlns{':x' if prefix else ''}"
    xml = (
        f'<{prefix}worksheet {space}="http://purl.oclc.org/ooxml/spreadsheetml/main"><{prefix}sheetData><{prefix}row><{prefix}c t="str">'
        f"<{prefix}v>Order #</{prefix}v></{prefix}c></{prefix}row><{prefix}row><{prefix}c><{prefix}v>5</{prefix}v></{prefix}c></{prefix}row>"
        f"</{prefix}sheetData></{prefix}worksheet>"
    )
    sheet = read(raw_xlsx("", sheet=xml.encode()))
    assert (sheet.headings, rows(sheet)) == (["Order #"], {2: [5]})


def test_shared_texts_are_read_without_their_pronunciation(here: None) -> None:
    body = '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" t="s"><v>1</v></c></row>'
    strings = "<si><t>City</t></si><si><t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh></si>"
    assert rows(read(raw_xlsx(body, strings=strings)))[2] == ["東京"]


def test_open_document_cells_are_read_as_stored_and_as_shown_where_that_means_something(file: Reading) -> None:
    sheet = file("open.ods")
    table = rows(sheet)
    assert table[2][:5] == ["001  23", "08123", dt.date(2026, 3, 1), True, 9.99]
    assert (str(table[2][5]), table[2][6]) == ("#DIV/0!", "5 kg")
    assert table[3][:5] == [1002, 60606, dt.time(9, 30), False, 5]
    assert (table[3][5].code, table[3][6]) == ("not-calculated", 68.665)
    assert codes(sheet) == ["hidden-tabs", "hidden-rows"]


@pytest.mark.parametrize(
    ("attributes", "shown_text", "expected"),
    [
        ('office:value-type="string" office:string-value="a"', "", "a"),
        ('office:value-type="time" office:time-value="PT36H00M00S"', "36:00", "36:00:00"),
        ('office:value-type="percentage" office:value="0.15"', "15%", 0.15),
        ('office:value-type="float" office:value="4.2E-7"', "4.2E-07", 4.2e-07),
        ('office:value-type="float" office:value="5551234567"', "(555) 123-4567", 5551234567),
        ('office:value-type="boolean" office:boolean-value="1"', "1", True),
        ("", "typed", "typed"),
    ],
)
def test_an_open_document_cell_of_each_sort(here: None, attributes: str, shown_text: str, expected: Cell) -> None:
    text = 'office:value-type="string"'
    table = ods_row((text, "Order #"), (text, "Value")) + ods_row((text, "1"), (attributes, shown_text))
    found = rows(read(ods(f'<table:table table:name="A">{table}</table:table>')))[2][1]
    assert (found, type(found)) == (expected, type(expected))


def record(number: int, body: bytes = b"") -> bytes:
    """A record of a binary workbook."""
    head = bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80, number >> 7])
    return head + bytes([len(body)]) + body


def wide(text: str) -> bytes:
    """A text as binary workbooks have it."""
    return len(text).to_bytes(4, "little") + text.encode("utf-16-le")


def xlsb(cells: bytes) -> bytes:
    """A binary workbook with headings and these cells in row 2; style 1 is a date, style 2 has five digits."""
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    heading = record(0, bytes(25)) + b"".join(
        record(6, struct.pack("<II", at, 0) + wide(text)) for at, text in enumerate(["Order #", "Qty"])
    )
    parts = {
        "xl/workbook.bin": record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("Orders")),
        "xl/_rels/workbook.bin.rels": f'<R><Relationship Id="rId1" Type="{rel}/worksheet" Target="worksheets/sheet1.bin"/>'
        f'<Relationship Id="rId2" Type="{rel}/styles" Target="styles.bin"/></R>',
        "xl/styles.bin": record(44, struct.pack("<H", 164) + wide("yyyy-mm-dd"))
        + record(44, struct.pack("<H", 165) + wide("00000"))
        + record(617)
        + b"".join(record(47, struct.pack("<HH", 0, number)) for number in (0, 164, 165))
        + record(618),
        "xl/worksheets/sheet1.bin": record(145) + heading + record(0, struct.pack("<I", 1) + bytes(21)) + cells + record(146),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("number", "style", "body", "expected"),
    [
        (2, 0, struct.pack("<I", 5 << 2 | 2), 5),
        (2, 0, struct.pack("<I", 1234 << 2 | 3), 12.34),
        (2, 2, struct.pack("<I", 8123 << 2 | 2), "08123"),
        (5, 0, struct.pack("<d", 68.66499999999999), 68.665),
        (5, 1, struct.pack("<d", 46082.0), dt.date(2026, 3, 1)),
        (4, 0, b"\1", True),
        (6, 0, wide("00123"), "00123"),
        (62, 0, b"\0" + wide("rich"), "rich"),
        (8, 0, wide("Foo"), "Foo"),
        (9, 0, struct.pack("<d", 42.0), 42),
        (10, 0, b"\0", False),
    ],
)
def test_a_binary_cell_of_each_sort(here: None, number: int, style: int, body: bytes, expected: Cell) -> None:
    cells = record(6, struct.pack("<II", 0, 0) + wide("1")) + record(number, struct.pack("<II", 1, style) + body)
    found = rows(read(xlsb(cells)))[2][1]
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(("number", "byte", "text"), [(3, 42, "#N/A"), (11, 7, "#DIV/0!"), (3, 99, "error 99")])
def test_errors_of_a_binary_workbook_are_bad_cells(here: None, number: int, byte: int, text: str) -> None:
    cells = record(6, struct.pack("<II", 0, 0) + wide("1")) + record(number, struct.pack("<II", 1, 0) + bytes([byte]))
    found = rows(read(xlsb(cells)))[2][1]
    assert isinstance(found, BadCell)
    assert found.text == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_a_worksheet_may_be_in_another_encoding(here: None, encoding: str) -> None:
    xml = f'<?xml version="1.0" encoding="{encoding}"?><worksheet><sheetData>{text_rows([["Name"], ["Zoë"]])}</sheetData></worksheet>'
    assert rows(read(raw_xlsx("", sheet=xml.encode(encoding)))) == {2: ["Zoë"]}
