"""How long reading and checking a sheet takes beside what the reader's library alone takes, in one run.

    python tests/bench/reading.py [rows]

Imports are not counted: both are warmed up before. The best of three is taken, since other work on the
machine only ever adds.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import python_calamine
import xlsxwriter

from orderdesk_batch import check

HEADINGS = ("order.source_id", "tracking_number", "carrier_code", "shipment_method", "weight", "cost", "date_shipped", "status",
            "tracking_url", "Note")  # fmt: skip


def make(path: Path, rows: int) -> None:
    """A tracking sheet: texts, numbers, dates as text, and a column that means nothing."""
    book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_urls": False})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADINGS)
    for n in range(1, rows + 1):
        cells = (f"{10000 + n}", f"TRK{n:09d}A", "UPS", "Ground", 1.5 + n % 7, 4.25 + n % 9, f"2026-11-{1 + n % 28:02d}",
                 "in_transit", f"https://example.com/{n}", f"note {n % 50}")  # fmt: skip
        sheet.write_row(n, 0, cells)
    book.close()


def best(call: Callable[[], object]) -> float:
    """The shortest of three runs, in seconds."""
    times = []
    for _ in range(3):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return min(times)


def main(rows: int) -> None:
    """Print both times and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        path, small = Path(folder) / "large.xlsx", Path(folder) / "small.xlsx"
        make(path, rows)
        make(small, 5)
        check("shipments", str(small))
        raw = best(lambda: python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python())
        ours = best(lambda: check("shipments", str(path)))
    print(f"{rows:,} rows x {len(HEADINGS)} columns of xlsx: python-calamine alone {raw:.2f} s, check {ours:.2f} s, ratio {ours / raw:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
