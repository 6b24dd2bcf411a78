"""How the server keeps shipments: defaults, the guessed tracking link, and no tracking number twice on an order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .switches import Switches
from .wire import Json, Refused, amount, listing, text

__all__ = ["NO_TRACKING", "shipment_document", "tracking_url"]

NO_TRACKING = "n/a"

_LINKS: Mapping[str, str] = {
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels={}",
    "ups": "https://www.ups.com/track?tracknum={}",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr={}",
    "dhl": "https://www.dhl.com/en/express/tracking.html?AWB={}",
}
_TEXTS = (
    "tracking_number", "carrier_code", "shipment_method", "status", "tracking_url", "date_shipped",
    "cart_shipment_id", "label_format", "label_image", "print_status",
)  # fmt: skip
_KNOWN = frozenset(_TEXTS) | {"id", "order_id", "store_id", "date_added", "weight", "cost", "order_items"}


def shipment_document(
    sent: Mapping[str, Any],
    *,
    order: Json,
    shipment_id: str,
    store_id: str,
    now: str,
    before: Json | None,
    switches: Switches,
) -> Json:
    """The shipment the server keeps when `sent` is added to `order` (`before` is None) or put over `before`."""
    texts = {name: text(sent.get(name), name) for name in _TEXTS}
    tracking = texts["tracking_number"] = texts["tracking_number"].strip()
    others = [entry["tracking_number"] for entry in order["order_shipments"] if entry["id"] != shipment_id]
    if tracking and tracking.casefold() != NO_TRACKING and tracking.casefold() in map(str.casefold, others):
        raise Refused("Shipment Not Added" if before is None else "Shipment Not Updated", 200)
    if before is None:
        if not tracking:
            raise Refused("A tracking number is required")
        texts["date_shipped"] = texts["date_shipped"] or now[:10]
        if switches.date_shipped == "server":
            texts["date_shipped"] = now[:10]
    elif switches.date_shipped == "server":
        texts["date_shipped"] = before["date_shipped"]
    texts["tracking_url"] = texts["tracking_url"] or tracking_url(texts["carrier_code"], tracking)
    document: Json = {
        "id": shipment_id,
        "order_id": order["id"],
        "store_id": store_id,
        **texts,
        "weight": amount(sent.get("weight"), "weight"),
        "cost": amount(sent.get("cost"), "cost"),
        "date_added": now if before is None else before["date_added"],
        "order_items": listing(sent.get("order_items"), "order_items"),
    }
    document |= {name: value for name, value in sent.items() if name not in _KNOWN}
    return document


def tracking_url(carrier: str, tracking: str) -> str:
    """The link the server guesses from a carrier and a number; blank for a carrier it doesn't know."""
    link = _LINKS.get(carrier.strip().casefold().split("_")[0].split(" ")[0])
    return link.format(tracking) if link and tracking and tracking.casefold() != NO_TRACKING else ""
