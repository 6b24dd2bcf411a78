"""This file holds the choices of columns that have a name: tracking, stock, accounting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_ORDER: Final = ("id", "source_id", "source_name")
_OF_ORDER: Final = ("order.id", "order.source_id", "order.source_name")

# fmt: off
PRESETS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "orders": {
        "tracking": (*_ORDER, "folder", "date_added", "email", "shipping_method", "shipping.*", "order_shipments"),
        "stock": (*_ORDER, "folder", "date_added", "item.item_id", "item.code", "item.name", "item.variation_list.*", "item.quantity",
                  "item.fulfillment_method"),
        "accounting": (*_ORDER, "date_added", "customer.first_name", "customer.last_name", "customer.company", "customer.country",
                       "customer.state", "product_total", "shipping_total", "handling_total", "discount_total", "tax_total",
                       "order_total", "refund_total", "processor_balance", "payment_type", "payment_status", "processor_response"),
    },
    "items": {
        "tracking": (*_OF_ORDER, "item_id", "code", "name", "quantity", "fulfillment_method"),
        "stock": (*_OF_ORDER, "item_id", "code", "name", "variation_list.*", "quantity", "weight", "delivery_type", "fulfillment_method"),
        "accounting": (*_OF_ORDER, "item_id", "code", "name", "category_code", "quantity", "price"),
    },
    "shipments": {
        "tracking": (*_OF_ORDER, "shipment_id", "tracking_number", "carrier_code", "shipment_method", "date_shipped", "status",
                     "tracking_url"),
        "stock": (*_OF_ORDER, "shipment_id", "tracking_number", "date_shipped", "order_items"),
        "accounting": (*_OF_ORDER, "shipment_id", "tracking_number", "carrier_code", "shipment_method", "date_shipped", "weight", "cost"),
    },
    "inventory": {
        "tracking": ("id", "code", "name", "location", "update_source", "date_updated"),
        "stock": ("id", "code", "name", "variation_list.*", "stock", "location", "date_updated"),
        "accounting": ("id", "code", "name", "stock", "cost", "price", "manufacturer_sku"),
    },
}
# fmt: on
