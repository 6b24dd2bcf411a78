"""How long the results of a sheet take to write beside what pandas takes to write the same cells bare, in one run.

    python tests/bench/results.py [rows]

Ours is the whole step, as `upload` does it at its end: the sheet's cells out of the run file, what became of each row,
colours, widths, filter, a private file written beside and renamed. Bare is `DataFrame.to_excel` with xlsxwriter of the
very cells of our file (no web addresses among them: pandas would make links of those, and we don't). Both take turns, the best of three each. How much memory each takes is told for a tenth of the rows: to watch it slows all down.
"""

from __future__ import annotations

import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import python_calamine

from orderdesk_batch.desk.keeping import write_results
from orderdesk_batch.desk.options import Options
from orderdesk_batch.plan import Change, Plan, Step
from orderdesk_batch.run import Run

HEADINGS = ("Order Number", "tracking_number", "carrier_code", "shipment_method", "weight", "cost", "date_shipped", "status",
            "ref", "Note")  # fmt: skip
ENDS = ("done", "done", "done", "failed", "none")


def make(path: Path, rows: int) -> tuple[Run, Plan]:
    """A run of as many shipments, with its sheet: texts, numbers, and a column that means nothing."""
    columns: list[list[object]] = [
        [f"{10000 + n}" for n in range(rows)], [f"TRK{n:09d}A" for n in range(rows)], ["UPS"] * rows, ["Ground"] * rows,
        [1.5 + n % 7 for n in range(rows)], [4.25 + n % 9 for n in range(rows)], [f"2026-11-{1 + n % 28:02d}" for n in range(rows)],
        ["in_transit"] * rows, [f"REF-{n:07d}" for n in range(rows)], [f"note {n % 50}" for n in range(rows)],
    ]  # fmt: skip
    changes = []
    for n in range(rows):
        end = ENDS[n % len(ENDS)]
        steps = [Step("batch", end, "the store refused it: no such carrier" if end == "failed" else "")] if end != "none" else []
        changes.append(Change(n, "shipments", "none" if end == "none" else "create", [n + 2], f"#{n}", id=f"{500000 + n}" if end == "done" else "",
                              order_id=f"{200000 + n}", steps=steps))  # fmt: skip
    sheet = {
        "name": "t.xlsx", "tab": "", "headings": list(HEADINGS), "positions": list(range(len(HEADINGS))), "rows": list(range(2, rows + 2)),
        "heading_row": 1, "format": "xlsx", "delimiter": "", "resource": "shipments", "columns": columns,
    }  # fmt: skip
    plan = Plan("shipments", changes, store_id="1", store_name="A store", sheet_name="t.xlsx")
    return Run.create(path, plan, {}, [sheet]), plan


def best(*calls: Callable[[], object]) -> list[float]:
    """The shortest of three turns of each, in seconds."""
    taken: list[list[float]] = [[] for _ in calls]
    for _ in range(3):
        for times, call in zip(taken, calls, strict=True):
            start = time.perf_counter()
            call()
            times.append(time.perf_counter() - start)
    return [min(times) for times in taken]


def most(call: Callable[[], object]) -> int:
    """The memory that Python's objects take at most while it runs, in MB."""
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak // 2**20


def main() -> None:
    """Measure, and print the ratio."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        run, plan = make(folder / "t.run", rows)

        def ours(name: str = "ours.xlsx") -> object:
            return write_results(run, plan, folder / name, Options())

        written = python_calamine.CalamineWorkbook.from_path(str(ours())).get_sheet_by_index(0).to_python()
        cells = [[None if cell == "" else cell for cell in row] for row in written]
        frame = pd.DataFrame(cells[1:], columns=cells[0])

        def bare() -> object:
            return frame.to_excel(folder / "bare.xlsx", engine="xlsxwriter", index=False)

        mine, pandas = best(ours, bare)
        print(f"{rows:,} rows × {frame.shape[1]} columns: ours {mine:.1f} s, pandas with xlsxwriter {pandas:.1f} s, ratio {mine / pandas:.2f}")
        (csv,) = best(lambda: ours("ours.csv"))
        print(f"as CSV {csv:.1f} s")
        run, plan = make(folder / "few.run", rows // 10)
        frame = frame.head(rows // 10)
        print(f"memory at most for {rows // 10:,} rows: ours {most(ours)} MB, pandas beyond its frame {most(bare)} MB")


if __name__ == "__main__":
    main()
