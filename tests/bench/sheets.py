"""How long big sheets take to check and to plan, how that grows, and how much memory it takes.

    python tests/bench/sheets.py                 100,000 rows x 10 columns of xlsx, beside what the reader's library takes
    python tests/bench/sheets.py --grow          CSV from 10,000 to 1,000,000 rows: time a row, and memory
    python tests/bench/sheets.py --only orders   one resource alone

Planning is measured with the documents in hand: no call is made, and the sheet is read already. Imports are not
counted. Each case runs in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import functools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parents[2] / "samples"
SIZES = (10_000, 100_000, 1_000_000)
PAGE = 500
IN_A_MB = 2**20 if sys.platform == "darwin" else 2**10  # of what the system counts a process's memory in

HEADINGS = {
    "shipments": ("order.source_id", "tracking_number", "carrier_code", "shipment_method", "weight", "cost", "date_shipped", "status",
                  "tracking_url", "Note"),
    "inventory": ("code", "name", "stock", "price", "cost", "weight", "location", "manufacturer_sku", "metadata.bin", "Note"),
    "items": ("order.source_id", "code", "name", "price", "quantity", "weight", "delivery_type", "category_code", "metadata.image", "Note"),
    "orders": ("source_id", "email", "shipping.first_name", "shipping.last_name", "shipping.city", "shipping.postal_code",
               "shipping.country", "shipping_method", "shipping_total", "Note"),
}  # fmt: skip


def row(resource: str, n: int) -> tuple[Any, ...]:
    """The n-th row of a sheet: one more parcel, another stock, another price and quantity, another city and code."""
    if resource == "shipments":
        return (f"{10000 + n}", f"TRK{n:09d}A", "UPS", "Ground", 1.5 + n % 7, 4.25 + n % 9, f"2026-11-{1 + n % 28:02d}", "in_transit",
                f"https://example.com/{n}", f"note {n % 50}")  # fmt: skip
    if resource == "inventory":
        return (f"SKU-{n}", f"Blue mug {n}", n % 900 + 13, 9.5, 3.1, 0.4, "Leeds", f"M-{n}", "A-3", f"note {n % 50}")
    if resource == "items":
        return (f"{10000 + n}", "00123", "Blue mug", 9.75, 3, 0.4, "ship", "DEFAULT", "mug.jpg", f"note {n % 50}")
    return (f"{10000 + n}", f"b{n}@example.com", "Ada", "Lovelace", "Bristol", f"BS{n % 40} 4JH", "GB", "Standard", 4.5, f"note {n % 50}")


@functools.cache
def _pattern(listed: str) -> str:
    """A sample document as JSON with `{n}` where records differ: some 2 KB for an order with an item and a parcel."""
    if listed == "inventory":
        sample = json.loads((SAMPLES / "inventory_item.json").read_text())
        sample |= {"id": 0, "code": "SKU-0", "name": "Blue mug 0", "manufacturer_sku": "M-0"}
        return json.dumps(sample).replace('"id": 0', '"id": 9@').replace('-0"', '-@"').replace('mug 0"', 'mug @"')
    sample = json.loads((SAMPLES / "order.json").read_text())
    sample |= {"id": "7@", "source_id": "", "email": "b@@example.com", "processor_response": "Stripe: ch_@"}
    sample["order_items"][0]["id"] = "8@"
    sample["order_shipments"][0] |= {"id": "5@", "order_id": "7@", "tracking_number": "940011120@"}
    return json.dumps(sample).replace("b@@example.com", "b@\\u0040example.com").replace('"source_id": ""', '"source_id": "#"')


def as_json(listed: str, first: int, many: int) -> str:
    """Records of the store as the wire has them."""
    pattern = _pattern(listed)
    texts = (pattern.replace("#", str(10000 + n)).replace("@", str(n)) for n in range(first, first + many))
    return f"[{','.join(texts)}]"


def documents(listed: str, first: int, many: int) -> list[dict[str, Any]]:
    """Records of the store, read from JSON as the wire does it."""
    found: list[dict[str, Any]] = json.loads(as_json(listed, first, many), parse_float=Decimal)
    return found


class InHand:
    """A store whose pages are made on the spot, so that the time of its answers is not ours."""

    def __init__(self, many: int) -> None:
        self._many = many

    def _page(self, listed: str, offset: int) -> Any:
        from orderdesk_batch.store import Page

        return Page(documents(listed, offset, min(PAGE, self._many - offset)), offset, self._many, 1000.0)

    def first_page(self, listed: str) -> Any:
        return self._page(listed, 0)

    def pages(self, listed: str, filters: Any = None, *, first: Any = None, ahead: Any = None) -> Iterator[Any]:
        for offset in range(0, self._many, PAGE):
            yield first if first is not None and not offset else self._page(listed, offset)

    def together(self, calls: Any) -> Iterator[Any]:
        for call in calls:
            yield call()

    def total(self, listed: str) -> int:
        """As the memory of a store has it."""
        return self._many

    def put_total(self, listed: str, total: int) -> None:
        """Nothing is remembered."""


def make(path: Path, resource: str, rows: int) -> None:
    """A sheet of so many rows, as .xlsx or .csv."""
    if path.suffix == ".csv":
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADINGS[resource])
            writer.writerows(row(resource, n) for n in range(rows))
        return
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_urls": False})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADINGS[resource])
    for n in range(rows):
        sheet.write_row(n + 1, 0, row(resource, n))
    book.close()


# -- one case, in a process of its own ---------------------------------------------------------------------


def seconds(call: Callable[[], Any], cpu: bool) -> tuple[float, Any]:
    """How long a call takes, in seconds of the wall or of the processor, our children's included."""
    before = os.times()
    started = time.perf_counter()
    result = call()
    taken = time.perf_counter() - started
    after = os.times()
    return (sum(after[:4]) - sum(before[:4]) if cpu else taken), result


def best(call: Callable[[], Any], times: int, cpu: bool) -> tuple[float, Any]:
    """The shortest of several runs, since other work on the machine only ever adds."""
    fastest, result = seconds(call, cpu)
    for _ in range(times - 1):
        result = None
        again, result = seconds(call, cpu)
        fastest = min(fastest, again)
    return fastest, result


def all_read(resource: str, rows: int) -> Any:
    """A look-up with all documents of the store on its shelf."""
    from orderdesk_batch.lookup import Lookup

    store = InHand(rows)
    lookup = Lookup(store, store, rows=rows)  # type: ignore[arg-type]
    listed = "inventory" if resource == "inventory" else "orders"
    shelf = lookup.shelves[listed]  # type: ignore[index]
    for page in store.pages(listed):
        number = page.offset // PAGE
        for document in page.records:
            shelf.put(document, page.at, number)
    shelf.complete = True
    return lookup


def planned(checked: Any, lookup: Any) -> Any:
    """The plan for a sheet, from documents that are in hand."""
    from orderdesk_batch import plan as planning
    from orderdesk_batch.desk.planner import look_up

    world = planning.World(dt.datetime(2026, 11, 23), {"21654": "New"}, "mark")
    parts = [planning.Part(checked, checked.sheet.tab)]
    return planning.make(parts, look_up(parts, lookup), world)


def saved(plan: Any, checked: Any, path: Path) -> None:
    """Write the run file."""
    from orderdesk_batch.desk.reading import held
    from orderdesk_batch.run import Run

    path.unlink(missing_ok=True)
    Run.create(path, plan, {}, [held(checked.sheet, checked.resource.name)]).close()


def case(resource: str, path: Path, rows: int, what: str, times: int, cpu: bool) -> dict[str, Any]:
    """Measure one thing: raw, check or plan."""
    from orderdesk_batch import check

    found: dict[str, Any] = {}
    small = path.with_name(f"small-{resource}{path.suffix}")
    make(small, resource, 5)
    warm = check(resource, str(small))
    if what == "raw":
        import python_calamine

        found["raw"], _ = best(lambda: python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(), times, cpu)
    elif what == "check":
        found["check"], _ = best(lambda: check(resource, str(path)), times, cpu)
    else:
        planned(warm, all_read(resource, 5))
        checked = check(resource, str(path))
        lookup = all_read(resource, rows)
        found["plan"], plan = best(lambda: planned(checked, lookup), times, cpu)
        found["counts"] = {action: count for action, count in plan.counts.items() if count}
        found["save"], _ = seconds(lambda: saved(plan, checked, path.with_suffix(".run")), cpu)
        found["file"] = path.with_suffix(".run").stat().st_size
        path.with_suffix(".run").unlink()
    return found


def memory() -> dict[str, float]:
    """The most memory that this process took, and the largest of its children, in MB."""
    if sys.platform == "win32":
        return {}
    import resource

    return {
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / IN_A_MB,
        "children": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / IN_A_MB,
    }


def apart(*order: Any) -> dict[str, Any]:
    """A case in a process of its own."""
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, __file__, "--case", *map(str, order)], check=True, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": root}
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


# -- the tables ----------------------------------------------------------------------------------------------


def ratios(folder: Path, resources: list[str], rows: int, cpu: bool) -> None:
    """Check and plan beside the reader's library alone, in one run."""
    print(f"{rows:,} rows x 10 columns of xlsx, best of three\n")
    print("| resource | python-calamine alone | check | ratio | planning alone | ratio | saving the plan |\n|---|---|---|---|---|---|---|")
    for resource in resources:
        path = folder / f"{resource}.xlsx"
        make(path, resource, rows)
        raw, check, plan = (apart(resource, path, rows, what, 3, cpu) for what in ("raw", "check", "plan"))
        alone = raw["raw"]
        print(f"| {resource} | {alone:.2f} s | {check['check']:.2f} s | {check['check'] / alone:.2f} × | {plan['plan']:.2f} s "
              f"| {plan['plan'] / alone:.2f} × | {plan['save']:.2f} s |", flush=True)  # fmt: skip


def growth(folder: Path, resources: list[str], sizes: list[int], cpu: bool) -> None:
    """Time a row and memory, from few rows to many."""
    print("| resource | rows of CSV | check, µs a row | memory | plan, µs a row | saving, µs a row | memory |\n|---|---|---|---|---|---|---|")
    for resource in resources:
        for rows in sizes:
            path = folder / f"{resource}.csv"
            make(path, resource, rows)
            times = 1 if rows > 200_000 else 3
            check, plan = (apart(resource, path, rows, what, times, cpu) for what in ("check", "plan"))
            each = {name: found[name] / rows * 1e6 for found in (check, plan) for name in ("check", "plan", "save") if name in found}
            print(f"| {resource} | {rows:,} | {each['check']:.1f} | {check.get('memory', 0):,.0f} MB | {each['plan']:.1f} "
                  f"| {each['save']:.1f} | {plan.get('memory', 0):,.0f} MB |", flush=True)  # fmt: skip


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--grow", action="store_true", help="how time and memory grow with the rows")
    parser.add_argument("--rows", type=int, nargs="*", help="instead of 100,000, or of 10,000 to 1,000,000")
    parser.add_argument("--only", nargs="*", choices=list(HEADINGS), default=list(HEADINGS))
    parser.add_argument("--cpu", action="store_true", help="count the processor's seconds, not the wall's")
    parser.add_argument("--case", nargs="*", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.case:
        resource, path, rows, what, times, cpu = given.case
        print(json.dumps(case(resource, Path(path), int(rows), what, int(times), cpu == "True") | memory()))
        return
    with tempfile.TemporaryDirectory() as folder:
        if given.grow:
            growth(Path(folder), given.only, given.rows or list(SIZES), given.cpu)
        else:
            ratios(Path(folder), given.only, (given.rows or [100_000])[0], given.cpu)


if __name__ == "__main__":
    main()
