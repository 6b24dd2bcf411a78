"""This file holds plans made up for the tests of what people see, one for each sort of thing that a plan can show."""

from __future__ import annotations

import datetime as dt
import os
from decimal import Decimal
from pathlib import Path

from orderdesk_batch.errors import Problem
from orderdesk_batch.kinds import CLEAR
from orderdesk_batch.plan.change import Change, ItemChange, Plan, Step

PEOPLE = [
    ("Ada Lovelace", "London"), ("Jürgen Müller", "Köln"), ("Seán O'Brien", "Cork"), ("山田 太郎", "東京"),
    ("Null", "Boise"), ("María-José Hernández de la Cruz", "San Cristóbal de las Casas"), ("Grace Hopper", "Arlington"),
]  # fmt: skip
HOSTILE = '<script>alert(1)</script>[bold red]x[/] \x1b[31mred\x1b[0m \u202egnp.exe & "quoted" =1+1'


def shipments(count: int = 57) -> Plan:
    """Tracking numbers, most of them to be created, some there already, two refused."""
    changes = []
    for n in range(count):
        name, city = PEOPLE[n % len(PEOPLE)]
        number = 10001 + n
        tracking = f"94001118992231{n:08d}" if n % 3 else f"1Z999AA1{n:010d}"
        change = Change(
            n + 1, "shipments", "create", [n + 2], f"order {number}, {tracking}", order_id=str(26211 + n),
            fields={
                "tracking_number": [None, tracking], "carrier_code": [None, "USPS" if n % 3 else "UPS"],
                "shipment_method": [None, "Priority Mail" if n % 3 else "Ground"],
                "date_shipped": [None, dt.date(2026, 11, 23)], "weight": [None, Decimal("1.2")], "cost": [None, Decimal("7.85")],
            },
            about={"number": str(number), "source": "Shopify", "name": name, "city": city}, steps=[Step("batch")],
        )  # fmt: skip
        if n in (4, 9, 10):
            change.action, change.steps, change.fields, change.note = "none", [], {}, "is on the order already"
        changes.append(change)
    return Plan(
        "shipments", changes,
        [
            Problem("is no order of the store", "Check the number in Order Desk.", row=60, column="Order - Number", value="99999",
                    place="shipstation.csv, A60", field="order", code="not-found"),
            Problem("the tracking number is blank", "Write it, or n/a if there is none.", row=61,
                    column="Shipment - Tracking Number", place="shipstation.csv, F61", field="tracking_number", code="blank"),
            Problem("means nothing here; it is carried to the results", "", "warning", None, "Gift - Message",
                    place="shipstation.csv", code="unused"),
        ],
        refused=2, refused_rows={("", 60), ("", 61)}, store_id="42174", store_name="Engine Works", sheet_name="shipstation.csv",
        sets_off=["Adding shipments can push tracking numbers to the carts and run the store's rules: 54 buyers may get an e-mail."],
        calls=1, seconds=0.33, run="/home/ada/runs/2026-11-23-1.run",
    )  # fmt: skip


def stock() -> Plan:
    """A stock count: short updates, one relative, one cleared."""
    what = [("00123", "Blue mug", 12, 15), ("1E5", "Resistor, 100 kΩ", 1200, 0), ("3-4", 'Dowel ¾"', 7, 6)]
    changes = [
        Change(
            n + 1, "inventory", "update", [n + 2], code, str(812 + n), about={"number": code, "name": name},
            fields={"stock": [old, new], **({"price": [Decimal("9.5"), Decimal("9.95")], "location": ["Leeds", CLEAR]} if not n else {})},
            steps=[Step("batch")], note="+5" if n == 2 else "",
        )
        for n, (code, name, old, new) in enumerate(what)
    ]  # fmt: skip
    return Plan("inventory", changes, store_id="42174", store_name="Engine Works", sheet_name="count.xlsx", calls=1, seconds=0.33)


def orders() -> Plan:
    """Orders changed, created, deleted; items within; long and hostile texts."""
    long = "Please leave the parcel with the neighbour at number 12, she is in all day except on Tuesdays; ring twice. "
    changes = [
        Change(
            1, "orders", "update", [2, 3], "order 10001", "26211", about=_about(0),
            fields={"email": ["ada@example.com", "countess@example.com"], "shipping.city": ["London", "Londonderry"],
                    "checkout_data.Gift Message": [long + "Thanks", long + "Thank you"], "folder": ["21654", "21655"]},
            items=[ItemChange("update", "77", "00123", [3], {"quantity": [1, 2]}),
                   ItemChange("create", "", "NEW-1", [3], {"name": [None, "Red mug"], "quantity": [None, 1]}),
                   ItemChange("delete", "78", "OLD-1", [3], {})],
            steps=[Step("put"), Step("move")],
        ),
        Change(2, "orders", "create", [4, 5, 6, 7], "new order", about={"number": "", "name": "Jürgen Müller", "city": "Köln"},
               fields={f"shipping.{n}": [None, v] for n, v in {
                   "first_name": "Jürgen", "last_name": "Müller", "address1": "Domplatz 1", "city": "Köln", "postal_code": "50667",
                   "country": "DE", "phone": "+49 221 123"}.items()} | {"source_id": [None, "A-77"], "email": [None, "jm@example.de"]},
               steps=[Step("post")]),
        Change(3, "orders", "delete", [9], "order 10003", "26213", about=_about(2), steps=[Step("delete")]),
        Change(4, "orders", "update", [11], HOSTILE, "26214", about={"number": HOSTILE, "name": HOSTILE, "city": HOSTILE},
               fields={f"order_metadata.{HOSTILE}": [HOSTILE, HOSTILE + "!"]}, steps=[Step("put")]),
        Change(5, "orders", "skip", [12], "order 10005", note="skipped, as the sheet says"),
    ]  # fmt: skip
    return Plan(
        "orders", changes, [Problem(f"is odd: {HOSTILE}", HOSTILE, row=11, column=HOSTILE, value=HOSTILE, place=f"{HOSTILE}.xlsx, A11")],
        1, {("", 13)}, "42174", HOSTILE, "orders.xlsx", sets_off=["Moving an order to another folder may fire the store's rules."],
        unsafe="This would delete 15 records; more than 10 need --force.", calls=5, seconds=1.67,
    )  # fmt: skip


def applied() -> Plan:
    """The shipments after they were sent: most done, some not."""
    plan = shipments()
    for n, change in enumerate(plan.writing()):
        change.steps[0].state = "done"
        change.id = str(9000 + n)
        if n == 5:
            change.steps[0] = Step("batch", "failed", "Shipment Not Added", refused=True)
        elif n == 6:
            change.steps[0] = Step("batch", "stale", "someone changed the tracking number meanwhile")
        elif n == 7:
            change.steps[0] = Step("batch", "unknown", "the connection was cut, and the order could not be looked at")
        elif n == 8:
            change.steps[0] = Step("batch", "waiting")
    return plan


def _about(n: int) -> dict[str, str]:
    name, city = PEOPLE[n]
    return {"number": str(10001 + n), "source": "Shopify", "name": name, "city": city}


def as_agreed(name: str, text: str) -> None:
    """Hold a text against the file of that name in tests/golden; `RENEW=1 pytest` writes the files anew."""
    path = Path(__file__).parent / "golden" / name
    if os.environ.get("RENEW"):
        path.write_text(text, "utf-8", newline="\n")
    assert text == path.read_text("utf-8"), f"{name} differs: look at it, then RENEW=1 pytest"
