"""Reports against small tables that were counted by hand, each on every engine: the answers are equal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from orderdesk_batch import report
from orderdesk_batch.errors import UsageError

pytest.importorskip("narwhals")
pl = pytest.importorskip("polars")
duckdb = pytest.importorskip("duckdb")

NOW = dt.datetime(2026, 11, 10, 12)
Make = Callable[[pd.DataFrame], Any]


pytestmark = [  # of libraries among themselves; the reports keep them from users
    pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index:DeprecationWarning"),
]
SESSION = duckdb.connect()
SESSION.execute("set timezone = 'America/Los_Angeles'")


def lazy(frame: pd.DataFrame) -> Any:
    return pl.from_pandas(frame).lazy()


def duck(frame: pd.DataFrame) -> Any:
    """A relation of a session whose clock is not UTC's: no answer may depend on it."""
    return SESSION.from_arrow(pa.Table.from_pandas(frame, preserve_index=False))


def dask(frame: pd.DataFrame) -> Any:
    """Two rows a partition, so that what belongs together lies apart."""
    import dask.dataframe as dd

    return dd.from_pandas(frame, npartitions=max(1, len(frame) // 2))


ENGINES = {
    "pandas": lambda frame: frame, "arrow-types": lambda frame: frame.convert_dtypes(dtype_backend="pyarrow"),
    "polars": pl.from_pandas, "polars-lazy": lazy, "duckdb": duck, "dask": dask,
}  # fmt: skip


@pytest.fixture(params=ENGINES.values(), ids=ENGINES)
def as_frame(request: pytest.FixtureRequest) -> Make:
    """The same table as a frame of each engine."""
    made: Make = request.param
    return made


def table(text: str) -> pd.DataFrame:
    """A little table as `desk.export` would give it: `order_total` and such as decimals, `date_added` in UTC, `-` for blank."""
    lines = [line.split() for line in text.strip().splitlines()]
    columns: dict[str, Any] = {}
    for place, name in enumerate(lines[0]):
        cells = [None if line[place] == "-" else line[place].replace("_", " ") for line in lines[1:]]
        if name == "date_added":
            columns[name] = pd.Series(pd.to_datetime(cells, format="%Y-%m-%dT%H:%M")).dt.as_unit("us").dt.tz_localize("UTC")
        elif name == "date_shipped":
            columns[name] = pd.Series(pd.to_datetime(cells, format="%Y-%m-%d")).dt.as_unit("us")
        elif name in ("order_total", "shipping_total", "price", "cost"):
            columns[name] = pd.Series([None if cell is None else Decimal(cell) for cell in cells], dtype=object)
        elif name in ("quantity", "stock"):
            columns[name] = pd.Series([None if cell is None else int(cell) for cell in cells], dtype="Int64")
        else:
            columns[name] = pd.Series(cells, dtype="string")
    return pd.DataFrame(columns)


def rows(frame: Any) -> list[tuple[Any, ...]]:
    """The rows of an answer, whatever its kind: blanks as None, numbers rounded, times without their zone."""

    def plain(value: Any) -> Any:
        if value is None or value is pd.NA or value is pd.NaT or value != value:
            return None
        if isinstance(value, dt.datetime):
            at = pd.Timestamp(value)
            return (at.tz_convert("UTC").tz_localize(None) if at.tz else at).strftime("%Y-%m-%d %H:%M")
        return round(value, 6) if isinstance(value, float) else value

    held = frame.itertuples(index=False) if isinstance(frame, pd.DataFrame) else frame.iter_rows()
    return [tuple(plain(value) for value in row) for row in held]


ORDERS = table("""
    id source_id source_name email          folder   date_added       order_total shipping_total
    1  A1        Shopify     ada@x.com      Closed   2026-11-01T09:30 10.00       5.00
    2  A2        Amazon      bob@x.com      Shipped  2026-11-01T23:30 20.05       0
    3  A3        Shopify     ADA@x.com      Prepared 2026-11-04T10:00 30.00       4.00
    4  A4        -           cy@x.com       New      2026-11-09T01:00 40.00       -
    5  A5        Shopify     -              New      2026-11-10T11:00 0.05        2.00
""")
ITEMS = table("""
    order.id code name quantity price
    1        MUG  Mug  2        2.50
    1        TEE  Tee  1        5.00
    2        MUG  Mug  4        2.50
    3        MUG  Mug  1        2.50
    4        -    Odd  3        1.00
    5        TEE  Tee  2        -
""")
SHIPMENTS = table("""
    order.id carrier_code tracking_number date_shipped date_added       cost
    1        UPS          1Z9             2026-11-02   2026-11-02T10:00 7.00
    1        USPS         94001           2026-11-03   2026-11-03T10:00 3.50
    2        UPS          n/a             -            2026-11-06T02:00 6.00
    3        -            -               2026-11-04   2026-11-04T20:00 -
""")
INVENTORY = table("""
    id code name location stock price cost
    1  MUG  Mug  A        14    2.50  1.25
    2  TEE  Tee  A        0     5.00  2.00
    3  CAP  Cap  -        7     9.00  -
    4  OLD  Old  -        -3    1.00  0.50
""")


def test_sales_by_day_have_a_row_for_days_without_an_order(as_frame: Make) -> None:
    found = rows(report.sales(as_frame(ORDERS.iloc[:3])))
    assert found == [
        ("2026-11-01 00:00", 2, 30.05, 15.03), ("2026-11-02 00:00", 0, 0.0, 0.0), ("2026-11-03 00:00", 0, 0.0, 0.0),
        ("2026-11-04 00:00", 1, 30.0, 30.0),
    ]  # fmt: skip


def test_a_day_is_the_zones_own(as_frame: Make) -> None:
    found = rows(report.sales(as_frame(ORDERS.iloc[:2]), zone="Europe/Berlin"))
    assert found == [("2026-11-01 00:00", 1, 10.0, 10.0), ("2026-11-02 00:00", 1, 20.05, 20.05)]


def test_weeks_begin_on_monday_and_months_on_the_first(as_frame: Make) -> None:
    weeks = rows(report.sales(as_frame(ORDERS), by="week"))
    assert [row[:3] for row in weeks] == [("2026-10-26 00:00", 2, 30.05), ("2026-11-02 00:00", 1, 30.0), ("2026-11-09 00:00", 2, 40.05)]
    assert [row[:3] for row in rows(report.sales(as_frame(ORDERS), by="month"))] == [("2026-11-01 00:00", 5, 100.1)]


def test_sales_by_source_name_the_blank_ones_and_begin_with_the_most(as_frame: Make) -> None:
    assert rows(report.sales(as_frame(ORDERS), by="source")) == [
        ("Shopify", 3, 40.05, 13.35), ("(none)", 1, 40.0, 40.0), ("Amazon", 1, 20.05, 20.05),
    ]  # fmt: skip
    assert rows(report.sales(as_frame(ORDERS), by="folder"))[0][:2] == ("New", 2)


def test_sales_by_sku_count_orders_once_and_units_all(as_frame: Make) -> None:
    found = rows(report.sales_by_sku(as_frame(ITEMS)))
    assert [row[:5] for row in found] == [("MUG", "Mug", 3, 7, 17.5), ("TEE", "Tee", 2, 3, 5.0), ("(none)", "Odd", 1, 3, 3.0)]
    assert sum(row[5] for row in found) == pytest.approx(1.0)


def test_order_hours_are_all_168_of_a_week(as_frame: Make) -> None:
    found = rows(report.order_hours(as_frame(ORDERS)))
    assert len(found) == 168 and sum(row[2] for row in found) == 5
    assert [row[:2] for row in found if row[2]] == [(1, 1), (2, 11), (3, 10), (7, 9), (7, 23)]


def test_folders_tell_count_worth_and_age(as_frame: Make) -> None:
    assert rows(report.folders(as_frame(ORDERS), now=NOW)) == [
        ("New", 2, 40.05, 0.5, 1), ("Closed", 1, 10.0, 9.0, 9), ("Prepared", 1, 30.0, 6.0, 6), ("Shipped", 1, 20.05, 8.0, 8),
    ]  # fmt: skip


def test_folder_ages_fall_into_bands(as_frame: Make) -> None:
    assert rows(report.folder_ages(as_frame(ORDERS), now=NOW, bands=(1, 3, 7))) == [
        ("Closed", 3, "7 or more", 1), ("New", 0, "under 1", 1), ("New", 1, "1 to 2", 1), ("Prepared", 2, "3 to 6", 1),
        ("Shipped", 3, "7 or more", 1),
    ]  # fmt: skip


def test_days_to_ship_are_to_the_first_parcel_and_fall_back_on_the_day_it_was_entered(as_frame: Make) -> None:
    assert rows(report.days_to_ship(as_frame(ORDERS), as_frame(SHIPMENTS))) == [("1", "UPS", 1), ("2", "UPS", 5), ("3", "(none)", 0)]
    there = report.days_to_ship(as_frame(ORDERS), as_frame(SHIPMENTS), zone="America/New_York")
    assert rows(there) == [("1", "UPS", 1), ("2", "UPS", 4), ("3", "(none)", 0)]


def test_shipping_time_is_median_and_ninetieth_percentile_by_carrier(as_frame: Make) -> None:
    assert rows(report.shipping_time(as_frame(ORDERS), as_frame(SHIPMENTS))) == [("UPS", 2, 3.0, 4.6, 0.5), ("(none)", 1, 0.0, 0.0, 1.0)]


def test_unshipped_orders_past_some_days_without_those_in_folders_to_rest_in(as_frame: Make) -> None:
    none = SHIPMENTS.iloc[3:]
    found = rows(report.unshipped(as_frame(ORDERS), as_frame(none), days=1, now=NOW))
    assert [(row[0], row[5], row[6]) for row in found] == [("2", 8, 20.05), ("4", 1, 40.0)]
    assert rows(report.unshipped(as_frame(ORDERS), as_frame(SHIPMENTS), days=2, now=NOW)) == []


def test_shipping_cost_shares_what_was_paid_among_the_parcels(as_frame: Make) -> None:
    assert rows(report.shipping_cost(as_frame(ORDERS), as_frame(SHIPMENTS))) == [
        ("UPS", 2, 0, 13.0, 2.5, -10.5, -5.25), ("USPS", 1, 0, 3.5, 2.5, -1.0, -1.0), ("(none)", 1, 1, 0.0, 0.0, 0.0, 0.0),
    ]  # fmt: skip


def test_a_tracking_number_without_a_digit_is_none(as_frame: Make) -> None:
    assert rows(report.tracking_coverage(as_frame(SHIPMENTS))) == [("UPS", 2, 1, 0.5), ("(none)", 1, 0, 0.0), ("USPS", 1, 1, 1.0)]


def test_stock_value_counts_no_debts_and_says_what_it_does_not_know(as_frame: Make) -> None:
    assert rows(report.stock_value(as_frame(INVENTORY))) == [("A", 2, 14, 17.5, 35.0, 0), ("(none)", 2, 7, 0.0, 63.0, 1)]


def test_days_left_are_stock_by_the_recent_rate(as_frame: Make) -> None:
    frames = [as_frame(one) for one in (INVENTORY, ORDERS, ITEMS)]
    assert rows(report.days_left(*frames, days=7, now=NOW)) == [
        ("TEE", "Tee", 0, 2, 0.286, 0.0), ("MUG", "Mug", 14, 1, 0.143, 98.0), ("CAP", "Cap", 7, 0, 0.0, None), ("OLD", "Old", -3, 0, 0.0, None),
    ]  # fmt: skip
    assert rows(report.days_left(*frames, days=10, now=NOW))[1] == ("MUG", "Mug", 14, 7, 0.7, 20.0)


def test_low_stock_says_how_many_to_order(as_frame: Make) -> None:
    found = rows(report.low_stock(*(as_frame(one) for one in (INVENTORY, ORDERS, ITEMS)), days=10, within=20, now=NOW))
    assert [(row[0], row[6]) for row in found] == [("TEE", 3), ("MUG", 0)]


def test_a_customer_is_an_address_however_it_is_spelled(as_frame: Make) -> None:
    found = rows(report.customers(as_frame(ORDERS)))
    assert [row[:3] for row in found] == [("ada@x.com", 2, 40.0), ("cy@x.com", 1, 40.0), ("bob@x.com", 1, 20.05)]
    assert found[0][3:] == ("2026-11-01 09:30", "2026-11-04 10:00", 3)


def test_who_came_back(as_frame: Make) -> None:
    found = rows(report.came_back(as_frame(ORDERS)))
    assert found == [("once", 2, 2, 60.05, round(2 / 3, 6)), ("twice", 1, 2, 40.0, round(1 / 3, 6))]


def test_empty_tables_give_empty_answers(as_frame: Make) -> None:
    orders, items, shipments, inventory = (as_frame(one.iloc[:0]) for one in (ORDERS, ITEMS, SHIPMENTS, INVENTORY))
    for found in (
        report.sales(orders), report.sales(orders, by="source"), report.sales_by_sku(items), report.folders(orders, now=NOW),
        report.folder_ages(orders, now=NOW), report.shipping_time(orders, shipments), report.unshipped(orders, shipments, now=NOW),
        report.shipping_cost(orders, shipments), report.tracking_coverage(shipments), report.stock_value(inventory),
        report.days_left(inventory, orders, items, now=NOW), report.low_stock(inventory, orders, items, now=NOW),
        report.customers(orders), report.came_back(orders),
    ):  # fmt: skip
        assert rows(found) == []


def test_the_answer_is_of_the_callers_kind() -> None:
    assert isinstance(report.sales(ORDERS), pd.DataFrame)
    assert isinstance(report.sales(pl.from_pandas(ORDERS)), pl.DataFrame)
    assert isinstance(report.sales(lazy(ORDERS)), pl.DataFrame)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: report.sales(ORDERS.drop(columns="order_total")), 'no column order_total, which is needed. desk.export("orders")'),
        (lambda: report.sales(ORDERS, by="colour"), "no column colour"),
        (lambda: report.sales([1]), "are a list, not a frame"),
        (lambda: report.sales(ORDERS, zone="Mars/Base"), '"Mars/Base" is no time zone'),
        (lambda: report.folder_ages(ORDERS, bands=(3, 1)), "rising"),
        (lambda: report.days_left(INVENTORY, ORDERS, ITEMS, days=0), "days is 0"),
    ],
)
def test_what_is_wrong_is_one_sentence(ask: Callable[[], Any], said: str) -> None:
    with pytest.raises(UsageError, match=said.replace("(", r"\(").replace(")", r"\)")):
        ask()
