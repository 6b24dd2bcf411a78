"""This file holds how fields and documents meet: get, put, drop, read, write."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from ..kinds import CLEAR, Value
from .field import Field, Resource, Steps

Document = dict[str, Any]


def get(document: Mapping[str, Any], steps: Steps) -> Any:
    """The value at a place of a document; None where there is nothing."""
    at: Any = document
    for step in steps:
        if isinstance(step, int):
            if isinstance(at, Mapping):  # PHP makes a map of a list with gaps
                at = list(at.values())
            if not isinstance(at, list) or step >= len(at):
                return None
            at = at[step]
        else:
            if type(at) is not dict and not isinstance(at, Mapping):
                return None
            at = at.get(step)
    return at


def put(document: Document, steps: Steps, value: Any) -> None:
    """Set the value at a place of a document, making the maps and list entries that lead there."""
    at: Any = document
    for step, following in pairwise(steps):
        if isinstance(step, int):
            while len(at) <= step:
                at.append({})
            child = at[step]
        else:
            child = at.get(step)
        if isinstance(following, int):
            if isinstance(child, dict):  # PHP makes a map of a list with gaps
                child = at[step] = list(child.values())
            elif not isinstance(child, list):
                child = at[step] = []
        elif not isinstance(child, dict):  # `[]` is PHP's empty map
            child = at[step] = {}
        at = child
    last = steps[-1]
    if isinstance(last, int):
        while len(at) <= last:
            at.append({})
    at[last] = value


def drop(document: Document, steps: Steps) -> None:
    """Take the key at a place of a document away."""
    parent = get(document, steps[:-1]) if len(steps) > 1 else document
    if isinstance(parent, dict):
        parent.pop(str(steps[-1]), None)


def read(field: Field, document: Mapping[str, Any]) -> Value:
    """What a document holds for a field, as a value."""
    place = field.place
    if place is None:
        return None
    value = field.kind.read(get(document, place))
    return field.canonical(value) if field.choices else value


def in_open_map(field: Field) -> bool:
    """Whether the field is a key of an open map (`metadata.colour`), which `(clear)` removes."""
    return (
        field.steps is not None
        and isinstance(field.steps[-1], str)
        and not any(isinstance(step, int) for step in field.steps[:-1])
    )


def write(field: Field, document: Document, value: Value) -> None:
    """Set a field in a document to a value; `CLEAR` empties it, or removes a key of an open map."""
    place = field.place
    assert place is not None, field.name
    if value is CLEAR:
        if in_open_map(field):
            drop(document, place)
        else:
            put(document, place, copy.copy(field.kind.empty))
    else:
        put(document, place, field.kind.send(value))


def columns_of(of: Resource, document: Mapping[str, Any]) -> Iterator[Field]:
    """The fields that a document has, the open ones made concrete, in the table's order."""
    for field in of.fields:
        if not field.is_open:
            yield field
        elif field.name.startswith("item."):
            continue
        elif field.name.endswith(".*"):
            held = get(document, tuple((field.path or field.name).split(".")[:-1]))
            for key in held if isinstance(held, Mapping) else ():
                yield of.field(f"{field.name[:-1]}{key}")
        else:
            stem, leaf = field.name.split(".#.")
            held = document.get(stem)
            for n in range(1, len(held) + 1) if isinstance(held, list) else ():
                yield of.field(f"{stem}.{n}.{leaf}")
