"""Makes the sample sheets beside this file. They fit the orders of `orderdesk-batch sandbox` (300 orders, 500 items).

    python samples/make_samples.py [FOLDER]

The same sheets come out each time. `samples/README.md` tells what is in them.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import xlsxwriter

from orderdesk_batch.carriers import carrier_of
from orderdesk_batch.sandbox import Sandbox

HERE = Path(__file__).parent
DAY = dt.date(2026, 11, 20)  # the last day in the tracking sheets
NOW = dt.datetime(2026, 11, 23)
ROWS = 60
SERVICES = {
    "USPS": "USPS Ground Advantage",
    "UPS": "UPS® Ground",
    "FedEx": "FedEx Home Delivery®",
    "DHL": "DHL Express Worldwide",
}
NOBODYS = ("10991", "10992", "10993")  # orders that the sandbox has not got

Document = dict[str, Any]


class Parcel(NamedTuple):
    """A row of a tracking sheet."""

    order: Document
    carrier: str
    service: str
    tracking: str
    shipped: dt.date
    cost: float
    ounces: float


# -- the orders -----------------------------------------------------------------------------------------


def to_send(orders: Sequence[Document]) -> list[Document]:
    """The orders in New and Prepared whose number is no other order's."""
    numbers = [order["source_id"] for order in orders]
    ids = {order["id"] for order in orders}
    return [
        order
        for order in orders
        if order["folder_id"] in ("21654", "21655")
        and numbers.count(order["source_id"]) == 1
        and (order["source_id"] == order["id"] or order["source_id"] not in ids)
    ]


def parcels(
    rng: random.Random, orders: Sequence[Document], there: Document, nobody: str, carriers: Sequence[str]
) -> list[Parcel]:
    """60 rows: 57 orders, one of them with a second parcel, one parcel that is there already, one for an order that isn't."""
    found = []
    for place, order in enumerate(orders):
        found.append(_parcel(rng, order, carriers[place % len(carriers)], place))
        if place == 23:
            found.append(_parcel(rng, order, found[-1].carrier, place))
    held = there["order_shipments"][0]
    old = Parcel(there, held["carrier_code"], held["shipment_method"], held["tracking_number"], DAY, float(held["cost"]), 24.0)
    unknown = {**there, "source_id": nobody, "shipping": there["shipping"] | {"first_name": "Robin", "last_name": "Doe"}}
    found.insert(11, old)
    found.insert(41, _parcel(rng, unknown, carriers[0], 41))
    assert len(found) == ROWS, len(found)
    return found


def _parcel(rng: random.Random, order: Document, carrier: str, place: int) -> Parcel:
    ounces = max(round(float(order["weight_total"]) * 16 + 3, 1), 4.0)
    shipped = DAY - dt.timedelta(days=(ROWS - place) // 20)
    cost = round(3.8 + ounces / 12 + rng.random() * 3, 2)
    return Parcel(order, carrier, SERVICES[carrier], tracking_number(rng, carrier), shipped, cost, ounces)


def tracking_number(rng: random.Random, carrier: str) -> str:
    """A made-up number of the form its carrier uses, with the right check digit."""
    digits = {
        "USPS": lambda: f"9400111899560{rng.randrange(10**8):08d}",
        "UPS": lambda: f"1ZA82F9703{rng.randrange(10**7):07d}",
        "FedEx": lambda: f"7{rng.randrange(10**10):010d}",
        "DHL": lambda: f"{rng.randrange(10**8, 10**9)}",
    }[carrier]()
    return next(digits + check for check in "0123456789" if carrier_of(digits + check) == carrier)


# -- the sheets -------------------------------------------------------------------------------------------


def shipstation(rows: Sequence[Parcel]) -> str:
    """ShipStation's export of shipments: every cell in quotes, its own headings."""
    table = [
        {
            "Order - Number": row.order["source_id"],
            "Market - Store Name": f"{row.order['source_name']} Store",
            "Date - Order Date": _american(dt.datetime.fromisoformat(row.order["date_added"])),
            "Date - Shipped Date": _american(dt.datetime.combine(row.shipped, dt.time())),
            "Ship To - Name": _name(row.order),
            "Ship To - Company": row.order["shipping"]["company"],
            "Ship To - City": row.order["shipping"]["city"],
            "Ship To - State": row.order["shipping"]["state"],
            "Ship To - Postal Code": row.order["shipping"]["postal_code"],
            "Ship To - Country": row.order["shipping"]["country"],
            "Shipment - Carrier": row.carrier,
            "Shipment - Service": row.service,
            "Shipment - Tracking Number": row.tracking,
            "Shipment - Weight (Oz)": f"{row.ounces:.2f}",
            "Amount - Shipping Cost": f"{row.cost:.2f}",
        }
        for row in rows
    ]
    return _csv(table, quote_all=True)


def pirateship(rows: Sequence[Parcel]) -> str:
    """Pirate Ship's export of shipments; it sends with USPS and UPS."""
    table = []
    for row in rows:
        ship, days = row.order["shipping"], f"{row.shipped:%m/%d/%Y}"
        table.append(
            {
                "Created Date": days, "Recipient": _name(row.order), "Company": ship["company"], "Email": row.order["email"],
                "Tracking Number": row.tracking, "Cost": f"${row.cost:.2f}", "Status": "Purchased", "Batch": "Orders",
                "Label Size": "4x6", "Ship From": "89501", "Ship Date": days, "Weight (oz)": f"{row.ounces:g}",
                "Package Type": "Box", "Address Line 1": ship["address1"], "Address Line 2": ship["address2"], "City": ship["city"],
                "State": ship["state"], "Zipcode": ship["postal_code"], "Country": ship["country"], "Carrier": row.carrier,
                "Service": row.service.removeprefix("USPS ").replace("®", ""), "Order ID": row.order["source_id"],
                "Rubber Stamp 1": row.order["source_id"], "Rubber Stamp 2": row.order["order_items"][0]["name"],
            }
        )  # fmt: skip
    return _csv(table)


def tracking_book(path: Path, rows: Sequence[Parcel]) -> None:
    """A workbook as a person makes one: a title, headings in the third row, numbers where Excel makes them."""
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        book.set_properties({"title": "Shipped this week", "created": NOW})
        sheet = book.add_worksheet("Shipped")
        title, head = (
            book.add_format({"bold": True, "font_size": 14}),
            book.add_format({"bold": True, "bg_color": "#DDEBF7", "bottom": 1}),
        )
        text, money, day = (book.add_format({"num_format": form}) for form in ("@", "$#,##0.00", "d mmm yyyy"))
        sheet.write("A1", "Shipped this week (warehouse)", title)
        for column, (heading, width) in enumerate(
            (
                ("Order #", 12),
                ("Customer", 30),
                ("Tracking", 27),
                ("Carrier", 9),
                ("Ship Date", 13),
                ("Shipping Cost", 14),
                ("Notes", 22),
            )
        ):
            sheet.write(2, column, heading, head)
            sheet.set_column(column, column, width)
        sheet.freeze_panes(3, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        for place, row in enumerate(rows, 3):
            number = row.order["source_id"]
            if number.startswith("#") or not number.startswith("0"):
                sheet.write_number(place, 0, int(number.removeprefix("#")))  # the # is left out, as people do
            else:
                sheet.write_string(place, 0, number, text)  # zeros in front: only text keeps them
            sheet.write_string(place, 1, _name(row.order))
            sheet.write_string(
                place, 2, _in_groups(row.tracking) if place % 9 == 0 and row.carrier == "USPS" else row.tracking, text
            )
            sheet.write_string(place, 3, row.carrier)
            sheet.write_datetime(place, 4, dt.datetime.combine(row.shipped, dt.time()), day)
            sheet.write_number(place, 5, row.cost, money)
            if place % 13 == 5:
                sheet.write_string(place, 6, "left at the dock")


def stock_count(items: Sequence[Document]) -> str:
    """A count of the first 60 items of the inventory: every third is as the store has it, the others are off by a few."""
    table = [
        {
            "SKU": item["code"],
            "Product Name": item["name"],
            "Counted": str(item["stock"] if place % 3 == 0 else max(item["stock"] - 4, 0) + place % 7),
            "Counted by": ("Mo", "Kim")[place % 2],
        }
        for place, item in enumerate(items[:ROWS])
    ]
    return _csv(table)


def new_orders(items: Sequence[Document], orders: Sequence[Document]) -> str:
    """Twelve new orders of a wholesale list: a row for each item, the order's own cells repeated."""
    table = []
    for place in range(12):
        ship = orders[place]["shipping"]
        for nth in range(1 + place % 3):
            item = items[(place * 2 + nth * 5) % 16]
            table.append(
                {
                    "action": "create", "source_name": "Wholesale", "source_id": f"W-{2001 + place}",
                    "email": f"wholesale{place + 1}@example.com", "shipping_method": "Ground",
                    "shipping.first_name": ship["first_name"], "shipping.last_name": ship["last_name"], "shipping.company": ship["company"],
                    "shipping.address1": ship["address1"], "shipping.address2": ship["address2"], "shipping.city": ship["city"],
                    "shipping.state": ship["state"], "shipping.postal_code": ship["postal_code"], "shipping.country": ship["country"],
                    "order_metadata.po_number": f"PO-{7300 + place}",
                    "item.code": item["code"], "item.name": item["name"], "item.quantity": str(6 * (nth + 1)),
                    "item.price": f"{item['price'] * 0.8:.2f}", "item.weight": f"{item['weight']:g}",
                }
            )  # fmt: skip
    return _csv(table)


def _name(order: Document) -> str:
    return f"{order['shipping']['first_name']} {order['shipping']['last_name']}"


def _american(moment: dt.datetime) -> str:
    return f"{moment.month}/{moment.day}/{moment:%Y} {moment.hour % 12 or 12}:{moment:%M:%S %p}"


def _in_groups(number: str) -> str:
    """As it is printed on the label: in groups of four."""
    return " ".join(number[place : place + 4] for place in range(0, len(number), 4))


def _csv(rows: Sequence[dict[str, str]], *, quote_all: bool = False) -> str:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL)
    writer.writerow(rows[0])
    writer.writerows(row.values() for row in rows)
    return out.getvalue()


def make(folder: Path) -> Iterator[Path]:
    """Write all sheets into a folder."""
    box = Sandbox(orders=300, inventory=500, now=NOW)
    orders, items = box.orders(), box.inventory()
    waiting = to_send(orders)
    sent = {carrier: [one for one in orders if len(one["order_shipments"]) == 1 and one["order_shipments"][0]["carrier_code"] == carrier
                      and one["order_shipments"][0]["tracking_number"] != "n/a"] for carrier in ("USPS", "UPS")}  # fmt: skip
    rng = random.Random(20261120)
    plans = (("USPS", "UPS", "USPS", "FedEx", "DHL"), ("USPS", "USPS", "UPS"), ("UPS", "USPS", "FedEx"))
    theres = (sent["USPS"][2], sent["UPS"][5], sent["USPS"][7])
    first, second, third = (parcels(rng, waiting[57 * n : 57 * n + 57], theres[n], NOBODYS[n], plans[n]) for n in range(3))
    texts = {
        "shipstation-tracking.csv": shipstation(first),
        "pirateship-tracking.csv": pirateship(second),
        "stock-count.csv": stock_count(items),
        "orders.csv": new_orders(items, orders),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
        yield folder / name
    tracking_book(folder / "tracking.xlsx", third)
    yield folder / "tracking.xlsx"


if __name__ == "__main__":
    for written in make(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE):
        print(written)
