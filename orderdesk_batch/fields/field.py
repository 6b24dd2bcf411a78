"""This file holds Field and Resource: what a row of the field tables says, and what is asked of a table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Literal

from ..errors import UsageError
from ..kinds import CHOICE, CLEAR, CLEAR_WORD, How, Kind, Value, trim

Use = Literal["optional", "required", "read-only", "key"]
OPTIONAL: Final[Use] = "optional"
REQUIRED: Final[Use] = "required"  # to create
READ_ONLY: Final[Use] = "read-only"  # set by the server: recognised, never sent
KEY: Final[Use] = "key"  # finds the record; not a part of its document

Steps = tuple[str | int, ...]

ACTIONS: Final = ("create", "update", "upsert", "delete", "skip")
NOWHERE: Final = "-"  # the path of a column that is an instruction, not a place in the document


@dataclass(frozen=True)
class Field:
    """A column of our sheets, and the place it has in the store's documents."""

    name: str  # the API's name: shipping.city
    kind: Kind  # how cells are read
    sentence: str  # for the person who fills the cell
    use: Use = OPTIONAL
    path: str = ""  # dotted place in the document; the name if left out; NOWHERE for instructions
    aliases: str = ""  # other headings: ranks apart by ";", within a rank by ","
    example: str = ""  # shown in the template's first row
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None  # characters of a text
    pattern: str = ""  # a regular expression that the whole value must match
    search: str = ""  # the API's filter that finds records by it
    steps: Steps | None = None  # a concrete field of an open map or list: its place, spelled out

    @property
    def place(self) -> Steps | None:
        """The keys that lead to the value in a document; None for instructions and keys."""
        if self.steps is not None:
            return self.steps
        if self.path == NOWHERE:
            return None
        return tuple((self.path or self.name).split("."))

    @property
    def writable(self) -> bool:
        """Whether a sheet may set it."""
        return self.use in (OPTIONAL, REQUIRED)

    @property
    def is_open(self) -> bool:
        """Whether the name stands for many columns (`metadata.*`, `discount_list.#.code`)."""
        return self.steps is None and ("*" in self.name or "#" in self.name)

    def ranks(self) -> list[list[str]]:
        """The headings that mean this field, best rank first; the own name is rank 0."""
        own = [self.name] if not self.is_open else []
        return [own, *([a.strip() for a in rank.split(",") if a.strip()] for rank in self.aliases.split(";"))]

    def parse(self, cell: Any, how: How) -> Value:
        """A cell as a value: `(clear)`, or as the kind says, a choice in the API's spelling.

        Raises:
            CellRefused: it can't be read.
        """
        if type(cell) is str and CLEAR_WORD in cell and trim(cell) == CLEAR_WORD:  # a `Literal` is the text itself
            return CLEAR
        value = self.kind.parse(cell, how)
        return self.canonical(value) if self.kind is CHOICE else value

    def canonical(self, value: Value) -> Value:
        """A choice in the API's spelling, however its letters are cased or spaced."""
        if not self.choices or not isinstance(value, str):
            return value
        asked = _bare(value)
        return next((choice for choice in self.choices if _bare(choice) == asked), value)


def _bare(word: str) -> str:
    return "".join(char for char in word.casefold() if char.isalnum())


def under(prefix: str, fields: tuple[Field, ...], *, path: str = "", use: Use | None = None, says: str = "") -> Iterator[Field]:
    """A group of fields below a prefix: `under("shipping", ADDRESS)` gives shipping.city, ….

    Aliases of the group are taken along only behind the words of `says`: `City` alone would not
    say whose, `Ship To - City` and `City (Shipping)` do.
    """
    for field in fields:
        at = field.path if field.path == NOWHERE else f"{path or prefix}.{field.path or field.name}"
        aliases = ""
        if says:
            words = [word.strip() for word in says.split(",")]
            leaves = [[leaf for leaf in rank if leaf] for rank in field.ranks()]
            leaves = [[field.name.replace("_", " ").title(), *leaves[1]], *leaves[2:]]
            aliases = "; ".join(
                ", ".join(f"{word} {leaf}" for word in words for leaf in rank)
                + "".join(f", {leaf} ({words[0]})" for leaf in rank)
                for rank in leaves
            )
        yield replace(field, name=f"{prefix}.{field.name}", path=at, aliases=aliases, use=use or field.use)


def numbered(prefix: str, fields: tuple[Field, ...]) -> Iterator[Field]:
    """The fields of a list's entries: `discount_list.#.code`, where `#` is 1, 2, …; aliases mean the first."""
    for field in fields:
        yield replace(field, name=f"{prefix}.#.{field.name}", path=f"{prefix}.#.{field.path or field.name}")


@dataclass(frozen=True)
class Resource:
    """One of the four sorts of records, with its table of fields."""

    name: str  # orders
    one: str  # order
    sentence: str
    fields: tuple[Field, ...]
    keys: tuple[tuple[str, ...], ...]  # how a row finds its document, tried in order
    default_action: str
    maps: tuple[str, ...]  # top-level fields that hold a map: `[]` means an empty one
    weight_field: str = ""
    parent: str = ""  # "orders" for what lives in an order
    inside: str = ""  # where the parent's document holds it
    required_any: tuple[tuple[str, ...], ...] = ()  # to create: at least one of each group

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """The table's rows by name, open ones under their pattern."""
        return {field.name: field for field in self.fields}

    @cached_property
    def _open(self) -> list[tuple[re.Pattern[str], Field]]:
        found = []
        for field in self.fields:
            if field.is_open:
                pattern = re.escape(field.name).replace(r"\*", "(.+)").replace(r"\#", r"([1-9]\d{0,2})")
                found.append((re.compile(pattern, re.DOTALL | re.ASCII), field))
        return found

    def field(self, name: str) -> Field:
        """The field of that name; `metadata.colour` and `discount_list.2.code` are made from their pattern.

        Raises:
            UsageError: there is no such field.
        """
        found = self.find(name)
        if found is None:
            raise UsageError(f'"{name}" is no field of {self.name}. `orderdesk-batch fields {self.name}` lists them.')
        return found

    def find(self, name: str) -> Field | None:
        """The field of that name, or None."""
        if (known := self.by_name.get(name)) and not known.is_open:
            return known
        for pattern, field in self._open:
            if match := pattern.fullmatch(name):
                return _concrete(field, name, match)
        return None

    @cached_property
    def writable(self) -> tuple[Field, ...]:
        """The fields that a sheet may set."""
        return tuple(field for field in self.fields if field.writable)

    @property
    def order_keys(self) -> tuple[str, ...]:
        """The fields that say which order a row is about, the surest first."""
        own = ("id", "source_id", "order")
        return own if self.name == "orders" else ("order.id", "order.source_id", "order") if self.parent else ()

    def missing(self, values: Mapping[str, Value]) -> list[tuple[str, ...]]:
        """What a row lacks to create a record: each entry names fields of which one is needed."""
        groups: list[tuple[str, ...]] = [
            (field.name,) for field in self.fields if field.use == REQUIRED and "." not in field.name
        ]
        groups.extend(self.required_any)
        return [group for group in groups if not any(values.get(name) not in (None, "", CLEAR) for name in group)]


def _concrete(field: Field, name: str, match: re.Match[str]) -> Field:
    path = field.path or field.name
    if path == NOWHERE:
        return replace(field, name=name, steps=None)
    steps: list[str | int] = []
    parts = iter(match.groups())
    for step in path.split("."):
        if step == "*":
            steps.append(next(parts))
        elif step == "#":
            steps.append(int(next(parts)) - 1)
        else:
            steps.append(step)
    return replace(field, name=name, steps=tuple(steps))
