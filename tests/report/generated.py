"""Two million order items as an archive holds them: made in columns, a file for each store and month, documents and all."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

STORES = ("40001", "40002")
FIRST = dt.datetime(2024, 11, 1)
_CODES = [f"SKU-{n:05}" for n in range(4_000)]
_MONEY = pa.decimal128(38, 10)
_DAY = 86_400


@dataclass
class Archive:
    """What was made."""

    folder: Path
    files: dict[str, dict[str, list[Path]]]  # resource → store → its files
    rows: dict[str, int]
    in_memory: int  # bytes that the tables take in memory


def archive(
    folder: Path, *, orders: int = 700_000, months: int = 18, documents: int = 400, seed: int = 7, inventory: bool = False
) -> Archive:
    """Make one: so many orders, nearly three items and one parcel each.

    Args:
        documents: about how many bytes a document has.
    """
    chance = np.random.default_rng(seed)
    names = ("orders", "items", "shipments", *(["inventory"] if inventory else []))
    made = Archive(folder, {name: {} for name in names}, dict.fromkeys(names, 0), 0)
    starts = [_month(n) for n in range(months + 1)]
    each = orders // (len(STORES) * months)
    for store in STORES:
        number = 1  # stores count alike: an id alone does not tell an order
        for start, end in itertools.pairwise(starts):
            tables = _month_of(chance, number, each, start, end, documents)
            number += each
            if inventory and start == FIRST and store == STORES[0]:
                tables["inventory"] = _stock(chance)
            for name, table in tables.items():
                path = folder / name / f"store={store}" / f"month={start:%Y-%m}" / f"{name}.parquet"
                path.parent.mkdir(parents=True)
                pq.write_table(table, path, compression="zstd", compression_level=1, use_dictionary=[c for c in table.column_names if c != "document"])
                made.files[name].setdefault(store, []).append(path)
                made.rows[name] += table.num_rows
                made.in_memory += table.nbytes
    return made


def _month(n: int) -> dt.datetime:
    return dt.datetime(FIRST.year + (FIRST.month - 1 + n) // 12, (FIRST.month - 1 + n) % 12 + 1, 1)


def _month_of(chance: Any, number: int, count: int, start: dt.datetime, end: dt.datetime, documents: int) -> dict[str, pa.Table]:
    first, last = (int(at.replace(tzinfo=dt.UTC).timestamp()) for at in (start, end))
    ids = np.arange(number, number + count)
    added = np.sort(chance.integers(first, last, count))
    # As in life: some blanks, some odd spellings, thousandths of a cent in prices.
    folders = _picked(chance, ["New", "Prepared", "Shipped", "Closed", "Cancelled", None], count, [3, 2, 10, 80, 4, 1])
    buyers = chance.integers(0, 250_000, count)
    emails = pc.binary_join_element_wise(
        _picked(chance, ["ada", "Bob", "cy", "DEE"], count), pa.array(buyers).cast(pa.string()), pa.scalar("@example.com"), ""
    )
    texts = {"orders": documents * 2, "items": documents, "shipments": documents // 2}
    orders = pa.table({
        "id": pa.array(ids).cast(pa.string()),
        "source_id": pc.binary_join_element_wise(pa.scalar("A-"), pa.array(ids).cast(pa.string()), ""),
        "source_name": _picked(chance, ["Shopify", "Amazon", "", None], count, [6, 3, 1, 1]),
        "email": pc.if_else(pa.array(chance.random(count) < 0.02), pa.scalar(None, pa.string()), emails),
        "folder": folders,
        "shipping.country": _picked(chance, ["US", "GB", "DE", "CA", "FR"], count, [60, 15, 10, 10, 5]),
        "order_total": _money(chance.integers(0, 50_000, count)),
        "shipping_total": _money(chance.integers(0, 2_000, count), blank=chance.random(count) < 0.1),
        "date_added": _times(added),
        "document": _texts(chance, ids, texts["orders"]),
    })  # fmt: skip
    of_order = np.repeat(ids, chance.choice([1, 2, 3, 4, 6], count, p=[0.2, 0.25, 0.25, 0.15, 0.15]))
    many = len(of_order)
    codes = chance.zipf(1.3, many) % len(_CODES)
    items = pa.table({
        "order.id": pa.array(of_order).cast(pa.string()),
        "code": pc.if_else(pa.array(chance.random(many) < 0.01), pa.scalar(None, pa.string()), pa.array(_CODES).take(pa.array(codes))),
        "name": pc.binary_join_element_wise(pa.scalar("Item "), pa.array(codes % 977).cast(pa.string()), ""),
        "quantity": pa.array(chance.integers(1, 6, many)),
        "price": _money(chance.integers(0, 90_000, many), places=3, blank=chance.random(many) < 0.01),
        "document": _texts(chance, of_order, texts["items"]),
    })  # fmt: skip
    of_parcel = np.concatenate([ids[chance.random(count) < 0.85], ids[chance.random(count) < 0.08]])
    parcels = len(of_parcel)
    sent = added[of_parcel - number] + chance.integers(0, 9 * _DAY, parcels)
    shipments = pa.table({
        "order.id": pa.array(of_parcel).cast(pa.string()),
        "carrier_code": _picked(chance, ["USPS", "UPS", "FedEx", "DHL", None], parcels, [50, 25, 15, 9, 1]),
        "tracking_number": _picked(chance, ["9400111899223100000001", "1Z999AA10123456784", "n/a", None], parcels, [60, 30, 5, 5]),
        "date_shipped": pa.array((sent // _DAY).astype("int32"), mask=chance.random(parcels) < 0.2).cast(pa.date32()),
        "date_added": _times(sent),
        "cost": _money(chance.integers(0, 1_500, parcels), blank=chance.random(parcels) < 0.05),
        "document": _texts(chance, of_parcel, texts["shipments"]),
    })  # fmt: skip
    return {"orders": orders, "items": items, "shipments": shipments}


def _stock(chance: Any) -> pa.Table:
    count = len(_CODES)
    return pa.table({
        "code": pa.array(_CODES),
        "name": _picked(chance, ["Mug", "Tee", "Cap", None], count),
        "location": _picked(chance, ["Leeds", "York", "", None], count),
        "stock": pa.array(chance.integers(-3, 40, count)),
        "price": _money(chance.integers(0, 9_000, count)),
        "cost": _money(chance.integers(0, 40_000, count), places=4, blank=chance.random(count) < 0.1),
        "document": _texts(chance, np.arange(count), 40),
    })  # fmt: skip


def _picked(chance: Any, values: list[str | None], count: int, weights: list[int] | None = None) -> Any:
    shares = None if weights is None else np.array(weights) / sum(weights)
    return pa.array(values, pa.string()).take(pa.array(chance.choice(len(values), count, p=shares)))


def _money(units: Any, places: int = 2, blank: Any = None) -> Any:
    """Amounts of so many cents, or thousandths: exact decimals of 128 bits, whole numbers of their tenth place."""
    wide = np.zeros((len(units), 2), dtype="<i8")
    wide[:, 0] = np.asarray(units, dtype="int64") * 10 ** (10 - places)
    mask = None if blank is None else pa.array(~np.asarray(blank)).buffers()[1]
    return pa.Array.from_buffers(_MONEY, len(units), [mask, pa.py_buffer(wide.tobytes())])


def _times(seconds: Any) -> Any:
    return pa.array(np.asarray(seconds, dtype="int64") * 1_000_000).cast(pa.timestamp("us", tz="UTC"))


def _texts(chance: Any, ids: Any, size: int) -> Any:
    """Documents that say little, at length: each with its own number in front, so that none is kept once for many."""
    texts = _picked(chance, _pool(size), len(ids))
    return pc.binary_join_element_wise(
        pa.scalar('{"id": "'), pa.array(ids).cast(pa.string()), pa.scalar('", "text": "'), texts, pa.scalar('"}'), ""
    )


@functools.cache
def _pool(size: int) -> list[str | None]:
    letters = np.random.default_rng(size).integers(97, 123, (200, size), dtype="uint8")
    return [row.tobytes().decode() for row in letters]
