"""This file holds what all drawing at the terminal shares: texts without markup, signs, colours."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

# Told apart by those who see no red or green; the signs and words say the same without any colour.
COLOURS: Final = {
    "create": "cyan", "update": "yellow", "delete": "bold magenta", "none": "dim", "skip": "dim", "refused": "bold red",
    "done": "cyan", "failed": "bold red", "stale": "yellow", "unknown": "bold magenta", "waiting": "yellow", "begun": "bold magenta",
}  # fmt: skip


class Signs:
    """The marks that the console at hand can show: old Windows consoles know only ASCII."""

    def __init__(self, console: Console) -> None:
        self.plain = console.options.ascii_only or console.legacy_windows
        self.arrow, self.dots, self.dot, self.bullet = ("->", "...", "|", "*") if self.plain else ("→", "…", "·", "•")


def text(*parts: str | tuple[str, str] | Text) -> Text:
    """Parts of a line, each plain or with its style; never read as markup."""
    from rich.text import Text

    return Text.assemble(*parts)


def say(console: Console, *parts: str | tuple[str, str] | Text, indent: int = 0) -> None:
    """Draw a line; what does not fit goes on below, indented alike."""
    _hanging(console, text(" " * indent), indent, text(*parts))


def bullet(console: Console, mark: str | Text, said: Text, indent: int = 2) -> None:
    """Draw a text with a mark before it, its further lines hanging below the first."""
    lead = text(" " * indent, mark, " ") if mark else text(" " * indent)
    _hanging(console, lead, lead.cell_len, said)


def _hanging(console: Console, lead: Text, width: int, said: Text) -> None:
    for number, line in enumerate(said.wrap(console, max(console.width - width, 10))):
        line.rstrip()
        before = text(" " * width) if number and line else lead if not number else text()
        console.print(text(before, line), highlight=False, overflow="fold")


def copyable(console: Console, label: str | Text, said: Text, indent: int = 0) -> None:
    """Draw a path or a command on one line, however long: it is there to be copied."""
    console.print(text(" " * indent, label, said), highlight=False, soft_wrap=True)


def size(said: str) -> int:
    """How many columns of the terminal a text takes: signs of some scripts take two."""
    from rich.cells import cell_len

    return cell_len(said)


@dataclass(slots=True)
class Column:
    """A column of a grid."""

    heading: str
    width: int = 0  # cells are cut to it; 0: they are wrapped where they must be
    right: bool = False


@dataclass(slots=True)
class Grid:
    """A table in the house's style: no lines, quiet headings."""

    signs: Signs
    columns: list[Column] = field(default_factory=list)
    rows: list[Sequence[Text]] = field(default_factory=list)

    def column(self, heading: str, width: int = 0, *, right: bool = False) -> None:
        """Add a column."""
        self.columns.append(Column(heading, width, right))

    def row(self, *cells: Text) -> None:
        """Add a row; it may be shorter than the others."""
        self.rows.append(cells)

    def draw(self, console: Console, indent: int = 2, *, headings: bool = True) -> None:
        """Draw it."""
        from rich.padding import Padding
        from rich.table import Table

        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False, pad_edge=False, show_header=headings)
        for column in self.columns:
            heading = self._fitted(text(column.heading), column.width)
            table.add_column(
                heading,
                justify="right" if column.right else "left",
                no_wrap=bool(column.width),
                overflow="crop" if column.width else "fold",
                width=column.width or None,
            )
        for cells in self.rows:
            table.add_row(*(self._fitted(cell, column.width) for cell, column in zip(cells, self.columns, strict=False)))
        console.print(Padding(table, (0, 0, 0, indent), expand=False), highlight=False)

    def _fitted(self, cell: Text, width: int) -> Text:
        """A cell cut to its column with our own dots: rich's are not ASCII."""
        if width and cell.cell_len > width:
            cell = cell.copy()
            cell.truncate(max(width - len(self.signs.dots), 1), overflow="crop")
            cell.rstrip()
            cell.append(self.signs.dots)
        return cell


def plain_console(width: int) -> Console:
    """A console that writes plain text to memory."""
    from rich.console import Console

    return Console(file=io.StringIO(), width=width, color_system=None, force_terminal=False, force_jupyter=False, legacy_windows=False)


def written(console: Console) -> str:
    """What was drawn on such a console."""
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines()).strip("\n")
