"""This file holds the rows that several field tables share: which order, addresses, items, discounts, notes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ..kinds import CHOICE, MONEY, ORDER, TEXT, TIME, WEIGHT, WHOLE
from .field import ACTIONS, KEY, NOWHERE, REQUIRED, Field

PAYMENT_STATUS: Final = (
    "Approved", "Authorized", "Captured", "Fully Refunded", "Partially Refunded", "Pending", "Rejected", "Voided",
)  # fmt: skip
DELIVERY_TYPES: Final = ("ship", "noship", "download", "future")
NOTES_LIMIT: Final = 2000  # characters of all the notes of an order together

# fmt: off
ACTION = Field("action", CHOICE, "What to do with the row; else what --action says.", path=NOWHERE, choices=ACTIONS,
               aliases="command", example="update")

# Which order a row of an items or shipments sheet belongs to.
WHICH_ORDER = (
    Field("order.id",          TEXT,  "Order Desk's own number of the order.",  KEY, NOWHERE, example="26211",
          aliases="Order Desk ID, OrderDesk ID, Order Desk Order ID"),
    Field("order.source_id",   TEXT,  "The order's number in the cart.",        KEY, NOWHERE, example="10001", aliases="Source ID"),
    Field("order.source_name", TEXT,  "The cart the number is from.",           KEY, NOWHERE, example="Shopify", aliases="Source Name"),
    Field("order",             ORDER, "The order's number, the cart's or Order Desk's.", KEY, NOWHERE, example="10001",
          aliases="Order - Number, Order #, OrderNumber, Order Number, Order ID, order_id, Order_ID, order-id,"
                  " external_order_id, Order No, Order Nr, Order No., amazon-order-id,"
                  " 注文番号, Bestellnummer, Bestellnr, Bestell-Nr, Auftragsnummer, Sales Order;"
                  " Original Customer Reference, Cust Ref Num1, PO #, ShipNumber, PackageReference1, Order Reference, Order Ref;"
                  " Reference 1, Reference Number 1, Package Reference No. 1, Rubber Stamp 1, PO Number; Reference, Ref, Customer Reference;"
                  " Invoice Number"),
)

STREET = (
    Field("first_name",  TEXT, "Given name.",                    example="Ada",             aliases="Firstname, Given Name"),
    Field("last_name",   TEXT, "Family name.",                   example="Lovelace",        aliases="Lastname, Surname, Family Name"),
    Field("company",     TEXT, "Company.",                       example="Engine Works Ltd", aliases="Company Name"),
    Field("address1",    TEXT, "Street and number.",             example="12 St James's Square", aliases="Address 1, Address Line 1; Street, Street 1"),
    Field("address2",    TEXT, "Second line of the address.",    example="Flat 3",          aliases="Address 2, Address Line 2; Street 2"),
    Field("address3",    TEXT, "Third line of the address.",     aliases="Address 3, Address Line 3; Street 3"),
    Field("address4",    TEXT, "Fourth line of the address.",    aliases="Address 4, Address Line 4"),
    Field("city",        TEXT, "Town or city.",                  example="London",          aliases="Town"),
    Field("state",       TEXT, "State, province or county.",     example="Greater London",  aliases="Province, State/Province, State/County, Region"),
    Field("postal_code", TEXT, "Postcode or ZIP, kept as text.", example="SW1Y 4JH",        aliases="Zip, Zip Code, Zipcode, Postcode, Zip/Postal Code"),
    Field("country",     TEXT, "Country, as a code or a name.",  example="GB",              aliases="Country Code"),
    Field("phone",       TEXT, "Phone number.",                  example="+44 20 7946 0018", aliases="Phone Number, Telephone, Phone #"),
)
SHORT_STREET = tuple(field for field in STREET if field.name not in ("address3", "address4"))
RETURN_STREET = (
    Field("title",       TEXT, "A title for the return address.", example="Warehouse"),
    Field("name",        TEXT, "Name on the return address.",     example="Returns Desk"),
    *(field for field in SHORT_STREET if field.name not in ("first_name", "last_name")),
)
RETURN_NAMES = (  # the seed's form asks for two names; the API holds one
    Field("first_name",  TEXT, "Given name; joined with the last name into return_address.name.",   path=NOWHERE, example="Grace"),
    Field("last_name",   TEXT, "Family name; joined with the first name into return_address.name.", path=NOWHERE, example="Hopper"),
)

ITEM = (
    Field("name",               TEXT,   "What the item is called.",                      REQUIRED, example="Blue mug",
          aliases="Item - Name, Item Name, Product Name, Lineitem name; Title; Product; Description"),
    Field("code",               TEXT,   "SKU or product code.",                          example="00123",
          aliases="SKU, Item - SKU, Lineitem sku, Product SKU, Item SKU, seller-sku, PartNumber, Part Number,"
                  " Artikelnr., Artikelnummer; Item Code, Product Code, Item No; Item - Fill SKU"),
    Field("price",              MONEY,  "Price of one.",                                 example="9.50",
          aliases="Unit Price, Item - Unit Price, Lineitem price, item-price, Item Price, Product Unit Price, Preis; Sale Price"),
    Field("quantity",           WHOLE,  "How many.",                                     example="2", least=0,
          aliases="Item - Qty, Lineitem quantity, quantity-purchased, ShipItemQty; Qty, Menge, Anzahl; quantity-to-ship; quantity-shipped"),
    Field("weight",             WEIGHT, "Weight of one, in the store's unit.",           example="0.4", least=0,
          aliases="Item - Weight, Item Weight; Gewicht"),
    Field("delivery_type",      CHOICE, "How it reaches the customer.",                  choices=DELIVERY_TYPES, example="ship"),
    Field("category_code",      TEXT,   "Category.",                                     example="DEFAULT"),
    Field("fulfillment_method", TEXT,   "Who fulfils it.",                               example="Warehouse"),
    Field("variation_list.*",   TEXT,   "A variation, such as variation_list.Size.",     example="Large"),
    Field("metadata.*",         TEXT,   "Your own data, such as metadata.image.",        example="mug.jpg"),
)
_LOOSE = ("Title", "Product", "Description", "Sale Price", "Gewicht")  # in an orders sheet these could be anything's

DISCOUNT = (
    Field("name",   TEXT,  "Name of the discount.",             example="Summer sale", aliases="Discount Name"),
    Field("code",   TEXT,  "Code that was used.",               example="SUMMER10",    aliases="Discount Code"),
    Field("amount", MONEY, "Amount, as a positive number.",     example="4.50", least=0, aliases="Discount Amount"),
)
NOTE = (
    Field("content",    TEXT, "The note.",                      example="Leave with the neighbour", aliases="Note Content", most=NOTES_LIMIT),
    Field("username",   TEXT, "Who wrote the note.",            example="Grace", aliases="Note Username, Username"),
    Field("date_added", TIME, "When the note was written, UTC.", example="2026-11-23 09:30:00", aliases="Note Date Added"),
)
# fmt: on


def items_in_orders() -> Iterator[Field]:
    """The item's fields as columns of an orders sheet: `item.code`, ….

    The bare words that an item has in its own sheet (`Name`, `Weight`) are left out there: they
    could be those of the order.
    """
    more = {
        "quantity": "; Quantity",
        "delivery_type": "Delivery Type",
        "category_code": "Category Code",
        "fulfillment_method": "Fulfillment Method",
        "variation_list.*": "variation_list.*",
    }
    for field in ITEM:
        ranks = [[alias for alias in rank if alias not in _LOOSE] for rank in field.ranks()[1:]]
        aliases = "; ".join(", ".join(rank) for rank in ranks if rank) + more.get(field.name, "")
        yield replace(field, name=f"item.{field.name}", path=field.path or field.name, aliases=aliases)
