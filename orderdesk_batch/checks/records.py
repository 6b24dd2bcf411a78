"""This file holds what is found across rows: columns that are missing, rows that repeat or contradict others, orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..sheets.headings import letters
from .rows import Alone, Key, Repeats, all_differ, contradictions, groups, order_words, record_words, row_keys
from .schemas import keys_of, needed_to_create

if TYPE_CHECKING:
    from .checking import Checking


def check_records(to: Checking) -> None:
    """What the sheet as a whole needs, and what several rows say together."""
    _key_columns(to)
    if to.resource.name == "orders":
        _orders(to)
    else:
        _repeats(to)


# -- what the sheet as a whole needs --


def _key_columns(to: Checking) -> None:
    """The columns without which no row can find its record."""
    checked = to.checked
    acting = {action for n, action in enumerate(checked.actions) if n not in checked.skipped} if checked.skipped else set(checked.actions)
    acting = acting or {checked.options.action or to.resource.default_action}
    groups_ = {group for action in acting - {"skip"} for group in keys_of(to.resource, action)}
    if "create" in acting:
        groups_ |= set(needed_to_create(to.resource))
    for group in sorted(groups_):
        if any(name in checked.columns or name in checked.matched.contested for name in group):
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
                f"no column holds {either(group)}",
                f'Add one of them, or say which column it is: --map "Heading={group[0]}".',
                "no-key-column",
            )


def either(names: Sequence[str]) -> str:
    """Names in a sentence: "a, b or c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


# -- rows with the same key --


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
    if all_differ(to.resource, to.without_clears(), len(checked.sheet.rows)):
        return
    keys = row_keys(to.resource, to.without_clears(), len(checked.sheet.rows))
    names = [name for name in checked.columns if name != "action"]
    columns = _with_bads(to, names) | {"action": checked.actions}
    _say_repeats(to, Repeats(keys, columns, columns, checked.skipped))


def _say_repeats(to: Checking, repeats: Repeats) -> None:
    rows = to.checked.sheet.rows
    about = {"shipments": "tracking_number", "inventory": "code", "items": "code", "orders": "item.code"}[to.resource.name]
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
    if all_differ(to.resource, to.without_clears(), length):
        checked.groups = Alone([n for n in range(length) if n not in checked.skipped] if checked.skipped else range(length))
        return
    words = order_words(to.resource, to.without_clears(), length)
    of_order = [name for name in checked.columns if not name.startswith("item.") and name not in ("action", "order")]
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
    records = record_words(to.resource, to.without_clears(), length)
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
        repeats.same = {n: e for n, e in repeats.same.items() if _adds_nothing(n, first[words[n]], of_order, columns)}
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
