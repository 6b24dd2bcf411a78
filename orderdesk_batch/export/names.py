"""This file holds which columns an export can have: by what the table knows, and by what the user names."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..errors import UsageError
from ..fields import NOWHERE, Field, Resource
from ..kinds import CellRefused, How, Value, trim
from ..sheets.locate import heading
from .presets import PRESETS

HISTORY: Final = "history"  # not order_history: that column appends when a sheet is uploaded
NEVER: Final = frozenset({"cc_number"})  # what the store shows of it is cc_number_masked
_UNHEARD: Final = re.compile("[\x00-\x1f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")  # what files of sheets can't hold, or spell out
_LONGEST: Final = 255  # characters of a heading


def fits_heading(name: str) -> bool:
    """Whether a heading holds the name as it is; a key with a line break, say, would come back as another key."""
    return heading(name) == name and not _UNHEARD.search(name) and len(name) <= _LONGEST


def stem_of(field: Field) -> str:
    """The name of the map or list that an open field belongs to: order_metadata, discount_list."""
    return field.name.partition(".#.")[0] if ".#." in field.name else field.name.removesuffix(".*")


def in_documents(field: Field) -> bool:
    """Whether documents hold the field; the others are instructions."""
    if field.path != NOWHERE:
        return True
    return field.name in ("order.id", "order.source_id", "order.source_name", "item.item_id")


def known_keys(of: Resource) -> dict[str, frozenset[str]]:
    """The keys that documents have by the table: those on top, and those below the ones that are no open map."""
    inner: dict[str, set[str]] = {}
    for field in of.fields:
        if field.name.startswith("item.") or not in_documents(field):
            continue
        if field.path == NOWHERE:  # `order.id` stands beside an item's own keys
            inner.setdefault(field.name, set())
            continue
        first, _, rest = (field.path or field.name).partition(".")
        names = inner.setdefault(first, set())
        if rest and "*" not in rest and "#" not in rest:
            names.add(rest)
    inner.setdefault("cc_number", set())
    return {name: frozenset(names) for name, names in inner.items()}


def folder_names(folders: Mapping[str, str]) -> dict[str, str]:
    """The folders' names by id, where a name means that folder alone; else the id says which."""
    counts = Counter(name.strip().casefold() for name in folders.values())
    return {
        key: trim(name)
        for key, name in folders.items()
        if counts[name.strip().casefold()] == 1 and trim(name) and trim(name) not in folders
        and trim(name).casefold() == name.strip().casefold()
    }  # fmt: skip


def safe_key(field: Field, held: Any) -> Value:
    """An order's number beside its id, unless a cell can't hold it as it is: the id says which order it is."""
    value = field.kind.read(held)
    try:
        return value if value is not None and str(held).strip() == value == field.parse(value, How()) else None
    except CellRefused:
        return None


def wanted_columns(of: Resource, columns: Sequence[str] | str) -> dict[str, int]:
    """The columns that were asked for, presets spelled out, each with its place.

    Raises:
        UsageError: a name that is no column of an export.
    """
    words = columns.split(",") if isinstance(columns, str) else list(columns)
    stems = {stem_of(field) for field in of.fields if field.is_open}
    presets = PRESETS[of.name]
    words = [word for word in (str(word).strip() for word in words) if word]
    names: list[str] = []
    for word in words:
        if word in presets and (len(words) == 1 or word not in of.by_name):  # `stock` in a list is the field
            names += presets[word]
        else:
            names.append(f"{word}.*" if word in stems else word)
    wanted: dict[str, int] = {}
    for name in names:
        _check_column(of, name)
        wanted.setdefault(name, len(wanted))
    if not wanted:
        raise UsageError("No columns are named. Leave the option out to have them all.")
    return wanted


def _check_column(of: Resource, name: str) -> None:
    stem = name[:-1]
    if name.endswith(".*") and any(field.name.startswith(stem) for field in of.fields):
        return
    if name == HISTORY and of.name == "orders":
        return
    field = of.find(name)
    if field is not None and (field.is_open or field.steps is not None or in_documents(field)) and name not in NEVER:
        return
    if field is not None:
        because = "what the store shows of it is cc_number_masked" if name in NEVER else "it is an instruction, not a part of a record"
        raise UsageError(f'"{name}" can\'t be exported: {because}.')
    known = [field.name for field in of.fields if in_documents(field)] + list(PRESETS[of.name])
    near = difflib.get_close_matches(name, known, 1)
    raise UsageError(
        f'"{name}" is no column of {of.name}'
        + (f"; did you mean {near[0]}?" if near else f". Presets are {', '.join(PRESETS[of.name])}.")
        + f" `orderdesk-batch fields {of.name}` lists them."
    )
