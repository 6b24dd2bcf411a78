"""Files that are no sheets, damaged, locked or hostile: one clear sentence each, in little time and memory."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from make_files import raw_xlsx, text_rows
from sheet_cases import FILES, rows

from orderdesk_batch.errors import SheetRefused
from orderdesk_batch.sheets import Limits, Sheet, read

Reading = Callable[..., Sheet]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def packed(**parts: bytes) -> bytes:
    """A zip archive; a double underscore stands for a slash."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf", "nothing but blank"),
        (b"%PDF-1.7", "a PDF"),
        (b"\x89PNG\r\n", "a picture"),
        (b"\x1f\x8b\x08", "a gzip archive"),
        (b"{\\rtf1", "RTF"),
        (b'{"orders": []}', "JSON"),
        (b'[{"a": 1}]', "JSON"),
        (b"<table><tr><td>1</td></tr></table>", "web page"),
        (b"\xef\xbb\xbf<!DOCTYPE html><html></html>", "web page"),
        ("<html></html>".encode("utf-16"), "web page"),
        (b"MIME-Version: 1.0\n", "web archive"),
        (b"<?xml version='1.0'?><orders/>", "XML"),
        (b"<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'/>", "Excel 2003"),
        (b"ID;PWXL;N;E\r\nP;PGeneral\r\n", "SYLK"),
        (bytes(range(256)) * 8, "UTF-8"),
        (b"PK\x03\x04 cut off", "damaged or incomplete"),
        (packed(word__document=b""), "a document"),
        (packed(**{"orders.csv": b"a,b"}), "zip archive that holds orders.csv"),
        (packed(**{"Index/Document.iwa": b""}), "Numbers"),
        (packed(readme=b""), "zip archive, not a sheet"),
        (packed(**{"[Content_Types].xml": b"<Types/>"}), "parts of the workbook are missing"),
        (OLE + "EncryptedPackage".encode("utf-16-le") + b"\0\0", "needs a password"),
        (OLE + "WordDocument".encode("utf-16-le") + b"\0\0", "a document"),
        (OLE, "damaged"),
        (OLE + "Workbook".encode("utf-16-le") + b"\0\0", "damaged"),
        (packed(xl__workbook=b"", **{"xl/workbook.xml": b"<workbook/>"}), "no sheets"),
        (packed(**{"xl/workbook.xml": b"<workbook"}), "damaged"),
        (packed(**{"xl/workbook.bin": b"\x9c\x01\xff"}), "damaged"),
        (packed(**{"content.xml": b"<office", "mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "damaged"),
        (
            packed(**{"content.xml": b"<a/>", "META-INF/manifest.xml": b"<m><encryption-data/></m>"}),
            "needs a password",
        ),
    ],
)
def test_what_is_no_sheet_is_refused_in_words(here: None, data: bytes, words: str) -> None:
    with pytest.raises(SheetRefused) as refused:
        read(data)
    [problem] = refused.value.problems
    assert words in str(refused.value)
    assert str(refused.value).startswith("data: ")
    assert (problem.row, problem.level) == (None, "error")
    assert problem.hint


@pytest.mark.parametrize(
    ("name", "words"),
    [("blank.csv", "blank"), ("html_named.xls", "web page"), ("pdf_named.csv", "PDF"), ("entities.xlsx", "entities")],
)
def test_small_files_that_are_no_sheets(file: Reading, name: str, words: str) -> None:
    with pytest.raises(SheetRefused, match=words):
        file(name)


def test_a_line_of_text_named_as_a_workbook_is_no_sheet(tmp_path: Path) -> None:
    path = tmp_path / "orders.xls"
    path.write_text("Attachment orders.xls not found!")
    with pytest.raises(SheetRefused, match="a line of text"):
        read(path)


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_a_workbook_that_was_cut_off_is_refused(cut: float) -> None:
    data = (FILES / "formats.xlsx").read_bytes()
    with pytest.raises(SheetRefused, match="damaged or incomplete"):
        read(data[: int(len(data) * cut)])


def test_a_flipped_bit_in_a_workbook_is_noticed(here: None) -> None:
    data = bytearray((FILES / "formats.xlsx").read_bytes())
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        start = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 60
    data[start + 200] ^= 4
    with pytest.raises(SheetRefused, match="damaged"):
        read(bytes(data))


# From here on a child process does read.


def quickly(data: bytes, words: str, limits: Limits | None = None) -> None:
    began = time.monotonic()
    with pytest.raises(SheetRefused, match=words):
        read(data, limits=limits)
    assert time.monotonic() - began < 8


def test_an_archive_that_unpacks_to_gigabytes_is_refused_before_it_does() -> None:
    quickly(packed(**{"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": b" " * 300_000_000}), "unpacks to")


def test_an_archive_that_lies_about_its_size_is_refused() -> None:
    data = bytearray(raw_xlsx(text_rows([["Order #"], ["1"]]) + " " * 5_000_000))
    at = data.rfind(b"PK\x01\x02", 0, data.rfind(b"xl/worksheets/sheet1.xml"))
    data[at + 24 : at + 28] = (100).to_bytes(4, "little")
    quickly(bytes(data), "damaged")


def test_entities_are_refused_wherever_they_stand() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    quickly(raw_xlsx("", sheet=bomb + b"<worksheet><sheetData/></worksheet>"), "entities")
    quickly(packed(**{"xl/workbook.xml": bomb + b"<workbook/>"}), "entities")


def test_a_million_rows_of_nothing_are_read_in_time() -> None:
    empty = "".join(f'<row r="{row}" s="1" customFormat="1"><c r="A{row}" s="1"/></row>' for row in range(3, 300_000))
    began = time.monotonic()
    assert rows(read(raw_xlsx(text_rows([["sku"], ["00123"]]) + empty, styles=("0.00",)))) == {2: ["00123"]}
    assert time.monotonic() - began < 8


def test_cells_repeated_to_the_end_of_the_sheet_are_refused() -> None:
    cell = '<table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"/>'
    row = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    xml = (
        '<office:document-content xmlns:office="o" xmlns:table="t"><office:body><office:spreadsheet>'
        f'<table:table table:name="A">{row}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    quickly(packed(mimetype=b"application/vnd.oasis.opendocument.spreadsheet", **{"content.xml": xml.encode()}), "cells")


def test_a_child_that_takes_too_long_is_stopped() -> None:
    body = text_rows([["Order #"]]) + "".join(
        f'<row r="{row}"><c r="A{row}" t="e"><v>#N/A</v></c></row>' for row in range(2, 90_000)
    )
    quickly(raw_xlsx(body), "takes more than 0.3 seconds", Limits(seconds=0.3))


@pytest.mark.skipif(sys.platform != "linux", reason="the system doesn't keep limits on memory")
def test_a_child_that_takes_too_much_memory_is_refused() -> None:
    body = text_rows([["Order #"]]) + "".join(
        f'<row r="{row}"><c r="A{row}"><v>{row}.5</v></c></row>' for row in range(2, 200_000)
    )
    quickly(raw_xlsx(body), "memory", Limits(memory_bytes=60 * 2**20))


def test_a_workbook_is_read_wherever_python_runs(tmp_path: Path) -> None:
    code = f"from orderdesk_batch.sheets import read; print(read({str(FILES / 'hidden.xlsx')!r}).headings)"
    home = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {home!r}); {code}"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
    )
    assert done.stdout.strip() == "['Order #', 'Secret', 'Qty']"


def test_reading_text_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)
    assert read(b"a,b\n1,2\n").headings == ["a", "b"]


@pytest.mark.parametrize("into", [0, 1, 2])
def test_an_old_workbook_whose_sectors_run_in_a_circle_is_refused_at_once(into: int) -> None:
    data = bytearray((FILES / "old.xls").read_bytes())
    table = (struct.unpack_from("<i", data, 76)[0] + 1) * 512
    last = next(at for at in range(128) if struct.unpack_from("<i", data, table + 4 * at)[0] == -2)
    struct.pack_into("<i", data, table + 4 * last, (0, last, max(last - 1, 0))[into])
    quickly(bytes(data), "circle")
