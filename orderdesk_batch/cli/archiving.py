"""This file holds the command that keeps an archive: archive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from . import common, each
from .choosing import stores_option
from .options import json_option

if TYPE_CHECKING:
    from ..archive import Archived


@click.command("archive", short_help=common.SENTENCES["archive"])
@click.argument("folder", type=click.Path(file_okay=False), metavar="DIR")
@click.option("--full", is_flag=True, help="Read all records again, also those whose date says that they were not modified.")
@click.option("--full-every", type=click.FloatRange(0), metavar="DAYS",
              help="Do that by itself after so many days; 0: never. [default: 7 for orders, 30 for inventory]")
@click.option("--force", is_flag=True, help="Let records go from the archive however many are gone from the store.")
@stores_option
@json_option
def archive_command(folder: str, full: bool, full_every: float | None, force: bool, as_json: bool) -> int:
    """Keep DIR as a Parquet data set of all orders, items, shipments and inventory items: DIR/orders/store=…/month=…

    The first time everything is read, then what was modified since, and what is gone goes. An update is all or
    nothing: stopped at any moment, the archive is as the last one left it, and the next one goes on. Several
    stores share DIR, and are read side by side.
    """  # fmt: skip
    with common.desks() as desk:
        done = desk.archive(folder, full=full, full_every=full_every, force=force)
    if not isinstance(done, dict):
        _tell(done, as_json)
        return 0
    failed = each.tell(done, as_json, lambda _, one: _tell(one, False, quiet=as_json), lambda one: one.as_json())
    return (1 if len(failed) < len(done) else next(iter(failed.values())).exit_code) if failed else 0


def _tell(done: Archived, as_json: bool, *, quiet: bool = False) -> None:
    if as_json:
        common.print_json(done.as_json())
    elif not quiet:
        rows: list[list[Any]] = [["", "records", "added", "changed", "deleted"]]
        rows += [[name, *(f"{count:,}" for count in counts.values())] for name, counts in done.resources.items()]
        common.say(common.lines(rows))
        common.say(f"{done.archive} is up to date with {done.store['name']}: {done.requests.read:,} calls, {done.seconds:.0f} s.")
    for note in done.notes:
        click.echo(note, err=True)
