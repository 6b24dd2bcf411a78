"""This file holds what a command tells of several stores: what came of each, or why it failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..errors import OrderDeskBatchError
from . import common

T = TypeVar("T")


def tell(
    results: Mapping[str, T | OrderDeskBatchError], as_json: bool, words: Callable[[str, T], Any], body: Callable[[T], Mapping[str, Any]]
) -> dict[str, OrderDeskBatchError]:
    """Tell what came of each store; the stores that failed, with their errors.

    Args:
        results: what came of each store, by its name, or its error.
        words: tells of one store in words, on stdout unless that is for JSON.
        body: one store's part of the JSON object.
    """
    from ..desk.routing import of_store
    from ..desks.several import had, refused

    failed = refused(results)
    for name, one in had(results).items():
        words(name, one)
    for name, error in failed.items():
        common.say(of_store(name, error), json=True)
    if as_json:
        done = {name: body(one) for name, one in had(results).items()}
        common.print_json({"stores": {name: {"error": str(failed[name])} if name in failed else done[name] for name in results}})
    return failed
