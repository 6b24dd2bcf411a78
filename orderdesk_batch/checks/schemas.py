"""This file holds the pandera schemas: every rule beyond the spelling of one cell, built from the tables.

They are usable on any DataFrame whose columns are named after the fields; nothing is coerced.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..fields import ACTIONS, RESOURCES, Field, Resource, resource
from ..kinds import NUMBERS

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa

CELLS, RECORDS = "cells", "records"  # the rules of single cells; those of whole records


def filled(value: Any) -> bool:
    """Whether a cell of a frame holds something: not None, NaN, NaT, NA or a blank text."""
    if value is None:
        return False
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, (float, Decimal)):
        return not math.isnan(value)
    return type(value).__name__ not in ("NAType", "NaTType")


def _series(column: pd.Series[Any], rule: Callable[[Any], bool]) -> pd.Series[bool]:
    import pandas as pd

    known: dict[Any, bool] = {}

    def judge(value: Any) -> bool:
        try:
            if value not in known:
                known[value] = not filled(value) or rule(value)
            return known[value]
        except TypeError:  # a list or a dict
            return not filled(value) or rule(value)

    return pd.Series([judge(value) for value in column], index=column.index, dtype=bool)


def _at_least(value: Any, least: int) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) and value >= least


def _is_number(value: Any) -> bool:
    return type(value).__name__.startswith(("int", "float", "Decimal", "uint"))


def _is_whole(value: Any) -> bool:
    return _is_number(value) and value == int(value)


def _rules(one: Field) -> Iterator[tuple[str, Callable[[Any], bool], str]]:
    """The rules of a field's cells: name, judge, sentence."""
    if one.kind.name == "whole":
        yield "whole", _is_whole, "is a whole number"
    elif one.kind.name in NUMBERS:
        yield "number", _is_number, "is a number"
    if one.choices:
        yield "choice", frozenset(one.choices).__contains__, f"is one of {', '.join(one.choices)}"
    if one.least is not None:
        yield "least", functools.partial(_at_least, least=one.least), f"is {one.least} or more"
    if one.most is not None:
        yield "most", lambda value: len(str(value)) <= (one.most or 0), f"has at most {one.most} characters"
    if one.pattern:
        pattern = re.compile(one.pattern)
        yield "pattern", lambda value: bool(pattern.fullmatch(str(value))), "has the form that is asked for"


def has_rules(one: Field) -> bool:
    """Whether a field's cells have a rule that our own reading does not keep already."""
    return bool(one.choices or one.least is not None or one.most is not None or one.pattern)


def needed_to_create(of: Resource) -> list[tuple[str, ...]]:
    """The fields of which a new record needs one each: `[("name",), ("code",)]`."""
    return of.missing({})


def keys_of(of: Resource, action: str) -> list[tuple[str, ...]]:
    """The fields of which a row needs one each to find its record, or its order."""
    groups: list[tuple[str, ...]] = []
    if of.parent:
        groups.append(of.order_keys)
    if action != "create":
        own = tuple(dict.fromkeys(name for group in of.keys for name in group if name != "source_name"))
        groups.append(own)
    return groups


def _any_filled(frame: pd.DataFrame, names: tuple[str, ...]) -> pd.Series[bool]:
    import pandas as pd

    result = pd.Series(False, index=frame.index, dtype=bool)
    for name in names:
        if name in frame.columns:
            result |= pd.Series([filled(value) for value in frame[name]], index=frame.index, dtype=bool)
    return result


def _not_both(frame: pd.DataFrame) -> pd.Series[bool]:
    return ~(_any_filled(frame, ("stock",)) & _any_filled(frame, ("stock_change",)))


def build(
    of: Resource, action: str, parts: tuple[str, ...] = (CELLS, RECORDS), *, names: tuple[str, ...] = ()
) -> pa.DataFrameSchema:
    """The schema of rows with an action; with `names`, only the rules of these columns that our reading leaves."""
    import pandera.pandas as pa

    columns: dict[Any, pa.Column] = {}
    frame_checks: list[pa.Check] = []
    if CELLS in parts:
        for one in of.fields:
            if names:
                continue
            if checks := _column_checks(one, own=False):
                pattern = one.is_open
                name = (
                    re.escape(one.name).replace(r"\*", ".+").replace(r"\#", r"[1-9]\d*")
                    if pattern
                    else one.name
                )
                columns[f"^{name}$" if pattern else name] = pa.Column(
                    checks=checks, nullable=True, required=False, regex=pattern
                )
        for name in names:
            checks = _column_checks(of.field(name), own=True)
            columns[name] = pa.Column(checks=checks, nullable=True, required=False)
    if RECORDS in parts:
        groups = [("key", group) for group in keys_of(of, action)]
        groups += [("required", group) for group in needed_to_create(of)] if action == "create" else []
        for sort, group in groups:
            frame_checks.append(
                pa.Check(
                    functools.partial(_any_filled, names=group),
                    name=f"{sort}:{','.join(group)}",
                    error=f"needs {' or '.join(group)}",
                    ignore_na=False,
                )
            )
        if of.name == "inventory":
            frame_checks.append(
                pa.Check(_not_both, name="not-both", error="has both stock and stock_change", ignore_na=False)
            )
        if not names:
            from .rows import contradicts

            frame_checks.append(
                pa.Check(
                    functools.partial(contradicts, of),
                    name="contradiction",
                    error="the same key has other values in another row",
                    ignore_na=False,
                )
            )
    return pa.DataFrameSchema(
        columns, checks=frame_checks, name=f"{of.name}, {action}", strict=False, coerce=False
    )


def _column_checks(one: Field, own: bool) -> list[pa.Check]:
    import pandera.pandas as pa

    return [
        pa.Check(functools.partial(_series, rule=rule), name=name, error=sentence, ignore_na=False)
        for name, rule, sentence in _rules(one)
        if not own or name not in ("whole", "number")
    ]


@functools.cache
def _public(name: str, action: str) -> pa.DataFrameSchema:
    return build(resource(name), action)


def schema(of: Resource | str, action: str = "") -> pa.DataFrameSchema:
    """The pandera schema of a resource's rows with an action; its default action if none is named.

    Raises:
        UsageError: there is no such resource or action.
    """
    one = resource(of) if isinstance(of, str) else of
    if action and action not in ACTIONS:
        raise UsageError(f'"{action}" is no action. Write one of {", ".join(ACTIONS)}.')
    return _public(one.name, action or one.default_action)


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
