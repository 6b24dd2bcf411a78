"""This file holds how the schemas are applied to a sheet's typed columns, and what their findings are called."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from ..fields import Field
from ..kinds import CellRefused
from .records import either
from .schemas import cells_schema, has_rules, needs, records_schema

if TYPE_CHECKING:
    import pandera.pandas as pa

    from .checking import Checking

_NEEDED: Final = {
    "tracking_number": ("has no tracking number", "Write it, or n/a where there is none."),
    "name": ("has no name", "Write what the item is called."),
    "code": ("has no code", "Write the SKU; it is unique in the store."),
}


def check_rules(to: Checking) -> None:
    """Hold the rows that are not skipped against the schemas."""
    checked = to.checked
    every = range(len(checked.sheet.rows))
    live = [n for n in every if n not in checked.skipped] if checked.skipped else list(every)
    ruled = [name for name in checked.columns if has_rules(to.resource.field(name)) and not name.endswith("action")]
    if ruled and live:
        for name, check, n in _findings(to, cells_schema(to.resource, ruled), ruled, live):
            _refuse(to, n, to.resource.field(name), check)
    by_action: dict[str, list[int]] = {}
    if live and len(set(checked.actions)) == 1:
        by_action[checked.actions[0]] = live
        live = []
    for n in live:
        by_action.setdefault(checked.actions[n], []).append(n)
    for action, rows in by_action.items():
        _check_records(to, action, rows)


def _check_records(to: Checking, action: str, rows: list[int]) -> None:
    checked = to.checked
    group_of = {rows[0]: rows for rows in checked.groups}  # of orders: what is missing is said of the first row
    needed = {f"{sort}:{','.join(names)}": names for sort, names in needs(to.resource, action)}
    names = {name for group in needed.values() for name in group} | set(to.resource.order_keys)
    names |= {
        "stock",
        "stock_change",
        "source_name",
        *(name for name in checked.columns if name.startswith("item.")),
        *(name for name in checked.columns if name.endswith((".country", ".postal_code"))),
    }
    present = [name for name in checked.columns if name in names]
    for _, check, n in _findings(to, records_schema(to.resource, action), present, rows):
        members = needed.get(check)
        if members is not None:
            if not any(name in checked.columns for name in members):
                continue  # no column for it: said once, for the file
            if checked.groups and n not in group_of:
                continue
            if any((m, name) in checked.bads for m in group_of.get(n, [n]) for name in members):
                continue
        elif check.startswith("zip:"):
            name = check.removeprefix("zip:")
            if (n, name) not in checked.bads:
                _refuse(to, n, to.resource.field(name), "zip")
            continue
        elif any((n, name) in checked.bads for name in present):
            continue
        _say(to, n, check, members or ())


def _findings(to: Checking, schema: pa.DataFrameSchema, names: Sequence[str], rows: list[int]) -> Iterator[tuple[str, str, int]]:
    """What a schema finds in some rows: (column, check, index of the row)."""
    import pandas as pd
    import pandera.errors

    columns = to.without_clears()
    whole = len(rows) == len(to.checked.sheet.rows)
    data = {name: columns[name] if whole else [columns[name][n] for n in rows] for name in names}
    frame = pd.DataFrame(data, index=pd.Index(rows, dtype="int64"), dtype=object)
    try:
        schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as found:
        for error in found.schema_errors:
            output: Any = error.check_output
            name, check = str(error.schema.name), str(getattr(error.check, "name", error.check))
            for n in output.index[~output.astype(bool)]:
                yield name, check, int(n)


def _refuse(to: Checking, n: int, one: Field, check: str) -> None:
    if (n, one.name) in to.checked.bads:
        return
    value = to.checked.columns[one.name][n]
    if check == "choice":
        near = difflib.get_close_matches(str(value).casefold(), [word.casefold() for word in one.choices], 1)
        meant = next((word for word in one.choices if near and word.casefold() == near[0]), None)
        hint = f"{f'Did you mean {meant}? ' if meant else ''}Write one of {', '.join(one.choices)}."
        refused = CellRefused(f"is no {one.name.replace('_', ' ')} that the store knows", hint, "choice")
    elif check == "least":
        refused = CellRefused(f"is less than {one.least}", f"Write {one.least} or more.", "too-small")
    elif check == "most":
        refused = CellRefused(
            f"is too long: {len(str(value))} characters, and the notes of an order have {one.most} in all",
            f"Shorten it to less than {one.most} characters.",
            "too-long",
        )
    elif check == "zip":
        refused = CellRefused(
            "is no ZIP code of the United States: it has lost a leading zero, it seems",
            "Write all five digits, in a column that is formatted as text.",
            "zip",
        )
    elif one.name == "cc_number":
        refused = CellRefused("has more than the last four digits of a card", "Write the last four digits only.", "card-number")
    else:
        refused = CellRefused("has not the form that is asked for", f"Write it as {one.example}.", "pattern")
    if one.name != "cc_number":
        refused.readings = (value,)  # the store may hold this very value
    to.refuse(n, one.name, refused)


def _say(to: Checking, n: int, check: str, members: tuple[str, ...]) -> None:
    present = [name for name in members if name in to.column_of]
    about = present[-1] if present else None
    if check == "stock-and-change":
        to.say(
            n,
            "has both stock and stock_change",
            "Fill in one of the two: the number there is, or by how much it changes.",
            check,
            about="stock_change",
        )
    elif check == "item-key":
        about = next((name for name in ("item.code", "item.name") if name in to.column_of), None)
        to.say(
            n,
            "does not say which item it is about",
            "Fill in item.item_id or item.code; a new item needs item.name.",
            "no-key",
            about=about,
        )
    elif check.startswith("required") and len(members) == 1:
        reason, hint = _NEEDED[members[0]]
        to.say(n, reason, hint, "required", about=about)
    elif check.startswith("required"):
        to.say(n, f"has none of {either(members)}", "A new order needs one of them.", "required", about=about)
    elif members == to.resource.order_keys:
        to.say(n, "has no order number", "Write the number of the order.", "no-key", about=about)
    elif members == ("shipment_id", "tracking_number"):
        to.say(n, "has no tracking number", _NEEDED["tracking_number"][1], "no-key", about=about)
    else:
        to.say(n, f"has no {either(members)}", "Fill it in: it finds the record.", "no-key", about=about)
