"""Text files: encodings, delimiters, quotes, line ends, and lines that don't add up."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from sheet_cases import codes, knows, rows

from orderdesk_batch.errors import SheetRefused
from orderdesk_batch.sheets import BadCell, Limits, Literal, Sheet, read

Reading = Callable[..., Sheet]


@pytest.mark.parametrize(
    ("name", "encoding", "delimiter", "cells"),
    [
        ("bom_utf8.csv", "utf-8", ",", ["1001", "Zoë"]),
        ("utf16_le_bom.csv", "utf-16-le", "\t", ["1001", "Zoë"]),
        ("utf16_be_no_bom.csv", "utf-16-be", ",", ["1001", "Zoe"]),
        ("windows1252.csv", "cp1252", ";", ["1001", "Jürgen Müller"]),
        ("shift_jis.csv", "cp932", ",", ["1001", "アマゾン"]),
        ("pipes.txt", "utf-8", "|", ["1001", "1Z1", "a, b"]),
        ("sep_line.csv", "utf-8", ";", ["1001", "9,99"]),
        ("tabs_named.xls", "utf-8", "\t", ["00123", "1Z999"]),
        ("commas_named.xlsx", "utf-8", ",", ["00123", "1Z999"]),
        ("spaces_before_quotes.csv", "utf-8", ",", ["1001", "a, b", "1"]),
        ("one_column.txt", "utf-8", "", ["9400111899220010079324"]),
    ],
)
def test_encoding_and_delimiter_are_found(file: Reading, name: str, encoding: str, delimiter: str, cells: list[str]) -> None:
    sheet = file(name)
    assert (sheet.encoding, sheet.delimiter, sheet.format) == (encoding, delimiter, "csv")
    assert rows(sheet)[2] == cells
    assert not sheet.headings[0].startswith("\ufeff")


@pytest.mark.parametrize(("name", "word"), [("windows1252.csv", "Windows-1252"), ("shift_jis.csv", "Shift-JIS")])
def test_a_guessed_encoding_is_said_aloud(file: Reading, name: str, word: str) -> None:
    [said] = [problem for problem in file(name).problems if problem.code == "encoding-guessed"]
    assert said.level == "warning"
    assert word in said.reason


def test_the_encoding_given_is_the_one_used(file: Reading) -> None:
    sheet = file("cyrillic_cp1251.csv", encoding="cp1251")
    assert rows(sheet)[2] == ["1001", "Привет мир"]
    assert codes(sheet) == []


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("broken_utf8.csv", {}, ["line 3", "byte 33", "EB", "--encoding"]),
        ("cyrillic_cp1251.csv", {}, ["line 2", "byte 20", "--encoding"]),
        ("cyrillic_cp1251.csv", {"encoding": "utf-8"}, ["line 2", "byte 20", "UTF-8"]),
        ("bom_utf8.csv", {"encoding": "klingon"}, ['"klingon"', "not known"]),
        ("bom_utf8.csv", {"encoding": "ascii"}, ["line 1"]),
    ],
)
def test_bytes_that_do_not_decode_are_named_and_never_replaced(
    file: Reading, name: str, options: dict[str, str], words: list[str]
) -> None:
    with pytest.raises(SheetRefused) as refused:
        file(name, **options)
    assert all(word in str(refused.value) for word in words)
    assert refused.value.problems[0].place == name


@pytest.mark.parametrize("text", ["Привет мир", "Ελλάδα", "Łódź Wałęsa", "naïveté créée"])
@pytest.mark.parametrize("encoding", ["cp1251", "iso8859-7", "cp1250", "mac_roman", "cp437", "gbk", "euc_jp"])
def test_other_code_pages_are_asked_for_and_not_taken_for_western(text: str, encoding: str) -> None:
    try:
        data = f"Order #,Name\n1001,{text}\n".encode(encoding)
    except UnicodeEncodeError:
        pytest.skip("the code page lacks these letters")
    with pytest.raises(SheetRefused, match="--encoding"):
        read(data)


@pytest.mark.parametrize(
    "text", ["café", "Müller & Söhne", "MÜLLER", "São Paulo", "it’s", "50 €", "«déjà vu…»", "n° 5 ½", "Coração", "élève"]
)
def test_western_words_are_read_as_windows_1252(text: str) -> None:
    assert rows(read(f"Order #,Name\n1001,{text}\n".encode("cp1252")))[2][1] == text


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-32-le", b"\xff\xfe\0\0"),
        ("utf-32-be", b"\0\0\xfe\xff"),
    ],
)
@pytest.mark.parametrize("marks", [0, 1, 2])
def test_each_utf_is_read_with_and_without_its_mark(encoding: str, mark: bytes, marks: int) -> None:
    sheet = read(mark * marks + "Order #,Name\n1001,Anna\n".encode(encoding))
    assert (sheet.encoding, sheet.headings, rows(sheet)[2]) == (encoding, ["Order #", "Name"], ["1001", "Anna"])


def test_line_ends_of_all_sorts_end_lines(file: Reading) -> None:
    assert rows(file("mac_line_ends.csv")) == {2: ["1001", "1Z1"], 3: ["1002", "1Z2"]}
    assert rows(file("mixed_line_ends.csv")) == {2: ["1001", "1Z1"], 3: ["1002", "1Z2"], 4: ["1003", "1Z3"]}


def test_quoted_line_breaks_count_as_one_row_as_in_a_spreadsheet(file: Reading) -> None:
    assert rows(file("quoted_breaks.csv")) == {2: ["1001", "two\r\nlines, one cell"], 3: ["1002", 'a "big" one']}


@pytest.mark.parametrize(
    ("name", "words"),
    [("unclosed_quote.csv", ["line 3", "never closed"]), ("text_after_quote.csv", ["line 2", "closing quote"])],
)
def test_quotes_that_do_not_add_up_refuse_the_file_and_name_the_line(file: Reading, name: str, words: list[str]) -> None:
    with pytest.raises(SheetRefused) as refused:
        file(name)
    assert all(word in str(refused.value) for word in words)


def test_a_quote_that_swallows_whole_lines_is_an_error(file: Reading) -> None:
    [problem] = file("swallowed_lines.csv").problems
    assert (problem.level, problem.row, problem.column, problem.code) == ("error", 2, "f", "quotes")


def test_rows_with_too_few_or_too_many_cells_are_errors_and_stay_in_the_table(file: Reading) -> None:
    sheet = file("ragged.csv")
    assert [(problem.row, problem.level) for problem in sheet.problems] == [(3, "error"), (4, "error")]
    assert rows(sheet)[3][:3] == ["1002", "1Z2", None]
    assert rows(sheet)[5][:3] == ["1004", "1Z4", "1"]


def test_a_row_without_the_cells_of_nameless_columns_at_the_end_is_no_error() -> None:
    assert codes(read(b"a,b,c,,\n1,2,3\n4,5,6,,\n")) == []


def test_a_nul_character_makes_its_cell_bad(file: Reading) -> None:
    cell = rows(file("nul.csv"))[2][1]
    assert isinstance(cell, BadCell)
    assert "\0" not in cell.text


def test_texts_keep_what_spreadsheets_and_pandas_take_away() -> None:
    texts = ["00123", "NA", "Null", "None", "nan", "TRUE", "1E5", "3-4", "-", "9400111899220010079324", "1/2", "+1", "#N/A"]
    sheet = read(("Order #,Note\n" + "".join(f"x,{text}\n" for text in texts)).encode())
    assert sheet.columns[1] == texts


def test_the_guard_against_formulas_is_taken_off(file: Reading) -> None:
    table = rows(file("guarded.csv"))
    assert table == {2: ["1001", "=1+1", "(clear)"], 3: ["1002", "(clear)", "'tis"], 4: ["1003", "'tis", "'"]}
    assert isinstance(table[2][2], Literal)
    assert not isinstance(table[3][1], Literal)


@pytest.mark.parametrize("blank", ["", " ", "\t", "\u00a0", "\u200b", "\ufeff", '" "'])
def test_a_cell_of_invisible_characters_is_blank(blank: str) -> None:
    assert read(f"a;b;c\n1;{blank};3\n".encode()).columns[1] == [None]


def test_a_delimiter_that_can_not_be_told_is_asked_for() -> None:
    with pytest.raises(SheetRefused, match="comma or semicolon"):
        read(b"a,b;c\n1,2;3\n")


def test_the_headings_decide_which_delimiter_it_is() -> None:
    sheet = read(b"Order #,Note;x\n1001,2;3\n", knows=knows)
    assert (sheet.delimiter, sheet.headings) == (",", ["Order #", "Note;x"])


def test_decimal_commas_do_not_divide_a_semicolon_file() -> None:
    sheet = read(b"sku;price;weight\n" + b"A1;1,50;2,25\n" * 50)
    assert (sheet.delimiter, sheet.columns[1][0]) == (";", "1,50")


def test_a_file_with_more_cells_than_allowed_is_refused() -> None:
    with pytest.raises(SheetRefused, match="more than 100 cells"):
        read(b"a,b\n" + b"1,2\n" * 200, limits=Limits(cells=100))


def test_one_line_without_end_is_refused_in_time() -> None:
    with pytest.raises(SheetRefused, match="cells"):
        read(b"a,b\n" + b"," * 3_000_000)


def test_wide_files_are_read_whole() -> None:
    sheet = read((",".join(f"c{n}" for n in range(16_384)) + "\n" + ",".join(map(str, range(16_384)))).encode())
    assert (len(sheet.headings), sheet.headings[-1], sheet.columns[-1], sheet.place(2, 16_383)) == (
        16_384,
        "c16383",
        ["16383"],
        "data, XFD2",
    )


def test_standard_input_is_read_as_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    import io
    import sys

    class Stream:
        buffer = io.BytesIO(b"Order #,Qty\n1001,2\n")

    monkeypatch.setattr(sys, "stdin", Stream())
    sheet = read("-")
    assert (sheet.name, rows(sheet)) == ("standard input", {2: ["1001", "2"]})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('="00123"', "00123"),
        ('"=""00123"""', "00123"),
        ('=""', None),
        ("=", "="),
        ("=>", "=>"),
        ("=) thanks", "=) thanks"),
        ("-5", "-5"),
        ("@me", "@me"),
    ],
)
def test_texts_that_exports_wrap_in_a_formula_are_unwrapped(written: str, meant: str | None) -> None:
    assert read(f"Order #,Note\n1001,{written}\n".encode()).columns[1] == [meant]


@pytest.mark.parametrize(
    "written", ["=A1+B2", "=SUM(A1:A9)", '"=HYPERLINK(""http://x.test"",""1Z999"")"', "= 1+1", "=-5", "=(3)"]
)
def test_a_formula_in_a_text_file_has_no_result_and_is_bad(written: str) -> None:
    [cell] = read(f"Order #,Note\n1001,{written}\n".encode()).columns[1]
    assert isinstance(cell, BadCell)
    assert cell.code == "not-calculated"


def test_the_end_mark_of_dos_is_no_row() -> None:
    assert read(b"a,b\r\n1,2\r\n\x1a").rows == [2]


@pytest.mark.parametrize(
    "encoding", ["base64", "rot13", "idna", "zlib", "punycode", "utf-7", "iso2022_jp", "utf-16", "hz", "undefined", "mbcs"]
)
def test_no_encoding_given_makes_a_traceback(encoding: str) -> None:
    for data in (b"a,b\n1,2\n", b"a,b\n1,\xe9\n", b"\xff\xfea\0"):
        with contextlib.suppress(SheetRefused):
            assert read(data, encoding=encoding).encoding
