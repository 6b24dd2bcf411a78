"""This file holds the options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

C = TypeVar("C", bound=Callable[..., Any])


def json_option(command: C) -> C:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout, and nothing else there.")(
        command
    )


def yes_option(command: C) -> C:
    """`--yes`."""
    return click.option("-y", "--yes", is_flag=True, help="Send without asking.")(command)


def sending_options(command: C) -> C:
    """Options of everything that sends."""
    for option in reversed(
        [
            click.option("--batch-size", type=click.IntRange(1), help="Records in one batch call. [default: 100]"),
            click.option("--settle", type=click.FloatRange(0), metavar="SECONDS",
                         help="How long to wait before looking a second time for a create whose outcome is unclear. [default: 60]"),
            click.option("--force", is_flag=True, help="Go past the safety limits."),
            click.option("--results", type=click.Path(dir_okay=False), metavar="FILE",
                         help="Where the results go. [default: beside the sheet]"),
        ]
    ):  # fmt: skip
        command = option(command)
    return command


def reading_options(command: C) -> C:
    """Options of everything that reads a sheet."""
    for option in reversed(
        [
            click.option("--action", type=click.Choice(["create", "update", "upsert", "delete"]),
                         help="What to do with rows whose action column is blank. [default: create for shipments, else update]"),
            click.option("--map", "map", multiple=True, metavar="HEADING=FIELD", help="Read a column as this field."),
            click.option("--decimal", type=click.Choice([".", ","]), help="The decimal sign of ambiguous numbers such as 1,234."),
            click.option("--dates", type=click.Choice(["mdy", "dmy"]), help="The order of ambiguous dates such as 11/12/2026."),
            click.option("--weight-unit", type=click.Choice(["oz", "lb", "g", "kg"]),
                         help="The store's unit of weight; remembered for the store."),
            click.option("--header-row", type=click.IntRange(1), metavar="ROW", help="The row of the headings, as Excel counts."),
            click.option("--encoding", metavar="NAME", help="The encoding of a CSV file, such as cp1252."),
            click.option("--guess-carrier", is_flag=True, help="Fill in the carrier from the tracking number where the sheet has none."),
            click.option("--problems", type=click.Path(dir_okay=False), metavar="FILE", help="Write the fix-and-retry workbook here."),
        ]
    ):  # fmt: skip
        command = option(command)
    return command


def planning_options(command: C) -> C:
    """Options of plan and upload."""
    for option in reversed(
        [
            click.option("--skip-bad-rows", is_flag=True, help="Leave bad rows out and go on with the others."),
            click.option("--again", is_flag=True, help="Upload rows a second time that can't be repeated harmlessly."),
            click.option("--then-move-to", default="", metavar="FOLDER", help="Move orders there whose rows are all done."),
            click.option("--mark/--no-mark", default=True, help="Mark created orders and items in their metadata, so that an "
                         "unclear outcome can be settled."),
        ]
    ):  # fmt: skip
        command = option(command)
    return command


def given(**options: Any) -> dict[str, Any]:
    """The options that were given; the others keep their defaults."""
    return {name: value for name, value in options.items() if value is not None and value != ()}
