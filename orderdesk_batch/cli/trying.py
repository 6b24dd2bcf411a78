"""This file holds the commands to try things out: sandbox and demo."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import click

from . import common

SAMPLE = "shipstation-tracking.csv"


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
        word = "set" if os.name == "nt" else "export"
        click.echo(f"{word} ORDERDESK_BASE_URL={running.url}")
        click.echo(f"{word} ORDERDESK_STORE_ID={running.store_id}")
        click.echo(f"{word} ORDERDESK_API_KEY={running.api_key}")
        click.echo("The sandbox is running; paste these lines into another terminal. Ctrl-C ends it.", err=True)

    serve(box, announce=announce)


@click.command("demo", short_help=common.SENTENCES["demo"])
@click.option("--keep", type=click.Path(file_okay=False), metavar="FOLDER", help="Keep the sheet and the results here.")
def demo_command(keep: str | None) -> int:
    """The main job, start to end: a sandbox, a ShipStation sheet, its plan, the upload, and the same sheet again."""
    from .. import show
    from ..desk import Desk
    from ..sandbox import Sandbox
    from ..sample_files import sample
    from ..store import Store

    console = common.out()
    with tempfile.TemporaryDirectory(prefix="orderdesk-demo-") as scratch:
        folder = Path(keep or scratch)
        folder.mkdir(parents=True, exist_ok=True)
        sheet = folder / SAMPLE
        shutil.copyfile(sample(SAMPLE), sheet)
        with Sandbox(orders=300, inventory=50) as box, Store(box.store_id, box.api_key, base_url=box.url) as store:
            desk = Desk(store, folder=Path(scratch) / "home")
            click.echo(f"1. A local Order Desk with 300 orders is running at {box.url}.\n")
            click.echo(f"2. orderdesk-batch plan shipments {SAMPLE} --skip-bad-rows\n")
            plan = desk.plan("shipments", str(sheet), skip_bad_rows=True)
            show.plan(console, plan, limit=8)
            click.echo(f"\n3. orderdesk-batch upload shipments {SAMPLE} --skip-bad-rows --yes\n")
            first = desk.upload("shipments", str(sheet), skip_bad_rows=True, yes=True)
            show.results(console, first, first.results_file)
            click.echo("\n4. The same sheet again: nothing is sent twice.\n")
            second = desk.upload("shipments", str(sheet), skip_bad_rows=True, yes=True)
            show.results(console, second, second.results_file)
            sent = second.requests["written"]
            click.echo(f"\n{sent} writes the second time. " + (f"The files are in {folder}." if keep else ""))
    return 0 if sent == 0 and first.results["done"] else 1
