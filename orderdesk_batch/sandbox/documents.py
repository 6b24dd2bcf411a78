"""How the server turns a document that was sent into the one it keeps: orders, order items and inventory items."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .switches import Switches
from .wire import Json, Refused, amount, listing, mapping, number, parse_date, php_map, text, whole

__all__ = [
    "DELIVERY_TYPES", "MAPS", "NOTES_MAX", "PAYMENT_STATUSES", "inventory_document", "item_document", "order_document",
    "recount",
]  # fmt: skip

NOTES_MAX = 2000
PAYMENT_STATUSES = frozenset(
    {
        "Approved", "Authorized", "Captured", "Fully Refunded", "Partially Refunded", "Pending", "Rejected",
        "Voided",
    }
)  # fmt: skip
DELIVERY_TYPES = frozenset({"ship", "noship", "download", "future"})

_ORDER_TEXTS = (
    "source_id", "source_name", "email", "shipping_method", "customer_id", "ip_address", "cc_exp",
    "processor_response", "payment_type", "payment_status", "fulfillment_name", "fulfillment_id", "folder_id",
    "date_added",
)  # fmt: skip
_ORDER_NUMBERS = ("shipping_total", "handling_total", "tax_total", "processor_balance", "refund_total")
_ORDER_READ_ONLY = frozenset(
    {
        "id", "quantity_total", "weight_total", "product_total", "discount_total", "order_total", "email_count",
        "date_updated", "order_shipments", "cc_number_masked", "order_history", "tag_color", "tag_name",
    }
)  # fmt: skip
_ORDER_OTHERS = frozenset(
    {
        "cc_number", "folder_name", "shipping", "customer", "return_address", "checkout_data", "order_metadata",
        "discount_list", "order_notes", "order_items",
    }
)  # fmt: skip
_ORDER_KNOWN = frozenset(_ORDER_TEXTS) | frozenset(_ORDER_NUMBERS) | _ORDER_READ_ONLY | _ORDER_OTHERS

_PERSON = (
    "first_name", "last_name", "company", "address1", "address2", "address3", "address4", "city", "state",
    "postal_code", "country", "phone",
)  # fmt: skip
_ADDRESSES: Mapping[str, tuple[str, ...]] = {
    "shipping": _PERSON,
    "customer": tuple(name for name in _PERSON if name not in ("address3", "address4")),
    "return_address": (
        "title", "name", "company", "address1", "address2", "city", "state", "postal_code", "country", "phone",
    ),
}  # fmt: skip
MAPS = (*_ADDRESSES, "checkout_data", "order_metadata", "variation_list", "metadata")
"""Every field that is a map."""
_NAMES = ("first_name", "last_name", "company")

_ITEM_TEXTS = ("name", "code", "delivery_type", "category_code", "fulfillment_method")
_ITEM_KNOWN = frozenset(_ITEM_TEXTS) | {"id", "price", "quantity", "weight", "variation_list", "metadata"}

_INVENTORY_TEXTS = ("name", "code", "location", "update_source")
_INVENTORY_KNOWN = frozenset(_INVENTORY_TEXTS) | {
    "id", "price", "cost", "weight", "stock", "manufacturer_sku", "metadata", "variation_list", "date_added",
    "date_updated",
}  # fmt: skip


def order_document(
    sent: Mapping[str, Any],
    *,
    before: Json | None,
    order_id: str,
    now: str,
    folders: Mapping[str, str],
    switches: Switches,
    next_item_id: Callable[[], str],
) -> Json:
    """The order the server keeps when `sent` is posted (`before` is None) or put over `before`."""
    fresh = before is None
    texts = {name: text(sent.get(name), name) for name in _ORDER_TEXTS}
    if fresh:
        texts["source_name"] = texts["source_name"] or "Order Desk"
        texts["source_id"] = texts["source_id"] or order_id
        texts["payment_status"] = texts["payment_status"] or "Captured"
        texts["date_added"] = texts["date_added"] or now
    if texts["payment_status"] and texts["payment_status"] not in PAYMENT_STATUSES:
        raise Refused(f"payment_status can't be {texts['payment_status']}")
    if texts["date_added"]:
        texts["date_added"] = parse_date(texts["date_added"], "date_added")
    texts["folder_id"] = _folder(
        texts["folder_id"], text(sent.get("folder_name"), "folder_name"), folders, fresh
    )
    addresses = _addresses(sent, fresh)
    if before is None:
        if not listing(sent.get("order_items"), "order_items"):
            raise Refused("Order items are required")
        if not any(addresses[who].get(name) for who in ("customer", "shipping") for name in _NAMES):
            raise Refused("A customer or shipping name is required")
    kept = before or {}
    document: Json = {"id": order_id, **{name: texts[name] for name in _ORDER_TEXTS}}
    document |= {name: number(sent.get(name), name) for name in _ORDER_NUMBERS}
    document["cc_number_masked"] = _masked(sent, kept, switches)
    document["email_count"] = kept.get("email_count", 0)
    document |= {"tag_color": "", "tag_name": "", "date_updated": now}
    document |= {name: php_map(address) for name, address in addresses.items()}
    document |= {name: php_map(mapping(sent.get(name), name)) for name in ("checkout_data", "order_metadata")}
    document["discount_list"] = [
        _discount(entry) for entry in listing(sent.get("discount_list"), "discount_list")
    ]
    document["order_notes"] = _notes(sent, now)
    document["order_items"] = _items(sent, kept, switches, next_item_id)
    document["order_shipments"] = kept.get("order_shipments", [])
    recount(document)
    # A field the server doesn't know is kept as sent, and so lost by a client that doesn't send it again.
    document |= {name: value for name, value in sent.items() if name not in _ORDER_KNOWN}
    return document


def item_document(sent: Mapping[str, Any], item_id: str, *, fresh: bool) -> Json:
    """The order item the server keeps: a new one gets the defaults, one put over another is blanked."""
    texts = {name: text(sent.get(name), name) for name in _ITEM_TEXTS}
    if fresh:
        texts["delivery_type"] = texts["delivery_type"] or "ship"
    if texts["delivery_type"] and texts["delivery_type"] not in DELIVERY_TYPES:
        raise Refused(f"delivery_type can't be {texts['delivery_type']}")
    quantity = sent.get("quantity")
    if fresh and quantity in (None, ""):
        quantity = 1
    document: Json = {
        "id": item_id,
        "name": texts["name"],
        "price": number(sent.get("price"), "price"),
        "quantity": whole(quantity, "quantity"),
        "weight": number(sent.get("weight"), "weight"),
        "code": texts["code"],
        "delivery_type": texts["delivery_type"],
        "category_code": texts["category_code"],
        "fulfillment_method": texts["fulfillment_method"],
        "variation_list": php_map(mapping(sent.get("variation_list"), "variation_list")),
        "metadata": php_map(mapping(sent.get("metadata"), "metadata")),
    }
    document |= {name: value for name, value in sent.items() if name not in _ITEM_KNOWN}
    return document


def inventory_document(sent: Mapping[str, Any], item_id: int, *, date_added: str, now: str) -> Json:
    """The inventory item the server keeps."""
    texts = {name: text(sent.get(name), name) for name in _INVENTORY_TEXTS}
    for name in ("name", "code"):
        if not texts[name].strip():
            raise Refused(f"{name} is required")
    maker = sent.get("manufacturer_sku")
    document: Json = {
        "id": item_id,
        "name": texts["name"],
        "code": texts["code"],
        "price": number(sent.get("price"), "price"),
        "cost": number(sent.get("cost"), "cost"),
        "weight": number(sent.get("weight"), "weight"),
        "stock": number(sent.get("stock"), "stock"),
        "location": texts["location"],
        "update_source": texts["update_source"],
        "manufacturer_sku": None if maker is None else text(maker, "manufacturer_sku"),
        "metadata": php_map(mapping(sent.get("metadata"), "metadata")),
        "variation_list": php_map(mapping(sent.get("variation_list"), "variation_list")),
        "date_added": date_added,
        "date_updated": now,
    }
    document |= {name: value for name, value in sent.items() if name not in _INVENTORY_KNOWN}
    return document


def recount(order: Json) -> None:
    """Set the totals the server reckons itself."""
    items = order["order_items"]
    product = _money(sum(item["price"] * item["quantity"] for item in items))
    discount = _money(sum(float(entry["amount"]) for entry in order["discount_list"]))
    extras = order["shipping_total"] + order["handling_total"] + order["tax_total"]
    order["quantity_total"] = sum(item["quantity"] for item in items)
    order["weight_total"] = _money(sum(item["weight"] * item["quantity"] for item in items), 4)
    order["product_total"] = product
    order["discount_total"] = discount
    order["order_total"] = _money(product + extras - discount)


def _money(value: float, places: int = 2) -> int | float:
    return number(round(value, places))


def _folder(folder_id: str, folder_name: str, folders: Mapping[str, str], fresh: bool) -> str:
    if not folder_id and folder_name:
        named = [known for known, name in folders.items() if name == folder_name]
        if not named:
            raise Refused(f"There is no folder {folder_name}")
        return named[0]
    if folder_id and folder_id not in folders:
        raise Refused(f"There is no folder {folder_id}")
    return folder_id or (next(iter(folders), "") if fresh else "")


def _addresses(sent: Mapping[str, Any], fresh: bool) -> dict[str, Json]:
    given = {name: mapping(sent.get(name), name) for name in _ADDRESSES}
    if fresh:
        for one, other in (("customer", "shipping"), ("shipping", "customer")):
            if not any(given[one].values()):
                given[one] = dict(given[other])
    return {name: _address(name, entry) for name, entry in given.items()}


def _address(which: str, given: Json) -> Json:
    if not given:
        return {}
    known = _ADDRESSES[which]
    address: Json = {name: text(given.get(name), f"{which}.{name}") for name in known}
    # The customer's address has no third and fourth line; they are not a field nobody knows.
    return address | {
        name: value for name, value in given.items() if name not in known and name not in _PERSON
    }


def _masked(sent: Mapping[str, Any], kept: Json, switches: Switches) -> str:
    if "cc_number" not in sent and switches.cc_kept:
        return text(kept.get("cc_number_masked"))
    digits = "".join(sign for sign in text(sent.get("cc_number"), "cc_number") if sign.isdigit())
    return f"************{digits[-4:]}" if digits else ""


def _discount(entry: object) -> Json:
    if not isinstance(entry, dict):
        raise Refused("A discount must be an object")
    known = {
        "name": text(entry.get("name"), "discount name"),
        "code": text(entry.get("code"), "discount code"),
        "amount": amount(entry.get("amount"), "discount amount"),
    }
    return entry | known


def _notes(sent: Mapping[str, Any], now: str) -> list[Json]:
    notes = []
    for entry in listing(sent.get("order_notes"), "order_notes"):
        if not isinstance(entry, dict):
            raise Refused("An order note must be an object")
        added = text(entry.get("date_added"), "note date")
        notes.append(
            {
                "date_added": parse_date(added, "note date") if added else now,
                "username": text(entry.get("username"), "note username"),
                "content": text(entry.get("content"), "note content"),
            }
        )
    if sum(len(part) for note in notes for part in note.values()) > NOTES_MAX:
        raise Refused(f"Order notes are longer than {NOTES_MAX} characters")
    return notes


def _items(
    sent: Mapping[str, Any], kept: Json, switches: Switches, next_item_id: Callable[[], str]
) -> list[Json]:
    there: dict[str, Json] = {item["id"]: item for item in kept.get("order_items", [])}
    items: list[Json] = []
    listed: set[str] = set()
    for entry in _objects(listing(sent.get("order_items"), "order_items")):
        item_id = text(entry.get("id"), "order item id") if kept else ""
        if item_id in listed:
            raise Refused(f"Order item {item_id} is there twice")
        if item_id and item_id not in there:
            if switches.unknown_item_id == "error":
                raise Refused(f"There is no order item {item_id}")
            if switches.unknown_item_id == "ignored":
                continue
            item_id = ""
        if item_id:
            listed.add(item_id)
        items.append(item_document(entry, item_id or next_item_id(), fresh=not item_id))
    if switches.put_items_left_out == "kept":
        items += [item for item_id, item in there.items() if item_id not in listed]
    return items


def _objects(entries: Iterable[object]) -> list[Json]:
    if not all(isinstance(entry, dict) for entry in entries):
        raise Refused("An order item must be an object")
    return [dict(entry) for entry in entries if isinstance(entry, dict)]
