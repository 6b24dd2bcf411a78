"""This file holds which store a command is for: --store, --all-stores, the environment, a run, or the only one there is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from .. import address
from ..errors import UsageError

if TYPE_CHECKING:
    from ..desk import Desk
    from ..desks import Desks

C = TypeVar("C", bound=Callable[..., Any])
CHOSEN: Final = "orderdesk_batch.stores"  # where a command keeps what was chosen: names, or ALL
ALL: Final = "all"


def store_option(command: C) -> C:
    """`--store NAME`."""
    return _named("--store", "The store's name, as given to login; otherwise the environment's, or the only one.")(command)


def stores_option(command: C) -> C:
    """`--store NAME[,NAME]` and `--all-stores`."""
    several = _named("--store", "The store's name, as given to login; several with commas between.")
    every = click.option("--all-stores", is_flag=True, expose_value=False, callback=_take_all, help="Every store that login knows.")
    return several(every(command))


def _named(option: str, words: str) -> Callable[[C], C]:
    return click.option(option, metavar="NAME", expose_value=False, callback=_take_names, help=words)


def _take_names(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if value is None:
        return
    names = [name.strip() for name in value.split(",") if name.strip()]
    if not names:
        raise UsageError("--store names no store. `orderdesk-batch stores` lists them.")
    _choose(context, names)


def _take_all(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        _choose(context, ALL)


def _choose(context: click.Context, chosen: list[str] | str) -> None:
    if CHOSEN in context.meta:
        raise UsageError("--all-stores and --store exclude each other.")
    context.meta[CHOSEN] = chosen


def one_store() -> Desk:
    """The desk of the one store that a command is for.

    Raises:
        UsageError: it is not clear which, or several are named.
    """
    from ..desk import connect

    names = _chosen()
    if names is not None:
        if names == ALL or len(names) > 1:
            raise UsageError("This is for one store alone: name one with --store.")
        return connect(names[0])
    return connect()


def stores(run: Path | None = None, *, by_column: bool = False) -> Desk | Desks:
    """The desk, or the desks, that a command is for.

    Args:
        run: a run that tells whose it is, where nothing is said.
        by_column: whether a sheet's column can tell, where nothing is said.

    Raises:
        UsageError: it is not clear which.
    """
    from ..desks import connect_all

    names = _chosen()
    if names == ALL:
        return connect_all()
    if names is not None and len(names) > 1:
        return connect_all(names)
    if run is not None and names is None and (owners := _owners(run)) is not None:
        return owners
    if by_column and names is None and not from_environment() and len(_known()) > 1:
        return connect_all()
    return one_store()


def from_environment() -> bool:
    """Whether the environment says which store."""
    return bool(os.environ.get("ORDERDESK_STORE_ID"))


def is_said() -> bool:
    """Whether anything says which store: for what can be had without one as well."""
    return _chosen() is not None or (from_environment() and bool(os.environ.get("ORDERDESK_API_KEY")))


def _chosen() -> list[str] | str | None:
    context = click.get_current_context(silent=True)
    chosen: list[str] | str | None = None if context is None else context.meta.get(CHOSEN)
    return chosen


def _known() -> list[str]:
    from ..profiles import Profiles

    return Profiles().names()


def _owners(run: Path) -> Desk | Desks | None:
    """Those of the stores that a run is of; None if the environment has to say, or no store that is known is its own."""
    from ..desk import connect
    from ..desks import connect_all
    from ..profiles import Profiles
    from ..run import Run

    if not run.is_file():
        return None
    with Run.open(run) as file:
        facts = file.meta()
    if several := facts.get("stores"):
        owners, known = [store["name"] for store in several], _known()
        return connect_all([name for name in owners if name in known] or owners)
    if from_environment():
        return None
    whose = (str(facts["store_id"]), address.whole(facts.get("base_url")))
    owner = next((one.name for one in Profiles().all() if one.whose == whose), None)
    return None if owner is None else connect(owner)
