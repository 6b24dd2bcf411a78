"""This file holds the commands about the stores that have a name: stores, logout."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import click

from ..errors import NotAllowed, StoreError, UsageError
from ..profiles import KeyMissing, Profile, Profiles
from . import common
from .options import json_option

if TYPE_CHECKING:
    from ..store import Store

ABREAST = 8  # stores that are tested at once; each has its own rate


@click.command("logout", short_help=common.SENTENCES["logout"])
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("-y", "--yes", is_flag=True, help="Without asking.")
@json_option
def logout_command(names: tuple[str, ...], yes: bool, as_json: bool) -> int:
    """Forget stores by name, and their keys. Their runs stay, and so does what is in Order Desk."""
    profiles = Profiles()
    found = list({profile.name: profile for profile in map(profiles.get, names)}.values())
    if not yes:
        words = ", ".join(f"{one.name} (store {one.store_id})" for one in found)
        if not common.may_ask():
            raise UsageError(f"{words}: nothing was forgotten, there is no terminal to ask at. Give --yes.")
        if not click.confirm(f"Forget {words}, and the key?", err=True):
            click.echo("Nothing was forgotten.", err=True)
            return 0
    left = {one.name: profiles.remove(one.name) for one in found}
    if as_json:
        common.print_json({"forgotten": [{"name": one.name, "store_id": one.store_id, "left": left[one.name]} for one in found]})
    for one in found:
        if not left[one.name]:
            of_key = {"keyring": " Its key is out of the keyring.", "file": " The file with its key is deleted."}.get(
                one.keep, ""
            )
            common.say(f"{one.name} (store {one.store_id}) is forgotten.{of_key} Its runs stay.", json=as_json)
        else:
            click.echo(f"{one.name} (store {one.store_id}) is forgotten, but: {left[one.name]}", err=True)
        if os.environ.get(one.variable, "").strip():
            click.echo(f"{one.variable} is still set.", err=True)
    return 1 if any(left.values()) else 0


@click.command("stores", short_help=common.SENTENCES["stores"])
@click.option("--test", "test", is_flag=True, help="Try each store's key, all at once.")
@json_option
def stores_command(test: bool, as_json: bool) -> int:
    """The stores that have a name here, and where their keys are. With --test: whether each key works.

    The exit code is 5 if a key is refused or missing, or a store can't be reached.
    """
    profiles = Profiles()
    found = profiles.all()
    told = _all_tried(profiles, found) if test else {}
    rows = [{**facts(one, _remembered(profiles, one)), **told.get(one.name, {})} for one in found]
    if as_json:
        common.print_json({"stores": rows})
    elif not rows:
        common.say("No store has a name here yet. To give one:  orderdesk-batch login NAME")
    else:
        common.say(common.lines(_in_columns(found, rows)))
    for row in rows:
        if row.get("message"):
            click.echo(row["message"], err=True)
    return 5 if any(row.get("works") is False for row in rows) else 0


def _remembered(profiles: Profiles, profile: Profile) -> str | None:
    """The store's name as it was last read, however long ago."""
    from ..memory import Memory

    held = Memory(profiles.folder, *profile.whose).get("settings")
    return str(held.get("name") or "") or None if isinstance(held, dict) else None


def _in_columns(profiles: Sequence[Profile], rows: Sequence[dict[str, Any]]) -> list[list[str]]:
    columns = {
        "name": "name",
        "store_id": "store",
        "store_name": "its name",
        "base_url": "address",
        "key": "key",
        "state": "test",
    }
    shown = [name for name in columns if name not in ("base_url", "state") or any(row.get(name) for row in rows)]
    table = [[columns[name] for name in shown]]
    for profile, row in zip(profiles, rows, strict=True):
        is_set = bool(os.environ.get(profile.variable, "").strip())
        key = profile.variable if is_set or profile.keep == "environment" else profile.keep
        cells = {**row, "key": key if is_set or profile.keep != "environment" else f"{key}, not set"}
        table.append([common.shown(cells.get(name) or "") for name in shown])
    return table


def _all_tried(profiles: Profiles, found: Sequence[Profile]) -> dict[str, dict[str, Any]]:
    """What became of each store's test, by name: works, state, message."""
    stores: dict[str, Store] = {}
    told: dict[str, dict[str, Any]] = {}
    for one in found:  # keyrings are asked one after the other: some open a window
        try:
            stores[one.name] = client(one, profiles.key(one))
        except KeyMissing as error:
            told[one.name] = {"works": False, "state": "no key", "message": str(error)}
        except UsageError as error:
            told[one.name] = {"works": False, "state": "can't be tried", "message": f"{one.name}: {error}"}
    with ThreadPoolExecutor(max_workers=ABREAST) as pool:
        running = {one: pool.submit(_outcome, one, stores[one.name]) for one in found if one.name in stores}
        try:
            told.update({one.name: work.result() for one, work in running.items()})
        except BaseException:
            for store in stores.values():
                store.stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return told


def _outcome(profile: Profile, store: Store) -> dict[str, Any]:
    with store:
        try:
            name_of(store)
        except NotAllowed:
            return {"works": False, "state": "key refused", "message": profile.refusal}
        except StoreError as error:
            return {"works": False, "state": "can't be reached", "message": f"{profile.name}: {error}"}
    return {"works": True, "state": "works", "message": None}


def client(profile: Profile, key: str) -> Store:
    """The way to a store; a connection that can't be made is given up after a second try."""
    from ..store import Store

    return Store(profile.store_id, key, base_url=profile.address, retries=1)


def name_of(store: Store) -> str:
    """The store's name, read and remembered."""
    from ..desk import Desk

    store.test()
    return str(Desk(store).settings(again=True)["name"])


def address_of(profile: Profile) -> str:
    """The words " at ADDRESS", where it is not the real API's."""
    return f" at {profile.base_url}" if profile.base_url else ""


def facts(profile: Profile, store_name: str | None) -> dict[str, Any]:
    """A store as JSON; never its key."""
    return {"name": profile.name, "store_id": profile.store_id, "store_name": store_name,
            "base_url": profile.base_url or None, "key": profile.keep}  # fmt: skip
