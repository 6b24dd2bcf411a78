"""This file holds the templates: workbooks to fill in, made from the field table.

Text columns are formatted as text, so that no spreadsheet takes a SKU for a date or drops a zero. The
example row says `skip` in its action column: a template uploaded as it is changes nothing.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..errors import UsageError
from ..fields import RESOURCES, Field, Resource
from ..kinds import DATE, MONEY, NUMBER, TIME, WEIGHT, WHOLE
from .write import atomic

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

ABOUT: Final = "About"
BOOK: Final = "book"
# The common columns, in the order in which people fill them in; all others are on the sheet "About".
COLUMNS: Final[Mapping[str, str]] = {
    "orders": """action source_name source_id email folder shipping.first_name shipping.last_name shipping.company
        shipping.address1 shipping.address2 shipping.city shipping.state shipping.postal_code shipping.country shipping.phone
        shipping_method shipping_total tax_total payment_type payment_status order_note item.code item.name item.quantity
        item.price item.weight""",
    "items": """action order code name quantity price weight delivery_type category_code fulfillment_method item_id""",
    "shipments": "action order tracking_number carrier_code shipment_method date_shipped weight cost tracking_url",
    "inventory": "action code name stock price cost weight location manufacturer_sku update_source",
}
# Columns under a name of your own: an example of each, since their names can't be listed.
_OPEN: Final[Mapping[str, Sequence[str]]] = {
    "orders": ("checkout_data.Gift Message", "order_metadata.channel"),
    "items": ("variation_list.Size", "metadata.image"),
    "shipments": (),
    "inventory": ("variation_list.Size", "metadata.bin"),
}
_ROWS: Final = 500  # rows whose cells are formatted one by one; below them the column's own format holds
_DAY: Final = dt.datetime(2026, 1, 1)  # when all templates were made, so that they are the same bytes each time
_NUMBERS: Final = (WHOLE, NUMBER, MONEY, WEIGHT)
_BLUE, _SLATE, _OWN, _QUIET = "1F3B57", "5B6B7A", "7A6234", "6B6B6B"
_GROUPS: Final = {"shipping": "3F7267", "item": "6C5383"}


def template(resource: str, path: str | os.PathLike[str], *, folders: Mapping[str, str] | None = None) -> Path:
    """Write a workbook to fill in, and give its path.

    Args:
        resource: orders, items, shipments, inventory, or book for all four.
        folders: the store's folders, id to name, for the drop-down of the column `folder`.

    Raises:
        UsageError: there is no such resource, or the place can't be written to.
    """
    if resource not in (*RESOURCES, BOOK):
        raise UsageError(f'"{resource}" is no resource. Write one of {", ".join(RESOURCES)} or {BOOK}.')
    target = Path(path)
    if target.suffix.lower() != ".xlsx":
        raise UsageError(f'"{target}" is no name for a template. Write one that ends in .xlsx.')
    with atomic(target, private=False) as beside:
        beside.write_bytes(_bytes(_workbook(resource, folders or {})))
    return target


def columns(of: Resource, *, in_book: bool = False) -> list[Field]:
    """The columns of a resource's template, in order."""
    names = COLUMNS[of.name].split()
    places = [names.index(name) + 1 for name in names if name.startswith("item.")]
    at = min(places) - 1 if places else len(names)
    names[at:at] = _OPEN[of.name]
    if in_book:  # items have a sheet of their own there
        names = [name for name in names if not name.startswith("item.")]
    return [of.field(name) for name in names]


def _workbook(resource: str, folders: Mapping[str, str]) -> Workbook:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = "orderdesk-batch"
    book.properties.title = f"Template: {resource}"
    book.properties.created = _DAY
    in_book = resource == BOOK
    resources = list(RESOURCES.values()) if in_book else [RESOURCES[resource]]
    sheets = [book.create_sheet(of.name) for of in resources]
    about = book.create_sheet(ABOUT)
    folder_cells = _about(about, resources, folders, in_book=in_book)
    for of, sheet in zip(resources, sheets, strict=True):
        _fill(sheet, of, columns(of, in_book=in_book), folder_cells)
    return book


def _fill(sheet: Worksheet, of: Resource, fields: Sequence[Field], folder_cells: str) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, PatternFill
    from openpyxl.utils import get_column_letter

    for number, field in enumerate(fields, 1):
        letter = get_column_letter(number)
        head = sheet.cell(1, number, field.name)
        head.font = _font(bold=True, color="FFFFFF")
        head.fill = PatternFill("solid", fgColor=_colour(of, field))
        head.alignment = Alignment(vertical="center", indent=1)
        said = _comment(of, field)
        height = 22 + 17 * sum(1 + len(line) // 44 for line in said.split("\n"))
        head.comment = Comment(said, "orderdesk-batch", height=height, width=300)
        example = _example(field)
        width = max(len(field.name) + 4, len(str(field.example)) + 3, 10)
        column = sheet.column_dimensions[letter]
        column.width = min(width, 34)
        shape = _format(field)
        column.number_format = shape
        for row in range(2, _ROWS + 2):
            sheet.cell(row, number).number_format = shape
        cell = sheet.cell(2, number)
        cell.value = "skip" if field.name == "action" else example
        if shape == "@" and isinstance(cell.value, str):
            cell.data_type = "s"
            cell.quotePrefix = cell.value[:1] in "'=+-@"
        _choices(sheet, letter, field, folder_cells)
    first = sheet.cell(2, 1)
    first.comment = Comment(
        "An example. `skip` keeps the row from being uploaded: write over it, and take `skip` away.", "orderdesk-batch",
        height=70, width=300,
    )  # fmt: skip
    _skipped_in_grey(sheet, len(fields))
    sheet.freeze_panes = "A2"
    sheet.row_dimensions[1].height = 22
    sheet.sheet_properties.tabColor = _BLUE
    _print(sheet, wide=len(fields) > 14)
    sheet.print_title_rows = "1:1"


def _needed(of: Resource, field: Field) -> bool:
    """Whether a row is no use without it: what finds the order, and what a new record must have."""
    return field.use == "required" or field.name == ("order" if of.parent else "source_id")


def _colour(of: Resource, field: Field) -> str:
    """The colour of a heading: needed ones stand out, groups keep together."""
    if _needed(of, field):
        return _BLUE
    if field.steps is not None:  # a name of one's own
        return _OWN
    return _GROUPS.get(field.name.partition(".")[0], _SLATE)


def _comment(of: Resource, field: Field) -> str:
    parts = [field.sentence, f"Write {field.kind.says}." if not field.choices else f"One of: {', '.join(field.choices)}."]
    if field.name == "action":
        parts = ["What to do with the row.", f"One of: {', '.join(field.choices)}.", f"Blank: {of.default_action}."]
    elif _needed(of, field):
        parts.append("Needed.")
    if field.example and not field.choices:
        parts.append(f"Example: {field.example}")
    return "\n".join(parts)


def _format(field: Field) -> str:
    """The number format of a column: text, unless it holds numbers or dates."""
    if field.kind is DATE:
        return "yyyy-mm-dd"
    if field.kind is TIME:
        return "yyyy-mm-dd hh:mm:ss"
    return "General" if field.kind in _NUMBERS else "@"


def _example(field: Field) -> Any:
    """The field's example as the cell that a person would type."""
    if field.kind is DATE:
        return dt.date.fromisoformat(field.example) if field.example else None
    if field.kind is TIME:
        return dt.datetime.fromisoformat(field.example) if field.example else None
    if field.kind in _NUMBERS:
        try:
            number = Decimal(field.example)
        except InvalidOperation:
            return field.example or None
        return int(number) if number == number.to_integral_value() else float(number)
    return field.example or None


def _choices(sheet: Worksheet, letter: str, field: Field, folder_cells: str) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    if field.choices:
        source = f'"{",".join(field.choices)}"'
    elif field.name == "folder" and folder_cells:
        source = folder_cells
    else:
        return
    # A warning, not a wall: `(clear)` and a folder made since must go in too.
    rule = DataValidation("list", formula1=source, allow_blank=True, showErrorMessage=True, errorStyle="warning",
                          errorTitle=field.name, error="This is not one of the usual values. Keep it?")  # fmt: skip
    rule.add(f"{letter}2:{letter}1048576")
    sheet.add_data_validation(rule)


def _skipped_in_grey(sheet: Worksheet, count: int) -> None:
    from openpyxl.formatting.rule import FormulaRule
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    # By rule, not by format: whoever writes over the example and its `skip` gets an ordinary row.
    rule = FormulaRule(  # type: ignore[no-untyped-call]
        formula=['LOWER($A2)="skip"'], font=Font(italic=True, color=_QUIET)
    )
    sheet.conditional_formatting.add(f"A2:{get_column_letter(count)}1048576", rule)


def _print(sheet: Worksheet, *, wide: bool = False) -> None:
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    if wide:  # on one page nobody could read it
        return
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


# The sheet that explains -----------------------------------------------------------------------------------


def _about(sheet: Worksheet, resources: Sequence[Resource], folders: Mapping[str, str], *, in_book: bool) -> str:
    """Fill the explaining sheet; gives where the folders' names are, for the drop-down."""
    from openpyxl.styles import Alignment, Border, PatternFill, Side

    for letter, width in zip("ABCDEFG", (3, 30, 52, 30, 26, 44, 24), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.sheet_view.showGridLines = False
    what = "everything at once" if in_book else resources[0].name
    _put(sheet, 2, 2, f"Fill in and upload: {what}", _font(bold=True, size=16, color=_BLUE))
    row = 4
    for line in _rules(resources, in_book=in_book):
        cell = _put(sheet, row, 2, line, _font())
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.merge_cells(start_row=row, start_column=2, end_row=row, end_column=6)
        sheet.row_dimensions[row].height = 16 * (1 + len(line) // 165)
        row += 1
    row += 1
    for colour, said in _legend(resources):
        sheet.cell(row, 2).fill = PatternFill("solid", fgColor=colour)
        _put(sheet, row, 3, said, _font())
        row += 1
    start = row + 1
    below = Border(bottom=Side("thin", color="D5DBE0"))
    for of in resources:
        row += 1
        heading = f"All columns of {of.name}" + ("; in bold those that have a column here already" if not in_book else "")
        _put(sheet, row, 2, heading, _font(bold=True, size=13, color=_BLUE))
        row += 1
        for column, title in enumerate(("column", "what it is", "what to write", "example", "choices"), 2):
            cell = _put(sheet, row, column, title, _font(bold=True, color="FFFFFF"))
            cell.fill = PatternFill("solid", fgColor=_BLUE)
        used = {field.name for field in columns(of, in_book=in_book)}
        for field in _explained(of):
            row += 1
            needed = " Needed." if _needed(of, field) else ""
            texts = (
                field.name,
                field.sentence + needed,
                "one of the choices" if field.choices else field.kind.says,
                field.example,
                ", ".join(field.choices),
            )
            for column, text in enumerate(texts, 2):
                cell = _put(sheet, row, column, text, _font(bold=column == 2 and field.name in used))
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                cell.border = below
            sheet.row_dimensions[row].height = 15 * max(
                1 + len(text) // room for text, room in zip(texts, (32, 60, 33, 29, 50), strict=True)
            )
        row += 1
    _print(sheet)
    return _folders(sheet, folders, start)


def _legend(resources: Sequence[Resource]) -> Iterator[tuple[str, str]]:
    yield _BLUE, "needed in every row, or to create"
    yield _SLATE, "fill in what you have"
    if any(of.name == "orders" for of in resources):
        yield _GROUPS["shipping"], "where the order goes"
        if len(resources) == 1:
            yield _GROUPS["item"], "what is in the order: a row for each item"
    if any(_OPEN[of.name] for of in resources):
        yield _OWN, "your own data: any name after the dot"


def _rules(resources: Sequence[Resource], *, in_book: bool) -> Iterator[str]:
    one = "record" if in_book else resources[0].one
    yield f"One row is one {one}. Delete the columns that you don't need; add others from the table below, under the names given there."
    yield "A blank cell leaves the value in the store as it is. (clear) empties it. Columns that are not here are never touched."
    default = ", ".join(f"{of.name}: {of.default_action}" for of in resources) if in_book else resources[0].default_action
    yield (
        f"The column action says what to do with a row: create, update, upsert (update, else create), delete or skip. Blank means {default}."
    )
    yield "The grey row is an example. It says skip, so it is not uploaded; write over it, and take skip away."
    if in_book:
        yield "Rows of items and shipments find their order by its number, also one that the sheet orders creates. An empty sheet does no harm."
    if in_book or resources[0].name == "orders":
        yield "An order with several items takes several rows with the same source_id." if not in_book else "Dates are UTC."
    name = "book" if in_book else resources[0].name
    yield f"Look first, nothing is sent: orderdesk-batch plan {name} FILE.xlsx    Then: orderdesk-batch upload {name} FILE.xlsx"


def _explained(of: Resource) -> Iterator[Field]:
    """Every column that a sheet of the resource may have, those for a name of one's own as an example."""
    example = {name.partition(".")[0] + ".*": name for name in _OPEN[of.name]}
    if of.name == "orders":
        example |= {
            f"item.{name}": f"item.{own}"
            for name, own in (("variation_list.*", "variation_list.Size"), ("metadata.*", "metadata.image"))
        }
    for field in of.fields:
        if field.use == "read-only" and field.name != "id":
            continue
        if field.is_open and "#" in field.name:
            yield of.field(field.name.replace("#", "1"))
        elif field.name in example:
            yield of.field(example[field.name])
        else:
            yield field


def _folders(sheet: Worksheet, folders: Mapping[str, str], row: int) -> str:
    if not folders:
        return ""
    times = Counter(name.strip().casefold() for name in folders.values())
    names = [name if times[name.strip().casefold()] == 1 else number for number, name in folders.items()]
    _put(sheet, row, 7, "the store's folders", _font(bold=True, color=_BLUE))
    for place, name in enumerate(names, row + 1):
        _put(sheet, place, 7, name)
    return f"'{ABOUT}'!$G${row + 1}:$G${row + len(names)}"


def _font(**how: Any) -> Any:
    from openpyxl.styles import Font

    return Font(name="Calibri", **{"size": 11, **how})


def _put(sheet: Worksheet, row: int, column: int, text: str, font: Any = None) -> Any:
    cell = sheet.cell(row, column)
    if text:
        cell.value = text
        cell.data_type = "s"  # a folder called "=x" is a text
        cell.number_format = "@"
    if font is not None:
        cell.font = font
    return cell


def _bytes(book: Workbook) -> bytes:
    """The workbook as bytes, the same each time: without the moment at which it was saved."""
    made, clean = io.BytesIO(), io.BytesIO()
    book.save(made)
    moment = f"{_DAY:%Y-%m-%dT%H:%M:%SZ}".encode()
    with zipfile.ZipFile(made) as parts, zipfile.ZipFile(clean, "w", zipfile.ZIP_DEFLATED) as out:
        for name in sorted(parts.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            part = parts.read(name)
            if name == "docProps/core.xml":
                part = re.sub(rb"(<dcterms:(created|modified)[^>]*>)[^<]*", rb"\g<1>" + moment, part)
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(entry, part)
    return clean.getvalue()
