"""This file holds the commands about sheets: template, fields, check, plan, upload."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..fields import RESOURCES
from . import common
from .choosing import is_said, store_option, stores_option
from .options import given, json_option, planning_options, reading_options, sending_options, yes_option

WITH_BOOK = click.Choice([*RESOURCES, "book"])


@click.command("template", short_help=common.SENTENCES["template"])
@click.argument("resource", type=WITH_BOOK, metavar="RESOURCE")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False), help="The workbook to write (.xlsx).")
@click.option("--offline", is_flag=True, help="Don't ask the store for its folders.")
@store_option
@json_option
def template_command(resource: str, output: str, offline: bool, as_json: bool) -> None:
    """A workbook to fill in: headings with comments, text columns that Excel can't spoil, choices to pick from.

    RESOURCE is orders, items, shipments, inventory, or book: a workbook with a sheet for each.
    """
    from ..sheets.template import template

    folders = None
    if not offline and is_said():
        with common.desk() as desk:
            folders = desk.settings()["folders"]
    template(resource, Path(output), folders=folders)
    if as_json:
        common.print_answer("template", {"resource": resource, "path": output})
    else:
        common.say(f"Written: {output}")


@click.command("fields", short_help=common.SENTENCES["fields"])
@click.argument("resource", type=click.Choice(list(RESOURCES)), metavar="RESOURCE")
@click.option("--markdown", is_flag=True, help="As a Markdown table.")
@json_option
def fields_command(resource: str, markdown: bool, as_json: bool) -> None:
    """The columns of a resource: name, meaning, kind, whether required, other headings.

    RESOURCE is orders, items, shipments or inventory.
    """
    from ..fields.page import fields_markdown, rows_of

    of = RESOURCES[resource]
    if as_json:
        common.print_json({"resource": resource, "fields": list(rows_of(of))})
    elif markdown:
        common.say(fields_markdown(of).removesuffix("\n"))
    else:
        common.say(f"{of.sentence}\n")
        for row in rows_of(of):
            use = f" [{row['required']}]" if row["required"] else ""
            common.say(f"{row['name']}{use}: {row['meaning']} ({row['kind']})")
            if row["other headings"]:
                common.say(f"    also: {row['other headings']}")


@click.command("check", short_help=common.SENTENCES["check"])
@click.argument("resource", type=click.Choice(list(RESOURCES)), metavar="RESOURCE")
@click.argument("sheet")
@reading_options
@click.option("--values", is_flag=True, help="With --json: what was read, row by row.")
@json_option
def check_command(resource: str, sheet: str, as_json: bool, values: bool, problems: str | None, **options: Any) -> int:
    """What can be said of a sheet without a store: every problem, in one pass.

    RESOURCE is orders, items, shipments or inventory.
    SHEET is a path, book.xlsx#Tab, or - for CSV on standard input. Exit code 3 if a row is bad.
    """
    from .. import show
    from ..desk import check
    from ..desk.reading import not_over
    from ..errors import SheetRefused

    options["map"] = tuple(options["map"])
    if problems:
        not_over(sheet, problems)
    try:
        checked = check(resource, sheet, **given(**options))
    except SheetRefused as refused:
        if as_json:
            said = [problem.as_json() for problem in refused.problems]
            common.print_json({"problems": said, **({"columns": {}, "rows": []} if values else {}), "error": str(refused)})
        click.echo(str(refused), err=True)
        return refused.exit_code
    found = checked.all_problems()
    errors = [problem for problem in found if problem.level == "error"]
    if as_json:
        body: dict[str, Any] = {"problems": (problem.as_json() for problem in found)}
        if values:
            body |= checked.values_json(iter)
        common.print_json(body)
    else:
        if found:
            show.problems(common.err(), found)
        rows = len(checked.sheet.rows)
        found_rows = {problem.row for problem in errors}
        bad = len(found_rows)
        says = "the sheet can't be used as it is" if None in found_rows else f"{bad:,} {'is' if bad == 1 else 'are'} bad"
        fine = f"{rows:,} {'row was' if rows == 1 else 'rows were'} read; {says if errors else 'nothing is wrong with them'}."
        common.say(fine)
    if problems and found:
        from ..sheets.results import write_problems

        click.echo(f"Written: {write_problems(Path(problems), checked.sheet, found)}", err=True)
    return 3 if errors else 0


@click.command("plan", short_help=common.SENTENCES["plan"])
@click.argument("resource", type=WITH_BOOK, metavar="RESOURCE")
@click.argument("sheet")
@click.option("-o", "--output", "run", type=click.Path(dir_okay=False), metavar="RUN", help="Save the plan here.")
@click.option("--html", type=click.Path(dir_okay=False), metavar="FILE", help="Write it as a web page, to send to whoever approves.")
@click.option("--xlsx", type=click.Path(dir_okay=False), metavar="FILE", help="Write it as a workbook, a line for each changed field.")
@click.option("--exit-code", "tell", is_flag=True, help="End with 10 if there is anything to do.")
@reading_options
@planning_options
@click.option("--batch-size", type=click.IntRange(1), help="Records in one batch call. [default: 100]")
@click.option("--settle", type=click.FloatRange(0), metavar="SECONDS", help="Kept with the plan; see upload.")
@click.option("--results", type=click.Path(dir_okay=False), metavar="FILE", help="Where `apply` writes the results. [default: beside the sheet]")
@click.option("--force", is_flag=True, help="Go past the safety limits.")
@click.option("--limit", type=click.IntRange(0), default=20, show_default=True, help="Changes shown one by one; 0 for all.")
@stores_option
@json_option
def plan_command(
    resource: str, sheet: str, run: str | None, html: str | None, xlsx: str | None, tell: bool, limit: int, as_json: bool, **options: Any
) -> int:
    """What uploading SHEET would do to the store, as it is now. Nothing is sent.

    RESOURCE is orders, items, shipments, inventory, or book: a workbook with a sheet for each.
    SHEET is a path, book.xlsx#Tab, or - for CSV on standard input.

    The plan is saved as a run; `apply RUN` sends exactly it. Exit code 3 if a row is bad.
    """
    from .. import show
    from ..desk.reading import not_over

    for written in filter(None, (html, xlsx)):
        not_over(sheet, written)
    with common.desks(by_column=True) as desk:
        plan = desk.plan(resource, sheet, run=run, **given(**options))
        if html:
            from ..sheets.write import atomic

            with atomic(html) as beside:
                beside.write_text(show.html(plan), encoding="utf-8")
            click.echo(f"Written: {html}", err=True)
        if xlsx:
            from ..show.spreadsheet import workbook

            plan.problems += workbook(plan, Path(xlsx))
            click.echo(f"Written: {xlsx}", err=True)
    if as_json:
        common.print_json(plan.as_json(iter))
    else:
        show.plan(common.out(), plan, limit=limit)
        if plan.run is None:
            for line in ("", *common.remedies(plan)):
                click.echo(line, err=True)
        elif not plan.is_empty():
            common.say(f"\nSaved. To send exactly this:  orderdesk-batch apply {plan.run}")
    if plan.unsafe:
        click.echo(plan.unsafe, err=True)
    code = plan.exit_code
    if tell and code in (0, 1) and not plan.is_empty():
        return 10
    return code


@click.command("upload", short_help=common.SENTENCES["upload"])
@click.argument("resource", type=WITH_BOOK, metavar="RESOURCE")
@click.argument("sheet")
@yes_option
@reading_options
@planning_options
@sending_options
@stores_option
@json_option
def upload_command(resource: str, sheet: str, yes: bool, as_json: bool, **options: Any) -> int:
    """Check, plan, ask, send, and write the results beside the sheet.

    RESOURCE is orders, items, shipments, inventory, or book: a workbook with a sheet for each.
    SHEET is a path, book.xlsx#Tab, or - for CSV on standard input.
    """

    with common.desks(by_column=True) as desk:
        plan = desk.upload(resource, sheet, yes=yes, ask=common.asker(as_json, yes), **given(**options))
    if not plan.sent:
        return not_sent(plan, as_json)
    return common.finish(plan, as_json, unseen=yes)


def not_sent(plan: Any, as_json: bool) -> int:
    """The person said no."""
    if as_json:
        common.print_json(plan.as_json(iter))
    click.echo(f"Nothing was sent. The plan is kept: orderdesk-batch apply {plan.run}", err=True)
    return 0


