"""Tests of the headings: which field each means, alone and among those of the real exports."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderdesk_batch.errors import UsageError
from orderdesk_batch.fields import RESOURCES
from orderdesk_batch.sheets.headings import (
    letters,
    mapping_beside,
    match,
    read_mapping,
    score,
    split_unit,
)
from orderdesk_batch.sheets.known import convert, unit_named

ORDERS, ITEMS, SHIPMENTS, INVENTORY = (RESOURCES[name] for name in ("orders", "items", "shipments", "inventory"))


def means(of, *headings, **options):
    """Heading → field, of those that are used."""
    found = match(of, headings, **options)
    return {h: found.name_of(n) for n, h in enumerate(headings) if found.name_of(n)}


def one(of, heading):
    found = match(of, [heading]).fields[0]
    return found.name if found else None


def errors(of, *headings, **options):
    return [p for p in match(of, headings, **options).problems if p.level == "error"]


# heading → what it means in a sheet of: orders, items, shipments, inventory ("-": nothing)
REAL = """
Shipment - Tracking Number | - | - | tracking_number | -
Tracking # | - | - | tracking_number | -
TRACKING NO. | - | - | tracking_number | -
TrackingNumber | - | - | tracking_number | -
tracking-number | - | - | tracking_number | -
Tracking_Number | - | - | tracking_number | -
Tracking Numbers | - | - | tracking_number | -
Tracking | - | - | tracking_number | -
Tracking ID | - | - | tracking_number | -
Express or Ground Tracking ID | - | - | tracking_number | -
Package Tracking Number | - | - | tracking_number | -
PackageTrackingNumber | - | - | tracking_number | -
Package Identification Code (PIC) | - | - | tracking_number | -
Waybill | - | - | tracking_number | -
AWB | - | - | tracking_number | -
CartonTrackingNumber | - | - | tracking_number | -
Sendungsnummer | - | - | tracking_number | -
お荷物伝票番号 | - | - | tracking_number | -
Shipment - Carrier | - | - | carrier_code | -
Carrier - Name | - | - | carrier_code | -
Carrier - Carrier Selected | - | - | carrier_code | -
Provider | - | - | carrier_code | -
Carrier | - | - | carrier_code | -
carrier-code | - | - | carrier_code | -
tracking_provider | - | - | carrier_code | -
courier | - | - | carrier_code | -
Shipping Provider | - | - | carrier_code | -
Tracking Carrier | - | - | carrier_code | -
Shipment - Service | - | - | shipment_method | -
Carrier - Service Selected | - | - | shipment_method | -
Carrier - Service Requested | shipping_method | - | - | -
ship-service-level | shipping_method | - | - | -
Service | - | - | shipment_method | -
ship-method | - | - | shipment_method | -
Shipping Method | shipping_method | - | shipment_method | -
Service Type | - | - | shipment_method | -
Mail Class | - | - | shipment_method | -
Order - Number | source_id | order | order | -
Order # | source_id | order | order | -
OrderNumber | source_id | order | order | -
ORDER NUMBER | source_id | order | order | -
Order No | source_id | order | order | -
Order No. | source_id | order | order | -
Order Nr. | source_id | order | order | -
Order Numbers | source_id | order | order | -
Order ID | order | order | order | -
order_id | order | order | order | -
order-id | order | order | order | -
external_order_id | order | order | order | -
Order | order | order | order | -
order.id | id | order.id | order.id | -
order.source_id | source_id | order.source_id | order.source_id | -
Source ID | source_id | order.source_id | order.source_id | -
Source Name | source_name | order.source_name | order.source_name | -
Original Customer Reference | - | order | order | -
Cust Ref Num1 | - | order | order | -
Rubber Stamp 1 | - | order | order | -
PO # | - | order | order | -
Reference 1 | - | order | order | -
注文番号 | source_id | order | order | -
Bestellnummer | source_id | order | order | -
Date - Shipped Date | - | - | date_shipped | -
Date - Label Create Date | - | - | - | -
Created Date | - | - | - | -
Label Created Date | - | - | - | -
Ship Date | - | - | date_shipped | -
Ship By Date | - | - | - | -
Transaction Date/Time | - | - | - | -
ship-date | - | - | date_shipped | -
Collection Date | - | - | date_shipped | -
Fulfilled at | - | - | date_shipped | -
Amount - Shipping Cost | - | - | cost | -
Carrier - Fee | - | - | cost | -
Cost | - | - | cost | cost
Cost (USD) | - | - | cost | cost
Net Charge Amount | - | - | cost | -
Postage | - | - | cost | -
Shipping | - | - | - | -
Weight | - | weight | weight | weight
Weight (oz) | - | weight | weight | weight
Weight lbs | - | weight | weight | weight
Gewicht (kg) | - | weight | weight | weight
Weight - TotalOz | - | - | weight | -
Weight - WeightOz | - | - | - | -
Weight - WeightLbs | - | - | - | -
Shipment - Weight (Oz) | - | - | weight | -
Item - Weight (oz) | item.weight | weight | - | weight
Item - SKU | item.code | code | - | code
Lineitem sku | item.code | code | - | -
SKU | item.code | code | - | code
SKUs | item.code | code | - | code
Item Code | item.code | code | - | code
Item No | item.code | code | - | code
Artikelnr. | item.code | code | - | code
Item - Qty | item.quantity | quantity | - | -
Lineitem quantity | item.quantity | quantity | - | -
Qty | item.quantity | quantity | - | stock
Quantity | item.quantity | quantity | - | stock
Menge | item.quantity | quantity | - | stock
quantity-purchased | item.quantity | quantity | - | -
On hand (new) | - | - | - | stock
On hand | - | - | - | stock
Available | - | - | - | stock
Available (not editable) | - | - | - | -
Bestand | - | - | - | stock
Counted | - | - | - | stock
Unit Price | item.price | price | - | price
Preis | item.price | price | - | price
Name | - | name | - | name
Item ID | item.item_id | item_id | - | -
Shipment ID | - | - | shipment_id | -
Inventory Item ID | - | - | - | id
id | id | item_id | shipment_id | id
Customer Last Name | customer.last_name | - | - | -
Customer Address 1 | customer.address1 | - | - | -
customer_address1 | customer.address1 | - | - | -
Shipping Address 1 | shipping.address1 | - | - | -
shipping_first_name | shipping.first_name | - | - | -
shipping.first_name | shipping.first_name | - | - | -
Shipping Zip | shipping.postal_code | - | - | -
Ship To - City | shipping.city | - | - | -
ship-postal-code | shipping.postal_code | - | - | -
Billing Province | customer.state | - | - | -
City (Billing) | customer.city | - | - | -
Return Address City | return_address.city | - | - | -
Return Address Address 1 | return_address.address1 | - | - | -
Return Address First Name | return_address.name | - | - | -
Folder ID | folder | - | - | -
folder_id | folder | - | - | -
Folder Name | folder | - | - | -
Folder | folder | - | - | -
Date Added | date_added | - | date_added | date_added
Discount Name | discount_list.1.name | - | - | -
Discount List 2 Code | discount_list.2.code | - | - | -
Note Content | order_notes.1.content | - | - | -
order_notes.2.content | order_notes.2.content | - | - | -
Order Note | order_note | - | - | -
Order Notes | - | - | - | -
Tracking URL | - | - | tracking_url | -
Handling Total | handling_total | - | - | -
Update Source | - | - | - | update_source
metadata.Gift note | order_metadata.Gift note | metadata.Gift note | - | metadata.Gift note
Checkout Data.Gift Message | checkout_data.Gift Message | - | - | -
Variation List.Size | item.variation_list.Size | variation_list.Size | - | variation_list.Size
item.metadata.a.b | item.metadata.a.b | - | - | -
Command | action | action | action | action
"""
LINES = [[part.strip() for part in line.split(" | ")] for line in REAL.strip().splitlines()]


@pytest.mark.parametrize("line", LINES, ids=[line[0] for line in LINES])
def test_a_heading_means_in_each_sheet(line):
    heading, *expected = line
    assert [one(of, heading) or "-" for of in (ORDERS, ITEMS, SHIPMENTS, INVENTORY)] == expected


def test_no_alias_means_two_fields_of_one_table():
    meant_twice = {  # said on purpose: the first has it
        ("shipments", "order_id"), ("items", "Order Number"), ("orders", "Order #"),
    }  # fmt: skip
    for of in RESOURCES.values():
        seen: dict[str, str] = {}
        for field in of.fields:
            for rank in field.ranks():
                for alias in rank:
                    if "*" in alias or alias.startswith("order.") or field.use == "read-only":
                        continue
                    key = alias.casefold() if "#" in alias else letters(alias)
                    owner = seen.setdefault(key, field.name)
                    assert owner == field.name or (of.name, alias) in meant_twice, (
                        of.name,
                        alias,
                        owner,
                        field.name,
                    )


def test_every_own_name_means_its_field():
    for of in RESOURCES.values():
        for field in of.fields:
            if field.is_open or (field.name.startswith("return_address.") and field.path == "-"):
                continue
            if (of.name, field.name) == ("shipments", "order_id"):
                continue  # the cart's number, since nobody can know
            assert one(of, field.name) == field.name


@given(st.sampled_from([line for line in LINES if "." not in line[0] and "#" not in line[0]]), st.data())
def test_case_and_punctuation_make_no_difference(line, data):
    heading, *expected = line
    if not heading.isascii() or "(" in heading or heading != heading.strip() or "-" in heading or "TotalOz" in heading:
        return
    noisy = data.draw(
        st.sampled_from([heading.upper(), heading.lower(), heading.title(), f" {heading}: ", heading.replace(" ", "_")])
    )
    assert [one(of, noisy) or "-" for of in (ORDERS, ITEMS, SHIPMENTS, INVENTORY)] == expected


@given(st.text())
def test_no_heading_makes_an_exception(heading):
    for of in RESOURCES.values():
        match(of, [heading])
        score(of, [heading])


# -- several columns for one field --


def test_the_best_rank_is_read_and_the_others_are_named():
    found = match(SHIPMENTS, ["Rubber Stamp 1", "Order ID", "Tracking Number"])
    assert [f.name if f else None for f in found.fields] == [None, "order", "tracking_number"]
    [problem] = found.problems
    assert problem.level == "warning"
    assert 'order is read from "Order ID"' in problem.reason


def test_two_columns_of_the_same_rank_are_an_error_that_names_both():
    [problem] = errors(SHIPMENTS, "Order Number", "Order ID", "Tracking Number")
    assert problem.column == "Order ID"
    assert '"Order Number"' in problem.reason
    assert '--map "Order ID="' in problem.hint
    assert means(SHIPMENTS, "Order Number", "Order ID", "Tracking Number") == {"Tracking Number": "tracking_number"}


def test_a_field_that_two_columns_mean_is_not_called_missing_as_well():
    assert match(SHIPMENTS, ["Order Number", "Order ID"]).contested == {"order"}


def test_a_heading_that_stands_twice_is_an_error():
    [problem] = errors(SHIPMENTS, "Order Number", "Tracking #", "Tracking #")
    assert "stands twice" in problem.reason


def test_mapping_settles_two_columns():
    found = means(SHIPMENTS, "Order Number", "Order ID", mapping={"order id": ""})
    assert found == {"Order Number": "order"}


# -- an address must say whose it is --


@pytest.mark.parametrize(
    "heading",
    ["Address 1", "City", "Zip", "First Name", "Phone", "Country", "State", "Postal Code", "Address"],
)
def test_a_bare_word_of_an_address_is_an_error_that_names_the_three(heading):
    [problem] = errors(ORDERS, "Order Number", heading)
    assert all(f"{group}." in problem.reason for group in ("customer", "shipping", "return_address"))
    assert errors(SHIPMENTS, "Order Number", "Tracking Number", heading) == []


def test_a_bare_word_can_be_mapped():
    assert errors(ORDERS, "Order Number", "City", mapping={"City": "shipping.city"}) == []
    assert errors(ORDERS, "Order Number", "City", mapping={"City": ""}) == []


def test_the_two_names_of_a_return_address_become_one():
    found = match(ORDERS, ["Order Number", "Return Address First Name", "Return Address Last Name"])
    assert [found.name_of(n) for n in range(3)] == ["source_id", "return_address.name", "return_address.name"]
    assert found.problems == []


# -- what hangs on the file --

SHOPIFY = ["Name", "Email", "Financial Status", "Fulfilled at", "Shipping", "Taxes", "Shipping Method", "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem sku", "Billing Street", "Billing Address1", "Billing Zip", "Shipping Address1", "Id", "Phone", "Source", "Location"]  # fmt: skip


def test_the_name_is_an_order_number_only_among_the_columns_of_shopify():
    assert means(ORDERS, *SHOPIFY)["Name"] == "source_id"
    assert means(SHIPMENTS, "Name", "Fulfilled at", "Tracking Number")["Name"] == "order"
    assert "Name" not in means(ORDERS, "Name", "Email")
    assert "Name" not in means(SHIPMENTS, "Name", "Tracking Number")


def test_an_order_export_of_shopify():
    found = means(ORDERS, *SHOPIFY)
    assert errors(ORDERS, *SHOPIFY) == []
    assert found["Shipping"] == "shipping_total"  # what the buyer paid
    assert found["Billing Address1"] == "customer.address1"
    assert not {"Id", "Phone", "Source", "Location", "Billing Street"} & set(found)
    assert "Shipping Method" not in means(SHIPMENTS, *SHOPIFY)  # the buyer's choice
    assert "Id" not in means(SHIPMENTS, *SHOPIFY)


def test_an_invoice_number_is_the_carriers_in_a_bill():
    assert means(SHIPMENTS, "Invoice Number", "Tracking Number")["Invoice Number"] == "order"
    assert "Invoice Number" not in means(SHIPMENTS, "Invoice Number", "Express or Ground Tracking ID")
    assert "Invoice Number" not in means(SHIPMENTS, "Invoice Number", "Invoice Date", "Tracking Number")


def test_fedex_has_its_number_in_two_columns_and_the_unit_in_a_third():
    fedex = ["Express or Ground Tracking ID", "Ground Tracking ID Prefix", "Actual Weight Amount", "Actual Weight Units",
             "Rated Weight Amount", "Service Type", "Ground Service", "Shipment Date", "Net Charge Amount",
             "Transportation Charge Amount", "Original Customer Reference"]  # fmt: skip
    found = match(SHIPMENTS, fedex)
    assert [p for p in found.problems if p.level == "error"] == []
    assert {join.field: parts for join, parts in found.joins.values()} == {
        "tracking_number": (0, 1), "weight": (2, 3), "shipment_method": (5, 6),
    }  # fmt: skip
    assert found.name_of(1) == "tracking_number"
    [told] = [p for p in found.problems if p.code == "inferred-key"]
    assert (told.level, told.column, told.field) == ("warning", "Original Customer Reference", "order")


def test_pounds_and_ounces_make_a_weight_together_but_not_alone():
    assert means(SHIPMENTS, "Weight - WeightOz") == {}
    assert means(SHIPMENTS, "Weight - WeightLbs") == {}
    found = match(SHIPMENTS, ["Weight - WeightLbs", "Weight - WeightOz"])
    assert found.name_of(0) == found.name_of(1) == "weight"
    assert found.units == {0: "oz"}
    best = match(SHIPMENTS, ["Weight - WeightLbs", "Weight - WeightOz", "Weight - TotalOz"])
    assert [best.name_of(n) for n in range(3)] == [None, None, "weight"]


def test_amazon_numbers_of_its_own_are_not_ours():
    found = means(
        ITEMS,
        "order-id",
        "order-item-id",
        "sku",
        "quantity-purchased",
        "quantity-shipped",
        "quantity-to-ship",
        "item-price",
    )
    assert "order-item-id" not in found
    assert found["quantity-purchased"] == "quantity"


EXPORTS = {
    "ShipStation shipments": (SHIPMENTS, "Order - Number|Date - Shipped Date|Date - Label Create Date|Shipment - Carrier|Carrier - Name|Carrier - Service Selected|Shipment - Service|Shipment - Tracking Number|Amount - Shipping Cost|Carrier - Fee|Shipment - Weight (Oz)|Weight - TotalOz|Item - SKU|Item - Qty|Order - ID"),
    "ShipStation orders": (ORDERS, "Order - Number|Date - Order Date|Carrier - Service Requested|Carrier - Service Selected|Weight - TotalOz|Weight - WeightOz|Weight - WeightLbs|Customer - Email|Ship To - Name|Ship To - Address 1|Ship To - City|Ship To - Postal Code|Item - SKU|Item - Fill SKU|Item - Name|Item - Qty|Item - Weight (oz)|Order - ID"),
    "ShipStation items": (ITEMS, "Order - Number|Item - SKU|Item - Fill SKU|Item - Name|Item - Qty|Item - Unit Price|Item - Weight (oz)"),
    "Pirate Ship": (SHIPMENTS, "Created Date|Recipient|Company|Email|Tracking Number|Cost|Status|Ship Date|Weight (oz)|City|State|Zipcode|Country|Carrier|Service|Order ID|Rubber Stamp 1|Rubber Stamp 2"),
    "FedEx": (SHIPMENTS, "Invoice Date|Invoice Number|Store ID|Ground Tracking ID Prefix|Express or Ground Tracking ID|Transportation Charge Amount|Net Charge Amount|Service Type|Ground Service|Shipment Date|Actual Weight Amount|Actual Weight Units|Rated Weight Amount|Rated Weight Units|Original Customer Reference|Original Ref#2|Recipient City"),
    "UPS": (SHIPMENTS, "Tracking Number|Reference 1|Reference 2|Collection Date|Total Weight|Service Type|Ship To Name|Void"),
    "WorldShip": (SHIPMENTS, "PackageTrackingNumber|PackageReference1|PackageWeight|VoidIndicator|CollectionDate|ServiceType"),
    "USPS": (SHIPMENTS, "Account Number|Package Identification Code (PIC)|Transaction Date/Time|Transaction Type|Mail Class|Weight|Postage|Transaction Amount|Cust Ref Num1|Cust Ref Num2"),
    "Amazon confirmation": (SHIPMENTS, "order-id|order-item-id|quantity|ship-date|carrier-code|carrier-name|tracking-number|ship-method"),
    "Amazon orders": (ORDERS, "order-id|order-item-id|purchase-date|buyer-email|buyer-name|buyer-phone-number|sku|product-name|quantity-purchased|quantity-shipped|quantity-to-ship|item-price|ship-service-level|recipient-name|ship-address-1|ship-address-2|ship-city|ship-state|ship-postal-code|ship-country"),
    "Shopify orders": (ORDERS, "|".join(SHOPIFY)),
    "Shopify inventory": (INVENTORY, "Handle|Title|Option1 Name|Option1 Value|SKU|Location|Incoming (not editable)|Committed (not editable)|Available (not editable)|On hand (current)|On hand (new)"),
    "Shopify inventory, earlier": (INVENTORY, "Handle|Title|SKU|Location|Incoming|Unavailable|Committed|Available|On hand"),
    "WooCommerce tracking": (SHIPMENTS, "order_id|tracking_provider|tracking_number|date_shipped|status_shipped|sku|qty"),
    "WooCommerce products": (INVENTORY, "ID|Type|SKU|Name|Short description|Description|In stock?|Stock|Weight (kg)|Sale price|Regular price"),
    "WooCommerce orders": (ORDERS, "Order Number|First Name (Billing)|Last Name (Billing)|City (Billing)|Postcode (Billing)|First Name (Shipping)|City (Shipping)|SKU|Item #|Item Name|Discount Amount"),
    "BigCommerce": (SHIPMENTS, "Order ID|Shipping Provider|Tracking Carrier|Tracking Number|Shipping Method|Merchant Shipping Cost|Comments"),
    "Etsy": (ORDERS, "Sale Date|Item Name|Quantity|Price|Coupon Code|Order Shipping|Date Shipped|Ship Name|Ship Address1|Ship City|Ship State|Ship Zipcode|Ship Country|Order ID|SKU"),
    "Fishbowl": (SHIPMENTS, "ShipNumber|CartonTrackingNumber|CartonWeight|CartonWeightUom|CartonCost|PartNumber|ShipItemQty"),
    "Acenda": (SHIPMENTS, "external_order_id|carrier|method|tracking_number|cost|sku|quantity"),
    "ChannelAdvisor": (SHIPMENTS, "Invoice Number|Tracking Number|SKU|Quantity|Carrier|Ship Date"),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPORTS)
def test_real_exports_load_without_an_error(name):
    of, headings = EXPORTS[name]
    headings = headings.split("|")
    assert errors(of, *headings) == []
    found = set(means(of, *headings).values())
    keys = {
        "shipments": {"order", "tracking_number"},
        "items": {"order", "code"},
        "inventory": {"code", "stock"},
    }
    assert keys.get(of.name, set()) <= found
    assert of.name != "orders" or {"source_id", "order"} & found


# -- columns that mean nothing --


def test_unused_columns_are_named_in_one_line_with_the_nearest_field():
    [problem] = match(ORDERS, ["Order Number", "Customer Citty", "Mood", "Mood 2"]).problems
    assert problem.level == "warning"
    assert problem.row is None
    assert '"Customer Citty" (near customer.city), "Mood", "Mood 2"' in problem.reason


def test_many_unused_columns_are_not_all_named():
    [problem] = match(INVENTORY, ["SKU", *(f"c{n}" for n in range(16_000))]).problems
    assert "and 15960 more" in problem.reason


def test_read_only_columns_are_recognised():
    found = match(ORDERS, ["id", "order_total", "date_updated"])
    assert [f.name for f in found.fields] == ["id", "order_total", "date_updated"]
    assert found.problems == []


# -- mapping --


def test_mapping_says_what_a_column_is():
    assert means(SHIPMENTS, "Ref", "Code on label", mapping={"code on LABEL": "tracking_number", "Ref": "order.id"}) == {
        "Ref": "order.id",
        "Code on label": "tracking_number",
    }


def test_mapping_names_the_nearest_heading_or_field():
    with pytest.raises(UsageError, match='did you mean "Order Number"'):
        match(SHIPMENTS, ["Order Number"], mapping={"Order Numbr": "order"})
    with pytest.raises(UsageError, match="did you mean tracking_number"):
        match(SHIPMENTS, ["x"], mapping={"x": "tracking_numbr"})


def test_mapping_from_options_and_a_file(tmp_path):
    file = tmp_path / "ups.map.csv"
    file.write_text('Heading,Field\nRef,order\n"Cost, net",cost\nJunk,\n', "utf-8-sig")
    assert mapping_beside(tmp_path / "ups.xlsx") == file
    assert mapping_beside(tmp_path / "other.xlsx") is None
    assert read_mapping(["Ref=order.id", "a=b=cost"], file) == {
        "Ref": "order.id",
        "Cost, net": "cost",
        "Junk": "",
        "a=b": "cost",
    }
    assert read_mapping(["Junk="]) == {"Junk": ""}


def test_a_mapping_file_as_a_spreadsheet_in_another_country_writes_it(tmp_path):
    file = tmp_path / "a.map.csv"
    file.write_text("heading;field\nStückzahl;stock\n", "cp1252")
    assert read_mapping([], file) == {"Stückzahl": "stock"}


@pytest.mark.parametrize("option", ["", "Ref", "=order"])
def test_a_mapping_that_makes_no_sense_is_a_usage_error(option):
    with pytest.raises(UsageError):
        read_mapping([option])


def test_a_mapping_file_that_makes_no_sense_is_a_usage_error(tmp_path):
    file = tmp_path / "a.map.csv"
    file.write_text("a,b,c\n")
    with pytest.raises(UsageError, match="Line 1"):
        read_mapping([], file)
    with pytest.raises(UsageError, match="can't be read"):
        read_mapping([], tmp_path / "none.csv")


# -- units --


@pytest.mark.parametrize(
    ("heading", "unit"),
    [("Weight (oz)", "oz"), ("Weight - TotalOz", "oz"), ("Weight lbs", "lb"), ("weight_kg", "kg"), ("WEIGHT [G]", "g"),
     ("Weight in grams", "g"), ("weightoz", "oz"), ("Weight, pounds", "lb"), ("Weight", ""), ("Catalog", ""), ("Blog", "")],
)  # fmt: skip
def test_the_unit_in_a_heading(heading, unit):
    assert split_unit(heading)[1] == unit


def test_weights_are_converted_exactly():
    from decimal import Decimal

    assert convert(Decimal("1"), "oz", "lb") == Decimal("0.0625")
    assert convert(Decimal("2.5"), "lb", "oz") == 40
    assert convert(Decimal("1"), "lb", "g") == Decimal("453.5924")
    assert convert(Decimal("1500"), "g", "kg") == Decimal("1.5")
    assert convert(Decimal("0.33333"), "kg", "kg") == Decimal("0.33333")
    assert unit_named("LBS.") == "lb"


# -- the row of the headings --


def test_the_real_headings_score_higher_than_the_rows_around_them():
    rows = [
        ["Shipments of Order Desk", "", ""],
        ["Report", "Date", "Carrier"],
        ["Order Number", "Tracking Number", "Carrier"],
        ["10001", "9400111201080805483016", "USPS"],
        ["Order", "", ""],
    ]
    scores = [score(SHIPMENTS, row) for row in rows]
    assert max(scores) == scores[2]
    assert scores[3] == 0
    assert scores[0] == 0


def test_a_mapped_heading_scores():
    assert score(SHIPMENTS, ["Beleg", "Kode"]) == 0
    assert score(SHIPMENTS, ["Beleg", "Kode"], {"beleg": "order", "Kode": "tracking_number"}) == 8


def test_no_column_of_a_data_row_scores():
    for of in RESOURCES.values():
        assert score(of, ["10001", "Ada", "Lovelace", "12.50", "2026-11-23", "USPS", "", "Blue mug"]) == 0
