"""This file holds the commands about runs: apply, resume, undo, runs, show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import common
from .choosing import stores_option
from .front import runs_table
from .options import given, json_option, sending_options, yes_option
from .sheet import not_sent


@click.command("apply", short_help=common.SENTENCES["apply"])
@click.argument("run", type=click.Path(dir_okay=False))
@yes_option
@sending_options
@stores_option
@json_option
def apply_command(run: str, yes: bool, as_json: bool, **options: Any) -> int:
    """Send a saved plan: exactly what it says, but for what someone changed since."""
    return _go("apply", run, yes, as_json, options)


@click.command("resume", short_help=common.SENTENCES["resume"])
@click.argument("run", type=click.Path(dir_okay=False))
@yes_option
@click.option("--retry-failed", is_flag=True, help="Try again what the store refused, too.")
@sending_options
@stores_option
@json_option
def resume_command(run: str, yes: bool, as_json: bool, **options: Any) -> int:
    """Go on with a run: send what is waiting, settle what is unknown, try again what failed for a passing reason."""
    return _go("resume", run, yes, as_json, options)


@click.command("undo", short_help=common.SENTENCES["undo"])
@click.argument("run", type=click.Path(dir_okay=False))
@yes_option
@sending_options
@stores_option
@json_option
def undo_command(run: str, yes: bool, as_json: bool, **options: Any) -> int:
    """Take a run back: a plan made from the documents as they were, shown and sent like any other."""
    return _go("undo", run, yes, as_json, options)


def _go(verb: str, run: str, yes: bool, as_json: bool, options: dict[str, Any]) -> int:
    from ..memory import home

    path = _find(run, home())
    with common.desks(path) as desk:
        plan = getattr(desk, verb)(path, yes=yes, ask=common.asker(as_json, yes), **given(**options))
    if not plan.sent:
        return not_sent(plan, as_json)
    return common.finish(plan, as_json, unseen=verb == "undo")


def _find(run: str, home: Path) -> Path:
    """A run by its path, or by its name among the runs of this machine."""
    path = Path(run)
    if path.exists() or path.parent != Path():
        return path
    for name in (run, f"{run}.run"):
        if (home / "runs" / name).exists():
            return home / "runs" / name
    return path


@click.command("runs", short_help=common.SENTENCES["runs"])
@click.option("--prune", metavar="AGE", help="Delete the runs that are older, such as 90d.")
@json_option
def runs_command(prune: str | None, as_json: bool) -> None:
    """The runs of this machine, newest first. They hold customers' data: --prune deletes old ones."""
    from ..memory import home
    from ..run import listing, prune_runs

    folder = home() / "runs"
    if prune:
        deleted = prune_runs(folder, prune)
        click.echo(f"{deleted:,} runs were deleted.", err=True)
    found = listing(folder)
    if as_json:
        common.print_json({"runs": found})
        return
    common.say(runs_table(found, folder).removesuffix("\n"))


@click.command("show", short_help=common.SENTENCES["show"])
@click.argument("run", type=click.Path(dir_okay=False))
@click.option("--limit", type=click.IntRange(0), default=20, show_default=True, help="Changes shown one by one; 0 for all.")
@json_option
def show_command(run: str, limit: int, as_json: bool) -> None:
    """One run: its plan, and how far it has come."""
    from .. import show
    from ..memory import home
    from ..run import Run

    with Run.open(_find(run, home())) as file:
        plan = file.plan()
        plan.results_file = file.meta().get("results_file")
        plan.sent = bool(file.meta().get("applied"))
    if as_json:
        common.print_json(plan.as_json(iter))
        return
    show.plan(common.out(), plan, limit=limit)
    if plan.sent:
        show.results(common.out(), plan, plan.results_file)
