"""This file holds the commands to try things out: sandbox and demo."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import sample_files
from . import common

if TYPE_CHECKING:
    from ..plan import Plan

SAMPLE = "shipstation-tracking.csv"
RESULTS = "shipstation-tracking.results.xlsx"


@click.command("sandbox", short_help=common.SENTENCES["sandbox"])
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port. [default: a free one]")
@click.option("--orders", type=click.IntRange(0), default=300, show_default=True, help="How many orders it is filled with.")
@click.option("--inventory", type=click.IntRange(0), default=500, show_default=True, help="How many inventory items.")
@click.option("--state", type=click.Path(dir_okay=False), metavar="FILE", help="Keep its data in this file. [default: in memory]")
def sandbox_command(port: int, orders: int, inventory: int, state: str | None) -> None:
    """A local Order Desk, as strict as the real one, to try things on. Ctrl-C ends it."""
    from ..sandbox import Sandbox, serve

    box = Sandbox(orders=orders, inventory=inventory, port=port, state=state)

    def announce(running: Sandbox) -> None:
        values = {
            "ORDERDESK_BASE_URL": running.url, "ORDERDESK_STORE_ID": running.store_id, "ORDERDESK_API_KEY": running.api_key,
        }  # fmt: skip
        word = "set" if os.name == "nt" else "export"
        for name, value in values.items():
            common.say(f"{word} {name}={value}")
        if os.name == "nt":
            click.echo("or, in PowerShell:", err=True)
            for name, value in values.items():
                click.echo(f'$env:{name} = "{value}"', err=True)
        click.echo("The sandbox is running. Paste these lines into another terminal, then for instance:  orderdesk-batch store", err=True)
        click.echo("Ctrl-C ends it" + ("; what was changed in it is gone then." if state is None else "."), err=True)

    serve(box, announce=announce)


@click.command("demo", short_help=common.SENTENCES["demo"])
@click.option("--keep", type=click.Path(file_okay=False), metavar="FOLDER", help="Keep the sheet and the results workbook here.")
def demo_command(keep: str | None) -> int:
    """The main job, start to end: a sheet of tracking numbers from ShipStation, its plan, the upload, and the same sheet again.

    It runs on the built-in sandbox: no account is needed, and none is touched.
    """
    with tempfile.TemporaryDirectory(prefix="orderdesk-demo-", ignore_cleanup_errors=True) as scratch:
        folder = Path(keep or scratch)
        folder.mkdir(parents=True, exist_ok=True)
        sheet = folder / SAMPLE
        shutil.copyfile(sample_files.sample(SAMPLE), sheet)
        done = _demo(sheet, Path(scratch), kept=keep is not None)
    return 0 if done else 1


def _demo(sheet: Path, scratch: Path, *, kept: bool) -> bool:
    """Play it through; whether it went as it should."""
    from .. import show
    from ..desk import Desk
    from ..sandbox import Sandbox
    from ..show.paper import text
    from ..store import Store

    console = common.out()

    def step(title: str, *said: str, command: str = "") -> None:
        console.print()
        console.print(text((title, "bold")))
        for line in said:
            console.print(line, markup=False)
        if command:
            console.print()
            console.print(text(("  orderdesk-batch ", "dim"), (command, "cyan")))
            console.print()

    def end(plan: Plan, *said: str) -> None:
        plan.run = None  # nothing to take back or to go on with once the sandbox is gone
        show.results(console, plan)
        for line in said:
            console.print(line, markup=False)

    with Sandbox(orders=300, inventory=50) as box, Store(box.store_id, box.api_key, base_url=box.url) as store:
        desk = Desk(store, folder=scratch / "home")
        step(
            "1. A store to try things on",
            f"A local Order Desk with 300 made-up orders now runs at {box.url}.",
            f"{sheet.name} has 60 rows with tracking numbers, as ShipStation exports them.",
        )

        step("2. The plan", "What would be done. Nothing is sent.", command=f"plan shipments {sheet.name}")
        plan = desk.plan("shipments", str(sheet))
        plan.sheet_name = sheet.name
        show.plan(console, plan, limit=8)

        step(
            "3. The upload",
            f"Row {plan.errors[0].row} names an order that the store hasn't got, and one bad row is enough to send nothing.",
            "Mend the row, or send the others: --skip-bad-rows.",
            command=f"upload shipments {sheet.name} --skip-bad-rows --weight-unit lb --results {RESULTS}",
        )
        first = desk.upload(
            "shipments", str(sheet), skip_bad_rows=True, weight_unit="lb", yes=True, results=sheet.with_name(RESULTS)
        )
        results = first.results_file
        first.results_file = results if kept else None
        end(first, f"It took {_calls(first)}.")

        step("4. The same sheet again", command=f"upload shipments {sheet.name} --skip-bad-rows")
        second = desk.upload("shipments", str(sheet), skip_bad_rows=True, yes=True, results=scratch / "again.xlsx")
        second.results_file = None
        end(
            second,
            f"{second.counts['none']} parcels are on their orders already. It took {_calls(second)}: nothing is sent twice.",
        )

        step("That was it", "The local Order Desk is gone again.")
    console.print()
    if kept:
        console.print(text("The sheet with its results:  ", (str(results), "bold")))
    else:
        console.print(text("To keep the results workbook:  ", ("orderdesk-batch demo --keep FOLDER", "bold")))
    console.print(text("To try your own sheets:  ", ("orderdesk-batch sandbox", "bold")))
    return first.results["done"] == first.counts["create"] > 0 and second.requests["written"] == 0


def _calls(plan: Plan) -> str:
    reads, writes = plan.requests["read"], plan.requests["written"]
    return f"{reads} call{'s' * (reads != 1)} to read and {writes} to write"
