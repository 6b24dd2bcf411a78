"""This file holds the field table of orders."""

from __future__ import annotations

from ..kinds import CHOICE, FOLDER, JSON, MONEY, ORDER, TEXT, TIME, WEIGHT, WHOLE
from .field import ACTIONS, KEY, NOWHERE, READ_ONLY, Field, Resource, numbered, under
from .groups import (
    ACTION,
    DISCOUNT,
    NOTE,
    NOTES_LIMIT,
    PAYMENT_STATUS,
    RETURN_NAMES,
    RETURN_STREET,
    SHORT_STREET,
    STREET,
    items_in_orders,
)  # fmt: skip

_RETURN = "Return Address, Return"

# fmt: off
ORDERS = Resource(
    "orders", "order", "Orders, each with its addresses, items and totals.", default_action="update",
    keys=(("id",), ("source_name", "source_id"), ("source_id",), ("order",)),
    maps=("shipping", "customer", "return_address", "checkout_data", "order_metadata"),
    required_any=(("shipping.first_name", "shipping.last_name", "shipping.company",
                   "customer.first_name", "customer.last_name", "customer.company"),),
    fields=(
        ACTION,
        Field("id",                 TEXT,   "Order Desk's own number of the order.",         READ_ONLY, example="26211",
              aliases="Order Desk ID, OrderDesk ID, Order Desk Order ID, order.id"),
        Field("order",              ORDER,  "The order's number, the cart's or Order Desk's.", KEY, NOWHERE,
              aliases="Order ID, order_id, order-id, amazon-order-id, external_order_id"),
        Field("source_id",          TEXT,   "The order's number in the cart.",               example="10001", search="source_id",
              aliases="Order Number, Order #, Order - Number, OrderNumber, Order No, Order No., Order Nr, Bestellnummer, Bestellnr,"
                      " Auftragsnummer, 注文番号, order.source_id"),
        Field("source_name",        TEXT,   "The cart the order is from; Order Desk by default.", example="Shopify", search="source_name",
              aliases="order.source_name"),
        Field("email",              TEXT,   "The customer's e-mail address.",                example="ada@example.com", search="email",
              aliases="E-mail, Email Address, E-mail Address, Customer Email, buyer-email, Customer - Email"),
        Field("folder",             FOLDER, "The folder the order is in: its name or id.",   path="folder_id", example="New", search="folder_id",
              aliases="folder_id, Folder Name"),
        Field("shipping_method",    TEXT,   "How the buyer wants it sent.",                  example="Standard",
              aliases="Carrier - Service Requested, ship-service-level, Requested Service, Requested Shipping Service"),
        Field("shipping_total",     MONEY,  "What the buyer pays for shipping.",             example="4.50", aliases="Amount - Order Shipping"),
        Field("handling_total",     MONEY,  "What the buyer pays for handling.",             example="0"),
        Field("tax_total",          MONEY,  "Tax.",                                          example="3.80", aliases="Amount - Order Tax"),
        Field("customer_id",        TEXT,   "The customer's number in the cart.",            example="551", search="customer_id"),
        Field("ip_address",         TEXT,   "The buyer's network address.",                  example="203.0.113.7"),
        Field("cc_number",          TEXT,   "The last four digits of the card, no more.",    example="4242", pattern=r"[Xx*•.\- ]*\d{4}"),
        Field("cc_exp",             TEXT,   "The card's month and year, MM/YYYY.",           example="05/2028", pattern=r"(0[1-9]|1[0-2])/\d{4}"),
        Field("processor_response", TEXT,   "Gateway and transaction id.",                   example="Stripe: ch_123"),
        Field("payment_type",       TEXT,   "How it was paid.",                              example="Visa"),
        Field("payment_status",     CHOICE, "Where the payment stands.",                     choices=PAYMENT_STATUS, example="Captured"),
        Field("processor_balance",  MONEY,  "What can still be refunded.",                   example="0"),
        Field("refund_total",       MONEY,  "What was refunded.",                            example="0"),
        Field("fulfillment_name",   TEXT,   "Who fulfils the order.",                        example="Warehouse"),
        Field("fulfillment_id",     TEXT,   "The order's number there.",                     example="W-77"),
        Field("date_added",         TIME,   "When the order was made, UTC.",                 example="2026-11-23 09:30:00"),
        *under("shipping", STREET, says="Shipping, Ship To, Shipping Address, Ship, Delivery, Recipient"),
        *under("customer", SHORT_STREET, says="Billing, Customer, Bill To, Billing Address, Buyer, Customer Address"),
        *under("return_address", RETURN_STREET, says=_RETURN),
        *under("return_address", RETURN_NAMES, says=_RETURN),
        Field("checkout_data.*",    TEXT,   "What the buyer answered, such as checkout_data.Gift Message.", example="Happy birthday"),
        Field("order_metadata.*",   TEXT,   "Your own data, such as order_metadata.channel.", example="wholesale", aliases="metadata.*"),
        *numbered("discount_list", DISCOUNT),
        *numbered("order_notes", NOTE),
        Field("order_note",         TEXT,   "A note to append to the order's notes.",        path=NOWHERE, example="Checked by phone", most=NOTES_LIMIT),
        Field("order_history",      TEXT,   "An entry to append to the order's history.",    path=NOWHERE, example="Counted again"),
        Field("item.action",        CHOICE, "What to do with the item; update if left out.", path=NOWHERE, choices=ACTIONS),
        Field("item.item_id",       TEXT,   "Order Desk's own number of the item.",          KEY, NOWHERE, aliases="Item ID", example="42286"),
        *items_in_orders(),
        Field("quantity_total",     WHOLE,  "How many pieces.",                              READ_ONLY),
        Field("weight_total",       WEIGHT, "Weight of all items.",                          READ_ONLY),
        Field("product_total",      MONEY,  "Price of all items.",                           READ_ONLY),
        Field("discount_total",     MONEY,  "All discounts.",                                READ_ONLY),
        Field("order_total",        MONEY,  "What the buyer pays in all.",                   READ_ONLY),
        Field("email_count",        WHOLE,  "How many e-mails were sent.",                   READ_ONLY),
        Field("cc_number_masked",   TEXT,   "The card, masked.",                             READ_ONLY),
        Field("date_updated",       TIME,   "When the order was last changed, UTC.",         READ_ONLY),
        Field("order_shipments",    JSON,   "The order's shipments.",                        READ_ONLY),
        Field("order_items",        JSON,   "The order's items, where they are not in columns of their own.", READ_ONLY),
    ),
)
# fmt: on
