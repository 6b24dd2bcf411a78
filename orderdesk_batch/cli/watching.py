"""This file holds the commands that stay: watch and drop."""

from __future__ import annotations

from typing import Any

import click

from . import common


@click.command("watch", short_help=common.SENTENCES["watch"])
@click.argument("what", type=click.Choice(["orders", "items", "shipments", "inventory", "folders"]))
@click.option("--every", type=click.FloatRange(0), default=60.0, show_default=True, metavar="SECONDS", help="How often to look; 15 at least.")
@click.option("--once", is_flag=True, help="Look once and end, for cron. The first time it remembers what is there.")
@click.option("--since", default="now", show_default=True, metavar="TIME", help="Where to begin the first time: now, 7d, or a time.")
@click.option("--event", "events", multiple=True, metavar="NAMES", help="Only these: order.created,shipment.*")
@click.option("--folder", multiple=True, help="Only orders in this folder, by name or id.")
@click.option("--source", default="", metavar="NAME", help="Only orders of this cart.")
@click.option("--manual", "origin", flag_value="manual", default=None, help='Only orders whose source is "Order Desk": made by hand, or through the API.')
@click.option("--imported", "origin", flag_value="imported", help="Only orders of any other source.")
@click.option("--sweep", metavar="SPAN", help="Look for deletions this often, such as 6h. They can't be seen otherwise.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Append the events to a .jsonl, .csv or .xlsx file.")
@click.option("--exec", "command", metavar="COMMAND", help="Run this for each event, with the event on its standard input; {} is the id.")
@click.option("--json", "as_json", is_flag=True, help="Events are JSON, one a line, anyway.")
def watch_command(what: str, once: bool, origin: str | None, as_json: bool, **options: Any) -> int:
    """Events as they happen, one JSON object a line: new orders, changes, folder changes, items, shipments, inventory.

    What was seen is remembered: a watcher that is stopped goes on where it was.
    """
    with common.desk() as desk:
        desk.progress = None
        watcher = desk.watcher(
            what, origin=origin or "", say=click.echo, complain=lambda text: click.echo(text, err=True), patient=not once, **options
        )
        try:
            if once:
                watcher.once()
            else:
                watcher.forever()
        finally:
            watcher.close()
        stopped = desk.store.stop.is_set()
    return 130 if stopped else 0
