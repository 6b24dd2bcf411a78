"""This file holds Layout: which columns a table has, found out while the documents come, and the cells of each row.

A cell is the value that the planner would read from the document, so that a sheet that is exported and planned at
once changes nothing. Columns are the field table's; those of open maps and lists turn up with the documents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from ..errors import UsageError
from ..fields import NOWHERE, RESOURCES, Document, Field, Resource, get
from ..kinds import JSON, Value
from ..plan.compare import children
from .jsontext import json_text
from .names import HISTORY, NEVER, fits_heading, folder_names, in_documents, known_keys, safe_key, stem_of, wanted_columns

Nested = Literal["columns", "json"]
Row = dict[int, Value]  # the slot of a column → its cell; blank cells absent
Rank = tuple[int, ...]

MOST_OPEN: Final = 2000  # columns that open maps may add: keys that differ from order to order would fill any sheet
_PARTS: Final = frozenset({"order_items", "order_shipments"})
STORE: Final = "store"  # where documents of several stores say whose they are, and the column of that


@dataclass(frozen=True, slots=True)
class Column:
    """One column of what is written."""

    name: str
    kind: str  # name of the field's kind: text, whole, money, …
    slot: int


@dataclass(slots=True)
class _Fixed:
    """A column that is there from the start."""

    slot: int
    read: Callable[[Document], Value]


class _Group:
    """The columns that one open map, or one list, adds as its keys turn up."""

    def __init__(self, of: Resource, prefix: str, stem: str, leaves: Sequence[Field], rank: int) -> None:
        self.of = of
        self.prefix = prefix  # "item." for the items of an orders sheet
        self.stem = stem  # where the document holds it: order_metadata, discount_list
        self.name = prefix + stem
        self.leaves = {leaf.name.rpartition(".")[2]: leaf for leaf in leaves}  # of a list: the fields of its entries; of a map: `*`
        self.is_list = ".#." in leaves[0].name
        self.rank = rank
        self.slots: dict[Any, int | None] = {}  # key → slot; None: no column can be made of it


class Layout:
    """The columns of one table, and how a document becomes its rows.

    Args:
        stores: of several: the name of each → its folders; each document then says under `store` whose it is.
    """

    def __init__(
        self,
        resource: str,
        *,
        with_items: bool = False,
        columns: Sequence[str] | str | None = None,
        nested: Nested = "columns",
        folders: Mapping[str, str] | None = None,
        repeat: bool = False,
        parts: bool = True,
        stores: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        if nested not in ("columns", "json"):
            raise UsageError(f'nested is "columns" or "json", not "{nested}".')
        if resource not in RESOURCES:
            raise UsageError(f'"{resource}" is no resource. Write one of {", ".join(RESOURCES)}.')
        self.of = RESOURCES[resource]
        self.left: Counter[str] = Counter()  # keys that have no column → how often they were there
        self._nested = nested
        self._repeat = repeat
        self._parts = parts
        self._folders = folder_names(folders or {})
        self._stores = {name: folder_names(held) for name, held in (stores or {}).items()}
        self._ranks: list[Rank] = []
        self._columns: list[Column] = []
        self._opened = 0
        self._wanted = wanted_columns(self.of, columns) if columns else None
        self.with_items = resource == "orders" and (
            with_items or any(name.startswith("item.") for name in self._wanted or ())
        )
        self._key: list[_Fixed] = []
        self._fixed: list[_Fixed] = []
        self._item_fixed: list[_Fixed] = []
        self._has_history = False
        self._groups: list[_Group] = []
        self._item_groups: list[_Group] = []
        self._make()
        self._known = {**known_keys(self.of), **({STORE: frozenset()} if self._stores else {})}
        self._known_item = known_keys(RESOURCES["items"])

    # -- columns ----------------------------------------------------------------------------------

    def columns(self) -> list[Column]:
        """The columns in their order, as far as they have turned up."""
        return [column for _, column in sorted(zip(self._ranks, self._columns, strict=True), key=lambda pair: pair[0])]

    def notes(self) -> list[str]:
        """What the table has no column for."""
        if self._wanted is not None or not self.left:
            return []
        named = ", ".join(name for name, _ in self.left.most_common(20))
        more = f" and {len(self.left) - 20:,} more" if len(self.left) > 20 else ""
        return [f"No column could be made for {named}{more}: left out. A .jsonl file holds everything."]

    def _make(self) -> None:
        if self._stores:
            self._key.append(_Fixed(self._new(STORE, "text", (-1,)), lambda document: str(document[STORE])))
            self._fixed += self._key
        opens: dict[str, list[Field]] = {}
        for field in self.of.fields:
            if field.is_open:
                opens.setdefault(stem_of(field), []).append(field)
        for rank, field in enumerate(self.of.fields):
            if field.is_open:
                if (leaves := opens.pop(stem_of(field), None)) is not None:
                    self._open_at(field, rank, leaves)
            elif self._is_shown(field):
                self._add_fixed(field, rank)
        if self._wanted is not None and HISTORY in self._wanted:
            self._add_history()

    def _is_shown(self, field: Field) -> bool:
        is_item = field.name.startswith("item.")
        if (is_item and not self.with_items) or field.name in NEVER or not in_documents(field):
            return False
        if self._wanted is None and self.of.name == "orders" and field.name in _PARTS:
            return self._parts and not (self.with_items and field.name == "order_items")
        return self._wish(field.name) is not None

    def _wish(self, name: str) -> int | None:
        """The place at which the user wants a column; None if not at all."""
        if self._wanted is None:
            return 0
        if name in self._wanted:
            return self._wanted[name]
        return next((at for want, at in self._wanted.items() if want.endswith(".*") and name.startswith(want[:-1])), None)

    def _new(self, name: str, kind: str, rank: Rank) -> int:
        slot = len(self._columns)
        self._columns.append(Column(name, kind, slot))
        self._ranks.append((self._wish(name) or 0, *rank))
        return slot

    def _add_fixed(self, field: Field, rank: int) -> None:
        slot = self._new(field.name, field.kind.name, (rank,))
        fixed = _Fixed(slot, self._reader(field))
        (self._item_fixed if field.name.startswith("item.") else self._fixed).append(fixed)
        if field.name == "id":
            self._key.append(fixed)

    def _add_history(self) -> None:
        self._has_history = True
        slot = self._new(HISTORY, "json", (len(self.of.fields),))
        self._fixed.append(_Fixed(slot, lambda document: json_text(document.get("order_history"))))

    def _open_at(self, field: Field, rank: int, leaves: list[Field]) -> None:
        is_item = field.name.startswith("item.")
        if is_item and not self.with_items:
            return
        stem = stem_of(field).removeprefix("item.")
        group = _Group(self.of, "item." if is_item else "", stem, leaves, rank)
        if self._nested == "json":
            if self._wish(f"{group.name}.") is not None:
                slot = self._new(group.name, "json", (rank,))
                fixed = _Fixed(slot, lambda document: json_text(document.get(stem)))
                (self._item_fixed if is_item else self._fixed).append(fixed)
            return
        (self._item_groups if is_item else self._groups).append(group)
        for name in self._wanted or ():  # a column that is asked for is there even if no document has it
            if name.startswith(f"{group.name}.") and not name.endswith(".*"):
                rest = name[len(group.name) + 1 :]
                number, _, leaf = rest.partition(".")
                self._slot(group, (int(number), leaf) if group.is_list else rest)

    # -- reading ----------------------------------------------------------------------------------

    def _reader(self, field: Field) -> Callable[[Document], Value]:
        """What reads a field's value from its document as a cell."""
        read = field.kind.read
        if field.path == NOWHERE and field.name != "item.item_id":  # `order.id` stands beside an item's own keys
            return lambda document: safe_key(field, document.get(field.name))
        if field.name == "folder":
            return lambda document: self._folder(read(document.get("folder_id")), self._stores.get(str(document.get(STORE)), self._folders))
        steps = ("id",) if field.name == "item.item_id" else field.place or ()
        if field.kind is JSON:
            return lambda document: json_text(get(document, steps))
        if field.choices:
            return lambda document: field.canonical(read(get(document, steps)))
        if len(steps) == 1:
            name = str(steps[0])
            return lambda document: read(document.get(name))
        return lambda document: read(get(document, steps))

    def _folder(self, held: Value, names: Mapping[str, str]) -> Value:
        return None if held is None else names.get(str(held), held)

    def rows(self, document: Document) -> Iterator[Row]:
        """The rows of a document: one, or one for each of an order's items."""
        if "order_history" in document and self._wanted is None and not self._has_history:
            self._add_history()
        row: Row = {}
        for fixed in self._fixed:
            value = fixed.read(document)
            if value is not None and value != "":
                row[fixed.slot] = value
        for group in self._groups:
            held = document.get(group.stem)
            if held:
                self._fill(row, group, held)
        self._note_unknown(document, self._known, "")
        if not self.with_items:
            yield row
            return
        key = {fixed.slot: row[fixed.slot] for fixed in self._key if fixed.slot in row}
        for n, item in enumerate(children(document, "order_items") or [{}]):
            yield self._with_item(dict(row) if n == 0 or self._repeat else dict(key), item)

    def _with_item(self, row: Row, item: Document) -> Row:
        for fixed in self._item_fixed:
            value = fixed.read(item)
            if value is not None and value != "":
                row[fixed.slot] = value
        for group in self._item_groups:
            if held := item.get(group.stem):
                self._fill(row, group, held)
        self._note_unknown(item, self._known_item, "item.")
        return row

    def _fill(self, row: Row, group: _Group, held: Any) -> None:
        if group.is_list:
            entries = list(held.values()) if isinstance(held, Mapping) else held  # PHP makes a map of a list with gaps
            if not isinstance(entries, list):
                self._leave(group.name, held)
                return
            for n, entry in enumerate(entries, 1):
                if not isinstance(entry, Mapping):
                    self.left[f"{group.name}.{n}"] += 1
                    continue
                for word, value in entry.items():
                    if leaf := group.leaves.get(word):
                        self._put(row, group, (n, word), leaf.kind.read(value))
                    else:
                        self._leave(f"{group.name}.{n}.{word}", value)
        elif isinstance(held, Mapping):
            read = group.leaves["*"].kind.read
            for key, value in held.items():
                self._put(row, group, key, read(value))
        else:
            self._leave(group.name, held)

    def _put(self, row: Row, group: _Group, key: Any, value: Value) -> None:
        slot = group.slots[key] if key in group.slots else self._slot(group, key)
        if slot is not None:
            if value is not None and value != "":
                row[slot] = value
        elif value is not None:
            self._leave(f"{group.name}.{key if isinstance(key, str) else key[0]}", value)

    def _slot(self, group: _Group, key: Any) -> int | None:
        """The column for a key that turned up; None where there can be none."""
        slot: int | None = None
        at = f"{key[0]}.{key[1]}" if isinstance(key, tuple) else key
        name = f"{group.name}.{at}"
        wish = self._wish(name)
        field = self.of.find(name)
        fits = field is not None and fits_heading(name) and (self._opened < MOST_OPEN or self._wanted is not None)
        if wish is not None and field is not None and fits:
            rank = (group.rank, key[0], list(group.leaves).index(key[1])) if isinstance(key, tuple) else (group.rank, len(group.slots))
            slot = self._new(name, field.kind.name, rank)
            self._opened += 1
        group.slots[key] = slot
        return slot

    def _note_unknown(self, document: Document, known: Mapping[str, frozenset[str]], prefix: str) -> None:
        for name in document.keys() - known.keys():
            if name != "order_history" or not self._has_history:
                self._leave(prefix + name, document[name])
        for name, inner in known.items():
            if not inner or not (held := document.get(name)):
                continue
            if not isinstance(held, Mapping):
                self._leave(prefix + name, held)
                continue
            for key in held.keys() - inner:
                self._leave(f"{prefix}{name}.{key}", held[key])

    def _leave(self, name: str, value: Any) -> None:
        if value is not None and value != "" and value != [] and value != {}:
            self.left["".join(c if c.isprintable() else "\ufffd" for c in name[:60])] += 1
