"""Properties of the file reader: texts survive, two readers agree, and no bytes make a traceback."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderdesk_batch.errors import SheetRefused
from orderdesk_batch.sheets import BadCell, Cell, Limits, Literal, child, parcel, read, xlsx
from orderdesk_batch.sheets.delimited import read_text
from orderdesk_batch.sheets.grid import TRIM, Grid
from orderdesk_batch.sheets.text import settle

FILES = Path(__file__).parents[1] / "files"
ORDER = {"unpacked": 10**8, "cells": 10**6, "want": None}
quick = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)

signs = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
texts = st.text(signs, max_size=40) | st.sampled_from(
    ["(clear)", "'(clear)", "=1+1", "-", "'", "''", "_x000D_", "a\nb", 'a"b', '"', ";", "é", "0123", "NA"]
)
trimmed = texts.map(lambda text: text.strip(TRIM)).filter(bool)
plain_xml = trimmed.filter(lambda text: all(sign in "\t\n" or " " <= sign <= "\ufffd" or sign > "\uffff" for sign in text))


def guarded(text: str) -> str:
    """A text as it is written to CSV: so that no spreadsheet runs it, and that (clear) stays a text."""
    return "'" + text if text == "(clear)" or text[0] in "'=+-@\t\r" else text


def meant(cell: Cell) -> str:
    """The text that a cell stands for."""
    assert isinstance(cell, str)
    assert cell != "(clear)" or isinstance(cell, Literal)
    return str(cell)


@quick
@given(table=st.lists(st.tuples(trimmed, trimmed, trimmed), min_size=1, max_size=8), delimiter=st.sampled_from(",;\t|"))
def test_any_trimmed_text_survives_a_csv_file(table: list[tuple[str, str, str]], delimiter: str) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(["Order #", "Some note", "Name"])
    writer.writerows([guarded(text) for text in row] for row in table)
    knows = {"Order #", "Some note", "Name"}.intersection
    grid, found = read_text(settle(out.getvalue().encode()), lambda headings: len(knows(headings)), Limits())
    assert found == delimiter
    assert grid.rows == list(range(1, len(table) + 2))
    assert [tuple(meant(cell) for cell in grid.row(index)) for index in range(1, len(table) + 1)] == table


@quick
@given(table=st.lists(st.tuples(plain_xml, plain_xml), min_size=1, max_size=6), strings=st.booleans())
def test_any_trimmed_text_survives_a_workbook(table: list[tuple[str, str]], strings: bool) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "constant_memory": strings})
    tab = book.add_worksheet()
    tab.write_row(0, 0, ["Order #", "Note"])
    for row, pair in enumerate(table, 1):
        for at, text in enumerate(pair):
            tab.write_string(row, at, "'" + text if text.lstrip("'") == "(clear)" else text)
    book.close()
    for slow in (False, True):
        [grid] = carried(xlsx.read(out.getvalue(), {**ORDER, "slow": slow}))
        assert [tuple(meant(cell) for cell in grid.row(index)) for index in range(1, len(table) + 1)] == table


def carried(message: dict[str, Any]) -> list[Grid]:
    """The grids as they arrive from the child process."""
    grids: list[Grid] = parcel.unpack(parcel.pack(message))["grids"]
    return grids


values = (
    st.none()
    | plain_xml
    | st.booleans()
    | st.integers(-(10**14), 10**14)
    | st.floats(allow_nan=False, allow_infinity=False, width=64)
    | st.datetimes(dt.datetime(1900, 3, 1), dt.datetime(9999, 12, 30))
    | st.dates(dt.date(1900, 3, 1), dt.date(9999, 12, 30))
    | st.times()
)


@quick
@given(table=st.lists(st.lists(values, min_size=3, max_size=3), min_size=1, max_size=8), epoch=st.booleans())
def test_the_fast_reader_and_the_exact_one_read_the_same(table: list[list[Any]], epoch: bool) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "date_1904": epoch, "default_date_format": "yyyy-mm-dd hh:mm:ss"})
    tab = book.add_worksheet()
    for row, cells in enumerate(table):
        for at, value in enumerate(cells):
            if epoch and isinstance(value, dt.date) and value.year < 1905:
                continue
            if isinstance(value, str):
                tab.write_string(row, at, value)
            elif value is not None:
                tab.write(row, at, value)
    book.close()
    fast, slow = (carried(xlsx.read(out.getvalue(), {**ORDER, "slow": slow}))[0] for slow in (False, True))
    assert (fast.rows, fast.positions) == (slow.rows, slow.positions)
    for left, right in zip(fast.columns, slow.columns, strict=True):
        assert list(map(type, left)) == list(map(type, right))
        assert all(one == other or near(one, other) for one, other in zip(left, right, strict=True))


def near(one: Any, other: Any) -> bool:
    """Bad cells may show a number in more or fewer digits; half seconds may be rounded either way."""
    if isinstance(one, BadCell):
        return bool(one.code == other.code)
    if isinstance(one, dt.datetime):
        return abs(one - other) <= dt.timedelta(seconds=1)
    if isinstance(one, dt.time):
        seconds = [each.hour * 3600 + each.minute * 60 + each.second for each in (one, other)]
        return (seconds[0] - seconds[1]) % 86400 in (0, 1, 86399)
    return False


cells = (
    st.none()
    | texts
    | texts.map(Literal)
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.floats(allow_nan=False)
    | st.datetimes()
    | st.dates()
    | st.times()
    | st.builds(BadCell, st.text(), st.text(), st.text(), st.text())
)


@quick
@given(column=st.lists(cells, max_size=30), times=st.integers(1, 40))
def test_grids_arrive_from_the_child_as_they_left(column: list[Cell], times: int) -> None:
    many = column * times
    [grid] = carried({"grids": [Grid("tab", list(range(len(many))), [3], [many])]})
    assert grid.columns == [many]
    assert list(map(type, grid.columns[0])) == list(map(type, many))


heads = st.sampled_from(
    [
        b"",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"<?xml ",
        b"\x09\x08\x10\x00\x00\x06\x05\x00",
        b"a,b\n",
    ]
)


@quick
@given(head=heads, body=st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_no_bytes_make_a_traceback(here: None, head: bytes, body: bytes) -> None:
    try:
        sheet = read(head + body)
    except SheetRefused:
        return
    assert all(len(column) == len(sheet.rows) for column in sheet.columns)
    assert len(sheet.columns) == len(sheet.headings) == len(sheet.positions)


@quick
@given(
    text=st.text(st.sampled_from('a1,;|\t"\n\r \u00e9\u3042\0'), max_size=120),
    encoding=st.sampled_from(["utf-8", "cp1252", "utf-16", "cp932"]),
)
def test_no_text_makes_a_traceback_and_no_row_is_swallowed(text: str, encoding: str) -> None:
    data = text.encode(encoding, "ignore")
    try:
        sheet = read(data)
    except SheetRefused:
        return
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert len(sheet.rows) + len(sheet.skipped) <= lines
    assert sheet.rows == sorted(set(sheet.rows))


MADE = sorted(path for path in FILES.glob("*.*") if path.read_bytes()[:2] in (b"PK", b"\xd0\xcf"))


@pytest.mark.parametrize("path", MADE, ids=lambda path: path.name)
def test_no_damage_to_a_workbook_makes_a_traceback(here: None, path: Path) -> None:
    chance = random.Random(path.name)
    whole = path.read_bytes()
    for _ in range(25):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if chance.random() < 0.3:
            del data[chance.randrange(len(data)) :]
        try:
            sheet = read(bytes(data))
        except SheetRefused:
            continue
        assert all(len(column) == len(sheet.rows) for column in sheet.columns)


def test_no_damage_to_the_xml_makes_a_traceback() -> None:
    chance = random.Random(7)
    for path in MADE:
        if path.suffix != ".xlsx":
            continue
        for _ in range(20):
            data = rezipped(path.read_bytes(), chance)
            answer = parcel.unpack(child.answer({**ORDER, "form": "xlsx"}, data))
            assert "grids" in answer or answer["refused"]


def rezipped(data: bytes, chance: random.Random) -> bytes:
    """The workbook with a few bytes of one part changed before it is packed, so that checksums are right."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        chosen = chance.choice(old.namelist())
        for name in old.namelist():
            content = bytearray(old.read(name))
            if name == chosen:
                for _ in range(chance.randint(1, 3)):
                    at = chance.randrange(len(content))
                    content[at : at + chance.randint(0, 3)] = bytes(
                        chance.choice(b'<>"=/0179tsnr &;\x00') for _ in range(chance.randint(0, 3))
                    )
            new.writestr(name, bytes(content))
    return out.getvalue()
