"""This file holds what is known about the exports of carriers and carts: headings whose meaning hangs on the file.

A heading means what the field tables say, except here: `Known` says what a heading means among the
other headings of an export, `Join` says which columns make one value together, `VOID` which columns
tell that a label was given back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from ..kinds import TEXT, CellRefused, How, Value
from ..kinds.numbers import number


@dataclass(frozen=True)
class Says:
    """What a heading means in an export, per resource; where nothing is said, it is not used."""

    heading: str
    because: str = ""  # why it is not used: "is what the buyer paid"
    orders: str = ""
    items: str = ""
    shipments: str = ""
    inventory: str = ""
    rank: int = 1  # among the columns of that field
    quoted: bool = False  # the export begins its texts with an apostrophe, so that a spreadsheet keeps them


@dataclass(frozen=True)
class Known:
    """An export, known by the headings of which any one shows that a sheet is one."""

    name: str
    signs: str  # after commas; "" for every sheet
    says: tuple[Says, ...]


# fmt: off
_LABEL_DAY = "is the day the label was made, not the day it was sent"
_PAID = "is what the buyer paid, not what sending it cost"
_WANTED = "is the service that was asked for, not the one that was used"
_PART = "is only a part of the weight"

KNOWN: Final = (
    Known("every sheet", "", (
        Says("Date - Label Create Date", _LABEL_DAY), Says("Label Create Date", _LABEL_DAY),
        Says("Created Date", _LABEL_DAY), Says("Label Created Date", _LABEL_DAY),
        Says("Transaction Date/Time", "is when the charge was made, not when the parcel was sent"),
        Says("Ship By", "is the day by which it has to be sent"), Says("Ship By Date", "is the day by which it has to be sent"),
        Says("Carrier - Service Requested", _WANTED, orders="shipping_method"),
        Says("ship-service-level", _WANTED, orders="shipping_method"),
        Says("Weight - WeightOz", _PART), Says("Weight - WeightLbs", _PART),
        Says("Weight - TotalOz", "is the weight of the parcel", shipments="weight", rank=2),
        Says("Shipping", _PAID), Says("Order Shipping", _PAID), Says("Amount - Order Shipping", _PAID, orders="shipping_total"),
        Says("Store", "says which store a row is for, where there are several: --all-stores, or --store"),
    )),
    Known("Shopify's orders",
          "Lineitem name, Lineitem quantity, Lineitem price, Lineitem sku, Financial Status, Fulfillment Status, Fulfilled at,"
          " Accepts Marketing, Note Attributes, Outstanding Balance", (
        Says("Name", orders="source_id", items="order", shipments="order"),
        Says("Shipping", _PAID, orders="shipping_total"),
        Says("Taxes", orders="tax_total"),
        Says("Shipping Method", "is what the buyer chose, not what was used", orders="shipping_method"),
        Says("Billing Zip", orders="customer.postal_code", quoted=True), Says("Shipping Zip", orders="shipping.postal_code", quoted=True),
        Says("Id", "is Shopify's own number"), Says("Source", "is where in Shopify the order came from"),
        Says("Phone", "does not say whose it is"), Says("Location", "is a place of Shopify"),
        Says("Discount Code", "is not told apart from orders without a discount"),
        Says("Discount Amount", "is not told apart from orders without a discount"),
    )),
    Known("Etsy's orders", "Sale Date, Coupon Details, Order Sales Tax", (
        Says("Shipping", _PAID, orders="shipping_total"), Says("Order Shipping", _PAID, orders="shipping_total"),
        Says("Discount Amount", "is not told apart from orders without a discount"),
    )),
    Known("WooCommerce's products", "Regular price, Visibility in catalog, Is featured?, Tax status", (
        Says("ID", "is WooCommerce's own number"),
    )),
    Known("Amazon's reports", "order-item-id, quantity-purchased, purchase-date, carrier-name", (
        Says("order-item-id", "is Amazon's own number"),
        Says("carrier-name", "is read where carrier-code says Other"),
    )),
    Known("ShipStation's exports",
          "Order - Number, Shipment - Tracking Number, Shipment - Carrier, Shipment - Service, Carrier - Service Selected, Item - SKU", (
        Says("Order - ID", "is ShipStation's own number"), Says("Shipment - ID", "is ShipStation's own number"),
        Says("Item - ID", "is ShipStation's own number"),
    )),
    Known("Pirate Ship's export", "Rubber Stamp 1, Created Date, Label Created Date", (
        Says("Status", "is where Pirate Ship's label stands"),
    )),
    Known("a carrier's bill", "Express or Ground Tracking ID, Net Charge Amount, Ground Tracking ID Prefix, Bill to Account Number,"
          " Invoice Date, Invoice Amount, Shipper Number, Account Number", (
        Says("Invoice Number", "is the number of the carrier's invoice"), Says("Store ID", "is a number of the carrier"),
    )),
)
# fmt: on


@dataclass(frozen=True)
class Join:
    """Columns that make one value together; the first is the main one, whose cells are replaced."""

    field: str
    headings: tuple[str, ...]
    make: Callable[[Sequence[Any], How], Value]  # the cells of a row, in that order → a cell; raises CellRefused
    alone: bool = True  # the main column means the field by itself too
    unit: str = ""  # of what comes out, where it is a weight
    units: bool = False  # the last column holds the unit of each row's weight: the result is (number, unit)


def _shown(cell: Any) -> str:
    return TEXT.parse(cell, How()) or ""


def _prefixed(cells: Sequence[Any], how: How) -> Value:
    """FedEx's number in two columns: the prefix, where it is filled, goes before."""
    number_, prefix = _shown(cells[0]), _shown(cells[1])
    return prefix + number_ if number_ else cells[0]


def _unless_other(cells: Sequence[Any], how: How) -> Value:
    """Amazon's carrier: `Other` means that the second column says which."""
    named = cells[0]
    return cells[1] if isinstance(named, str) and named.strip().casefold() == "other" else named


def _first_filled(cells: Sequence[Any], how: How) -> Value:
    return next((cell for cell in cells if cell is not None and cell != ""), None)


def _names(cells: Sequence[Any], how: How) -> Value:
    return " ".join(word for word in map(_shown, cells) if word) or None


def _pounds_and_ounces(cells: Sequence[Any], how: How) -> Value:
    pounds, ounces = (number(cell, how) for cell in cells)
    if pounds is None and ounces is None:
        return None
    return (pounds or Decimal(0)) * 16 + (ounces or Decimal(0))


def _with_unit(cells: Sequence[Any], how: How) -> Value:
    weight = number(cells[0], how)
    if weight is None:
        return None
    unit = unit_named(_shown(cells[1]))
    if unit is None:
        raise CellRefused("has no unit that is known", "Write lb, oz, kg or g in the column of units.", "unit")
    return (weight, unit)


def _of_one(cells: Sequence[Any], how: How) -> Value:
    """Amazon's item-price is that of the whole line: it is the price of one where there is one."""
    price, pieces = cells
    if price is None or pieces is None or number(pieces, how) == 1:
        return price
    raise CellRefused(
        f"is the price of the whole line, {_shown(pieces)} pieces",
        'Write the price of one in a column "price", or leave the column out with --map "item-price=".',
        "line-price",
    )


# fmt: off
JOINS: Final = (
    Join("tracking_number",     ("Express or Ground Tracking ID", "Ground Tracking ID Prefix"), _prefixed),
    Join("carrier_code",        ("carrier-code", "carrier-name"), _unless_other),
    Join("shipment_method",     ("Service Type", "Ground Service"), _first_filled),
    Join("weight",              ("Weight - WeightLbs", "Weight - WeightOz"), _pounds_and_ounces, alone=False, unit="oz"),
    Join("weight",              ("Actual Weight Amount", "Actual Weight Units"), _with_unit, units=True),
    Join("weight",              ("Rated Weight Amount", "Rated Weight Units"), _with_unit, units=True),
    Join("weight",              ("CartonWeight", "CartonWeightUom"), _with_unit, units=True),
    Join("item.price",          ("item-price", "quantity-purchased"), _of_one),
    Join("price",               ("item-price", "quantity-purchased"), _of_one),
)
RETURN_NAME: Final = Join("return_address.name", ("return_address.first_name", "return_address.last_name"), _names)

# Columns that tell that a label is void. Their letters → whether any filled cell says so (a date does).
VOID: Final = {
    "void": False, "voided": False, "isvoid": False, "isvoided": False, "labelvoid": False, "labelvoided": False,
    "shipmentvoid": False, "shipmentvoided": False, "shipmentisvoided": False, "voidindicator": False, "voidlabel": False,
    "refund": False, "refunded": False, "isrefunded": False, "labelrefunded": False,
    "status": False, "labelstatus": False, "refundstatus": False, "voidstatus": False, "shipmentstatus": False, "transactiontype": False,
    "trackingstatus": False,
    "voiddate": True, "voideddate": True, "datevoided": True, "shipmentvoiddate": True, "dateshipmentvoided": True, "voidedat": True,
    "voidedon": True, "refunddate": True, "refundeddate": True, "refundedat": True, "daterefunded": True, "datevoid": True,
}
VOID_SIMPLE: Final = ("void", "voided", "refund", "refunded", "voidindicator", "voidlabel")  # columns of yes and no
VOID_YES: Final = frozenset((
    "yes", "y", "true", "t", "1", "x", "void", "voided", "refund", "refunded", "cancelled", "canceled", "refund requested",
    "refund pending", "refund approved", "refund submitted", "label voided", "label refunded", "void requested",
))
VOID_NO: Final = frozenset((
    "no", "n", "false", "f", "0", "none", "active", "valid", "printed", "n/a", "-", "purchased", "not voided", "not refunded",
    "refund rejected", "refund denied", "not void",
))
# fmt: on

_UNITS: Final = {
    "oz": "oz", "ozs": "oz", "ounce": "oz", "ounces": "oz", "o": "oz",
    "lb": "lb", "lbs": "lb", "pound": "lb", "pounds": "lb", "l": "lb",
    "g": "g", "gr": "g", "gram": "g", "grams": "g", "gramm": "g",
    "kg": "kg", "kgs": "kg", "kilo": "kg", "kilos": "kg", "kilogram": "kg", "kilograms": "kg", "kilogramm": "kg", "k": "kg",
}  # fmt: skip
IN_HEADINGS: Final = tuple(word for word in sorted(_UNITS, key=len, reverse=True) if word not in ("o", "l", "k"))
_GRAMS: Final = {
    "g": Decimal(1),
    "kg": Decimal(1000),
    "oz": Decimal("28.349523125"),
    "lb": Decimal("453.59237"),
}
WEIGHT_UNITS: Final = tuple(_GRAMS)


def unit_named(text: str) -> str | None:
    """The unit of weight that a word means: oz, lb, g, kg; None if it is none.

    >>> unit_named("Lbs."), unit_named("KG"), unit_named("stone")
    ('lb', 'kg', None)
    """
    return _UNITS.get(text.strip().rstrip(".").lower())


def convert(weight: Decimal, unit: str, to: str) -> Decimal:
    """A weight in another unit, to four decimals.

    >>> convert(Decimal("24"), "oz", "lb"), convert(Decimal("1"), "kg", "oz")
    (Decimal('1.5'), Decimal('35.2740'))
    """
    if unit == to:
        return weight
    if (unit, to) == ("oz", "lb"):
        exact = weight / 16
    elif (unit, to) == ("lb", "oz"):
        exact = weight * 16
    else:
        exact = weight * _GRAMS[unit] / _GRAMS[to]
    return exact if exact == exact.quantize(Decimal("0.0001")) else exact.quantize(Decimal("0.0001"))
