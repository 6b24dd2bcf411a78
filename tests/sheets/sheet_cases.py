"""What the file reader's tests share: the small files, a judge of headings, and tables by row number."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from orderdesk_batch.sheets import Sheet

FILES = Path(__file__).parents[1] / "files"
KNOWN = {
    *("order #", "order-id", "order id", "name", "qty", "quantity", "note", "tracking", "tracking number", "tracking-number"),
    *("sku", "stock", "ship date", "ship-date", "carrier code", "carrier-code", "price", "zip", "shipped"),
}


def knows(headings: Sequence[str]) -> int:
    """How many of the headings mean something to these tests."""
    return len({heading.lower() for heading in headings} & KNOWN)


def rows(sheet: Sheet) -> dict[int, list[Any]]:
    """The sheet's cells by row number."""
    return {row: [column[index] for column in sheet.columns] for index, row in enumerate(sheet.rows)}


def codes(sheet: Sheet) -> list[str]:
    """What is said about the sheet, by code."""
    return [problem.code for problem in sheet.problems]
