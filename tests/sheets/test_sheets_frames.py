"""DataFrames as sheets: as if they had been written below a row of headings."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from sheet_cases import rows

from orderdesk_batch.errors import UsageError
from orderdesk_batch.sheets import BadCell, Literal, read


def test_rows_count_from_two_whatever_the_index() -> None:
    sheet = read(pd.DataFrame({"Order #": ["a", "b"]}, index=[17, 17]))
    assert (sheet.name, sheet.format, sheet.has_tabs, rows(sheet)) == ("DataFrame", "frame", False, {2: ["a"], 3: ["b"]})
    assert sheet.place(3, 0) == "DataFrame, A3"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, None], [1, 2, None]),
        ([np.nan, 1.5, 2.0], [None, 1.5, 2]),
        (["00123", None, " "], ["00123", None, None]),
        (["(clear)", "'=1", "NA"], ["(clear)", "'=1", "NA"]),
        ([Literal("(clear)"), "x", ""], [Literal("(clear)"), "x", None]),
        ([True, False, None], [True, False, None]),
        ([np.int64(5), np.bool_(True), np.str_("x")], [5, True, "x"]),
        ([Decimal("4.50"), dt.date(2026, 3, 1), dt.time(9)], ["4.50", dt.date(2026, 3, 1), dt.time(9)]),
        ([1, True, 1.0], [1, True, 1]),
        ([9400111899220010079, 5, 6], ["9400111899220010079", 5, 6]),
        ([[1], {"a": 1}, ()], ["[1]", "{'a': 1}", "()"]),
        ([pd.NaT, pd.NA, None], [None, None, None]),
    ],
)
def test_values_become_cells(values: list[object], expected: list[object]) -> None:
    cells = read(pd.DataFrame({"a": pd.Series(values, dtype=object)})).columns[0]
    assert cells == expected
    assert list(map(type, cells)) == list(map(type, expected))


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        (pd.Series(["u", "v", None], dtype="category"), ["u", "v", None]),
        (pd.Series([1, None, 3], dtype="Int64"), [1, None, 3]),
        (pd.Series([True, None, False], dtype="boolean"), [True, None, False]),
        (pd.Series(["a", None, "c"], dtype="string"), ["a", None, "c"]),
        (pd.Series([1.0, np.nan, 0.5]), [1, None, 0.5]),
        (pd.Series([1, 2, 3], dtype="int8"), [1, 2, 3]),
        (
            pd.to_datetime(pd.Series(["2026-03-01T12:00", None, "2026-03-02T00:00"])),
            [dt.datetime(2026, 3, 1, 12), None, dt.datetime(2026, 3, 2)],
        ),
        (pd.to_timedelta(pd.Series([36, 1, 0]), unit="h"), ["36:00:00", "1:00:00", "0:00:00"]),
    ],
)
def test_columns_of_each_sort_become_cells(series: pd.Series, expected: list[object]) -> None:
    assert read(pd.DataFrame({"a": series})).columns[0] == expected


def test_columns_may_share_a_name_and_have_names_of_several_levels() -> None:
    assert read(pd.DataFrame([[1, 2]], columns=["a", "a"])).columns == [[1], [2]]
    assert read(pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("Ship", "Name")]))).headings == ["Ship Name"]


def test_what_no_sheet_can_hold_is_bad() -> None:
    cells = read(pd.DataFrame({"a": ["x\0y", float("inf"), 1e300]}, dtype=object)).columns[0]
    assert all(isinstance(cell, BadCell) for cell in cells)


def test_a_list_is_no_sheet() -> None:
    with pytest.raises(UsageError, match="not list"):
        read([1, 2])  # type: ignore[arg-type]
