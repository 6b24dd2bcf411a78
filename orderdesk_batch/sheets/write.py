"""This file holds the writing of files: whole or not at all, private, and with nothing in them that a spreadsheet runs.

A text that a spreadsheet might take for a formula, or for our word `(clear)`, is guarded, and the
reader takes exactly that guard off again. A value that a format can't hold is left out as a whole
(a cell cut short and given back would overwrite the store's value) and named in a Problem.
"""

from __future__ import annotations

import contextlib
import csv
import errno
import json
import math
import os
import re
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from ..errors import Problem, UsageError
from ..kinds import CLEAR, CLEAR_WORD, TEXT, plain_number
from .sheet import Literal

RISKY: Final = frozenset("'=+-@\t\r")  # a text that begins so may be run, or was guarded
_NO_CSV: Final = re.compile("[\0\ud800-\udfff]")
MOST_NAMED: Final = 200  # cells left out are named one by one up to here


def safe_text(text: str) -> str:
    """The text as a CSV file holds it: guarded by a `'` where a spreadsheet might run or a reader misread it.

    >>> safe_text("=1+1"), safe_text("(clear)"), safe_text("'tis"), safe_text("3-4")
    ("'=1+1", "'(clear)", "''tis", '3-4')
    """
    return f"'{text}" if text and (text[0] in RISKY or text == CLEAR_WORD) else text


def fold(text: str) -> str:
    """The text with its line ends folded to `\\n`."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def cannot_write(path: Path, error: OSError) -> UsageError:
    """Why a file can't be written, and what to do: place, reason, remedy."""
    folder = path.parent
    elsewhere = "or name another place"
    if error.errno == errno.ENAMETOOLONG:
        said = "its name is too long. Name another place."
    elif path.is_dir():
        said = f"it is a folder. Name a file in it, {elsewhere}."
    elif not folder.exists():
        said = f'the folder "{folder}" does not exist. Make it, {elsewhere}.'
    elif not folder.is_dir():
        said = f'"{folder}" is not a folder. Name another place.'
    elif error.errno == errno.ENOSPC:
        said = f"the disk is full. Make room, {elsewhere}."
    elif isinstance(error, PermissionError) and path.exists():
        said = f"it is open in another program, or you may not change it. Close it there, {elsewhere}."
    elif isinstance(error, PermissionError):
        said = f'you may not write to the folder "{folder}". Name another place.'
    else:
        said = f"{error.strerror or error}. Name another place."
    return UsageError(f"{path} can't be written: {said}")


@contextlib.contextmanager
def atomic(path: str | os.PathLike[str], *, private: bool = True) -> Iterator[Path]:
    """Give a file beside `path` to write to; it takes the place of `path` once it is whole, else it is removed.

    Raises:
        UsageError: the place can't be written to, or the file there is held open by another program.
    """
    target = Path(path)
    beside = _empty_beside(target, private)
    try:
        yield beside
        to_disk(beside)
        beside.replace(target)
    except OSError as error:
        if error.errno is None:  # not the disk's: whoever gave the rows failed
            raise
        raise cannot_write(target, error) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
    names_to_disk(target.parent)


def probe(target: Path) -> None:
    """Find out, before any work is done, whether `atomic` will be able to write a file.

    Raises:
        UsageError: it won't.
    """
    beside = _empty_beside(target)
    try:
        if target.is_dir():
            raise IsADirectoryError(str(target))
        if os.name == "nt" and target.exists():  # open in Excel, it can be read but not replaced
            os.close(os.open(target, os.O_RDWR))
    except OSError as error:
        raise cannot_write(target, error) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def _empty_beside(target: Path, private: bool = True) -> Path:
    """A new, empty file beside another, private from its first moment."""
    beside = target.with_name(f".{target.stem[:100]}.{secrets.token_hex(4)}{target.suffix}")
    try:
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600 if private else 0o666))
    except OSError as error:
        raise cannot_write(target, error) from error
    return beside


def to_disk(path: Path) -> None:
    """See that what was written to a file is on the disk.

    Raises:
        OSError: it can't be brought there.
    """
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def names_to_disk(folder: Path) -> None:
    """See that the names in a folder are on the disk, where the system can do that."""
    if os.name == "posix":
        with contextlib.suppress(OSError):  # some network folders can't
            to_disk(folder)


class LeftOut:
    """The cells that a format can't hold, counted, the first ones as Problems."""

    def __init__(self, name: str, format: str) -> None:
        self.name = name
        self.format = format
        self.count = 0
        self.problems: list[Problem] = []

    def add(self, why: str, text: str, row: int, heading: str) -> None:
        """Note one: `why` goes on from the value, such as "holds a control character"."""
        self.count += 1
        if self.count <= MOST_NAMED:
            shown = "".join(c if c.isprintable() else "\ufffd" for c in text[:40]) + ("…" if len(text) > 40 else "")
            hint = f"{self.format} can't hold it, so the cell was left blank; a .jsonl file can."
            self.problems.append(
                Problem(
                    why,
                    hint,
                    "warning",
                    row,
                    heading or None,
                    shown,
                    f"{self.name}, row {row}",
                    code="not-held",
                )
            )

    def all(self) -> list[Problem]:
        """The problems, with one that counts those not named."""
        if self.count <= MOST_NAMED:
            return self.problems
        more = f"{self.count - MOST_NAMED:,} more cells were left blank, since {self.format} can't hold them"
        return [*self.problems, Problem(more, level="warning", place=self.name, code="not-held")]


def plain(value: Any) -> Any:
    """A value as one of the types that a cell can have: None, bool, int, float, Decimal, str or a date."""
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, default=str)
    if type(value).__name__ in ("NAType", "NaTType"):  # pandas' blanks, without importing pandas
        return None
    if hasattr(value, "item") and not isinstance(value, str):  # a number of numpy's
        return value.item()
    return value if value is CLEAR else TEXT.show(value)


def write_csv(
    path: str | os.PathLike[str],
    headings: Sequence[str],
    rows: Iterable[Iterable[Any]],
    *,
    as_read: bool = False,
    delimiter: str = ",",
    private: bool = True,
) -> list[Problem]:
    """Write a CSV file that Excel opens rightly (UTF-8 with its mark, CRLF) and give what it can't hold.

    Args:
        as_read: the cells are a Sheet's, in which a plain `(clear)` is the wish to empty.

    Raises:
        UsageError: the place can't be written to.
    """
    left = LeftOut(Path(path).name, "A CSV file")
    with (
        atomic(path, private=private) as beside,
        beside.open("w", encoding="utf-8-sig", newline="") as stream,
    ):
        writer = csv.writer(stream, delimiter=delimiter, lineterminator="\r\n")
        text_of = _text_of(as_read)
        writer.writerow([_NO_CSV.sub("", text_of(heading)) for heading in headings])
        writer.writerows(_texts(rows, text_of, headings, left))
    return left.all()


def _text_of(as_read: bool) -> Callable[[Any], str]:
    """What turns a cell into the text of a CSV file."""

    def text_of(cell: Any) -> str:
        kind = type(cell)
        if cell is None:
            return ""
        if kind is str or kind is Literal:
            if as_read and kind is str and cell == CLEAR_WORD:
                return CLEAR_WORD
            return safe_text(fold(cell))
        if cell is CLEAR:
            return CLEAR_WORD
        if kind is bool:
            return "TRUE" if cell else "FALSE"
        if kind is int:
            return str(cell)
        if kind is float:
            return plain_number(cell) if math.isfinite(cell) else ""
        if kind is Decimal:
            return plain_number(cell) if cell.is_finite() else ""
        return text_of(plain(cell))

    return text_of


def _texts(
    rows: Iterable[Iterable[Any]], text_of: Callable[[Any], str], headings: Sequence[str], left: LeftOut
) -> Iterator[list[str]]:
    for number, row in enumerate(rows, 2):
        texts = [text_of(cell) for cell in row]
        # One look at the whole row: nearly none has such a character.
        if _NO_CSV.search("".join(texts)):
            for index, text in enumerate(texts):
                if _NO_CSV.search(text):
                    why = "holds a NUL character" if "\0" in text else "holds half a character"
                    left.add(why, text, number, headings[index] if index < len(headings) else "")
                    texts[index] = ""
        yield texts


def write_xlsx(
    path: str | os.PathLike[str],
    headings: Sequence[str],
    rows: Iterable[Iterable[Any]],
    *,
    tab: str = "Sheet1",
    text_columns: Collection[int] = (),
    private: bool = True,
) -> list[Problem]:
    """Write a workbook of one sheet and give what it can't hold.

    Args:
        text_columns: columns to format as text, besides those that hold texts.

    Raises:
        UsageError: the place can't be written to, or the rows are more than a worksheet holds.
    """
    from .workbook import Tab, write_book  # it stands on this module

    return write_book(path, [Tab(tab, headings, rows, text_columns=text_columns)], private=private)
