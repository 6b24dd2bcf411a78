"""Makes the notebooks: the cells are here, their outputs come from running them. Run this file to make them again.

The sandbox of each pretends to be on one day, so that the outputs are the same whenever they are made.
"""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}, "language_info": {"name": "python"}}


def says(text: str) -> Any:
    """A cell of words."""
    return nbformat.v4.new_markdown_cell(textwrap.dedent(text).strip())


def runs(code: str, *, may_fail: bool = False) -> Any:
    """A cell of code."""
    cell = nbformat.v4.new_code_cell(textwrap.dedent(code).strip())
    if may_fail:
        cell.metadata["tags"] = ["raises-exception"]
    return cell


TRACKING = [
    says("""
        # Uploading tracking numbers

        A sheet that ShipStation exported, with 60 parcels. We look at what it would do to the store, send it, and see that
        sending it again does nothing.

        It runs on the built-in **sandbox**, a local imitation of Order Desk: no account is needed, and none is touched.
    """),
    runs("""
        import orderdesk_batch as od
        import pandas as pd

        desk = od.sandbox(now="2026-11-23 09:00")  # for your own store, this line is:  desk = od.connect()
        desk
    """),
    says("""
        `od.connect()` takes the store's number and key from the environment (`ORDERDESK_STORE_ID`, `ORDERDESK_API_KEY`). The key is
        never shown here, nor written to any file.

        ## The sheet

        A sheet is a path (`"tracking.xlsx"`) or a frame. As a frame it can be looked at, and changed, before it goes anywhere. Read it
        as text (`dtype=str, keep_default_na=False`), or leading zeros are lost, and pandas takes the surname `Null` for a blank cell.
    """),
    runs("""
        sheet = pd.read_csv("../samples/shipstation-tracking.csv", dtype=str, keep_default_na=False)
        sheet[["Order - Number", "Ship To - Name", "Shipment - Carrier", "Shipment - Tracking Number"]].head()
    """),
    says("""
        ## The plan

        `plan` reads the store and says what uploading would do. **It sends nothing.** The headings are ShipStation's own; they are
        understood as they are.
    """),
    runs("""
        plan = desk.plan("shipments", sheet)
        plan
    """),
    says("""
        58 parcels are new. One number is on its order already and is left alone. And one row names an order that the store has not got.
        Because of that row nothing can be sent yet:
    """),
    runs("""
        desk.upload("shipments", sheet, yes=True)
    """, may_fail=True),
    says("""
        ## Mending the row

        What is wrong is also a list, to look things up in: each problem knows its row (as Excel shows it), its column and its value.
    """),
    runs("""
        bad = plan.errors[0]
        sheet.loc[[bad.row - 2], ["Order - Number", "Ship To - Name", "Shipment - Tracking Number"]]  # row 2 is the frame's first
    """),
    says("""
        Nobody knows that order. Until somebody does, its row is left out with `skip_bad_rows=True`; it stays in the results, marked.
        The weights are in ounces here; once we say which unit the store keeps, they are sent too.
    """),
    runs("""
        plan = desk.plan("shipments", sheet, skip_bad_rows=True, weight_unit="lb")
        plan.counts
    """),
    says("## Sending it"),
    runs("""
        done = desk.apply(plan.run, yes=True)
        done
    """),
    says("""
        58 parcels in one call. Without `yes=True` it would have come back unsent.

        ## Sending it again

        A sheet that was uploaded by mistake a second time changes nothing: every number is found on its order.
    """),
    runs("""
        desk.plan("shipments", sheet, skip_bad_rows=True).counts
    """),
    says("""
        ## What the store has now
    """),
    runs("""
        shipments = desk.export("shipments")
        od.plot.table(od.report.tracking_coverage(shipments), "Parcels with a tracking number", "All orders of the store")
    """),
    says("""
        To take all of it back: `desk.undo(done.run, yes=True)`. What somebody changed since is left alone, and reported.
        The next notebook, [a stock count](stock-count.ipynb), shows it.
    """),
    runs("desk.close()  # the sandbox ends, and with it all that was done"),
]

STOCK = [
    says("""
        # A stock count, and the way back

        Two people counted 60 items. We look at where the count differs from the store, upload it, and then take it back, without
        touching what a colleague changed in between.

        It runs on the built-in **sandbox**: no account is needed, and none is touched.
    """),
    runs("""
        import orderdesk_batch as od
        import pandas as pd

        desk = od.sandbox(now="2026-11-23 09:00")  # for your own store, this line is:  desk = od.connect()
        count = pd.read_csv("../samples/stock-count.csv", dtype=str, keep_default_na=False)
        count.head()
    """),
    says("""
        Codes such as `00123`, `1E5` and `2024-03` are the sort that spreadsheets turn into numbers and dates, and `NULL` and `NA` are
        codes here, not blanks. Read as text (`dtype=str, keep_default_na=False`) they stay what they are.

        ## What the count would change
    """),
    runs("""
        plan = desk.plan("inventory", count)
        plan
    """),
    says("""
        27 counts agree with the store; nothing is sent for them. A count is also a chance to see *who* loses stock, and how much of it:
        a plan is made of changes, and a change knows its old and new values.
    """),
    runs("""
        by_row = {row: change for change in plan.writing() for row in change.rows}
        differences = pd.DataFrame(
            [
                {"code": count["SKU"][row - 2], "name": count["Product Name"][row - 2], "counted_by": count["Counted by"][row - 2], "before": old, "counted": new, "difference": new - old}
                for row, change in by_row.items()
                for old, new in [map(int, change.fields["stock"])]
            ]
        ).sort_values("difference", key=abs, ascending=False)
        od.plot.table(differences, "The largest differences", "Units, counted less what the store had", limit=8)
    """),
    runs("""
        inventory = desk.export("inventory", money="float")
        costs = inventory.set_index("code")["cost"]
        worth = (differences["difference"] * differences["code"].map(costs)).sum()
        print(f"At cost, the count changes the stock by {worth:+,.2f}.")
    """),
    says("## Uploading it"),
    runs("""
        done = desk.apply(plan.run, yes=True)
        done
    """),
    runs("""
        desk.plan("inventory", count).counts  # a second look: store and count agree
    """),
    says("""
        ## Then the telephone rings

        The count was of the wrong warehouse. By now a colleague has booked a delivery of T-shirts by hand:
    """),
    runs("""
        shirt = inventory.loc[inventory["code"] == "TEE-BLK-M"].iloc[0]
        document = desk.get("inventory", shirt["id"])[0]
        desk.call("PUT", f"inventory-items/{shirt['id']}", body={**document, "stock": 500})["status"]
    """),
    says("""
        `plan_undo` says what taking it back would do. It is a plan like any other: nothing is sent yet. The T-shirts are not touched, for somebody
        changed them since; that is said.
    """),
    runs("""
        back = desk.plan_undo(done.run)
        back
    """),
    runs("""
        undone = desk.apply(back.run, yes=True)
        undone
    """),
    runs("""
        now = desk.export("inventory", money="float")
        both = inventory[["code", "stock"]].merge(now[["code", "stock"]], on="code", suffixes=(" before", " now"))
        both[both["stock before"] != both["stock now"]]
    """),
    says("""
        Everything is as it was before the count, but for the T-shirts, which are as the colleague left them.
    """),
    runs("desk.close()  # the sandbox ends, and with it all that was done"),
]

REPORT = [
    says("""
        # A month of orders

        What happened in the last 30 days, what is stuck, and what to do about it this week. Each part asks one question, shows one
        picture, and ends with a sentence that is worked out from the data, so it stays true when you run it on your own store.

        It runs on the built-in **sandbox**, filled with a lifelike quarter of a small shop.
    """),
    runs("""
        import orderdesk_batch as od
        from IPython.display import Markdown

        desk = od.sandbox(orders=1200, inventory=40, lifelike=True, now="2026-11-16 17:00")  # for your own store:  desk = od.connect()
        currency = "USD"

        now, zone = desk.now(), desk.settings()["zone"]
        orders, items, shipments = (desk.export(resource, since="30d") for resource in ("orders", "items", "shipments"))
        inventory = desk.export("inventory")
        desk
    """),
    says("## 1 · Are sales going up?"),
    runs("od.plot.sales(orders, zone=zone, currency=currency)"),
    runs("""
        weeks = od.report.sales(orders, by="week", zone=zone).iloc[1:-1]  # the first and the last are not complete
        first, before, last = weeks["sales"].iloc[0], weeks["sales"].iloc[-2], weeks["sales"].iloc[-1]
        Markdown(f"**The last full week brought {last:,.0f} {currency}, {last / before - 1:+.0%} against the week before** and {last / first - 1:+.0%} "
                 f"against the first full week of the month. An order was worth {weeks['average'].iloc[-1]:.2f} on average.")
    """),
    says("## 2 · Where do they come from, and what is bought?"),
    runs("""
        sources = od.report.sales(orders, by="source")
        od.plot.table(sources, "Sales by source", "The last 30 days", bars="sales")
    """),
    runs("""
        sellers = od.report.sales_by_sku(items)
        od.plot.table(sellers, "Best sellers", "Price times quantity, before discounts and tax", bars="sales", limit=8)
    """),
    runs("""
        top = sellers.head(3)
        Markdown(f"**Three items make {top['share'].sum():.0%} of the sales**: {', '.join(top['name'])}. If one of them runs out, the month is lost; "
                 "part 7 looks at that.")
    """),
    says("## 3 · When do orders come?"),
    runs("od.plot.order_hours(orders, zone=zone)"),
    runs("""
        hours = od.report.order_hours(orders, zone=zone)
        evening = hours.loc[hours["hour"] >= 17, "orders"].sum() / hours["orders"].sum()
        weekend = hours.loc[hours["weekday"] >= 6, "orders"].sum() / hours["orders"].sum()
        Markdown(f"**{evening:.0%} of the orders come after five in the afternoon, {weekend:.0%} at the weekend**: when nobody packs. Mondays begin with a pile.")
    """),
    says("## 4 · How fast do we ship?"),
    runs("od.plot.shipping_time(orders, shipments, zone=zone)"),
    runs("""
        times = od.report.shipping_time(orders, shipments, zone=zone)
        slow, quick = times.loc[times["median_days"].idxmax()], times.loc[times["median_days"].idxmin()]
        od.plot.table(times, "From order to shipment", "Calendar days, by carrier")
    """),
    runs("""
        Markdown(f"**Half of the {slow['carrier']} orders wait {slow['median_days']:.3g} days or more**, one in ten more than {slow['p90_days']:.3g}; with "
                 f"{quick['carrier']} it is {quick['median_days']:.3g}. The parcels are packed by the same hands: what differs is how often the carrier comes by.")
    """),
    says("## 5 · What is stuck?"),
    runs("od.plot.folder_ages(orders, now=now)"),
    runs("""
        late = od.report.unshipped(orders, shipments, days=7, now=now)
        od.plot.table(late, "Without a shipment after a week", "The oldest first", limit=8, currency="$",
                      columns=["source_id", "source_name", "folder", "date_added", "days", "order_total"])
    """),
    runs("""
        forgotten = late[late["folder"] != "Hold"]
        Markdown(f"**{len(late)} orders worth {late['order_total'].sum():,.2f} {currency} have waited for more than a week.** {len(late) - len(forgotten)} are on hold; "
                 f"the other {len(forgotten)} seem to be forgotten, the oldest for {forgotten['days'].max()} days. These buyers will write first.")
    """),
    says("## 6 · Does shipping pay for itself?"),
    runs("od.plot.shipping_cost(orders, shipments, currency=currency)"),
    runs("""
        costs = od.report.shipping_cost(orders, shipments)
        worst = costs.loc[costs["balance_per_parcel"].idxmin()]
        Markdown(f"**Shipping cost {-costs['balance'].sum():,.0f} {currency} more than buyers paid for it.** With {worst['carrier']} each parcel loses "
                 f"{-worst['balance_per_parcel']:.2f}; over the month that is {-worst['balance']:,.0f}.")
    """),
    says("## 7 · What runs out?"),
    runs("od.plot.stock(inventory, orders, items, now=now)"),
    runs("""
        low = od.report.low_stock(inventory, orders, items, now=now)
        od.plot.table(low, "To order now", "At the rate of the last 30 days these run out within two weeks; to order: enough for the next 30 days",
                      columns=["code", "name", "stock", "sold", "days_left", "to_order"])
    """),
    runs("""
        value = od.report.stock_value(inventory)
        idle = od.report.days_left(inventory, orders, items, now=now)
        idle = inventory[inventory["code"].isin(idle.loc[idle["sold"] == 0, "code"])]
        Markdown(f"**{len(low)} items run out within two weeks**, while {len(idle)} did not sell once in 30 days. The stock is worth {value['value'].sum():,.0f} {currency} "
                 f"at cost; {od.report.stock_value(idle)['value'].sum():,.0f} of that is in items that did not sell.")
    """),
    says("## 8 · Do buyers come back?"),
    runs("""
        quarter = desk.export("orders", since="90d")
        back = od.report.came_back(quarter)
        od.plot.table(back, "How often customers bought", "The last 90 days", bars="share")
    """),
    runs("""
        again = back.iloc[1:]
        Markdown(f"**{again['share'].sum():.0%} of the customers came back, and they brought {again['sales'].sum() / back['sales'].sum():.0%} of the sales.**")
    """),
    says("## What to do this week"),
    runs("""
        Markdown(f'''
        1. **Ship or answer** the {len(forgotten)} forgotten orders of part 5, today.
        2. **Order** {', '.join(low['name'].head(4))}; the list is in part 7.
        3. **Ask {slow['carrier']}** for more pick-ups, or offer {quick['carrier']} first.
        4. **Look at the price** of shipping with {worst['carrier']}: {-worst['balance_per_parcel']:.2f} {currency} a parcel is lost.
        ''')
    """),
    says("""
        To go on: a plot is a matplotlib figure (`.savefig("sales.pdf")`), a report is a frame (`.to_excel("late.xlsx")`), and the functions of
        `od.report` take polars frames as well. The [page about reports](../docs/report.md) has them all.
    """),
    runs("desk.close()"),
]

NOTEBOOKS = {"tracking-numbers": TRACKING, "stock-count": STOCK, "a-month-of-orders": REPORT}


def made(name: str, *, run: bool = True) -> Any:
    """A notebook with its outputs; nothing in it hangs on the machine or the minute.

    Raises:
        CellExecutionError: a cell failed.
    """
    book = nbformat.v4.new_notebook(cells=[cell.copy() for cell in NOTEBOOKS[name]], metadata=KERNEL)
    for number, cell in enumerate(book.cells):
        cell["id"] = f"{name[:8]}-{number:02d}"
    if run:
        NotebookClient(book, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(HERE)}}, record_timing=False).execute()
    for cell in book.cells:
        if "outputs" in cell:  # what a bar leaves behind when all is read
            cell.outputs = [output for output in cell.outputs if output.get("data", {}).get("text/plain") != ""]
    book.metadata = nbformat.from_dict(KERNEL)
    return book


def main() -> int:
    """Make the notebooks that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NOTEBOOKS, []], help="which; all by default")
    for name in parser.parse_args().names or NOTEBOOKS:
        book = made(name)
        nbformat.validate(book)
        text = nbformat.writes(book, version=4)
        if found := re.search(r"/(?:tmp|home|root|work|Users)/|site-packages|sandbox-key", text):
            sys.exit(f"{name} would have {found[0]} in it: not written")
        (HERE / f"{name}.ipynb").write_text(text + "\n", encoding="utf-8")
        print(f"{name}: {len(text) // 1024} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
