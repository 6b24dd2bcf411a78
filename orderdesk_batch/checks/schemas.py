"""This file holds the pandera schemas: every rule beyond the spelling of one cell, built from the tables.

They are usable on any DataFrame whose columns are named after the fields; nothing is coerced.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..fields import ACTIONS, RESOURCES, Field, Resource, resource
from ..kinds import NUMBERS
from .rows import Repeats, contradictions, groups, order_words, record_words, row_keys

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa


def filled(value: Any) -> bool:
    """Whether a cell of a frame holds something: not None, NaN, NaT, NA or a blank text."""
    if value is None:
        return False
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, (float, Decimal)):
        return not math.isnan(value)
    return type(value).__name__ not in ("NAType", "NaTType")


def schema(of: Resource | str, action: str = "") -> pa.DataFrameSchema:
    """The pandera schema of a resource's rows with an action; its default action if none is named.

    Raises:
        UsageError: there is no such resource or action.
    """
    one = resource(of) if isinstance(of, str) else of
    if action and action not in ACTIONS:
        raise UsageError(f'"{action}" is no action. Write one of {", ".join(ACTIONS)}.')
    return _public(one.name, action or one.default_action)


@functools.cache
def _public(name: str, action: str) -> pa.DataFrameSchema:
    import pandera.pandas as pa

    of = resource(name)
    columns: dict[Any, pa.Column] = {}
    for one in of.fields:
        if checks := _checks(one, own=False):
            pattern = re.escape(one.name).replace(r"\*", ".+").replace(r"\#", r"[1-9]\d*")
            columns[f"^{pattern}$" if one.is_open else one.name] = pa.Column(
                checks=checks, nullable=True, required=False, regex=one.is_open
            )
    checks = [
        *record_checks(of, action),
        _check(functools.partial(agrees, of), "agrees", "agrees with the rows of its key"),
    ]
    return pa.DataFrameSchema(columns, checks=checks, name=f"{name}, {action}", strict=False, coerce=False)


class _Schemas(Mapping[str, Any]):
    """The four schemas by resource, each built when it is first asked for."""

    def __getitem__(self, name: str) -> pa.DataFrameSchema:
        if name not in RESOURCES:
            raise KeyError(name)
        return schema(name)

    def __iter__(self) -> Iterator[str]:
        return iter(RESOURCES)

    def __len__(self) -> int:
        return len(RESOURCES)

    def __repr__(self) -> str:
        return f"schemas of {', '.join(self)}"


schemas = _Schemas()


# -- rules of single cells --


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and type(value).__name__.startswith(("int", "float", "Decimal", "uint"))


def _is_whole(value: Any) -> bool:
    return _is_number(value) and math.isfinite(value) and value == int(value)


def _is_at_least(value: Any, least: int) -> bool:
    return not _is_number(value) or bool(value >= least)  # what is no number is found by another rule


def _is_at_most(value: Any, most: int) -> bool:
    return len(str(value)) <= most


def _has_form(value: Any, form: re.Pattern[str]) -> bool:
    return bool(form.fullmatch(str(value)))


def _rules(one: Field) -> Iterator[tuple[str, Callable[[Any], bool], str]]:
    """The rules of a field's cells: name, judge, sentence."""
    if one.kind.name == "whole":
        yield "whole", _is_whole, "is a whole number"
    elif one.kind.name in NUMBERS:
        yield "number", _is_number, "is a number"
    if one.choices:
        yield "choice", frozenset(one.choices).__contains__, f"is one of {', '.join(one.choices)}"
    if one.least is not None:
        yield "least", functools.partial(_is_at_least, least=one.least), f"is {one.least} or more"
    if one.most is not None:
        yield "most", functools.partial(_is_at_most, most=one.most), f"has at most {one.most} characters"
    if one.pattern:
        yield (
            "pattern",
            functools.partial(_has_form, form=re.compile(one.pattern)),
            "has the form that is asked for",
        )


def has_rules(one: Field) -> bool:
    """Whether a field's cells have a rule that reading them does not keep already."""
    return bool(one.choices or one.least is not None or one.most is not None or one.pattern)


def _judged(column: pd.Series[Any], rule: Callable[[Any], bool]) -> pd.Series[bool]:
    """The verdict on each cell; blank ones pass, equal ones are judged once."""
    import pandas as pd

    values = column.tolist()
    try:
        known = {value: not filled(value) or rule(value) for value in set(values)}
        verdicts = list(map(known.__getitem__, values)) if not all(known.values()) else True
    except TypeError:  # a list or a dict among them
        verdicts = [not filled(value) or rule(value) for value in values]
    return pd.Series(verdicts, index=column.index, dtype=bool)


def _check(judge: Callable[[Any], Any], name: str, error: str) -> pa.Check:
    import pandera.pandas as pa

    return pa.Check(judge, name=name, error=error, ignore_na=False)


def _checks(one: Field, own: bool) -> list[pa.Check]:
    return [
        _check(functools.partial(_judged, rule=rule), name, sentence)
        for name, rule, sentence in _rules(one)
        if not own or name not in ("whole", "number")
    ]


def cells_schema(of: Resource, names: Iterable[str]) -> pa.DataFrameSchema:
    """The rules of single cells, of these columns, as far as reading them does not keep them already."""
    import pandera.pandas as pa

    return pa.DataFrameSchema({name: pa.Column(checks=_checks(of.field(name), own=True), nullable=True) for name in names})


# -- rules of rows and records --


def needed_to_create(of: Resource) -> list[tuple[str, ...]]:
    """The fields of which a new record needs one each: `[("name",), ("code",)]`."""
    return of.missing({})


def keys_of(of: Resource, action: str) -> list[tuple[str, ...]]:
    """The fields of which a row needs one each to find its record, or its order."""
    found: list[tuple[str, ...]] = []
    if of.parent:
        found.append(of.order_keys)
    if action != "create":
        found.append(tuple(dict.fromkeys(name for group in of.keys for name in group if name != "source_name")))
    return found


def needs(of: Resource, action: str) -> list[tuple[str, tuple[str, ...]]]:
    """What a row with an action needs: (sort, the fields of which one must be filled)."""
    found = [("key", group) for group in keys_of(of, action)]
    return found + [("required", group) for group in needed_to_create(of)] if action == "create" else found


def record_checks(of: Resource, action: str) -> list[pa.Check]:
    """The rules across the cells of a row, or of the rows of an order."""
    checks = [
        _check(
            functools.partial(_has_one, of, names=names),
            f"{sort}:{','.join(names)}",
            f"has {' or '.join(names)}",
        )
        for sort, names in needs(of, action)
    ]
    if of.name == "inventory":
        checks.append(_check(_not_both, "stock-and-change", "has stock or stock_change, not both"))
    if of.name == "orders":
        checks.append(_check(functools.partial(_item_told, action=action), "item-key", "says which item it is about"))
        for group in ("shipping", "customer", "return_address"):
            name = f"{group}.postal_code"
            checks.append(_check(functools.partial(_zip_is_whole, group=group), f"zip:{name}", "is a whole ZIP code"))
    return checks


def records_schema(of: Resource, action: str) -> pa.DataFrameSchema:
    """The rules across cells alone, for the frames that our own reading makes."""
    import pandera.pandas as pa

    return pa.DataFrameSchema({}, checks=record_checks(of, action))


def _any_filled(frame: pd.DataFrame, names: Iterable[str]) -> list[bool]:
    result = [False] * len(frame)
    for name in names:
        if name in frame.columns:
            values = list(frame[name])
            if set(map(type, values)) <= {str, type(None)}:
                blank = {value for value in set(values) if not value or value.isspace()}
                found = [value not in blank for value in values] if blank else [True] * len(values)
            else:
                found = list(map(filled, values))
            result = found if True not in result else [a or b for a, b in zip(result, found, strict=True)]
    return result


def _bools(frame: pd.DataFrame, values: Iterable[bool]) -> pd.Series[bool]:
    import pandas as pd

    return pd.Series(list(values), index=frame.index, dtype=bool)


def _has_one(of: Resource, frame: pd.DataFrame, names: tuple[str, ...]) -> pd.Series[bool]:
    """Whether one of the columns is filled; in orders, in any row of the order."""
    found = _any_filled(frame, names)
    if of.name == "orders" and not all(found):
        about = [name for name in (*of.order_keys, "source_name") if name in frame.columns]
        for rows in groups(order_words(of, _columns(of, frame[about]), len(frame))):
            if len(rows) > 1 and any(found[n] for n in rows):
                for n in rows:
                    found[n] = True
    return _bools(frame, found)


def _not_both(frame: pd.DataFrame) -> pd.Series[bool]:
    both = zip(_any_filled(frame, ("stock",)), _any_filled(frame, ("stock_change",)), strict=True)
    return _bools(frame, (not (stock and change) for stock, change in both))


def _item_told(frame: pd.DataFrame, action: str) -> pd.Series[bool]:
    """Whether a row that sets something of an item says of which; a new item needs a name."""
    about = [name for name in map(str, frame.columns) if name.startswith("item.") and name != "item.action"]
    set_ = _any_filled(frame, about)
    known = _any_filled(frame, ("item.item_id", "item.code", "item.name"))  # the name counts where there is no code
    named = _any_filled(frame, ("item.name",))
    actions = list(frame["item.action"]) if "item.action" in frame.columns else [None] * len(frame)
    new = [(one == "create") if filled(one) else action == "create" for one in actions]
    return _bools(
        frame,
        (
            not any_set or (is_named if is_new else is_known)
            for any_set, is_named, is_new, is_known in zip(set_, named, new, known, strict=True)
        ),
    )


_UNITED_STATES = frozenset({"us", "usa", "united states", "united states of america", "u.s.", "u.s.a."})
_CUT_ZIP = re.compile(r"\d{3,4}(-\d{4})?", re.ASCII)


def _zip_is_whole(frame: pd.DataFrame, group: str) -> pd.Series[bool]:
    """Whether the ZIP codes of the United States have all their digits: spreadsheets turn 02116 into 2116."""
    country, code = f"{group}.country", f"{group}.postal_code"
    if country not in frame.columns or code not in frame.columns:
        return _bools(frame, [True] * len(frame))
    return _bools(
        frame,
        (
            not (isinstance(land, str) and land.strip().casefold() in _UNITED_STATES and _CUT_ZIP.fullmatch(str(zip_).strip()))
            for land, zip_ in zip(frame[country], frame[code], strict=True)
        ),
    )


def _columns(of: Resource, frame: pd.DataFrame) -> dict[str, list[Any]]:
    """The columns of a frame that are fields, blank cells as None."""
    names = [str(name) for name in frame.columns if of.find(str(name)) is not None and name != "action"]
    return {name: [value if filled(value) else None for value in frame[name]] for name in names}


def agrees(of: Resource, frame: pd.DataFrame) -> pd.Series[bool]:
    """Which rows of a frame agree with the other rows of their key."""
    length = len(frame)
    columns = _columns(of, frame)
    wrong: set[int] = set()
    if of.name == "orders":
        keys = order_words(of, columns, length)
        of_order = [name for name in columns if not name.startswith("item.")]
        for rows in groups(keys):
            for having in contradictions(rows, of_order, columns).values() if len(rows) > 1 else ():
                wrong.update(having)
        of_item = [name for name in columns if name.startswith("item.")]
        records = record_words(of, columns, length)
        full = [None if k is None or r is None else (k, r) for k, r in zip(keys, records, strict=True)]
        wrong.update(Repeats(full, of_item, columns).contradicting)
    else:
        wrong.update(Repeats(row_keys(of, columns, length), columns, columns).contradicting)
    return _bools(frame, (n not in wrong for n in range(length)))
