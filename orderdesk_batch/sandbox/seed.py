"""The made-up data a store starts with: the same for the same numbers, seed and day, and full of awkward values.

Which order has what follows from its place `i` (0, 1, 2, ... from the oldest on), so that samples can be made from
it; `docs/sandbox.md` lists the rules.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from .data import Data, order_row
from .documents import recount
from .names import CARRIERS, PEOPLE, PRODUCTS
from .shipments import tracking_url
from .spec import StoreSpec
from .wire import Json, date_text, dumps, number

__all__ = ["FIRST_SOURCE_ID", "fill", "source_id"]

FIRST_SOURCE_ID = 10001
DAYS = 90
_PERSON = (
    "first_name", "last_name", "company", "address1", "address2", "city", "state", "postal_code", "country", "phone",
)  # fmt: skip
_CUSTOMERS: tuple[Json, ...] = tuple(dict(zip(_PERSON, person, strict=True)) for person in PEOPLE)
_CHUNK = 5000
_FORMATS = ("{}", "{:08d}", "#{}")


def fill(data: Data, spec: StoreSpec, *, orders: int, inventory: int, seed: int, now: datetime) -> None:
    """Fill a store with made-up inventory and orders."""
    rng = random.Random(seed)
    first = data.next_id("inventory", inventory)
    data.put_items(spec.id, (_inventory(rng, place, first + place, now) for place in range(inventory)))
    chunk = []
    for order, history in _orders(rng, data, spec, orders, now):
        chunk.append((order_row(spec.id, order), dumps(order), dumps(history) if history else "[]"))
        if len(chunk) == _CHUNK:
            data.put_orders(spec.id, chunk)
            chunk = []
    data.put_orders(spec.id, chunk)
    data.analyze()


def source_id(place: int, own_id: int) -> str:
    """The number the cart gave the order at this place; `own_id` is Order Desk's."""
    number = FIRST_SOURCE_ID + place
    if place % 25 == 24:
        return str(own_id)  # made by hand in Order Desk: no cart, no number of its own
    if place % 100 == 20 or place == 45:
        return str(number - 1)  # the number of the order before
    if place == 41:
        return str(own_id + 1)  # a cart's number that looks like the next order's own id
    return _FORMATS[1 if place % 50 == 7 else 2 if place % 50 == 13 else 0].format(number)


def source_name(place: int) -> str:
    """The cart the order at this place came from."""
    if place % 25 == 24:
        return "Order Desk"
    if place % 100 == 19:
        return "Shopify"
    return "Amazon" if place % 3 == 0 or place % 100 == 20 or place in (44, 45) else "Shopify"


def _orders(
    rng: random.Random, data: Data, spec: StoreSpec, count: int, now: datetime
) -> Iterator[tuple[Json, list[Json]]]:
    folders = _folders(spec)
    first = data.next_id("order", count)
    item_id = data.next_id("item", count * 4)
    shipment_id = data.next_id("shipment", count * 2)
    step = timedelta(days=DAYS) / max(count, 1)
    start = now - timedelta(days=DAYS)
    for place in range(count):
        added = start + step * place
        folder = folders[place % 10]
        order = _order(rng, place, first + place, item_id + 4 * place, added, folder)
        sent = 0 if spec.folders[folder] not in ("Shipped", "Closed") else 2 if place % 40 == 16 else 1
        updated = min(now, added + timedelta(seconds=rng.randrange(60, 172800)))
        order["date_updated"] = date_text(updated)
        for nth in range(sent):
            order["order_shipments"].append(
                _shipment(order, shipment_id + 2 * place + nth, spec.id, updated, place + nth)
            )
        recount(order)
        order["processor_balance"] = order["order_total"]
        yield order, _history(place, order)


def _folders(spec: StoreSpec) -> list[str]:
    """The folder of ten orders in turn; a store with other folders fills them evenly."""
    by_name = {name: folder for folder, name in spec.folders.items()}
    usual = ("New", "New", "New", "New", "Prepared", "Prepared", "Shipped", "Shipped", "Closed", "Hold")
    ids = list(spec.folders)
    return [by_name.get(name, ids[place % len(ids)]) for place, name in enumerate(usual)]


def _order(rng: random.Random, place: int, own_id: int, item_id: int, added: datetime, folder: str) -> Json:
    customer = recipient = _CUSTOMERS[place % len(PEOPLE)]
    shipping = recipient | {"address3": "", "address4": ""}
    if place % 11 == 3:
        # A present: somebody else pays.
        customer = _CUSTOMERS[(place + 5) % len(PEOPLE)]
    if place % 17 == 5:
        shipping |= {"address3": "Back door", "address4": "2nd floor"}
    email = f"buyer{place % 997}@example.{'de' if recipient['country'] == 'DE' else 'com'}"
    date_added = date_text(added)
    paid = place % 13 != 6
    return {
        "id": str(own_id),
        "source_id": source_id(place, own_id),
        "source_name": source_name(place),
        "email": email,
        "shipping_method": CARRIERS[place % 4][1],
        "customer_id": str(2000 + place % 997) if place % 3 else "",
        "ip_address": f"203.0.113.{place % 250 + 1}",
        "cc_exp": f"{place % 12 + 1:02d}/2029" if paid else "",
        "processor_response": f"Stripe: ch_{rng.getrandbits(64):016x}" if paid else "",
        "payment_type": "Visa" if paid else "PayPal",
        "payment_status": "Captured" if paid else "Pending",
        "fulfillment_name": "",
        "fulfillment_id": "",
        "folder_id": folder,
        "date_added": date_added,
        "shipping_total": (0, 4.95, 7.5, 12)[place % 4],
        "handling_total": 0,
        "tax_total": round(rng.random() * 9, 2),
        "processor_balance": 0,
        "refund_total": 0,
        "cc_number_masked": f"************{place % 9000 + 1000}" if paid else "",
        "email_count": place % 3,
        "tag_color": "",
        "tag_name": "",
        "date_updated": date_added,
        "shipping": shipping,
        "customer": customer,
        "return_address": _return_address() if place % 9 == 4 else [],
        "checkout_data": {"Gift Message": "Happy birthday, Zoë!"} if place % 4 == 1 else [],
        "order_metadata": {"cart_ref": f"R-{place:06d}", "priority": "high"} if place % 6 == 2 else [],
        "discount_list": [{"name": "Welcome", "code": "HELLO5", "amount": "5.00"}] if place % 5 == 3 else [],
        "order_notes": _notes(date_added) if place % 7 == 2 else [],
        "order_items": [
            _item(rng, place, item_id, nth) for nth in range(1 + (place % 4 if place % 3 == 1 else 0))
        ],
        "order_shipments": [],
    }


def _item(rng: random.Random, place: int, item_id: int, nth: int) -> Json:
    code, name, price, weight, category = PRODUCTS[(place + 3 * nth) % len(PRODUCTS)]
    clothes = category == "CLOTHES"
    return {
        "id": str(item_id + nth),
        "name": name,
        "price": price,
        "quantity": 1 + int(rng.random() * 3),
        "weight": weight,
        "code": code,
        "delivery_type": "noship" if category == "GIFT" else "ship",
        "category_code": category,
        "fulfillment_method": "",
        "variation_list": {"Size": "M", "Colour": "schwarz"} if clothes else [],
        "metadata": {"print_sku": f"P-{code}"} if nth == 0 and place % 6 == 2 else [],
    }


def _shipment(order: Json, shipment_id: int, store: str, moment: datetime, place: int) -> Json:
    carrier, method = CARRIERS[place % 4]
    tracking = f"{('9400', '7700', '1Z999', '0034')[place % 4]}{shipment_id:012d}" if place % 30 else "n/a"
    return {
        "id": str(shipment_id),
        "order_id": order["id"],
        "store_id": store,
        "tracking_number": tracking,
        "carrier_code": carrier,
        "shipment_method": method,
        "status": "",
        "tracking_url": tracking_url(carrier, tracking),
        "date_shipped": date_text(moment)[:10],
        "cart_shipment_id": "",
        "label_format": "",
        "label_image": "",
        "print_status": "",
        "weight": "1.50",
        "cost": "4.95",
        "date_added": date_text(moment),
        "order_items": [],
    }


def _return_address() -> Json:
    return {
        "title": "Returns",
        "name": "Rosa Retour",
        "company": "Sandbox Store",
        "address1": "1 Warehouse Way",
        "address2": "",
        "city": "Reno",
        "state": "NV",
        "postal_code": "89501",
        "country": "US",
        "phone": "7755550100",
    }


def _notes(date_added: str) -> list[Json]:
    return [
        {"date_added": date_added, "username": "Zoë", "content": "Kunde bittet um Anruf – “before 5pm”."},
        {"date_added": date_added, "username": "ops", "content": "Fragile,\npack twice."},
    ]


def _history(place: int, order: Mapping[str, Any]) -> list[Json]:
    if place % 8:
        return []
    return [
        {"date_added": order["date_added"], "source_name": order["source_name"], "note": "Order imported"}
    ]


def _inventory(rng: random.Random, place: int, item_id: int, now: datetime) -> Json:
    code, name, price, weight, category = PRODUCTS[place % len(PRODUCTS)]
    if place >= len(PRODUCTS):
        code, name = f"WID-{place:05d}", f"Widget {place}"
    added = now - timedelta(days=365 - place % 200)
    updated = now - timedelta(days=place % DAYS, seconds=rng.randrange(86400))
    return {
        "id": item_id,
        "name": name,
        "code": code,
        "price": price,
        "cost": number(round(price * 0.4, 2)),
        "weight": weight,
        "stock": rng.randrange(0, 250),
        "location": f"{'ABC'[place % 3]}-{place % 20:02d}-{place % 5}" if place % 7 else "",
        "update_source": ("Shopify", "Amazon", "")[place % 3],
        "manufacturer_sku": None if place % 3 == 0 else f"M-{code}",
        "metadata": {"bin": f"{place % 40:03d}", "vendor": "Bäcker & Co."} if place % 4 == 1 else [],
        "variation_list": {"Size": "L"} if category == "CLOTHES" else [],
        "date_added": date_text(added),
        "date_updated": date_text(updated),
    }
