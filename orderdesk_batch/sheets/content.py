"""This file holds how a file's format is recognised: by its content, never by its ending."""

from __future__ import annotations

import io
import re
import zipfile

from .refuse import Unreadable

SAVE_AS = "Open it in a spreadsheet program and save it as .xlsx or .csv."
AGAIN = "Export or download the file again."

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BARE_BIFF = re.compile(rb"\x09[\x00\x02\x04\x08].\x00.\x00[\x10\x20\x40\x00\x01\x05]\x00", re.DOTALL)
_OTHERS = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"SQLite format 3", "a database"),
    (b"PAR1", "a Parquet file"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
)


def recognise(data: bytes) -> str:
    """The format of the bytes: csv, xlsx, xlsm, xlsb, ods or xls; anything else is Unreadable.

    >>> recognise(b"sku,stock")
    'csv'
    """
    if not data:
        raise Unreadable("the file is empty", AGAIN, "empty")
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _archive(data)
    if data.startswith(_OLE):
        return _ole(data)
    if _BARE_BIFF.match(data):
        return "xls"
    for magic, words in _OTHERS:
        if data.startswith(magic) and not (magic == b"MZ" and data[:512].isascii() and b"\0" not in data[:512]):
            raise Unreadable(f"the file is {words}, not a sheet", SAVE_AS, "not-a-sheet")
    _markup(data)
    return "csv"


def _archive(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            mime = archive.open("mimetype").read(200) if "mimetype" in names else b""
    except Exception as error:  # zipfile raises a whole family on damaged archives
        raise Unreadable("the file is damaged or incomplete", AGAIN, "damaged") from error
    lower = {name.lower().replace("\\", "/").lstrip("/") for name in names}
    if b"opendocument.spreadsheet" in mime or ("content.xml" in lower and "opendocument" not in str(mime)):
        return "ods"
    if b"opendocument" in mime or any(name.startswith(("word/", "ppt/")) for name in lower):
        raise Unreadable("the file is a document, not a sheet", SAVE_AS, "not-a-sheet")
    if any(name.startswith("index/") and name.endswith(".iwa") for name in lower) or "index.zip" in lower:
        raise Unreadable("the file is an Apple Numbers document", "Export it from Numbers as Excel or CSV.", "numbers")
    if any(name.endswith("workbook.bin") for name in lower):
        return "xlsb"
    if any(name.startswith("xl/") for name in lower) or any(name.endswith("workbook.xml") for name in lower):
        return "xlsm" if any(name.endswith("vbaproject.bin") for name in lower) else "xlsx"
    if "[content_types].xml" in lower:
        raise Unreadable("the file is damaged: parts of the workbook are missing", AGAIN, "damaged")
    inside = next((name for name in sorted(names) if name.lower().endswith((".csv", ".xlsx", ".xls", ".txt"))), None)
    if inside is not None:
        raise Unreadable(f"the file is a zip archive that holds {inside}", "Unpack it first.", "archive")
    raise Unreadable("the file is a zip archive, not a sheet", SAVE_AS, "not-a-sheet")


def _ole(data: bytes) -> str:
    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") + b"\0\0" in data

    if holds("EncryptedPackage"):
        raise Unreadable("the file needs a password", "Save it without a password first.", "password")
    if holds("Workbook") or holds("Book") or holds("WORKBOOK") or holds("BOOK"):
        return "xls"
    if holds("WordDocument") or holds("PowerPoint Document"):
        raise Unreadable("the file is a document, not a sheet", SAVE_AS, "not-a-sheet")
    raise Unreadable("the file is damaged or is no sheet", AGAIN, "damaged")


def _markup(data: bytes) -> None:
    """Refuses, in words, the text formats that other programs call .xls."""
    head = data[:4096]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "ignore").encode()
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if head.startswith(b"<?xml") and b"urn:schemas-microsoft-com:office:spreadsheet" in head:
        words = "the file is an XML spreadsheet of Excel 2003"
    elif re.match(rb"<!doctype html|<html|<head|<meta|<table|<style|<body|<div|<\?xml[^>]*>\s*<(!doctype )?html", head):
        words = "the file is a web page (HTML), whatever its ending says"
    elif head.startswith(b"mime-version:"):
        words = "the file is a web archive (MHT), whatever its ending says"
    elif head.startswith((b"<?xml", b"<!doctype")):
        words = "the file is XML, not a sheet"
    elif re.match(rb"id;p[^\r\n]*[\r\n]+[bcpfoe];", head):
        words = "the file is a SYLK sheet"
    elif re.match(rb'\{\s*"|\[\s*\{', head):
        words = "the file is JSON, not a sheet"
    else:
        return
    raise Unreadable(words, SAVE_AS, "not-a-sheet")
