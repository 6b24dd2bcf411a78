"""This file holds the command login: ask for a store's id and key, try them, keep them."""

from __future__ import annotations

import os
import sys
from dataclasses import replace

import click

from .. import address
from ..errors import NotAllowed, StoreError, UsageError
from ..profiles import KEEPS, Keep, NoKeyring, Profile, Profiles, check_name, keyring_name
from . import common
from .options import json_option
from .stores import address_of, client, facts, name_of

PLACE = "Both are in Order Desk under Settings > Store Settings > API."
NOT_HERE = (
    "The key is not given on the command line: it would stay in the shell's history, and others on this machine could see it "
    "in the list of processes. Leave it out; you are asked for it, or it is read from stdin. If that was the real key, "
    "take it out of the history, or make a new one in Order Desk."
)


@click.command("login", short_help=common.SENTENCES["login"], context_settings={"allow_extra_args": True})
@click.argument("name")
@click.option("--store-id", metavar="ID", help="The store's id. [default: asks]")
@click.option(
    "--base-url", metavar="URL", help="Another address than the real API's. [default: ORDERDESK_BASE_URL, if that is set]"
)
@click.option("--keep", type=click.Choice(KEEPS), help="Where the key is kept. [default: the system's keyring]")
@click.option("--no-test", is_flag=True, help="Keep id and key without trying them.")
@click.option("-y", "--yes", is_flag=True, help="Replace what is kept under that name without asking.")
@click.option("--key", "--api-key", "--apikey", "key_given", is_flag=False, flag_value="", hidden=True)
@json_option
@click.pass_context
def login_command(
    context: click.Context,
    name: str,
    store_id: str | None,
    base_url: str | None,
    keep: Keep | None,
    no_test: bool,
    yes: bool,
    key_given: str | None,
    as_json: bool,
) -> int:
    """Give a store a name: its id and key are asked for, tried, and kept. Then `--store NAME` means it.

    The key goes to the system's keyring. Where there is none: `--keep file`, a file that only you can read, or
    `--keep environment`, which keeps nothing and reads ORDERDESK_API_KEY_<NAME>. Without a terminal, id (if it
    is not given) and key are read from stdin, a line each.
    """
    if key_given is not None or context.args:
        raise UsageError(NOT_HERE)
    check_name(name)
    profiles = Profiles()
    before = profiles.find(name)
    if before is not None:
        _ask_to_replace(before, yes)
    place = _where(keep, before, name)
    if base_url is None:
        base_url = before.base_url if before is not None else os.environ.get("ORDERDESK_BASE_URL", "")
    if common.may_ask() and store_id is None:
        click.echo(PLACE, err=True)
    asked_id = (
        store_id.strip()
        if store_id is not None
        else _line("Store id", "the store's id", default=before.store_id if before else None)
    )
    profile = Profile(before.name if before else name, asked_id, _told(base_url), place)
    client(profile, "unknown")  # an id or an address that can't be one is told before the key is asked for
    key = _key_of(profile, needed=not no_test)
    if key is not None:
        client(profile, key)
    store_name = None if no_test else _tried(profile, key or "")
    profile, left = _kept(profiles, profile, key, chosen=keep is not None)
    if as_json:
        common.print_json({**facts(profile, store_name), "works": None if no_test else True})
    _tell(profiles, profile, store_name, key, as_json)
    if left:
        click.echo(left, err=True)
    return 0


def _ask_to_replace(before: Profile, yes: bool) -> None:
    if yes:
        return
    words = f"{before.name} is store {before.store_id} already{address_of(before)}."
    if not common.may_ask():
        raise UsageError(f"{words} Nothing was changed: there is no terminal to ask at. To replace it: --yes.")
    click.confirm(f"{words} Replace it?", err=True, abort=True)


def _where(keep: Keep | None, before: Profile | None, name: str) -> Keep:
    """Where the key will be: as told, as before, in the keyring, or as answered."""
    if keep is None and before is not None and before.keep != "keyring":
        return before.keep
    if keep not in (None, "keyring"):
        return keep
    try:
        keyring_name()
    except NoKeyring as error:
        return _other_place(error, name, ask=keep is None)
    return "keyring"


def _other_place(error: NoKeyring, name: str, *, ask: bool) -> Keep:
    """There is no keyring: ask for another place, or end and name them."""
    variable = Profile(name, "").variable
    if not ask or not common.may_ask():
        raise UsageError(
            f"{error} Nothing was kept. Without a keyring: `--keep file` keeps the key in a file that only you can read; "
            f"`--keep environment` keeps it nowhere and reads it from {variable}."
        )
    click.echo(
        f"{error}\nThe key can be kept in a file that only you can read, or nowhere: then set {variable} each time.", err=True
    )
    answer: Keep = click.prompt("Where", type=click.Choice(["file", "environment"]), err=True)
    return answer


def _line(prompt: str, what: str, *, default: str | None = None, hidden: bool = False) -> str:
    """An answer at the terminal, or the next line of stdin."""
    if common.may_ask():
        return str(click.prompt(prompt, default=default, hide_input=hidden, err=True)).strip()
    line = sys.stdin.readline() if sys.stdin is not None else ""
    if not line.strip():
        raise UsageError(f"There is no terminal to ask at, and no line on stdin for {what}. Nothing was kept.")
    return line.strip().lstrip("\ufeff")


def _key_of(profile: Profile, *, needed: bool) -> str | None:
    """The key; None where none is kept and none has to be tried."""
    if profile.keep == "environment":
        if not needed:
            return None
        if held := os.environ.get(profile.variable, "").strip():
            click.echo(f"The key is the one in {profile.variable}.", err=True)
            return held
        return _line("API key (it is not shown)", f"the key; set {profile.variable}, or give --no-test", hidden=True)
    return _line("API key (it is not shown)", "the key", hidden=True)


def _told(base_url: str) -> str:
    """The address as it is kept: the real API's is not."""
    plain = address.whole(base_url)
    return "" if plain == address.DEFAULT_URL else plain


def _tried(profile: Profile, key: str) -> str:
    """The store's name, if id and key work.

    Raises:
        StoreError: they don't, or that can't be known.
    """
    with client(profile, key) as store:
        try:
            return name_of(store)
        except NotAllowed:
            raise NotAllowed(
                f"{profile.name}: Order Desk refused the key for store {profile.store_id}{address_of(profile)}. Nothing was kept. Id and key "
                f"belong together. {PLACE}"
            ) from None
        except StoreError as error:
            raise type(error)(
                f"{profile.name}: {error} Nothing was kept. To keep id and key without trying them: --no-test."
            ) from None


def _kept(profiles: Profiles, profile: Profile, key: str | None, *, chosen: bool) -> tuple[Profile, str]:
    """Keep it; in another place where the keyring is there but does not take the key."""
    try:
        return profile, profiles.put(profile, key)
    except NoKeyring as error:
        other = replace(profile, keep=_other_place(error, profile.name, ask=not chosen))
        return other, profiles.put(other, key)


def _tell(profiles: Profiles, profile: Profile, store_name: str | None, key: str | None, as_json: bool) -> None:
    """What was kept, and what to know about it."""
    name = profile.name
    which = f"store {profile.store_id}{address_of(profile)}"
    tried = f"{common.shown(store_name)}, {which}. The key works" if store_name is not None else f"{which}. It was not tried"
    common.say(f"{name} is {tried}. {_place_in_words(profiles, profile)}", json=as_json)
    twin = profiles.twin(profile)
    if twin is not None:
        click.echo(f"The same store is named {twin}, too.", err=True)
    held = os.environ.get(profile.variable, "").strip()
    if profile.keep == "environment":
        if not held:
            click.echo(f"Set {profile.variable} to the key wherever you use it.", err=True)
    elif held and held != key:
        click.echo(f"{profile.variable} is set to another key, and wins over the one that is kept.", err=True)
    common.say(f"To use it:  orderdesk-batch store --store {name}", json=as_json)


def _place_in_words(profiles: Profiles, profile: Profile) -> str:
    if profile.keep == "keyring":
        return f"The key is kept in the keyring ({keyring_name()})."
    if profile.keep == "file":
        return f"The key is kept in {profiles.folder / 'keys' / profile.name}, which only you can read."
    return "The key is not kept."
