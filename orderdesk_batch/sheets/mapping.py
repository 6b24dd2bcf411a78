"""This file holds the mapping of headings to fields that a user gives: `--map`, and a file kept beside the sheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from ..errors import UsageError
from .meanings import letters

MAPPING_ENDING: Final = ".map.csv"


def mapping_beside(sheet: Path) -> Path | None:
    """The mapping file kept beside a sheet: `ups.map.csv` beside `ups.xlsx`; None if there is none."""
    beside = sheet.with_name(sheet.stem + MAPPING_ENDING)
    return beside if beside.is_file() else None


def read_mapping(options: Iterable[str] = (), file: Path | None = None) -> dict[str, str]:
    """What `--map "Heading=field"` and a mapping file say: heading → field, "" for a column not to be used.

    The file is a CSV of two columns, heading and field; an option overrides it.

    Raises:
        UsageError: an option has no "=", or the file can't be read.
    """
    mapping = _from_file(file) if file else {}
    for option in options:
        heading, equals, name = option.rpartition("=")
        if not equals or not heading.strip():
            raise UsageError(f'--map "{option}" is not understood. Write --map "Heading=field".')
        mapping[heading.strip()] = name.strip()
    return mapping


def _from_file(file: Path) -> dict[str, str]:
    try:
        raw = file.read_bytes()
        text = raw.decode("utf-8-sig") if not raw.startswith((b"\xff\xfe", b"\xfe\xff")) else raw.decode("utf-16")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    except OSError as error:
        raise UsageError(f"The mapping file {file} can't be read: {error.strerror}.") from None
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    mapping: dict[str, str] = {}
    for number, row in enumerate(csv.reader(text.splitlines(), delimiter=delimiter), 1):
        cells = [cell.strip() for cell in row] + ["", ""]
        if not any(cells) or (number == 1 and letters(cells[0]) == "heading" and letters(cells[1]) == "field"):
            continue
        if any(cells[2:]) or not cells[0]:
            raise UsageError(f"Line {number} of the mapping file {file} is not a heading and a field.")
        mapping[cells[0]] = cells[1]
    return mapping
