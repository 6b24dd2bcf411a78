"""This file holds the command that reports over an archive: report, with a command for each function of the reports."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

import click

from ..errors import UsageError
from . import common

FORMATS: Final = (".csv", ".xlsx", ".parquet")
_SHOWN: Final = 50  # rows on a terminal

# What the functions' parameters are as options: how they are read, and what is said of them.
_OPTIONS: Final[Mapping[str, tuple[Any, str]]] = {
    "by": (click.STRING, "{by}"),
    "zone": (click.STRING, "The time zone whose days are meant. [default: the store's, if it is known here, else UTC]"),
    "now": (click.STRING, "The time to count from, UTC: 2026-11-23 or \"2026-11-23 09:30\". [default: the clock's]"),
    "bands": (click.STRING, "Where each band of ages ends, in days. [default: 1,3,7,14,30]"),
    "days": (click.IntRange(1), "{days}"),
    "within": (click.IntRange(0), "Days until it runs out. [default: 14]"),
    "leave_out": (click.STRING, "A folder whose orders are not waited for; may be given several times."),
}
_SAID: Final = {
    ("sales", "by"): "day, week, month, source, or a column of the orders, such as shipping.country or store. [default: day]",
    ("stock-value", "by"): "A column of the inventory, such as location or store. [default: location]",
    ("unshipped", "days"): "How many days an order may take. [default: 3]",
    ("days-left", "days"): "How far back the rate of sale is taken from. [default: 30]",
    ("low-stock", "days"): "How far back the rate of sale is taken from. [default: 30]",
}


class Reports(click.Group):
    """One command a report; its options are the parameters of its function."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from .. import report

        return [name.replace("_", "-") for name in report.__all__]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return _report_of(cmd_name) if cmd_name in self.list_commands(ctx) else None


@click.group("report", cls=Reports, short_help=common.SENTENCES["report"])
def report_command() -> None:
    """What an archive says: sales, shipping, customers, stock. Without -o the table is printed.

    DuckDB adds up on this machine, whatever the archive's size. With --dask a Dask cluster that is there already does.
    """


def _report_of(name: str) -> click.Command:
    function = _function(name)
    tables, parameters = _signature(function)
    sentence = (inspect.getdoc(function) or "").split("\n", 1)[0]
    options: list[click.Parameter] = [
        click.Option(["--archive"], required=True, type=click.Path(file_okay=False), metavar="DIR",
                     help="The archive's folder; `orderdesk-batch archive` makes it."),
        click.Option(["-o", "--output"], type=click.Path(dir_okay=False), metavar="FILE", help=f"The file to write: {', '.join(FORMATS[:-1])} or {FORMATS[-1]}."),
        click.Option(["--store", "stores"], metavar="NAME,…", help="Only these stores of the archive, by name or id. [default: all]"),
    ]  # fmt: skip
    if "inventory" not in tables:
        options += [
            click.Option(["--since"], metavar="DATE", help="Only orders from this day on, in the zone."),
            click.Option(["--until"], metavar="DATE", help="Only orders before this day, in the zone."),
        ]
        parameters = ["zone", *(one for one in parameters if one != "zone")]
    for one in parameters:
        kind, said = _OPTIONS[one]
        names = [f"--{one.replace('_', '-')}", one]
        options.append(click.Option(names, type=kind, multiple=one == "leave_out", help=_SAID.get((name, one), said)))
    options += [
        click.Option(["--dask"], metavar="ADDRESS", help="Let the Dask cluster at this address do it, such as tcp://10.0.0.5:8786."),
        click.Option(["--memory"], metavar="SIZE", help="How much memory DuckDB may take, such as 2GB. [default: most of it]"),
        click.Option(["--json", "as_json"], is_flag=True, help="Print one JSON object on stdout, and nothing else there."),
    ]  # fmt: skip
    return click.Command(name, params=options, callback=_reporter(name, function, tables), help=sentence, short_help=sentence)


def _function(name: str) -> Callable[..., Any]:
    from .. import report

    function: Callable[..., Any] = getattr(report, name.replace("-", "_"))
    return function


def _signature(function: Callable[..., Any]) -> tuple[list[str], list[str]]:
    """The tables that a report takes, and its other parameters."""
    names = inspect.signature(function).parameters
    return [one for one in names if one in common.RESOURCES], [one for one in names if one not in common.RESOURCES]


def _reporter(name: str, function: Callable[..., Any], tables: Sequence[str]) -> Callable[..., int]:
    def run(
        archive: str, output: str | None, stores: str | None, dask: str | None, memory: str | None, as_json: bool,
        since: str | None = None, until: str | None = None, **given: Any,
    ) -> int:  # fmt: skip
        from ..memory import zone_of

        target = None if output is None else _target(Path(output))
        if dask and memory:
            raise UsageError("--memory is for DuckDB. A Dask worker is told its own: dask worker --memory-limit 2GB.")
        asked = {one: value for one, value in given.items() if value not in (None, ())}
        there = _stores(archive, stores)
        zone = asked.pop("zone", None) or (zone_of(there[0]) if len(there) == 1 else None) or "UTC"
        if "zone" in inspect.signature(function).parameters:
            asked["zone"] = zone
        if "now" in asked:
            asked["now"] = _time(asked["now"], "--now")
        if "bands" in asked:
            asked["bands"] = _whole_numbers(asked["bands"])
        first, last = (None if day is None else _midnight(day, option, zone) for day, option in ((since, "--since"), (until, "--until")))
        needed = list(tables) if not (first or last) or "orders" in tables else [*tables, "orders"]
        files = {table: _files(archive, table, there) for table in needed}
        with _opened(files, dask, memory, tell=asked.get("by") == "store") as held:
            from ..report import archives

            if first or last:
                held = archives.only(held, first, last, others="orders" not in tables)
            found = function(*(held[table] for table in tables), **asked)
        _tell(name, found, target, as_json)
        if "zone" in asked and zone != "UTC" and not given.get("zone"):
            click.echo(f"Days are those of {zone}, the store's zone; --zone names another.", err=True)
        return 0

    return run


def _opened(
    files: Mapping[str, Mapping[str, Sequence[Path]]], dask: str | None, memory: str | None, *, tell: bool
) -> AbstractContextManager[dict[str, Any]]:
    from ..report import archives

    if dask:
        return archives.by_dask(files, dask, tell_store=tell)
    return archives.by_duckdb(files, memory=memory or "", tell_store=tell)


# -- what is asked --------------------------------------------------------------------------------------


def _stores(archive: str, given: str | None) -> list[str]:
    from ..archive import stores
    from ..profiles import Profiles

    there = stores(archive)
    if given is None:
        return there
    ids = {one.name.casefold(): one.store_id for one in Profiles().all()}
    asked = [ids.get(one.strip().casefold(), one.strip()) for one in given.split(",") if one.strip()]
    if unknown := [one for one in asked if one not in there]:
        raise UsageError(f"{archive} has no store {', '.join(unknown)}; it has {', '.join(there)}.")
    if not asked:
        raise UsageError("--store names no store.")
    return asked


def _files(archive: str, resource: str, stores: Iterable[str]) -> dict[str, list[Path]]:
    from ..archive import files

    return {store: files(archive, resource, store) for store in stores}


def _time(text: str, option: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f'{option} "{text}" is no date. Write it as 2026-11-23 or "2026-11-23 09:30".') from None


def _midnight(text: str, option: str, zone: str) -> dt.datetime:
    """The time, UTC, at which a day begins in a zone."""
    from ..report import times

    at = _time(text, option)
    return at.replace(tzinfo=at.tzinfo or times.known(zone)).astimezone(dt.UTC)


def _whole_numbers(text: str) -> list[int]:
    try:
        return [int(one) for one in text.split(",")]
    except ValueError:
        raise UsageError(f'--bands "{text}" are no whole numbers. Write them as 1,3,7.') from None


def _target(path: Path) -> Path:
    """The file to write, once it is known that it can be."""
    from ..sheets.write import probe

    if path.suffix.lower() not in FORMATS:
        raise UsageError(f"{path}: a report's name ends in {', '.join(FORMATS)}.")
    probe(path)
    return path


# -- what is told ---------------------------------------------------------------------------------------


def _tell(name: str, found: Any, target: Path | None, as_json: bool) -> None:
    columns = [str(one) for one in found.columns]
    rows = list(_rows(found))
    if target is not None:
        for problem in _write(target, name, found, columns, rows):
            click.echo(str(problem), err=True)
    if as_json:
        shown = [dict(zip(columns, map(_in_json, row), strict=True)) for row in rows]
        common.print_json({"report": name, "path": None if target is None else str(target), "columns": columns, "rows": shown})
    elif target is not None:
        common.say(f"{len(rows):,} rows were written to {target}.")
    else:
        _print(columns, rows)


def _in_json(cell: Any) -> Any:
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ", "seconds")
    return cell.isoformat() if isinstance(cell, dt.date) else cell


def _rows(found: Any) -> Iterable[list[Any]]:
    """The rows of a pandas frame as plain values; days as dates, times as UTC without a zone."""
    days = {one for one in ("day", "week", "month") if one in found.columns and found[one].dtype.kind == "M"}
    cells = []
    for name in found.columns:
        column = found[name]
        blank = column.isna().tolist()
        values = column.tolist()
        if column.dtype.kind == "M":
            values = [None if empty else value.to_pydatetime().replace(tzinfo=None) for value, empty in zip(values, blank, strict=True)]
            values = [value.date() if value is not None and name in days else value for value in values]
        cells.append([None if empty else value for value, empty in zip(values, blank, strict=True)])
    return ([column[n] for column in cells] for n in range(len(found)))


def _write(target: Path, name: str, found: Any, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterable[Any]:
    from ..plot.columns import COLUMNS
    from ..sheets.workbook import Tab, write_book
    from ..sheets.write import atomic, write_csv

    ending = target.suffix.lower()
    if ending == ".csv":
        return write_csv(target, columns, rows)
    if ending == ".xlsx":
        amounts = [n for n, one in enumerate(columns) if one in COLUMNS and COLUMNS[one].sort == "money"]
        return write_book(target, [Tab(name, columns, rows, amount_columns=amounts)])
    with atomic(target) as beside:
        found.to_parquet(beside)
    return ()


def _print(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for n, column in enumerate(columns):
        number = any(isinstance(row[n], (int, float)) for row in rows)
        table.add_column(Text(column), justify="right" if number else "left")
    for row in rows[:_SHOWN]:
        table.add_row(*(Text("" if cell is None else f"{cell:,.4g}" if isinstance(cell, float) and abs(cell) < 1 else
                             f"{cell:,.2f}" if isinstance(cell, float) else f"{cell:,}" if isinstance(cell, int) else common.shown(cell)) for cell in row))  # fmt: skip
    common.out().print(table)
    if len(rows) > _SHOWN:
        common.say(f"… and {len(rows) - _SHOWN:,} more rows; -o FILE writes them all.")
    elif not rows:
        common.say("Nothing to report: no rows.")
