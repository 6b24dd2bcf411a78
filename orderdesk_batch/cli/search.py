"""This file holds the commands that read the store: export, get, call, store, doctor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import STORE_FAILED, Refused, UsageError
from ..fields import RESOURCES
from . import common, each
from .choosing import store_option, stores_option
from .options import json_option, yes_option

if TYPE_CHECKING:
    from ..doctor import Finding

FORMATS = ".csv, .xlsx, .jsonl or .parquet"


class Exports(click.Group):
    """One command a resource; their options are made from the table of filters."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*common.RESOURCES, "book"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        return _export_of(cmd_name)


@click.group("export", cls=Exports, short_help=common.SENTENCES["export"])
def export_command() -> None:
    """Search the store, and write what is found to a spreadsheet, JSON or Parquet: all pages, each record once.

    What is exported can be changed and uploaded again; uploading it as it is changes nothing. A filter that may
    have several values may be given several times, or as @FILE with a value on each line.
    """


def _export_of(resource: str) -> click.Command:
    from ..export import OPTIONS

    parameters: list[click.Parameter] = [
        click.Option(["-o", "--output"], required=True, type=click.Path(dir_okay=False),
                     help=f"The file to write: {FORMATS}." if resource != "book" else "The workbook to write (.xlsx)."),
        click.Option(["--json", "as_json"], is_flag=True, help="Print one JSON object on stdout, and nothing else there."),
    ]  # fmt: skip
    for one in OPTIONS["orders" if resource == "book" else resource]:
        if resource == "book" and one.use == "shape":
            continue
        names = [f"--{one.name}", *(f"--{alias}" for alias in one.aliases), one.key]
        if one.sort == "flag":
            parameters.append(click.Option(names, is_flag=True, help=one.help))
        else:
            kind: Any = click.Choice(one.choices, case_sensitive=False) if one.choices else click.INT if one.sort == "whole" else click.STRING
            parameters.append(click.Option(names, type=kind, multiple=one.many, help=one.help, metavar=None if one.choices else one.metavar))
    sentence = "A workbook with a sheet for each resource." if resource == "book" else f"Search the {resource}."
    command = click.Command(resource, params=parameters, callback=_exporter(resource), help=sentence, short_help=sentence)
    return store_option(command) if resource == "book" else stores_option(command)


def _exporter(resource: str) -> Callable[..., int]:
    def run(output: str, as_json: bool, **options: Any) -> int:
        from ..export import Written

        asked = {name: value for name, value in options.items() if value not in (None, (), False)}
        with common.desks() as desk:
            written = desk.export(resource, output, files=True, **asked)
        assert isinstance(written, Written)
        if as_json:
            common.print_answer("export", written.as_json())
        else:
            common.say(f"{written.rows:,} rows of {written.documents:,} records were written to {written.path}.")
        for note in [*written.notes, *map(str, written.problems)]:
            click.echo(note, err=True)
        return 1 if any(problem.code == STORE_FAILED for problem in written.problems) else 0

    return run


@click.command("get", short_help=common.SENTENCES["get"])
@click.argument("resource", type=click.Choice(list(common.RESOURCES)))
@click.argument("ids", nargs=-1, required=True)
@click.option("--row", is_flag=True, help="As one table row a record, instead of field by field.")
@click.option("--history", is_flag=True, help="With each order's history; slow.")
@store_option
@json_option
def get_command(resource: str, ids: tuple[str, ...], row: bool, history: bool, as_json: bool) -> int:
    """One or more records by Order Desk's own ids; of items and shipments ORDER_ID/ID, or ORDER_ID/ for all."""
    from ..export import as_row, as_table

    with common.desk() as desk:
        missing: list[str] = []
        found = desk.get(resource, ids, history=history, missing=missing)
        folders = desk.settings()["folders"]
    for one in missing:
        click.echo(f"There is no {RESOURCES[resource].one} {one} in the store.", err=True)
    code = 1 if missing else 0
    if as_json:
        common.print_answer("get", {"resource": resource, "documents": found, "missing": missing})
    elif row:
        headings, rows = as_table(resource, found, folders=folders)
        common.say(common.lines([headings, *([common.shown(cell) for cell in cells] for cells in rows)]))
    else:
        for n, document in enumerate(found):
            if n:
                common.say()
            common.say(common.lines((name, common.shown(value)) for name, value in as_row(resource, document, folders=folders).items()))
    return code


@click.command("call", short_help=common.SENTENCES["call"])
@click.argument("method", type=click.Choice(["GET", "POST", "PUT", "PATCH", "DELETE"], case_sensitive=False))
@click.argument("path")
@click.option("-q", "--query", multiple=True, metavar="KEY=VALUE", help="A query parameter; may be given several times.")
@click.option("-H", "--header", multiple=True, metavar="KEY:VALUE", help="A header beside those for the key.")
@click.option("-d", "--data", metavar="JSON|@FILE", help="The body: JSON, or a file of it.")
@click.option("--all-pages", is_flag=True, help="Read a list to its end.")
@yes_option
@store_option
@json_option
def call_command(
    method: str, path: str, query: tuple[str, ...], header: tuple[str, ...], data: str | None, all_pages: bool, yes: bool, as_json: bool
) -> int:
    """Any authorised call; the answer's body as JSON. PATH with or without the version: /orders/1, /v2/orders/1."""
    from ..export import is_write, warning

    body = _body(data)
    asked: dict[str, Any] = {}
    for name, value in (_pair(text, "=", "--query") for text in query):
        asked[name] = value if name not in asked else [*(asked[name] if isinstance(asked[name], list) else [asked[name]]), value]
    headers = dict(_pair(text, ":", "--header") for text in header)
    with common.desk() as desk:
        if is_write(method) and not yes:
            words = warning(method, path, desk.settings()["name"])
            if not common.may_ask():
                raise UsageError(f"{words} Nothing was sent: there is no terminal to ask at. Give --yes.")
            with common.asking():
                sure = click.confirm(f"{words} Send it?", err=True)
            if not sure:
                click.echo("Nothing was sent.", err=True)
                return 0
        try:
            answer = desk.call(method.upper(), path, query=asked or None, headers=headers or None, body=body, all_pages=all_pages)
        except Refused as refused:  # the server's answer, plainly
            common.print_json(refused.body if refused.body is not None else {"status": "error", "message": str(refused)})
            click.echo(str(refused), err=True)
            return 1
    common.print_json(answer)
    return 0


def _pair(text: str, sign: str, option: str) -> tuple[str, str]:
    name, found, value = text.partition(sign)
    if not found or not name.strip():
        raise UsageError(f'{option} "{text}" has no "{sign}". Write it as NAME{sign}VALUE.')
    return name.strip(), value.strip() if sign == ":" else value


def _body(data: str | None) -> Any:
    from ..store.wire import loads

    if data is None:
        return None
    text = data
    if data.startswith("@"):
        try:
            text = Path(data[1:]).read_text("utf-8-sig")
        except OSError as error:
            raise UsageError(f"{data[1:]} can't be read ({error.strerror}).") from None
        except UnicodeDecodeError:
            raise UsageError(f"{data[1:]} is not UTF-8 text.") from None
    try:
        return loads(text)
    except ValueError as error:
        raise UsageError(f"--data is not JSON ({error}).") from None


@click.command("store", short_help=common.SENTENCES["store"])
@store_option
@json_option
def store_command(as_json: bool) -> None:
    """Test the connection; the store's name, zone and folders. Never its secrets."""
    with common.desk() as desk:
        desk.store.test()
        facts = desk.settings(again=True)
    if as_json:
        common.print_answer("store", {name: facts[name] for name in ("id", "name", "zone", "folders")})
        return
    common.say(f"{facts['name']} (store {facts['id']}), time zone {facts['zone']}. The connection works.")
    common.say(common.lines([("folder", "id"), *((name, key) for key, name in facts["folders"].items())]))


@click.command("doctor", short_help=common.SENTENCES["doctor"])
@click.option("--write", is_flag=True, help="Also create one order and one inventory item, try what is not documented on them, and delete them.")
@stores_option
@json_option
def doctor_command(write: bool, as_json: bool) -> int:
    """Check what this tool assumes of the API against your store, and remember what was found.

    Without --write it only reads.
    """
    from ..doctor import WARNING, table

    def confirm(name: str) -> str:
        if not common.may_ask():
            raise UsageError(f"{WARNING} Nothing was written: there is no terminal to type the store's name at.")
        click.echo(WARNING, err=True)
        with common.asking():
            return str(click.prompt(f'Type the store\'s name to go on ("{name}")', err=True, default="", show_default=False))

    def words(name: str, found: list[Finding]) -> None:
        if not as_json:
            headings, rows = table(found)
            common.say(f"{name}\n{common.lines([headings, *rows])}\n" if name else common.lines([headings, *rows]))

    def body(found: list[Finding]) -> dict[str, Any]:
        return {"findings": [one.as_json() for one in found]}

    with common.desks() as desk:
        found = desk.doctor(write=write, confirm=confirm)
    if isinstance(found, dict):
        failed = each.tell(found, as_json, words, body)
        return next((error.exit_code for error in reversed(failed.values())), 0)
    words("", found)
    if as_json:
        common.print_json(body(found))
    return 0
