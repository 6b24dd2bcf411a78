"""This file holds what all drawing at the terminal shares: texts without markup, signs, colours."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
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
    """Draw a line, or several of them indented alike."""
    from rich.padding import Padding

    console.print(Padding(text(*parts), (0, 0, 0, indent), expand=False), highlight=False)


def bullet(console: Console, mark: str | Text, said: Text, indent: int = 2) -> None:
    """Draw a text with a mark before it, its further lines hanging below the first."""
    from rich.padding import Padding
    from rich.table import Table

    grid = Table.grid(padding=(0, 1))
    grid.add_row(text(mark), said)
    console.print(Padding(grid, (0, 0, 0, indent), expand=False), highlight=False)


def grid() -> Table:
    """An empty table in the house's style: no lines, quiet headings."""
    from rich.table import Table

    return Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False, pad_edge=False)


def sheet(console: Console, table: Table, indent: int = 2) -> None:
    """Draw a table."""
    from rich.padding import Padding

    console.print(Padding(table, (0, 0, 0, indent), expand=False), highlight=False)


def plain_console(width: int) -> Console:
    """A console that writes plain text to memory."""
    from rich.console import Console

    return Console(file=io.StringIO(), width=width, color_system=None, force_terminal=False, legacy_windows=False)


def written(console: Console) -> str:
    """What was drawn on such a console."""
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines()).strip("\n")
