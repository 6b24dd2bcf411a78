"""Made-up data with the ups and downs of a real shop, for reports: the plain seed is even, so that tests can count on it.

Orders come by weekday and hour, a sale brings a peak, a few products sell most, some buyers come back, carriers differ
in speed and price, weekends ship nothing, and some orders are forgotten. The same for the same numbers, seed and day.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from .data import Data, order_row
from .documents import recount
from .names import PRODUCTS
from .spec import StoreSpec
from .wire import Json, date_text, dumps, number

__all__ = ["liven"]

DAYS = 90
_WEEKDAYS = (1.25, 1.1, 1.0, 0.95, 1.0, 0.65, 0.9)  # Monday first
_HOURS = (2, 1, 1, 0, 0, 1, 2, 4, 6, 8, 9, 10, 12, 10, 8, 7, 7, 8, 10, 13, 15, 14, 9, 5)
_SALE = (24, 21, 1.9)  # from and to, days ago, and how much more is sold
_PRODUCTS = (20, 7, 4, 14, 5, 3, 2, 6, 12, 9, 5, 4, 2, 3, 8, 10)  # how often each is bought
# Carrier and method: how often, working days until it leaves, what it costs: to begin with, and a pound
_CARRIERS = (
    ("USPS", "Priority Mail", 45, (0, 1, 1, 1, 2), 4.1, 1.15),
    ("UPS", "UPS Ground", 28, (0, 0, 1, 1), 6.4, 0.8),
    ("FedEx", "Ground", 15, (1, 1, 2, 3), 6.9, 0.75),
    ("DHL", "Paket", 12, (1, 2, 3, 5, 7), 9.8, 1.9),
)
_NEVER = 0.025  # orders that somebody forgot
_HELD = 0.015
_UNNUMBERED = 0.04  # parcels without a tracking number


def liven(data: Data, spec: StoreSpec, *, seed: int, now: datetime) -> None:
    """Give the store's even orders and stock the shape of a real quarter.

    Must be called inside a transaction, on a store that was just filled.
    """
    rng = random.Random(f"lifelike {seed}")
    orders = data.documents("order", spec.id)
    folders = {name: number_ for number_, name in spec.folders.items()}
    sold: dict[str, int] = {}
    rows = []
    for order, added in zip(orders, _moments(rng, len(orders), spec, now), strict=True):
        _retell(rng, order, added, now, folders, spec.id)
        for item in order["order_items"]:
            sold[item["code"]] = sold.get(item["code"], 0) + item["quantity"]
        rows.append((order_row(spec.id, order), dumps(order), "[]"))
    data.put_orders(spec.id, rows)
    items = data.documents("inventory", spec.id)
    for item in items:
        # Between nothing and three months' sales; what nobody buys lies about.
        much = sold.get(item["code"], 0)
        item["stock"] = int(much / 3 * rng.choice((0, 0.15, 0.4, 0.8, 1.2, 2, 3))) if much else rng.randrange(4, 60)
    data.put_items(spec.id, items)


def _moments(rng: random.Random, count: int, spec: StoreSpec, now: datetime) -> list[datetime]:
    """When the orders came, oldest first."""
    zone = ZoneInfo(spec.timezone)
    hours = [now - timedelta(hours=hour + 1) for hour in range(DAYS * 24)]
    weights = []
    for moment in hours:
        local, ago = moment.astimezone(zone), (now - moment).days
        sale = _SALE[2] if _SALE[1] <= ago < _SALE[0] else 1.0
        growth = 1.25 - 0.5 * ago / DAYS
        weights.append(_WEEKDAYS[local.weekday()] * _HOURS[local.hour] * sale * growth)
    drawn = rng.choices(hours, weights, k=count)
    return sorted(moment + timedelta(seconds=rng.randrange(3600)) for moment in drawn)


def _retell(rng: random.Random, order: Json, added: datetime, now: datetime, folders: dict[str, str], store: str) -> None:
    buyer = rng.randrange(60) if rng.random() < 0.25 else 1000 + int(order["id"])
    order["email"] = f"buyer{buyer}@example.{'de' if order['shipping']['country'] == 'DE' else 'com'}"
    order["customer_id"] = str(buyer)
    order["date_added"] = date_text(added)
    order["source_name"] = rng.choices(("Shopify", "Amazon", "eBay", "Order Desk"), (55, 30, 11, 4))[0]
    order["order_notes"] = []
    order["order_items"] = _items(rng, order["order_items"])
    carrier = rng.choices(_CARRIERS, [one[2] for one in _CARRIERS])[0]
    order["shipping_method"] = carrier[1]
    order["order_shipments"] = []
    recount(order)
    order["shipping_total"] = 0 if order["product_total"] >= 60 else 9.5 if carrier[0] == "DHL" else rng.choice((4.95, 4.95, 7.5))
    order["tax_total"] = number(round(order["product_total"] * 0.07, 2))
    left = _working_days_later(rng, added, rng.choice(carrier[3]))
    chance = rng.random()
    if chance < _HELD:
        order["folder_id"], left = folders["Hold"], now + timedelta(days=1)
    elif chance < _HELD + _NEVER:
        order["folder_id"], left = folders["Prepared"], now + timedelta(days=1)
    if left < now:
        order["order_shipments"] = [_shipment(rng, order, carrier, left, store)]
        order["folder_id"] = folders["Closed" if (now - left).days > 14 else "Shipped"]
        order["date_updated"] = date_text(left)
    else:
        if chance >= _HELD + _NEVER:
            order["folder_id"] = folders["New" if (now - added).days < 1 else "Prepared"]
        order["date_updated"] = date_text(added)
    recount(order)
    order["processor_balance"] = order["order_total"]


def _items(rng: random.Random, items: Sequence[Json]) -> list[Json]:
    made = []
    for item, product in zip(items, rng.choices(PRODUCTS, _PRODUCTS, k=len(items)), strict=True):
        code, name, price, weight, category = product
        made.append(item | {
            "code": code, "name": name, "price": price, "weight": weight, "category_code": category,
            "quantity": rng.choices((1, 2, 3, 10), (70, 20, 8, 2))[0],
            "delivery_type": "noship" if category == "GIFT" else "ship", "variation_list": [], "metadata": [],
        })  # fmt: skip
    return made


def _shipment(rng: random.Random, order: Json, carrier: tuple[Any, ...], left: datetime, store: str) -> Json:
    name, method, _, _, least, pound = carrier
    shipment_id = 60000000 + int(order["id"])
    return {
        "id": str(shipment_id),
        "order_id": order["id"],
        "store_id": store,
        "tracking_number": "n/a" if rng.random() < _UNNUMBERED else f"94{shipment_id:018d}",
        "carrier_code": name,
        "shipment_method": method,
        "status": "",
        "tracking_url": "",
        "date_shipped": date_text(left)[:10],
        "cart_shipment_id": "",
        "label_format": "",
        "label_image": "",
        "print_status": "",
        "weight": f"{order['weight_total']:.2f}",
        "cost": f"{least + pound * order['weight_total'] + rng.random():.2f}",
        "date_added": date_text(left),
        "order_items": [],
    }


def _working_days_later(rng: random.Random, added: datetime, days: int) -> datetime:
    """When a parcel leaves: in the afternoon (UTC) so many working days later, never before it was ordered."""
    day = added
    while days or day.weekday() >= 5:
        day += timedelta(days=1)
        days -= day.weekday() < 5 and days > 0
    left = day.replace(hour=21, minute=rng.randrange(60))
    return left if left > added else _working_days_later(rng, left + timedelta(hours=4), 0)
