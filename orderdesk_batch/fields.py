"""This file holds the field tables: what each column of a sheet is, and where it lives in a document.

Everything else is derived from the four tables: how headings are matched and cells are read, the
pandera schemas, the plans' old and new, templates, exports and the reference page.

A field's `name` is the API's own, dotted where it is nested. Three sorts of names stand for many:
`metadata.*` (an open map; the part after the dot is the key, verbatim), `discount_list.#.code`
(a list; `#` is 1, 2, …), and, in orders sheets, `item.…` (the fields of an order's items, whose
place is counted from the item's own document).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Literal

from .errors import UsageError
from .kinds import (
    CHOICE, CLEAR, DATE, FOLDER, JSON, MONEY, NUMBER, ORDER, TEXT, TIME, TRACKING, WEIGHT, WHOLE, Kind, Value,
)  # fmt: skip

Use = Literal["optional", "required", "read-only", "key"]
OPTIONAL: Final[Use] = "optional"
REQUIRED: Final[Use] = "required"  # to create
READ_ONLY: Final[Use] = "read-only"  # set by the server: recognised, never sent
KEY: Final[Use] = "key"  # finds the record; not a part of its document

Steps = tuple[str | int, ...]
Document = dict[str, Any]

ACTIONS: Final = ("create", "update", "upsert", "delete", "skip")
NOWHERE: Final = "-"  # the path of a column that is an instruction, not a place in the document


@dataclass(frozen=True)
class Field:
    """A column of our sheets, and the place it has in the store's documents."""

    name: str  # the API's name: shipping.city
    kind: Kind  # how cells are read
    sentence: str  # for the person who fills the cell
    use: Use = OPTIONAL
    path: str = ""  # dotted place in the document; the name if left out; NOWHERE for instructions
    aliases: str = ""  # other headings: ranks apart by ";", within a rank by ","
    example: str = ""  # shown in the template's first row
    choices: tuple[str, ...] = ()
    least: int | None = None
    pattern: str = ""  # a regular expression that the whole value must match
    search: str = ""  # the API's filter that finds records by it
    steps: Steps | None = None  # a concrete field of an open map or list: its place, spelled out

    @property
    def place(self) -> Steps | None:
        """The keys that lead to the value in a document; None for instructions and keys."""
        if self.steps is not None:
            return self.steps
        if self.path == NOWHERE:
            return None
        return tuple((self.path or self.name).split("."))

    @property
    def writable(self) -> bool:
        """Whether a sheet may set it."""
        return self.use in (OPTIONAL, REQUIRED)

    @property
    def is_open(self) -> bool:
        """Whether the name stands for many columns (`metadata.*`, `discount_list.#.code`)."""
        return self.steps is None and ("*" in self.name or "#" in self.name)

    def ranks(self) -> list[list[str]]:
        """The headings that mean this field, best rank first; the own name is rank 0."""
        own = [self.name] if not self.is_open else []
        return [own, *([a.strip() for a in rank.split(",") if a.strip()] for rank in self.aliases.split(";"))]


def under(prefix: str, fields: tuple[Field, ...], *, path: str = "", use: Use | None = None) -> Iterator[Field]:
    """A group of fields below a prefix: `under("shipping", ADDRESS)` gives shipping.city, ….

    Aliases of the group are not taken along: `City` alone would not say whose.
    """
    for field in fields:
        at = field.path if field.path == NOWHERE else f"{path or prefix}.{field.path or field.name}"
        yield replace(field, name=f"{prefix}.{field.name}", path=at, aliases="", use=use or field.use)


PAYMENT_STATUS: Final = (
    "Approved", "Authorized", "Captured", "Fully Refunded", "Partially Refunded", "Pending", "Rejected", "Voided",
)  # fmt: skip
DELIVERY_TYPES: Final = ("ship", "noship", "download", "future")

# fmt: off
ACTION = Field("action", CHOICE, "What to do with the row; else what --action says.", path=NOWHERE, choices=ACTIONS,
               aliases="command", example="update")

# Which order a row of an items or shipments sheet belongs to.
WHICH_ORDER = (
    Field("order.id",          TEXT,  "Order Desk's own number of the order.",  KEY, NOWHERE, example="26211"),
    Field("order.source_id",   TEXT,  "The order's number in the cart.",        KEY, NOWHERE, example="10001"),
    Field("order.source_name", TEXT,  "The cart the number is from.",           KEY, NOWHERE, example="Shopify"),
    Field("order",             ORDER, "The order's number, the cart's or Order Desk's.", KEY, NOWHERE, example="10001",
          aliases="Order - Number, Order #, OrderNumber, Order Number, Order ID, order_id, Order_ID, order-id,"
                  " external_order_id, Order No, Order Nr, Order No., amazon-order-id,"
                  " 注文番号, Bestellnummer, Bestellnr, Bestell-Nr, Auftragsnummer, Order Reference, Order Ref, Sales Order;"
                  " Original Customer Reference, Cust Ref Num1, PO #, ShipNumber, PackageReference1, Reference 1;"
                  " Rubber Stamp 1, Reference, Ref"),
)

STREET = (
    Field("first_name",  TEXT, "Given name.",                    example="Ada"),
    Field("last_name",   TEXT, "Family name.",                   example="Lovelace"),
    Field("company",     TEXT, "Company.",                       example="Engine Works Ltd"),
    Field("address1",    TEXT, "Street and number.",             example="12 St James's Square"),
    Field("address2",    TEXT, "Second line of the address.",    example="Flat 3"),
    Field("address3",    TEXT, "Third line of the address."),
    Field("address4",    TEXT, "Fourth line of the address."),
    Field("city",        TEXT, "Town or city.",                  example="London"),
    Field("state",       TEXT, "State, province or county.",     example="Greater London"),
    Field("postal_code", TEXT, "Postcode or ZIP, kept as text.", example="SW1Y 4JH"),
    Field("country",     TEXT, "Country, as a code or a name.",  example="GB"),
    Field("phone",       TEXT, "Phone number.",                  example="+44 20 7946 0018"),
)
SHORT_STREET = tuple(field for field in STREET if field.name not in ("address3", "address4"))
RETURN_STREET = (
    Field("title",       TEXT, "A title for the return address.", example="Warehouse"),
    Field("name",        TEXT, "Name on the return address.",     example="Returns Desk"),
    *(field for field in SHORT_STREET if field.name not in ("first_name", "last_name")),
)
RETURN_NAMES = (  # the seed's form asks for two names; the API holds one
    Field("first_name",  TEXT, "Given name; joined with the last name into return_address.name.",   path=NOWHERE),
    Field("last_name",   TEXT, "Family name; joined with the first name into return_address.name.", path=NOWHERE),
)

ITEM = (
    Field("name",               TEXT,   "What the item is called.",                      REQUIRED, example="Blue mug",
          aliases="Item Name, Product Name, Lineitem name, Title, Product, Description; Item - Name"),
    Field("code",               TEXT,   "SKU or product code.",                          example="00123",
          aliases="SKU, Item - SKU, Lineitem sku, Product SKU, Item SKU, Item Code, Item No, Product Code,"
                  " seller-sku, PartNumber, Part Number, Artikelnr., Artikelnummer; Item - Fill SKU"),
    Field("price",              MONEY,  "Price of one.",                                 example="9.50",
          aliases="Unit Price, Lineitem price, item-price, Item Price, Product Unit Price, Preis; Sale Price"),
    Field("quantity",           WHOLE,  "How many.",                                     example="2", least=0,
          aliases="Qty, Item - Qty, Lineitem quantity, quantity-purchased, ShipItemQty, Menge, Anzahl;"
                  " quantity-shipped, quantity-to-ship"),
    Field("weight",             WEIGHT, "Weight of one, in the store's unit.",           example="0.4", least=0,
          aliases="Item Weight; Item - Weight"),
    Field("delivery_type",      CHOICE, "How it reaches the customer.",                  choices=DELIVERY_TYPES, example="ship"),
    Field("category_code",      TEXT,   "Category.",                                     example="DEFAULT"),
    Field("fulfillment_method", TEXT,   "Who fulfils it.",                               example="Warehouse"),
    Field("variation_list.*",   TEXT,   "A variation, such as variation_list.Size.",     example="Large"),
    Field("metadata.*",         TEXT,   "Your own data, such as metadata.image.",        example="mug.jpg"),
)

DISCOUNT = (
    Field("name",   TEXT,  "Name of the discount.",             example="Summer sale"),
    Field("code",   TEXT,  "Code that was used.",               example="SUMMER10"),
    Field("amount", MONEY, "Amount, as a positive number.",     example="4.50", least=0),
)
NOTE = (
    Field("content",    TEXT, "The note.",                      example="Leave with the neighbour"),
    Field("username",   TEXT, "Who wrote the note.",            example="Grace"),
    Field("date_added", TIME, "When the note was written, UTC.", example="2026-11-23 09:30:00"),
)
# fmt: on


def numbered(prefix: str, fields: tuple[Field, ...]) -> Iterator[Field]:
    """The fields of a list's entries: `discount_list.#.code`, where `#` is 1, 2, …."""
    return under(f"{prefix}.#", fields)


@dataclass(frozen=True)
class Resource:
    """One of the four sorts of records, with its table of fields."""

    name: str  # orders
    one: str  # order
    sentence: str
    fields: tuple[Field, ...]
    keys: tuple[tuple[str, ...], ...]  # how a row finds its document, tried in order
    default_action: str
    maps: tuple[str, ...]  # top-level fields that hold a map: `[]` means an empty one
    weight_field: str = ""
    parent: str = ""  # "orders" for what lives in an order
    inside: str = ""  # where the parent's document holds it
    required_any: tuple[tuple[str, ...], ...] = ()  # to create: at least one of each group

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """The table's rows by name, open ones under their pattern."""
        return {field.name: field for field in self.fields}

    @cached_property
    def _open(self) -> list[tuple[re.Pattern[str], Field]]:
        found = []
        for field in self.fields:
            if field.is_open:
                pattern = re.escape(field.name).replace(r"\*", "(.+)").replace(r"\#", r"([1-9]\d{0,2})")
                found.append((re.compile(pattern, re.DOTALL), field))
        return found

    def field(self, name: str) -> Field:
        """The field of that name; `metadata.colour` and `discount_list.2.code` are made from their pattern.

        Raises:
            UsageError: there is no such field.
        """
        found = self.find(name)
        if found is None:
            raise UsageError(f'"{name}" is no field of {self.name}. `orderdesk-batch fields {self.name}` lists them.')
        return found

    def find(self, name: str) -> Field | None:
        """The field of that name, or None."""
        if (known := self.by_name.get(name)) and not known.is_open:
            return known
        for pattern, field in self._open:
            if match := pattern.fullmatch(name):
                return _concrete(field, name, match)
        return None

    @cached_property
    def writable(self) -> tuple[Field, ...]:
        """The fields that a sheet may set."""
        return tuple(field for field in self.fields if field.writable)


def _concrete(field: Field, name: str, match: re.Match[str]) -> Field:
    path = field.path or field.name
    if path == NOWHERE:
        return replace(field, name=name, steps=None)
    steps: list[str | int] = []
    parts = iter(match.groups())
    for step in path.split("."):
        if step == "*":
            steps.append(next(parts))
        elif step == "#":
            steps.append(int(next(parts)) - 1)
        else:
            steps.append(step)
    return replace(field, name=name, steps=tuple(steps))


# fmt: off
ORDERS = Resource(
    "orders", "order", "Orders, each with its addresses, items and totals.", default_action="update",
    keys=(("id",), ("source_name", "source_id"), ("source_id",), ("order",)),
    maps=("shipping", "customer", "return_address", "checkout_data", "order_metadata"),
    required_any=(("shipping.first_name", "shipping.last_name", "shipping.company",
                   "customer.first_name", "customer.last_name", "customer.company"),),
    fields=(
        ACTION,
        Field("id",                 TEXT,   "Order Desk's own number of the order.",         READ_ONLY, example="26211"),
        Field("order",              ORDER,  "The order's number, the cart's or Order Desk's.", KEY, NOWHERE,
              aliases="Order ID, order_id, order-id, amazon-order-id, external_order_id"),
        Field("source_id",          TEXT,   "The order's number in the cart.",               example="10001", search="source_id",
              aliases="Order Number, Order #, Order - Number, OrderNumber, Order No, Order No., Order Nr, Bestellnummer, 注文番号"),
        Field("source_name",        TEXT,   "The cart the order is from; Order Desk by default.", example="Shopify", search="source_name",
              aliases="Source, Store Name, Sales Channel"),
        Field("email",              TEXT,   "The customer's e-mail address.",                example="ada@example.com", search="email",
              aliases="E-mail, Email Address, Customer Email, buyer-email"),
        Field("folder",             FOLDER, "The folder the order is in: its name or id.",   path="folder_id", example="New", search="folder_id",
              aliases="folder_id, Folder Name"),
        Field("shipping_method",    TEXT,   "How the buyer wants it sent.",                  example="Standard"),
        Field("shipping_total",     MONEY,  "What the buyer pays for shipping.",             example="4.50"),
        Field("handling_total",     MONEY,  "What the buyer pays for handling.",             example="0"),
        Field("tax_total",          MONEY,  "Tax.",                                          example="3.80"),
        Field("customer_id",        TEXT,   "The customer's number in the cart.",            example="551", search="customer_id"),
        Field("ip_address",         TEXT,   "The buyer's network address.",                  example="203.0.113.7"),
        Field("cc_number",          TEXT,   "The last four digits of the card, no more.",    example="4242", pattern=r"[Xx*]*\d{4}"),
        Field("cc_exp",             TEXT,   "The card's month and year, MM/YYYY.",           example="05/2028", pattern=r"\d{2}/\d{4}"),
        Field("processor_response", TEXT,   "Gateway and transaction id.",                   example="Stripe: ch_123"),
        Field("payment_type",       TEXT,   "How it was paid.",                              example="Visa"),
        Field("payment_status",     CHOICE, "Where the payment stands.",                     choices=PAYMENT_STATUS, example="Captured"),
        Field("processor_balance",  MONEY,  "What can still be refunded.",                   example="0"),
        Field("refund_total",       MONEY,  "What was refunded.",                            example="0"),
        Field("fulfillment_name",   TEXT,   "Who fulfils the order.",                        example="Warehouse"),
        Field("fulfillment_id",     TEXT,   "The order's number there.",                     example="W-77"),
        Field("date_added",         TIME,   "When the order was made, UTC.",                 example="2026-11-23 09:30:00"),
        *under("shipping", STREET),
        *under("customer", SHORT_STREET),
        *under("return_address", RETURN_STREET),
        *under("return_address", RETURN_NAMES),
        Field("checkout_data.*",    TEXT,   "What the buyer answered, such as checkout_data.Gift Message.", example="Happy birthday"),
        Field("order_metadata.*",   TEXT,   "Your own data, such as order_metadata.channel.", example="wholesale"),
        *numbered("discount_list", DISCOUNT),
        *numbered("order_notes", NOTE),
        Field("order_note",         TEXT,   "A note to append to the order's notes.",        path=NOWHERE, example="Checked by phone"),
        Field("order_history",      TEXT,   "An entry to append to the order's history.",    path=NOWHERE, example="Counted again"),
        Field("item.action",        CHOICE, "What to do with the item; update if left out.", path=NOWHERE, choices=ACTIONS),
        Field("item.item_id",       TEXT,   "Order Desk's own number of the item.",          KEY, NOWHERE),
        *(replace(field, name=f"item.{field.name}", path=field.path or field.name, aliases="") for field in ITEM),
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

ITEMS = Resource(
    "items", "item", "The items of orders.", default_action="update", parent="orders", inside="order_items",
    keys=(("item_id",), ("code",)), maps=("variation_list", "metadata"), weight_field="weight",
    fields=(
        ACTION,
        *WHICH_ORDER,
        Field("item_id",            TEXT,   "Order Desk's own number of the item.",          KEY, "id", example="42286",
              aliases="Item ID, order_item_id, Order Item ID, id"),
        *ITEM,
    ),
)

SHIPMENTS = Resource(
    "shipments", "shipment", "Parcels, each with its tracking number.", default_action="create",
    parent="orders", inside="order_shipments", keys=(("shipment_id",), ("tracking_number",)), maps=(), weight_field="weight",
    fields=(
        ACTION,
        *WHICH_ORDER,
        Field("shipment_id",        TEXT,     "Order Desk's own number of the shipment.",    KEY, "id", aliases="Shipment ID, id"),
        Field("tracking_number",    TRACKING, "The parcel's number; n/a where there is none.", REQUIRED, example="9400111899223100000000",
              aliases="Shipment - Tracking Number, Tracking #, TrackingNumber, Tracking Number, Tracking No, Tracking No., tracking-number,"
                      " Tracking ID, Express or Ground Tracking ID, Package Tracking Number, PackageTrackingNumber, Tracking Number 1,"
                      " Package Identification Code (PIC), CartonTrackingNumber, Sendungsnummer, お荷物伝票番号;"
                      " Tracking, Waybill, Air Waybill, AWB, Tracking Code, Tracking Nr"),
        Field("carrier_code",       TEXT,     "Who carries it, such as USPS or FedEx.",      example="USPS",
              aliases="Shipment - Carrier, carrier-code, Carrier Code, tracking_provider, Tracking Carrier, Shipping Provider, Shipping_Carrier,"
                      " courier; Carrier - Name; Carrier - Carrier Selected; Carrier, Carrier Name; Provider"),
        Field("shipment_method",    TEXT,     "The service that was used.",                  example="Priority Mail",
              aliases="Shipment - Service, Service Type, ship-method, Mail Class, Service Selected;"
                      " Carrier - Service Selected, Ground Service; Service, Shipment Method; method; Shipping Method"),
        Field("date_shipped",       DATE,     "The day it was sent.",                        example="2026-11-23",
              aliases="Date - Shipped Date, Date - Ship date, ship-date, Date Shipped, Shipped Date, Shipment Date, Collection Date, Fulfilled at;"
                      " Ship Date, ShipDate, Shipping Date"),
        Field("weight",             WEIGHT,   "Weight of the parcel, in the store's unit.",  example="1.2", least=0,
              aliases="Shipment - Weight, Weight - TotalOz, Actual Weight Amount, CartonWeight, Package Weight;"
                      " Rated Weight Amount, Total Weight"),
        Field("cost",               MONEY,    "What sending it cost you.",                   example="7.85",
              aliases="Amount - Shipping Cost, Net Charge Amount, Postage, Merchant Shipping Cost, CartonCost, Shipping Cost, ShippingCost, Label Cost;"
                      " Carrier - Fee, Shipping Rate, Transportation Charge Amount, Transaction Amount"),
        Field("status",             TEXT,     "Where the parcel is; EasyPost's hook writes it.", example="in_transit",
              aliases="Shipment Status"),
        Field("tracking_url",       TEXT,     "Where to follow it; guessed if left out.",    example="https://example.com/t/94001",
              aliases="Tracking Link"),
        Field("order_items",        JSON,     "What is in the parcel, as JSON, where it holds a part of the order."),
        Field("order_id",           TEXT,     "Order Desk's own number of the order.",       READ_ONLY),
        Field("store_id",           TEXT,     "The store.",                                  READ_ONLY),
        Field("date_added",         TIME,     "When the shipment was added, UTC.",           READ_ONLY),
        Field("cart_shipment_id",   TEXT,     "The shipment's number in the cart.",          READ_ONLY),
        Field("label_format",       TEXT,     "The label's file format.",                    READ_ONLY),
        Field("label_image",        TEXT,     "The label.",                                  READ_ONLY),
        Field("label_shipped",      TEXT,     "Whether the label was used.",                 READ_ONLY),
        Field("print_status",       TEXT,     "Whether the label was printed.",              READ_ONLY),
    ),
)

INVENTORY = Resource(
    "inventory", "inventory item", "What is in stock.", default_action="update",
    keys=(("id",), ("code",)), maps=("metadata", "variation_list"), weight_field="weight",
    fields=(
        ACTION,
        Field("id",                 TEXT,   "Order Desk's own number of the item.",          READ_ONLY, example="812"),
        Field("code",               TEXT,   "SKU; unique in the store.",                     REQUIRED, example="00123", search="code",
              aliases="SKU, Product SKU, Item SKU, Item Code, Item No, Product Code, seller-sku, PartNumber, Part Number,"
                      " Variant SKU, Artikelnr., Artikelnummer"),
        Field("name",               TEXT,   "What the item is called.",                      REQUIRED, example="Blue mug", search="name",
              aliases="Item Name, Product Name, Title, Product, Description"),
        Field("stock",              WHOLE,  "How many there are.",                           example="12",
              aliases="On hand (new), Counted, Count, Stock Level, Stock Quantity, Bestand; On hand, on_hand;"
                      " Available; Qty, Quantity, Menge"),
        Field("stock_change",       WHOLE,  "How many came (+5) or went (-3).",              path=NOWHERE, example="+5",
              aliases="Adjustment, Stock Adjustment"),
        Field("price",              MONEY,  "Selling price.",                                example="9.50",
              aliases="Unit Price, Preis; Sale Price"),
        Field("cost",               MONEY,  "What one costs you.",                           example="3.10", aliases="Unit Cost, Cost per item"),
        Field("weight",             WEIGHT, "Weight of one, in the store's unit.",           example="0.4", least=0),
        Field("location",           TEXT,   "Warehouse or fulfilment method.",               example="Leeds", search="location"),
        Field("update_source",      TEXT,   "The system that changed it last.",              example="Count"),
        Field("manufacturer_sku",   TEXT,   "The maker's SKU.",                              example="MUG-B",
              aliases="MPN, Manufacturer Part Number"),
        Field("variation_list.*",   TEXT,   "A variation, such as variation_list.Size.",     example="Large"),
        Field("metadata.*",         TEXT,   "Your own data, such as metadata.bin.",          example="A-3"),
        Field("date_added",         TIME,   "When the item was added, UTC.",                 READ_ONLY),
        Field("date_updated",       TIME,   "When the item was last changed, UTC.",          READ_ONLY),
    ),
)
# fmt: on

RESOURCES: Final[Mapping[str, Resource]] = {r.name: r for r in (ORDERS, ITEMS, SHIPMENTS, INVENTORY)}


def resource(name: str) -> Resource:
    """The resource of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in RESOURCES:
        raise UsageError(f'"{name}" is no resource. Write one of {", ".join(RESOURCES)}.')
    return RESOURCES[name]


def get(document: Mapping[str, Any], steps: Steps) -> Any:
    """The value at a place of a document; None where there is nothing."""
    at: Any = document
    for step in steps:
        if isinstance(step, int):
            if not isinstance(at, list) or step >= len(at):
                return None
            at = at[step]
        else:
            if not isinstance(at, Mapping):
                return None
            at = at.get(step)
    return at


def put(document: Document, steps: Steps, value: Any) -> None:
    """Set the value at a place of a document, making the maps and list entries that lead there."""
    at: Any = document
    for step, following in zip(steps, steps[1:], strict=False):
        if isinstance(step, int):
            while len(at) <= step:
                at.append({})
            child = at[step]
        else:
            child = at.get(step)
        if child is None or child == [] and not isinstance(following, int):  # `[]` is PHP's empty map
            child = [] if isinstance(following, int) else {}
            at[step] = child
        at = child
    last = steps[-1]
    if isinstance(last, int):
        while len(at) <= last:
            at.append({})
    at[last] = value


def drop(document: Document, steps: Steps) -> None:
    """Take the key at a place of a document away."""
    parent = get(document, steps[:-1]) if len(steps) > 1 else document
    if isinstance(parent, dict):
        parent.pop(steps[-1], None)


def read(field: Field, document: Mapping[str, Any]) -> Value:
    """What a document holds for a field, as a value."""
    place = field.place
    return None if place is None else field.kind.read(get(document, place))


def in_open_map(field: Field) -> bool:
    """Whether the field is a key of an open map (`metadata.colour`), which `(clear)` removes."""
    return field.steps is not None and isinstance(field.steps[-1], str) and not any(
        isinstance(step, int) for step in field.steps[:-1]
    )


def write(field: Field, document: Document, value: Value) -> None:
    """Set a field in a document to a value; `CLEAR` empties it, or removes a key of an open map."""
    place = field.place
    assert place is not None, field.name
    if value is CLEAR:
        if in_open_map(field):
            drop(document, place)
        else:
            put(document, place, copy.copy(field.kind.empty))
    else:
        put(document, place, field.kind.send(value))


def columns_of(of: Resource, document: Mapping[str, Any]) -> Iterator[Field]:
    """The fields that a document has, the open ones made concrete, in the table's order."""
    for field in of.fields:
        if not field.is_open:
            yield field
        elif field.name.startswith("item."):
            continue
        elif field.name.endswith(".*"):
            held = get(document, tuple((field.path or field.name).split(".")[:-1]))
            for key in held if isinstance(held, Mapping) else ():
                yield of.field(f"{field.name[:-1]}{key}")
        else:
            stem, leaf = field.name.split(".#.")
            held = document.get(stem)
            for n in range(1, len(held) + 1) if isinstance(held, list) else ():
                yield of.field(f"{stem}.{n}.{leaf}")
