"""Documents as a store could hold them at worst, for property tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from orderdesk_batch.kinds import TRACKING

# fmt: off
NASTY = (
    "", " ", "NA", "Null", "None", "nan", "N/A", "n/a", "TRUE", "=1+1", "'quoted", "''x", "+49 30 1", "-5", "@x", "\tx", "x\ty",
    "a\r\nb", "a\rb", "line\nbreak", "(clear)", "'(clear)", "''(clear)", "(CLEAR)", " (clear) ", "\u00a0nbsp\u00a0", "\u200bzero", "#N/A", "#REF!",
    "###", "####", "1E+12", "9.40011E+21", "1,234", "1.234", "00123", "12345678901234567890", "2026-11-23", "11/12/2026", '="00123"',
    '="', "Total", "Page 1 of 2", "€5", "5%", "_x000D_", "_x005F_x000D_", "\ufeffbom", "a\u2028b", "日本", "😀", '"', '""', "a,b;c\td|e", "\\",
    "'", "{}", "[]", '{"a": 1}', "-", "pending", "x\x07y", "x\0y", "x\x1fy", "\x85", "id", "action", "delete", "create", "\ufffd", "\ufffe",
)
NUMBERS = (
    0, 1, -1, 12, 4.5, 4.50, 0.1, 1.234, 12.345, 123.456, 1234.567, -1.234, 1.005, 1e-7, 123456789012345678, 12345678901234.5, 0.30000000000000004,
    "4.50", "1.234", "1,234", "$5", "EUR 5", "abc", "", None, "1e5", "12 lb", "(3.00)", "0", "00", " 7 ",
)
DATES = ("2026-11-01 10:00:00", "", None, "0000-00-00 00:00:00", "1970-01-01 00:00:00", "1899-12-31 23:59:59", "2026-02-30 00:00:00", "soon",
         "2026-11-01T10:00:00+02:00", "9999-12-31 23:59:59", "2026-11-01", 20261101)
KEYS = ("channel", "Gift Message", "a.b", "a..b", " lead", "trail ", "two  spaces", "line\nbreak", "", "*", "#", "1", "NA", "=x", "weight (oz)", "(USD)",
        "日本", "😀", "x\0y", "a" * 90, "\u00a0nb", "'", '"', "a,b", "_x000D_", "_x005F_", "action", "id", "Channel", "chan-nel", "{}", "\u200bz", "Tracking Number", "-", "…")
# fmt: on

texts = st.one_of(st.sampled_from(NASTY), st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
numbers = st.one_of(st.sampled_from(NUMBERS), st.decimals(-10000, 10000, places=3).map(float))
dates = st.sampled_from(DATES)
keys = st.one_of(st.sampled_from(KEYS), st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
anything: st.SearchStrategy[Any] = st.recursive(
    st.one_of(texts, numbers, st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(keys, inner, max_size=2)),
    max_leaves=4,
)
maps = st.one_of(st.just([]), st.none(), st.dictionaries(keys, anything, max_size=5))
NAMES = ("first_name", "last_name", "company", "address1", "address2", "city", "state", "postal_code", "country", "phone", "nickname")
addresses = st.one_of(st.just([]), st.dictionaries(st.sampled_from(NAMES), st.one_of(texts, st.none()), max_size=6))


def _is_number(text: str) -> bool:
    """Whether each file can hold it and it is not blank."""
    read = TRACKING.read(text)
    return isinstance(read, str) and read.isprintable() and read[:2] != '="' and "_x005F_" not in read


def some(always: Mapping[str, st.SearchStrategy[Any]] | None = None, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A document with some of the fields."""
    return st.fixed_dictionaries(dict(always or {}), optional=fields)


items = st.lists(
    some(
        name=texts, code=texts, price=numbers, quantity=numbers, weight=numbers, delivery_type=st.sampled_from(["ship", "noship", "SHIP", "drone", ""]),
        category_code=texts, fulfillment_method=texts, variation_list=maps, metadata=maps, unknown=anything,
    ),
    max_size=3,
)  # fmt: skip
shipments = st.lists(
    some(
        # A stored shipment without a tracking number can't be uploaded again: a new one needs it.
        {"tracking_number": texts.filter(_is_number)},
        carrier_code=texts, shipment_method=texts, weight=numbers, cost=numbers, status=texts, tracking_url=texts,
        date_shipped=dates, date_added=dates, order_items=st.one_of(st.just([]), st.lists(st.dictionaries(keys, anything, max_size=2), max_size=2)),
        label_image=texts, unknown=anything,
    ),
    max_size=3,
)  # fmt: skip
discounts = st.one_of(st.just([]), st.lists(some(name=texts, code=texts, amount=numbers, extra=texts), max_size=3))
notes = st.one_of(st.just([]), st.none(), st.lists(some(content=texts, username=texts, date_added=dates), max_size=2))
orders = some(
    email=texts, shipping_method=texts, shipping_total=numbers, tax_total=numbers, customer_id=texts, ip_address=texts,
    cc_number_masked=st.sampled_from(["************4242", "", "x"]), cc_exp=texts, processor_response=texts, payment_status=st.one_of(texts, st.just("captured")),
    processor_balance=numbers, fulfillment_name=texts, date_added=dates, shipping=addresses, customer=addresses, return_address=addresses,
    checkout_data=maps, order_metadata=maps, discount_list=discounts, order_notes=notes, order_items=items, order_shipments=shipments,
    tag_color=texts, unknown=anything, quantity_total=numbers, order_total=numbers, source_name=texts, source_id=texts,
)  # fmt: skip
inventory = some(
    name=texts, price=numbers, cost=numbers, weight=numbers, stock=numbers, location=texts, update_source=texts, manufacturer_sku=st.one_of(texts, st.none()),
    metadata=maps, variation_list=maps, unknown=anything,
)  # fmt: skip
