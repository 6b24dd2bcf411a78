"""This file holds the commands that stay: watch and drop."""

from __future__ import annotations

import contextlib
from typing import Any

import click

from ..errors import UsageError
from . import common
from .choosing import store_option, stores_option
from .options import given, planning_options, reading_options, sending_options, yes_option

POLLING = ("orders", "items", "shipments", "inventory", "folders")
FOR_POLLING = ("every", "once", "since", "sweep")
FOR_WEBHOOK = ("host", "port", "hooks")


@click.command("watch", short_help=common.SENTENCES["watch"])
@click.argument("what", type=click.Choice([*POLLING, "webhook"]))
@click.option("--every", type=float, default=60.0, show_default=True, metavar="SECONDS", help="How often to look; 15 at least.")
@click.option("--once", is_flag=True, help="Look once and end, for cron. The first time it remembers what is there.")
@click.option("--since", default="now", show_default=True, metavar="TIME", help="Where to begin the first time: now, 7d, or a time.")
@click.option("--sweep", metavar="SPAN", help="Look for deletions this often, such as 6h. They can't be seen otherwise.")
@click.option("--event", "events", multiple=True, metavar="NAMES", help="Only these: order.created,shipment.*")
@click.option("--folder", multiple=True, help="Only orders in this folder, by name or id.")
@click.option("--source", default="", metavar="NAME", help="Only orders of this cart.")
@click.option("--manual", "origin", flag_value="manual", default=None,
              help='Only orders whose source is "Order Desk": made by hand, or through the API.')
@click.option("--imported", "origin", flag_value="imported", help="Only orders of any other source.")
@click.option("--port", type=click.IntRange(0, 65535), default=8787, show_default=True, help="webhook: where to wait for posts; 0: any.")
@click.option("--host", default="127.0.0.1", show_default=True, help="webhook: the address to listen at; a proxy or tunnel leads there.")
@click.option("--hook", "hooks", multiple=True, metavar="NAME=EVENT",
              help="webhook: what is posted to /hooks/NAME is this event. Without any, every name is taken.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), metavar="FILE",
              help="Append the events to a .jsonl, .csv or .xlsx file; {store} in its name is the store's.")
@click.option("--exec", "command", metavar="COMMAND", help="Run this for each event, with the event on its standard input; {} is the id.")
@stores_option
@click.option("--json", "as_json", is_flag=True, help="Events are JSON, one a line, anyway.")
@click.pass_context
def watch_command(context: click.Context, /, what: str, once: bool, origin: str | None, as_json: bool, **options: Any) -> int:
    """Events as they happen, one JSON object a line: new orders, changes, folder changes, items, shipments, inventory.

    What was seen is remembered: a watcher that is stopped goes on where it was. `webhook` waits for what
    Order Desk posts; the others look again and again, and need no public address. Several stores are watched
    side by side, and each event says which store it is of.
    """  # fmt: skip
    for name in FOR_POLLING if what == "webhook" else FOR_WEBHOOK:
        if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            word = "--hook" if name == "hooks" else f"--{name}"
            raise UsageError(f"{word} is for {'looking' if what == 'webhook' else 'watch webhook'} alone.")
        options.pop(name, None)
    from ..desk.watching import look_once
    from ..desks import Desks

    how: dict[str, Any] = {**options, "origin": origin or "", "say": common.say, "complain": _complain}
    failed = False
    with common.desk() if what == "webhook" else common.desks() as one:
        one.progress = None
        if isinstance(one, Desks):
            with contextlib.closing(one.watchers(what, once=once, note=_complain, **how)) as watchers:
                _announce(what, once, options["every"])
                watchers.go()
            failed = bool(watchers.failed)
        elif what == "webhook":
            with contextlib.closing(one.receiver(announce=_complain, **how)) as receiver:
                receiver.forever()
        else:
            with contextlib.closing(one.watcher(what, patient=not once, **how)) as watcher:
                if once:
                    look_once(watcher, _complain)
                else:
                    _announce(what, once, options["every"])
                    watcher.forever()
        stopped = one.is_stopped
    return 130 if stopped else int(failed)


def _complain(text: str) -> None:
    click.echo(text, err=True)


def _announce(what: str, once: bool, every: float) -> None:
    """Say that it stays, and how to end it: else somebody who waits for a first event sees nothing at all."""
    if not once:
        _complain(f"Watching {what}, looking every {every:g} s. Ctrl-C ends it.")


@click.command("drop", short_help=common.SENTENCES["drop"])
@click.argument("folder", type=click.Path(exists=True, file_okay=False), metavar="DIR")
@click.argument("resource", type=click.Choice([*common.RESOURCES, "book"]), metavar="RESOURCE")
@yes_option
@click.option("--every", type=float, default=5.0, show_default=True, metavar="SECONDS", help="How often to look into the folder.")
@click.option("--once", is_flag=True, help="End once all that is there now was put away.")
@reading_options
@planning_options
@sending_options
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a sheet, one a line.")
def drop_command(folder: str, resource: str, yes: bool, as_json: bool, **options: Any) -> int:
    """Upload each sheet that is put into DIR, and move it to DIR/done with its results, or to DIR/refused with its problems.

    RESOURCE is orders, items, shipments, inventory, or book. A file that is still being written is left until it
    is whole. What was begun is gone on with, also after a crash; nothing is sent twice.
    """
    for name in ("results", "problems"):
        if options.pop(name, None):
            raise UsageError(f"--{name} is not for drop: each sheet has its own, beside it.")
    if not yes and not common.may_ask():
        raise UsageError("Nothing was sent: there is no terminal to ask at. Give --yes.")
    code = 0
    with common.desk() as desk:
        _announce(folder, options["once"], options["every"])
        put_away = desk.drop(folder, resource, yes=yes, ask=common.asker(False, yes), complain=_complain, **given(**options))
        for one in put_away:
            code = max(code, _tell(one, as_json))
        stopped = desk.store.stop.is_set()
    return 130 if stopped else code


def _tell(one: Any, as_json: bool) -> int:
    """Tell what became of a sheet; the exit code that it stands for."""
    plan, ended = one.ended.plan, one.ended
    if as_json:
        body = plan.as_json() if plan is not None else {}
        common.print_json({**body, "sheet": str(one.sheet), "end": ended.end, "error": ended.words or None})
    elif ended.end == "done":
        counts = {} if plan is None else {state: count for state, count in plan.results.items() if count}
        said = ", ".join(f"{count} {state}" for state, count in counts.items()) or "nothing to do"
        common.say(f"{one.sheet.name}: {said}. Moved to {one.sheet}")
    else:
        common.say(f"{one.sheet.name}: refused. {ended.words} Moved to {one.sheet}")
    if ended.end == "refused":
        return 3
    return int(plan is not None and plan.exit_code == 1)
