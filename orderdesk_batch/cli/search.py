"""This file holds the commands that read the store: store, and, with their own issues, export, get, call, doctor."""

from __future__ import annotations

import click

from . import common
from .common import json_option


@click.command("store", short_help=common.SENTENCES["store"])
@json_option
def store_command(as_json: bool) -> None:
    """Test the connection; the store's name, zone and folders. Never its secrets."""
    with common.desk(as_json) as desk:
        facts = desk.settings(again=True)
    if as_json:
        common.print_json({"id": facts["id"], "name": facts["name"], "zone": facts["zone"], "folders": facts["folders"]})
        return
    click.echo(f"{facts['name']} (store {facts['id']}), time zone {facts['zone']}. The connection works.")
    click.echo(common.lines([("folder", "id"), *((name, key) for key, name in facts["folders"].items())]))
