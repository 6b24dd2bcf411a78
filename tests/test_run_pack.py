"""What a run file keeps comes back as it was, whichever way it was written."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from decimal import Decimal
from typing import Any

import pytest

from orderdesk_batch.kinds import CLEAR
from orderdesk_batch.packing import dumps, encode, loads, pack, unpack
from orderdesk_batch.plan.change import Change, Step
from orderdesk_batch.run.pack import change_from, change_row, sheet_rows
from orderdesk_batch.sheets.sheet import BadCell, Literal

VALUES: list[Any] = [
    {"a": [1, 2.5, None, True, "ü", {}], "b": {"c": Decimal("1.50")}},
    [CLEAR, dt.date(2026, 11, 23), dt.datetime(2026, 11, 23, 10, 2, 11), dt.time(10, 2), BadCell("#N/A", "is an error", "Mend it.", "e")],
    {"$": "decimal", "v": "1.50"},  # a store's own map that looks like ours
    {"a": {"$": "clear"}, "b": Decimal(1), "c": "$"},
    {"note": 'costs "$" 5', "amount": [Decimal("-0.10")]},
    {"long": "x" * 5000},
]


@pytest.mark.parametrize("value", VALUES)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    assert repr(loads(dumps(value))) == repr(value)
    assert repr(unpack(pack(value))) == repr(value)
    assert loads(json.dumps(encode(value))) == value


def test_a_blob_that_was_squeezed_by_an_earlier_version_is_read() -> None:
    assert unpack(zlib.compress(json.dumps(encode(VALUES[0])).encode(), 1)) == VALUES[0]


def test_a_change_comes_back_as_it_was() -> None:
    plain = Change(1, "inventory", "none", [2], "SKU")
    full = Change(2, "orders", "update", [3, 4], "order 7", "7", fields={"email": ["a", CLEAR]}, kept={}, restore={}, relative=0, page=0,
                  steps=[Step("put")])  # fmt: skip
    for change in (plain, full):
        assert change_from(change_row(change), change.steps) == change


def test_the_cells_of_a_sheet_keep_what_is_meant_as_it_stands() -> None:
    columns = [["a", None], [Literal("(clear)"), 5]]
    _, (_, _, _, cells) = sheet_rows({"tab": "", "rows": [2, 3], "columns": columns})
    held = unpack(cells)
    assert held == columns and type(held[1][0]) is Literal
