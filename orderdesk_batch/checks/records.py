"""This file holds the rules about rows and records, applied: keys, repeats, orders of several rows, the schemas, tracking numbers."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..carriers import carrier_of, wrong_check_digit
from ..fields import Field
from ..kinds import CLEAR, CellRefused, Value
from ..kinds.texts import NO_NUMBER
from ..sheets.headings import letters
from .rows import Key, Repeats, contradictions, groups, order_words, record_words, row_keys
from .schemas import CELLS, RECORDS, build, has_rules, keys_of, needed_to_create

if TYPE_CHECKING:
    from .checking import Checking

_NEEDED = {
    "tracking_number": ("has no tracking number", "Write it, or n/a where there is none."),
    "name": ("has no name", "Write what the item is called."),
    "code": ("has no code", "Write the SKU; it is unique in the store."),
}


def check_rows(to: Checking) -> None:
    """Everything that is checked once the cells are values."""
    _key_columns(to)
    if to.resource.name == "orders":
        _orders(to)
    else:
        _repeats(to)
    _schemas(to)
    if to.resource.name == "shipments":
        _tracking(to)


# -- what the sheet as a whole needs --


def _key_columns(to: Checking) -> None:
    """The columns without which no row can find its record."""
    checked = to.checked
    acting = {action for n, action in enumerate(checked.actions) if n not in checked.skipped}
    acting = acting or {checked.options.action or to.resource.default_action}
    groups_ = {group for action in acting - {"skip"} for group in keys_of(to.resource, action)}
    if "create" in acting:
        groups_ |= set(needed_to_create(to.resource))
    for group in sorted(groups_):
        if any(name in checked.columns for name in group):
            continue
        if group == to.resource.order_keys:
            to.say(
                None,
                "no column says which order a row belongs to",
                'Add one, called "Order Number" for instance, or say which it is: --map "Heading=order".',
                "no-key-column",
            )
        else:
            to.say(
                None,
                f"no column holds {_or(group)}",
                f'Add one of them, or say which column it is: --map "Heading={group[0]}".',
                "no-key-column",
            )


def _or(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


# -- rows with the same key --


def _plain(columns: dict[str, list[Value]]) -> dict[str, list[Value]]:
    """The columns with `(clear)` as blank, for keys."""
    return {
        name: [None if v is CLEAR else v for v in column] if CLEAR in column else column
        for name, column in columns.items()
    }


def _with_bads(to: Checking, names: Sequence[str]) -> dict[str, list[Any]]:
    """The columns with the text of refused cells in their place, so that rows are compared as they stand."""
    columns: dict[str, list[Any]] = {name: to.checked.columns[name] for name in names}
    for (n, name), bad in to.checked.bads.items():
        if name in columns:
            if columns[name] is to.checked.columns[name]:
                columns[name] = list(columns[name])
            columns[name][n] = ("refused", bad.text)
    return columns


def _repeats(to: Checking) -> None:
    checked = to.checked
    keys = row_keys(to.resource, checked.columns, len(checked.sheet.rows))
    names = [name for name in checked.columns if name != "action"]
    _say_repeats(to, Repeats(keys, names, _with_bads(to, names), checked.skipped))


def _say_repeats(to: Checking, repeats: Repeats) -> None:
    rows = to.checked.sheet.rows
    about = {"shipments": "tracking_number", "inventory": "code", "items": "code", "orders": "item.code"}[
        to.resource.name
    ]
    what = {
        "shipments": "the same order and tracking number",
        "inventory": "the same code",
        "items": "the same item of the same order",
        "orders": "the same item of the same order",
    }[to.resource.name]
    for n, earlier in repeats.same.items():
        to.checked.skipped[n] = f"it repeats row {rows[earlier]}"
        to.say(n, f"is skipped: it repeats row {rows[earlier]}", code="same-row", about=about, warning=True)
    per_charge = "packageidentificationcodepic" in map(letters, to.checked.sheet.headings)
    for n, others in repeats.contradicting.items():
        to.say(
            n,
            f"{what} {'stands' if len(others) == 1 else 'stand'} in row {', '.join(str(rows[m]) for m in others[:5])}, too,"
            " with other values",
            "This export has a row for each charge: add them up into one row, or leave the cost out."
            if per_charge
            else "Keep the row that is right.",
            "same-key",
            about=about,
        )


# -- orders --


def _orders(to: Checking) -> None:
    checked = to.checked
    length = len(checked.sheet.rows)
    words = order_words(to.resource, _plain(checked.columns), length)
    of_order = [
        name for name in checked.columns if not name.startswith("item.") and name not in ("action", "order")
    ]
    of_item = [name for name in checked.columns if name.startswith("item.")]
    together = groups(words, checked.skipped)
    several = [rows for rows in together if len(rows) > 1]
    columns = _with_bads(to, of_order)
    for rows in several:
        _one_action(to, rows)
        for name, having in contradictions(rows, of_order, columns).items():
            shown = ", ".join(str(checked.sheet.rows[n]) for n in having[:5])
            for n in having:
                to.say(
                    n,
                    f"is not the same in all rows of the order (rows {shown})",
                    "Write the same value in each, or leave all but the first blank.",
                    "contradiction",
                    about=name,
                )
    records = record_words(to.resource, checked.columns, length)
    keys: list[Key | None]
    if of_item:
        keys = [None if w is None or r is None else (w, r) for w, r in zip(words, records, strict=True)]
        names = of_item
    else:
        keys = [None if w is None else (w,) for w in words]
        names = of_order
    repeats = Repeats(keys, names, _with_bads(to, names), checked.skipped)
    if not of_item:
        repeats.contradicting.clear()  # said above, field by field
    else:
        first = {w: n for n, w in reversed(list(enumerate(words))) if n not in checked.skipped}
        repeats.same = {
            n: e for n, e in repeats.same.items() if _adds_nothing(n, first[words[n]], of_order, columns)
        }
    _say_repeats(to, repeats)
    checked.groups = groups(words, checked.skipped)


def _adds_nothing(n: int, first: int, names: Sequence[str], columns: dict[str, list[Any]]) -> bool:
    return all(columns[name][n] is None or columns[name][n] == columns[name][first] for name in names)


def _one_action(to: Checking, rows: Sequence[int]) -> None:
    """The rows of an order do one thing: a blank action is that of the others."""
    checked = to.checked
    column = checked.columns.get("action")
    if column is None:
        return
    told = {column[n] for n in rows if column[n] is not None}
    if len(told) == 1:
        action = told.pop()
        for n in rows:
            checked.actions[n] = action
    elif told:
        for n in rows:
            if column[n] is not None:
                to.say(
                    n,
                    f"is not the action of all rows of the order: {', '.join(sorted(told))}",
                    "Write one action for the order; item.action is for its items.",
                    "contradiction",
                    about="action",
                )


# -- the schemas --


def _schemas(to: Checking) -> None:
    checked = to.checked
    live = [n for n in range(len(checked.sheet.rows)) if n not in checked.skipped]
    if not live:
        return
    ruled = [
        name
        for name in checked.columns
        if has_rules(to.resource.field(name)) and name not in ("action", "item.action")
    ]
    whole = len(live) == len(checked.sheet.rows)
    if ruled:
        for name, check, n in _findings(
            to, build(to.resource, "update", (CELLS,), names=tuple(ruled)), ruled, live, whole
        ):
            _refuse_by_rule(to, n, to.resource.field(name), check)
    by_action: dict[str, list[int]] = {}
    firsts = [rows[0] for rows in checked.groups] if to.resource.name == "orders" else live
    for n in firsts:
        by_action.setdefault(checked.actions[n], []).append(n)
    for action, rows in by_action.items():
        needed = keys_of(to.resource, action) + (needed_to_create(to.resource) if action == "create" else [])
        names = sorted({name for group in needed for name in group} | {"stock", "stock_change"})
        present = [name for name in names if name in checked.columns]
        groups_ = [group for group in needed if any(name in present for name in group)]
        whole = len(rows) == len(checked.sheet.rows)
        schema = build(to.resource, action, (RECORDS,), names=tuple(present))
        for _, check, n in _findings(to, schema, present, rows, whole):
            sort, _, group = check.partition(":")
            members = tuple(group.split(",")) if group else ("stock_change",)
            if sort != "not-both" and members not in groups_:
                continue  # no column for it: said once, for the file
            if any((n, name) in checked.bads for name in members):
                continue
            _say_record(to, n, sort, members)


def _findings(
    to: Checking, schema: Any, names: Sequence[str], rows: list[int], whole: bool
) -> list[tuple[str, str, int]]:
    """What a schema finds in some rows: (column, check, index of the row)."""
    import pandas as pd
    import pandera.errors

    columns = to.checked.columns
    merged = _merged(to, names) if to.resource.name == "orders" and schema.checks else columns
    data = {
        name: pd.Series(
            [None if v is CLEAR else v for v in (merged[name] if whole else [merged[name][n] for n in rows])],
            dtype=object,
            index=rows,
        )
        for name in names
    }
    frame = pd.DataFrame(data, index=pd.Index(rows, dtype="int64"))
    try:
        schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as found:
        return [
            (str(error.schema.name), str(error.check.name), int(n))
            for error in found.schema_errors
            for n in _failed(error)
        ]
    return []


def _failed(error: Any) -> Any:
    output = error.check_output
    return output.index[~output.astype(bool)]


def _merged(to: Checking, names: Sequence[str]) -> dict[str, list[Value]]:
    """The columns with, in the first row of each order, the first filled cell of its rows."""
    columns = {name: list(to.checked.columns[name]) for name in names}
    for rows in to.checked.groups:
        if len(rows) > 1:
            for column in columns.values():
                column[rows[0]] = next((column[n] for n in rows if column[n] is not None), None)
    return columns


def _refuse_by_rule(to: Checking, n: int, one: Field, check: str) -> None:
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
    elif one.name == "cc_number":
        refused = CellRefused(
            "has more than the last four digits of a card", "Write the last four digits only.", "card-number"
        )
    else:
        refused = CellRefused("has not the form that is asked for", f"Write it as {one.example}.", "pattern")
    if one.name != "cc_number":
        refused.readings = (value,)  # the store may hold this very value
    to.refuse(n, one.name, refused)


def _say_record(to: Checking, n: int, sort: str, members: tuple[str, ...]) -> None:
    present = [name for name in members if name in to.column_of]
    about = present[-1] if present else None
    if sort == "not-both":
        to.say(
            n,
            "has both stock and stock_change",
            "Fill in one of the two: the number there is, or by how much it changes.",
            "stock-and-change",
            about="stock_change",
        )
    elif sort == "required" and len(members) == 1:
        reason, hint = _NEEDED[members[0]]
        to.say(n, reason, hint, "required", about=about)
    elif sort == "required":
        to.say(n, f"has none of {_or(members)}", "A new order needs one of them.", "required", about=about)
    elif members == to.resource.order_keys:
        to.say(n, "has no order number", "Write the number of the order.", "no-key", about=about)
    elif members == ("shipment_id", "tracking_number"):
        to.say(n, "has no tracking number", _NEEDED["tracking_number"][1], "no-key", about=about)
    else:
        to.say(n, f"has no {_or(members)}", "Fill it in: it finds the record.", "no-key", about=about)


# -- tracking numbers --


def _tracking(to: Checking) -> None:
    checked = to.checked
    numbers = checked.columns.get("tracking_number")
    if numbers is None:
        return
    length = len(checked.sheet.rows)
    carriers = checked.columns.get("carrier_code")
    if carriers is None and checked.options.guess_carrier:
        carriers = checked.columns["carrier_code"] = [None] * length
    orders = order_words(to.resource, checked.columns, length)
    first: dict[Value, int] = {}
    for n, number in enumerate(numbers):
        if number is None or number == NO_NUMBER or number is CLEAR or n in checked.skipped:
            continue
        earlier = first.setdefault(number, n)
        if earlier != n and orders[earlier] != orders[n]:
            to.say(
                n,
                f"stands in row {checked.sheet.rows[earlier]}, too, for another order",
                "Look whether both orders went in one parcel.",
                "two-orders",
                about="tracking_number",
                warning=True,
            )
        carrier = carriers[n] if carriers is not None else None
        named = carrier if isinstance(carrier, str) else None
        if wrong := wrong_check_digit(number, named):
            to.say(
                n,
                f"is no {wrong} number: its check digit is wrong",
                "Look whether a digit was lost or mistyped.",
                "check-digit",
                about="tracking_number",
                warning=True,
            )
        elif (
            carrier is None
            and carriers is not None
            and checked.options.guess_carrier
            and (n, "carrier_code") not in checked.bads
        ):
            carriers[n] = carrier_of(number)
