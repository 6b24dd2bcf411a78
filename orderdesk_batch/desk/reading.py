"""This file holds the reading of a sheet or a book: file → table → checked values."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .. import notebook
from ..errors import SheetRefused, UsageError
from ..fields import RESOURCES, Resource
from ..fields import resource as resource_of
from .options import Options

if TYPE_CHECKING:
    from ..checks import Checked
    from ..sheets import Sheet

BOOK: Final = "book"


def check(resource: str, sheet: Any, **options: Any) -> Checked:
    """What can be said of one sheet without a store: its values and its problems; see `Options`.

    Raises:
        SheetRefused: the file as a whole can't be read.
        UsageError: an option or a resource that makes no sense.
    """
    if resource == BOOK:
        raise UsageError("A book has several sheets; check them one by one: orders book.xlsx#orders.")
    (checked,) = read(resource, sheet, Options(**options))
    notebook.dress_checked(type(checked))
    return checked


@dataclass(frozen=True)
class Tables:
    """A sheet, or the sheets of a book, as they stand in the file."""

    sheets: Sequence[tuple[Resource, Sheet]]
    mapping: Mapping[str, str]  # heading → field, as the user says

    def checked(self, how: Options) -> list[Checked]:
        """Their values and problems."""
        from .. import checks

        options = checks.Options(
            action=how.action, decimal=how.decimal, dates=how.dates, weight_unit=how.weight_unit, mapping=self.mapping,
            guess_carrier=how.guess_carrier,
        )  # fmt: skip
        return [checks.check(sheet, resource, options) for resource, sheet in self.sheets]


def read(resource: str, source: Any, how: Options) -> list[Checked]:
    """A sheet, or the sheets of a book, read and checked."""
    return tables(resource, source, how).checked(how)


def tables(resource: str, source: Any, how: Options) -> Tables:
    """A sheet, or the sheets of a book, read.

    Raises:
        SheetRefused: the file as a whole can't be read.
        UsageError: an option or a resource that makes no sense.
    """
    from .. import sheets
    from ..sheets import headings

    if isinstance(source, Mapping):  # columns by their headings, as pandas takes them
        import pandas as pd

        source = pd.DataFrame(source)
    mapping = how.map if isinstance(how.map, Mapping) else headings.read_mapping(how.map, mapping_file(source))
    if resource == BOOK:
        found = {}

        def named(tab: str) -> str:
            return "".join(filter(str.isalnum, tab.casefold()))

        def judge(tab: str) -> Callable[[Sequence[str]], int]:
            return lambda given: headings.score(RESOURCES[named(tab)], given, mapping)

        for tab, one in sheets.read_book(source, wanted=lambda tab: named(tab) in RESOURCES, knows=judge).items():
            found[named(tab)] = one
        if not found:
            raise SheetRefused(f"The book has no sheet named {', '.join(RESOURCES)}. Name its sheets after what they hold.")
        return Tables([(RESOURCES[name], without_ours(found[name])) for name in RESOURCES if name in found], mapping)
    of: Resource = resource_of(resource)
    sheet: Sheet = sheets.read(
        source, header_row=how.header_row, encoding=how.encoding, knows=lambda given: headings.score(of, given, mapping)
    )
    return Tables([(of, without_ours(sheet))], mapping)


def without_ours(sheet: Sheet) -> Sheet:
    """The sheet without the columns that a results file added to it: so it can be given back."""
    from ..sheets.results import own_columns

    ours = own_columns(sheet.headings)
    return without(sheet, ours) if ours else sheet


def without(sheet: Sheet, columns: Collection[int]) -> Sheet:
    """The sheet without some of its columns (by their index)."""
    keep = [n for n in range(len(sheet.headings)) if n not in columns]
    return replace(
        sheet, headings=[sheet.headings[n] for n in keep], positions=[sheet.positions[n] for n in keep],
        columns=[sheet.columns[n] for n in keep],
    )  # fmt: skip


def mapping_file(source: Any) -> Path | None:
    path = source_path(source)
    if path is None:
        return None
    beside = Path(path).with_suffix(".map.csv")
    return beside if beside.is_file() else None


def source_path(source: Any) -> str | None:
    """The path of the file, without the tab; None for standard input and frames."""
    if not isinstance(source, (str, os.PathLike)) or str(source) == "-":
        return None
    text = os.fspath(source)
    if isinstance(text, bytes):
        return None
    if not Path(text).exists() and "#" in text:
        text = text.rpartition("#")[0]
    return str(Path(text).absolute())


def not_over(source: Any, target: str | os.PathLike[str]) -> None:
    """See that what is written does not take the place of the sheet.

    Raises:
        UsageError: it would.
    """
    path = source_path(source)
    if path is not None and Path(path).resolve() == Path(target).resolve():
        raise UsageError(f"{target} is the sheet itself. Nothing was written. Name another file.")


def beside(path: str | None, ending: str) -> Path | None:
    """A file beside the sheet; mended problems that are refused again don't pile up endings."""
    if path is None:
        return None
    stem = Path(path).stem
    stem = stem.removesuffix(Path(ending).stem) if stem != Path(ending).stem else stem
    return Path(path).with_name(stem + ending)


def held(sheet: Sheet, resource: str) -> dict[str, Any]:
    """What a run keeps of a sheet, so that the results can be written on another day."""
    return {
        "resource": resource, "name": sheet.name, "tab": sheet.tab, "headings": sheet.headings, "positions": sheet.positions, "rows": sheet.rows,
        "columns": sheet.columns, "heading_row": sheet.heading_row, "format": sheet.format, "delimiter": sheet.delimiter,
        "encoding": sheet.encoding,
    }  # fmt: skip
