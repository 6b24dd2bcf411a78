"""This file makes the small files under tests/files that show one trap of the file reader each: `python tests/sheets/make_files.py`."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

import xlsxwriter

FILES = Path(__file__).parents[1] / "files"
_TYPES = """<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"""
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def raw_xlsx(
    cells: str,
    *,
    styles: tuple[str, ...] = (),
    strings: str = "",
    workbook: str = "",
    before: str = "",
    after: str = "",
    name: str = "Sheet1",
    sheet: bytes | None = None,
) -> bytes:
    """A workbook from the XML of its rows; `styles` are format codes, style 1 is the first of them."""
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_REL}">{workbook or "<workbookPr/>"}<sheets><sheet name="{name}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" Type="{_REL}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="rId2" Type="{_REL}/styles" Target="styles.xml"/><Relationship Id="rId3" Type="{_REL}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
        ),
        "xl/styles.xml": (
            f'<styleSheet xmlns="{_MAIN}"><numFmts count="{len(styles)}">'
            + "".join(f'<numFmt numFmtId="{number}" formatCode="{code}"/>' for number, code in enumerate(styles, 164))
            + '</numFmts><cellXfs><xf numFmtId="0"/>'
            + "".join(f'<xf numFmtId="{number}"/>' for number in range(164, 164 + len(styles)))
            + "</cellXfs></styleSheet>"
        ),
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{strings}</sst>',
        "xl/worksheets/sheet1.xml": sheet
        or f'<worksheet xmlns="{_MAIN}">{before}<sheetData>{cells}</sheetData>{after}</worksheet>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            info = zipfile.ZipInfo(part, (2026, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return out.getvalue()


def text_rows(rows: list[list[str]], first: int = 1) -> str:
    """Rows of text cells as XML."""
    lines = []
    for number, row in enumerate(rows, first):
        cells = "".join(
            f'<c r="{chr(65 + at)}{number}" t="inlineStr"><is><t>{text}</t></is></c>' for at, text in enumerate(row) if text
        )
        lines.append(f'<row r="{number}">{cells}</row>')
    return "".join(lines)


def _workbook(name: str, fill: object, **options: object) -> None:
    book = xlsxwriter.Workbook(str(FILES / name), options)
    book.set_properties({"created": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)})
    fill(book)  # type: ignore[operator]
    book.close()


def _tabs(book: xlsxwriter.Workbook) -> None:
    for name, rows in (
        ("Read me", [["How to fill this in"], ["Write one parcel per line."]]),
        ("Shipments", [["Order #", "Tracking Number"], ["1001", "9400111899220010079324"]]),
        ("Old", [["Order #", "Tracking Number"], ["999", "OLD"]]),
    ):
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        if name == "Old":
            sheet.hide()


def _hidden(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet("Orders")
    for number, row in enumerate([["Order #", "Secret", "Qty"], ["1001", "x", 1], ["1002", "y", 2], ["1003", "z", 3]]):
        sheet.write_row(number, 0, row)
    sheet.set_row(2, None, None, {"hidden": True})
    sheet.set_column(1, 1, None, None, {"hidden": True})


def _merged(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet("Orders")
    sheet.merge_range("A1:D1", "Parcels of March")
    sheet.write_row(1, 0, ["Order #", "Tracking", "Ship to", ""])
    sheet.merge_range("C2:D2", "Ship to")
    sheet.write_row(2, 0, ["", "Number", "Name", "City"])
    sheet.merge_range("A2:A3", "Order #")
    sheet.write_row(3, 0, ["", "1Z1", "Ann", "Rome"])
    sheet.write_row(4, 0, ["", "1Z2", "Ann", "Rome"])
    sheet.merge_range("A4:A5", "1001")
    sheet.merge_range("A6:D6", "EXPRESS")
    sheet.write_row(6, 0, ["1002", "1Z3", "Bob", "Oslo"])


def _amazon(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet("Template")
    sheet.write_row(0, 0, ["TemplateType=OrderFulfillment", "Version=2011.1102", "For Amazon.com use only"])
    sheet.write_row(1, 0, ["Order ID", "Order Item ID", "Quantity", "Ship Date", "Carrier Code", "Tracking Number"])
    sheet.write_row(2, 0, ["order-id", "order-item-id", "quantity", "ship-date", "carrier-code", "tracking-number"])
    sheet.write_row(3, 0, ["112-1234567-1234567", "05015851154158", 1, "2026-03-01", "UPS", "1Z999AA10123456784"])


def _formats(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet("Orders")
    sheet.write_row(0, 0, ["Order #", "Zip", "Weight", "Price", "Shipped", "Share"])
    codes = ['"ORD-"0000', "00000", '0.0" kg"', '"$"#,##0.00', "yyyy-mm-dd hh:mm", "0%"]
    formats = [book.add_format({"num_format": code}) for code in codes]
    for number, values in enumerate([(7, 8123, 1.5, 9.99, 46082.5, 0.15), (12345, 60606, 2, 1234.5, 46083, 1)], 1):
        for at, value in enumerate(values):
            sheet.write_number(number, at, value, formats[at])


def _epoch(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet("Orders")
    sheet.write_row(0, 0, ["Order #", "Shipped"])
    sheet.write_string(1, 0, "1001")
    sheet.write_datetime(1, 1, dt.datetime(2026, 3, 1), book.add_format({"num_format": "d/m/yyyy"}))


TEXTS: dict[str, bytes] = {
    "bom_utf8.csv": "\ufeffOrder #,Name\r\n1001,Zoë\r\n".encode(),
    "windows1252.csv": "Order #;Name\r\n1001;Jürgen Müller\r\n1002;François – fils\r\n".encode("cp1252"),
    "shift_jis.csv": "注文番号,名前\r\n1001,アマゾン\r\n1002,山田太郎\r\n".encode("cp932"),
    "utf16_le_bom.csv": b"\xff\xfe" + "Order #\tName\r\n1001\tZoë\r\n".encode("utf-16-le"),
    "utf16_be_no_bom.csv": "Order #,Name\r\n1001,Zoe\r\n".encode("utf-16-be"),
    "cyrillic_cp1251.csv": "Order #,Name\r\n1001,Привет мир\r\n".encode("cp1251"),
    "broken_utf8.csv": b"Order #,Name\r\n1001,Zo\xc3\xab\r\n1002,Zo\xeb\r\n",
    "tabs_named.xls": b"Order #\tTracking\n00123\t1Z999\n",
    "commas_named.xlsx": b"Order #,Tracking\n00123,1Z999\n",
    "html_named.xls": b"<html><body><table><tr><td>Order</td></tr></table></body></html>",
    "pipes.txt": b"Order #|Tracking|Note\n1001|1Z1|a, b\n1002|1Z2|c; d\n",
    "sep_line.csv": b"sep=;\r\nOrder #;Price\r\n1001;9,99\r\n",
    "mac_line_ends.csv": b"Order #,Tracking\r1001,1Z1\r1002,1Z2\r",
    "mixed_line_ends.csv": b"Order #,Tracking\r\n1001,1Z1\n1002,1Z2\r1003,1Z3\r\n",
    "quoted_breaks.csv": b'Order #,Note\r\n1001,"two\r\nlines, one cell"\r\n1002,"a ""big"" one"\r\n',
    "unclosed_quote.csv": b'Order #,Note,Qty\n1001,fine,1\n1002,"not closed,2\n1003,lost?,3\n',
    "text_after_quote.csv": b'Order #,Note,Qty\n1001,"12" pipe,1\n',
    "swallowed_lines.csv": b'a,b,c,d,e,f\n1,2,3,4,5,"Bud\n1,2,3,4,5,lite"\n',
    "ragged.csv": b"Order #,Tracking,Qty\n1001,1Z1,1\n1002,1Z2\n1003,1Z3,1,extra\n1004,1Z4,1,,\n",
    "notes_above.csv": b"Shipments of March,,\nPrinted 2026-03-31,,\n,,\nOrder #,Tracking,Qty\n1001,1Z1,1\n",
    "totals.csv": (
        b"Order #,Tracking,Qty\n1001,1Z1,1\n1002,1Z2,2\nSubtotal,,3\nPage 1 of 2,,\nOrder #,Tracking,Qty\n"
        b"1003,1Z3,4\nTotal,,7\n,,\nSource: the warehouse,,\n"
    ),
    "total_is_a_sku.csv": b"SKU,Stock\nTOTAL,5\nA1,7\nB2,9\n",
    "headings_only.csv": b"Order #,Tracking\r\n",
    "no_headings.csv": b"1001,9400111899220010079324,2026-03-01\n1002,9400111899220010079331,2026-03-02\n",
    "blank.csv": b"\r\n  ,\r\n\t\r\n",
    "nul.csv": b"Order #,Note\n1001,a\0b\n",
    "guarded.csv": b"Order #,Note,Name\n1001,'=1+1,'(clear)\n1002,(clear),''tis\n1003,'tis,'\n",
    "spaces_before_quotes.csv": b'Order #, Note, Qty\n1001, "a, b", 1\n1002, "c", 2\n',
    "one_column.txt": b"Tracking\n9400111899220010079324\n1Z999AA10123456784\n",
    "pdf_named.csv": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
}


_ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"><office:automatic-styles><style:style style:name="gone" '
    'style:family="table"><style:table-properties table:display="false"/></style:style></office:automatic-styles>'
    "<office:body><office:spreadsheet>"
)
_ODS_FOOT = "</office:spreadsheet></office:body></office:document-content>"


def ods(tables: str) -> bytes:
    """An OpenDocument sheet from the XML of its tables."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in (
            ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
            ("content.xml", _ODS_HEAD + tables + _ODS_FOOT),
            ("META-INF/manifest.xml", "<manifest/>"),
        ):
            archive.writestr(zipfile.ZipInfo(part, (2026, 1, 1, 0, 0, 0)), content)
    return out.getvalue()


def ods_row(*cells: tuple[str, str], row: str = "") -> str:
    """A row from (attributes, text) of its cells."""
    inside = "".join(
        f"<table:table-cell {attributes}>{f'<text:p>{text}</text:p>' if text else ''}</table:table-cell>"
        for attributes, text in cells
    )
    return f"<table:table-row {row}>{inside}</table:table-row>"


def _ods() -> bytes:
    string, number = 'office:value-type="string"', 'office:value-type="float" office:value="{}"'
    rows = [
        ods_row(*((string, text) for text in ("Order #", "Zip", "Shipped", "Gift", "Price", "Sum", "Weight"))),
        ods_row(
            (string, "001<text:s text:c='2'/>23"),
            (number.format(8123), "08123"),
            ('office:value-type="date" office:date-value="2026-03-01"', "01/03/26"),
            ('office:value-type="boolean" office:boolean-value="true"', "TRUE"),
            ('office:value-type="currency" office:currency="EUR" office:value="9.99"', "9,99 €"),
            ('table:formula="of:=1/0" office:value-type="string" office:string-value=""', "#DIV/0!"),
            (number.format(5), "5 kg"),
        ),
        ods_row(
            (number.format(1002), "1002"),
            (number.format(60606), "60606"),
            ('office:value-type="time" office:time-value="PT09H30M00S"', "09:30"),
            ('office:value-type="boolean" office:boolean-value="false"', "FALSE"),
            ('office:value-type="currency" office:currency="EUR" office:value="5"', "5 €"),
            ('table:formula="of:=[.A1]"', ""),
            (number.format("68.66499999999999"), "68.67"),
            row='table:visibility="collapse"',
        ),
        ods_row(("table:number-columns-repeated='16384'", ""), row="table:number-rows-repeated='1048573'"),
    ]
    hidden = f'<table:table table:name="Old" table:style-name="gone">{ods_row((string, "secret"))}</table:table>'
    return ods(f'<table:table table:name="Orders"><table:table-column/>{"".join(rows)}</table:table>{hidden}')


def main() -> None:
    """Writes all the files anew."""
    FILES.mkdir(exist_ok=True)
    for name, content in TEXTS.items():
        (FILES / name).write_bytes(content)
    _workbook("tabs.xlsx", _tabs)
    _workbook("hidden.xlsx", _hidden)
    _workbook("merged.xlsx", _merged)
    _workbook("amazon_row_3.xlsx", _amazon)
    _workbook("formats.xlsx", _formats)
    _workbook("epoch_1904.xlsx", _epoch, date_1904=True)
    heading = text_rows([["Order #", "Qty", "Note"]])
    (FILES / "errors_and_formulas.xlsx").write_bytes(
        raw_xlsx(
            heading + '<row r="2"><c r="A2" t="inlineStr"><is><t>1001</t></is></c><c r="B2" t="e"><v>#N/A</v></c>'
            '<c r="C2" t="str"><f>""</f><v></v></c></row>'
            '<row r="3"><c r="A3" t="inlineStr"><is><t>1002</t></is></c><c r="B3"><f>1+1</f><v></v></c>'
            '<c r="C3" t="str"><f>A3</f><v>1002</v></c></row>'
            '<row r="4"><c r="A4"><v>9400111899220010079324</v></c><c r="B4"><v>007</v></c><c r="C4"><f>6*7</f><v>42</v></c></row>'
        )
    )
    (FILES / "open.ods").write_bytes(_ods())
    (FILES / "entities.xlsx").write_bytes(
        raw_xlsx("", sheet=b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaa">]><worksheet><sheetData/></worksheet>')
    )


if __name__ == "__main__":
    main()
