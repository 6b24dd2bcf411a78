"""Tests of the checks: sheets as little tables, what their cells become, and what is said."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderdesk_batch.checks import Checked, Options, check
from orderdesk_batch.checks.rows import all_differ, row_keys
from orderdesk_batch.errors import Problem, UsageError
from orderdesk_batch.fields import RESOURCES
from orderdesk_batch.kinds import CLEAR, PLAIN, trim
from orderdesk_batch.kinds.texts import stand_as_they_are, tracking
from orderdesk_batch.sheets.sheet import BadCell, Literal, Sheet

UPS, USPS = "1Z999AA10123456784", "9400111201080805483016"


def sheet(headings: str | list[str], *rows: str | list, problems: list[Problem] | None = None) -> Sheet:
    """A sheet of texts after `|`, or of cells."""
    names = headings.split("|") if isinstance(headings, str) else headings
    cells = [[cell or None for cell in row.split("|")] if isinstance(row, str) else row for row in rows]
    columns = [[row[n] for row in cells] for n in range(len(names))]
    return Sheet("t.csv", "", names, list(range(len(names))), list(range(2, len(rows) + 2)), columns, problems or [])


def checked(resource: str, headings, *rows, **options) -> Checked:
    return check(sheet(headings, *rows), RESOURCES[resource], Options(**options))


def found(of: Checked, level: str = "error") -> list[tuple[int | None, str | None, str]]:
    """(row, field or heading, code) of the problems of a level."""
    return [(p.row, p.field or p.column, p.code) for p in of.all_problems() if p.level == level]


def values(of: Checked) -> list[dict]:
    return [row.values for row in of.rows()]


def column(resource: str, name: str, *cells, **options) -> Checked:
    """A sheet whose rows are sound but for one column."""
    sound = {
        "shipments": ["order", "tracking_number"],
        "inventory": ["code"],
        "items": ["order", "code"],
        "orders": ["source_id"],
    }[resource]
    rows = [[f"{name}-{n}5" for name in sound] + [cell] for n, cell in enumerate(cells)]
    return checked(resource, [*sound, name], *rows, **options)


# -- the main job --


def test_a_sheet_of_tracking_numbers_as_shipstation_exports_it():
    got = checked(
        "shipments",
        "Order - Number|Shipment - Tracking Number|Shipment - Carrier|Shipment - Service|Weight - TotalOz|Date - Shipped Date|Amount - Shipping Cost|Item - SKU",
        f"10001|{USPS}|USPS|Priority Mail|24|11/20/2026 10:15:00 AM|$7.85|00123",
        weight_unit="lb",
    )
    assert found(got) == []
    [row] = got.rows()
    assert (row.number, row.action, row.bad) == (2, "create", {})
    assert row.values == {
        "order": "10001", "tracking_number": USPS, "carrier_code": "USPS", "shipment_method": "Priority Mail",
        "weight": Decimal("1.5"), "date_shipped": dt.date(2026, 11, 20), "cost": Decimal("7.85"),
    }  # fmt: skip


def test_all_problems_of_a_sheet_come_in_one_pass_with_place_value_reason_and_remedy():
    got = checked(
        "shipments",
        "Order Number|Tracking #|Weight|Ship Date|Cost",
        "10001|-|-3|11/12/2026|1,234",
        f"|{UPS}|2 lb|2026-02-30|free",
        "10003||1|2026-11-20|1",
    )
    assert found(got) == [
        (2, "tracking_number", "no-tracking-number"), (2, "date_shipped", "ambiguous-date"), (2, "cost", "ambiguous-number"),
        (2, "weight", "too-small"),
        (3, "order", "no-key"), (3, "weight", "unit"), (3, "date_shipped", "not-a-date"), (3, "cost", "not-a-number"),
        (4, "tracking_number", "required"),
    ] or sorted(found(got)) == sorted([
        (2, "tracking_number", "no-tracking-number"), (2, "weight", "too-small"), (2, "date_shipped", "ambiguous-date"),
        (2, "cost", "ambiguous-number"), (3, "order", "no-key"), (3, "weight", "unit"), (3, "date_shipped", "not-a-date"),
        (3, "cost", "not-a-number"), (4, "tracking_number", "required"),
    ])  # fmt: skip
    for problem in got.all_problems():
        assert problem.place.startswith("t.csv, ")
        assert problem.column
        assert problem.hint
    weight = got.bads[0, "weight"]
    assert str(weight.problem) == 't.csv, C2 (Weight): "-3" is less than 0. Write 0 or more.'
    assert got.bads[0, "cost"].readings == (1234, Decimal("1.234"))
    assert got.bads[0, "cost"].text == "1,234"


def test_problems_are_sorted_by_row_and_those_of_the_reader_are_among_them():
    got = check(
        sheet(
            "order|tracking_number",
            f"1|{UPS}",
            "2|-",
            problems=[Problem("was left out", level="warning", row=9)],
        ),
        RESOURCES["shipments"],
    )
    assert [p.row for p in got.all_problems()] == [3, 9]


def test_a_blank_tracking_number_names_the_remedy():
    got = checked("shipments", "order|tracking_number", "1|")
    assert "n/a" in got.all_problems()[0].hint


def test_blank_cells_leave_values_alone_and_clear_empties():
    got = checked("inventory", "code|price|location|stock", "A1||(clear)|(clear)")
    assert values(got) == [{"code": "A1", "location": CLEAR, "stock": CLEAR}]
    assert found(got) == []


def test_a_literal_clear_is_a_text():
    got = checked("inventory", ["code", "location"], ["A1", Literal("(clear)")], ["A2", "(Clear)"])
    assert [row["location"] for row in values(got)] == ["(clear)", "(Clear)"]


@pytest.mark.parametrize(
    ("resource", "name"),
    [("inventory", "name"), ("inventory", "code"), ("inventory", "stock_change"), ("inventory", "id"), ("shipments", "tracking_number"),
     ("shipments", "order"), ("orders", "order_note"), ("orders", "order_total"), ("inventory", "action")],
)  # fmt: skip
def test_clear_is_a_problem_where_nothing_can_be_emptied(resource, name):
    got = checked(resource, list(dict.fromkeys(["code" if resource == "inventory" else "order", name])), ["X1"] * 1 + ["(clear)"] if name not in ("code", "order") else ["(clear)"])  # fmt: skip
    assert (2, name, "clear") in found(got) or (2, name, "action") in found(got)
    assert CLEAR not in values(got)[0].values()


# -- numbers: what a column shows --


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1,234"], ["!ambiguous-number"]),
        (["1,234", "9.99"], ["1234", "9.99"]),
        (["1,234", "9,99"], ["1.234", "9.99"]),
        (["1.234", "0.375"], ["1.234", "0.375"]),
        (["1.234", "1.234,50"], ["1234", "1234.50"]),
        (["1,234", "12,345"], ["!ambiguous-number", "!ambiguous-number"]),
        (["1,234", "9.99", "9,99"], ["!ambiguous-number", "9.99", "9.99"]),
        ([9.99, "1,234"], ["9.99", "!ambiguous-number"]),  # a number cell tells nothing about texts
    ],
)
def test_the_other_cells_of_a_column_settle_a_number(cells, expected):
    got = column("inventory", "price", *cells)
    texts = []
    for row in got.rows():
        texts.append(f"!{row.bad['price'].problem.code}" if "price" in row.bad else str(row.values["price"]))
    assert texts == expected


def test_a_whole_number_with_a_comma_is_ambiguous_too():
    assert found(column("inventory", "stock", "1,234")) == [(2, "stock", "ambiguous-number")]
    assert values(column("inventory", "stock", "1,234", decimal="."))[0]["stock"] == 1234
    assert found(column("inventory", "stock", "1,234", decimal=",")) == [(2, "stock", "not-whole")]


def test_numbers_of_both_signs_are_said():
    got = column("inventory", "price", "9.99", "9,98")
    assert found(got, "warning") == [(None, "price", "signs")]


def test_amounts_of_several_currencies_are_refused():
    got = column("inventory", "price", "$5.00", "€4.00", "3.00")
    assert found(got) == [(2, "price", "currencies"), (3, "price", "currencies")]
    assert got.bads[0, "price"].readings == (Decimal("5.00"),)
    assert found(column("inventory", "price", "$5.00", "US$4.00", "3.00")) == []


# -- dates --


def test_an_ambiguous_date_is_refused_whatever_the_others_show():
    got = column("shipments", "date_shipped", "13/11/2026", "11/12/2026")
    assert found(got) == [(3, "date_shipped", "ambiguous-date")]
    assert got.bads[1, "date_shipped"].readings == (dt.date(2026, 11, 12), dt.date(2026, 12, 11))
    assert found(column("shipments", "date_shipped", "13/11/2026", "11/12/2026", dates="dmy")) == []


def test_dates_of_both_orders_are_said():
    assert found(column("shipments", "date_shipped", "13/11/2026", "11/13/2026"), "warning") == [(None, "date_shipped", "dates")]


def test_a_heading_may_say_how_its_dates_are_written():
    got = checked("shipments", "order|tracking_number|Ship Date (DD/MM/YYYY)", f"1|{UPS}|11/12/2026")
    assert values(got)[0]["date_shipped"] == dt.date(2026, 12, 11)
    got = checked("shipments", "order|tracking_number|shipDate(mm/dd/yyyy)", f"1|{UPS}|11/12/2026", f"2|{USPS}|13/12/2026")
    assert values(got)[0]["date_shipped"] == dt.date(2026, 11, 12)
    assert found(got) == [(3, "date_shipped", "date-order")]


# -- what a spreadsheet has spoiled --


@pytest.mark.parametrize(
    ("cell", "code"),
    [(9.40011e21, "digits-lost"), ("9.40011E+21", "digits-lost"), (dt.date(2026, 3, 4), "date-in-text"), ("#N/A", "error-cell"),
     (BadCell("#REF!", "is an error of a formula", "Mend it.", "error-cell"), "error-cell"), (BadCell("", "was never calculated"), "bad-cell")],
)  # fmt: skip
def test_a_spoiled_cell_is_refused_with_a_remedy(cell, code):
    got = column("inventory", "location", cell)
    assert found(got) == [(2, "location", code)]
    assert got.bads[0, "location"].problem.hint
    assert "location" not in values(got)[0]


def test_texts_stay_what_they_are():
    texts = ["00123", "1E5", "3-4", "NA", "Null", "None", "nan", "TRUE", "-"]
    got = checked("inventory", "code|location", *(f"{text}|{text}" for text in texts))
    assert [row["code"] for row in values(got)] == texts
    assert [row["location"] for row in values(got)] == texts
    assert got.all_problems() == []


def test_number_cells_in_text_columns_are_plain_numbers():
    got = checked("inventory", ["code", "location"], [123.0, 123], [124, 0.1])
    assert [row["code"] for row in values(got)] == ["123", "124"]
    assert [row["location"] for row in values(got)] == ["123", "0.1"]


def test_what_was_taken_off_is_said_once_a_column():
    got = checked(
        "shipments",
        "order|tracking_number",
        f"\u200b1|{UPS[:6]} {UPS[6:]}",
        f"\u00a02|{USPS[:4]} {USPS[4:]}",
        f"3 |{UPS}5",
    )
    assert [row["order"] for row in values(got)] == ["1", "2", "3"]
    assert [row["tracking_number"] for row in values(got)] == [UPS, USPS, f"{UPS}5"]
    assert found(got, "warning") == [(None, "order", "hidden"), (None, "tracking_number", "spaces"), (None, None, "trimmed")]
    assert "2 cells" in got.all_problems()[0].reason
    assert 'in "order"' in got.all_problems()[2].reason


def test_the_word_that_clears_in_other_letters_is_a_text_and_that_is_said():
    got = checked("orders", "source_id|email|shipping.city", "1|(Clear)|(CLEAR)", "2|(clear)|Leeds", "3|a@example.com|Clear")
    assert [row["shipping.city"] for row in values(got)] == ["(CLEAR)", "Leeds", "Clear"]
    assert [row["email"] for row in values(got)] == ["(Clear)", CLEAR, "a@example.com"]
    warned = [problem for problem in got.all_problems() if problem.level == "warning"]
    assert [(problem.field, problem.code) for problem in warned] == [("email", "clear-word"), ("shipping.city", "clear-word")]
    assert warned[0].reason.startswith("one cell was read as a text")


def test_a_yes_no_cell_in_a_text_column_is_said():
    got = checked("inventory", ["code", "location"], ["A", True], ["B", 1])
    assert [row["location"] for row in values(got)] == ["TRUE", "1"]
    assert found(got, "warning") == [(None, "location", "boolean")]


def test_a_text_in_quotes_for_a_spreadsheet_is_read_and_said():
    got = checked("inventory", "code|location", '="00123"|x')
    assert values(got)[0]["code"] == "00123"
    assert found(got, "warning") == [(None, "code", "quoted")]


# -- weights --


def test_a_weight_with_a_unit_is_left_out_while_the_unit_of_the_store_is_not_known():
    got = checked("shipments", "order|tracking_number|Weight (oz)", f"1|{UPS}|24")
    assert "weight" not in values(got)[0]
    [problem] = got.all_problems()
    assert (problem.level, problem.column, problem.code) == ("warning", "Weight (oz)", "weight-unit")
    assert "--weight-unit" in problem.hint
    assert got.values_json()["columns"]["Weight (oz)"] is None
    assert got.values_json()["rows"][0]["values"]["Weight (oz)"] == "24"


@pytest.mark.parametrize(
    ("heading", "cell", "weight"),
    [
        ("Weight (oz)", "24", "1.5"),
        ("Gewicht (kg)", "1", "2.2046"),
        ("weight", "24", "24"),
        ("Weight lbs", "0.33333", "0.33333"),
    ],
)
def test_a_weight_is_converted_to_the_unit_of_the_store(heading, cell, weight):
    got = checked("shipments", ["order", "tracking_number", heading], ["1", UPS, cell], weight_unit="lbs")
    assert values(got)[0]["weight"] == Decimal(weight)


def test_pounds_and_ounces_are_added():
    got = checked(
        "shipments",
        "order|tracking_number|Weight - WeightLbs|Weight - WeightOz",
        f"1|{UPS}|1|8",
        f"2|{USPS}|2|",
        weight_unit="lb",
    )
    assert [row["weight"] for row in values(got)] == [Decimal("1.5"), Decimal("2")]
    assert got.values_json()["columns"]["Weight - WeightOz"] == "weight"


def test_fedex_weights_have_their_units_row_by_row():
    got = checked(
        "shipments", "order|Express or Ground Tracking ID|Actual Weight Amount|Actual Weight Units",
        "1|986578788855|2|L", "2|477179081230|1|KGS", "3|041441760228964|1|", "4|568283610012000||L", weight_unit="lb",
    )  # fmt: skip
    assert [row.get("weight") for row in values(got)] == [2, Decimal("2.2046"), None, None]
    assert found(got) == [(4, "weight", "unit")]


# -- columns that make one value --


def test_the_tracking_number_of_fedex_is_joined_with_its_prefix():
    got = checked(
        "shipments",
        "order|Express or Ground Tracking ID|Ground Tracking ID Prefix",
        "1|987654312345672|9611020",
        "2|986578788855|",
    )
    assert [row["tracking_number"] for row in values(got)] == ["9611020987654312345672", "986578788855"]


def test_the_carrier_other_is_read_from_the_second_column():
    got = checked(
        "shipments",
        "order-id|tracking-number|carrier-code|carrier-name",
        f"1|{UPS}|Other|DPD",
        f"2|{USPS}|USPS|x",
    )
    assert [row["carrier_code"] for row in values(got)] == ["DPD", "USPS"]


def test_the_service_is_read_from_the_second_column_where_the_first_is_blank():
    got = checked(
        "shipments",
        "order|Express or Ground Tracking ID|Service Type|Ground Service",
        "1|986578788855||Home",
        "2|477179081230|2Day|",
    )
    assert [row["shipment_method"] for row in values(got)] == ["Home", "2Day"]


def test_a_refused_part_refuses_the_whole():
    got = checked("shipments", ["order", "Express or Ground Tracking ID", "Ground Tracking ID Prefix"], ["1", "987654312345672", BadCell("#N/A", "is an error")])  # fmt: skip
    assert found(got)[0] == (2, "tracking_number", "bad-cell")


def test_the_names_of_a_return_address_are_joined():
    got = checked(
        "orders",
        "id|Return Address First Name|Return Address Last Name",
        "1|Grace|Hopper",
        "2||Hopper",
        "3||",
    )
    assert [row.get("return_address.name") for row in values(got)] == ["Grace Hopper", "Hopper", None]


def test_the_price_of_a_line_is_no_price_of_one():
    got = checked("orders", "order-id|sku|quantity-purchased|item-price", "1|A|1|9.50", "2|B|2|19.00")
    assert [row.get("item.price") for row in values(got)] == [Decimal("9.50"), None]
    assert found(got) == [(3, "item.price", "line-price")]


def test_the_zip_of_shopify_loses_its_apostrophe():
    got = checked("orders", "Name|Financial Status|Shipping Zip", "#1001|paid|'00501", "#1002|paid|SW1Y 4JH")
    assert [row["shipping.postal_code"] for row in values(got)] == ["00501", "SW1Y 4JH"]


# -- actions --


def test_actions_of_a_column_of_matrixify_and_of_the_default():
    got = checked(
        "inventory",
        "code|name|Command",
        "A|a|NEW",
        "B|b|update",
        "C|c|MERGE",
        "D|d|DELETE",
        "E|e|IGNORE",
        "F|f|",
    )
    assert [row.action for row in got.rows()] == ["create", "update", "upsert", "delete", "skip", "update"]
    assert [row.action for row in checked("inventory", "code|name", "A|a", action="create").rows()] == ["create"]
    assert "action" not in values(got)[0]


@pytest.mark.parametrize(
    ("cell", "hint"),
    [("REPLACE", "update"), ("udpate", "Did you mean update?"), ("x", "Write one of create")],
)
def test_a_word_that_is_no_action_is_refused(cell, hint):
    got = checked("inventory", "code|action", f"A|{cell}")
    assert found(got) == [(2, "action", "replace" if cell == "REPLACE" else "action")]
    assert hint in got.bads[0, "action"].problem.hint


def test_an_option_that_is_no_action_or_unit_is_a_usage_error():
    with pytest.raises(UsageError, match="updaet"):
        checked("inventory", "code", "A", action="updaet")
    with pytest.raises(UsageError, match="stone"):
        checked("inventory", "code", "A", weight_unit="stone")


def test_a_skipped_row_is_not_checked_but_its_values_are_there():
    got = checked("inventory", "code|stock|action", "A|many|skip", "B|1|")
    assert found(got) == []
    assert got.values_json()["rows"][0] == {
        "row": 2,
        "values": {"code": "A", "stock": None, "action": "skip"},
    }


# -- choices and other rules --


def test_choices_are_read_in_any_spelling_and_others_are_refused_with_the_words():
    got = column("items", "delivery_type", "SHIP", "No-Ship", "shipp", "mail")
    assert [row.get("delivery_type") for row in values(got)] == ["ship", "noship", None, None]
    assert found(got) == [(4, "delivery_type", "choice"), (5, "delivery_type", "choice")]
    assert got.bads[2, "delivery_type"].problem.hint == "Did you mean ship? Write one of ship, noship, download, future."
    assert got.bads[2, "delivery_type"].readings == ("shipp",)


def test_a_card_number_is_never_shown():
    got = column(
        "orders",
        "cc_number",
        "4242424242424242",
        "4242 4242 4242 1881",
        4242424242424242,
        "4242",
        "************4242",
        "XXXX-1881",
    )
    assert found(got) == [
        (2, "cc_number", "card-number"),
        (3, "cc_number", "card-number"),
        (4, "cc_number", "digits-lost"),
    ]
    text = repr(got.all_problems()) + repr(got.bads) + repr(values(got))
    assert "42424242" not in text.replace(" ", "")
    assert got.bads[1, "cc_number"].text == "•••• •••• •••• 1881"


def test_a_note_of_more_than_2000_characters_is_refused():
    assert found(column("orders", "order_note", "x" * 2001, "x" * 2000)) == [(2, "order_note", "too-long")]
    assert found(column("orders", "order_notes.1.content", "x" * 2001)) == [(2, "order_notes.1.content", "too-long")]


def test_discounts_and_quantities_are_not_negative():
    assert found(column("orders", "discount_list.1.amount", "-4", "4")) == [(2, "discount_list.1.amount", "too-small")]
    assert found(column("items", "quantity", "-1", "(1)", "0")) == [
        (2, "quantity", "too-small"),
        (3, "quantity", "too-small"),
    ]
    assert found(column("inventory", "stock", "-1")) == []  # sold more than there was


def test_stock_and_its_change_do_not_go_together():
    got = checked("inventory", "code|stock|stock_change", "A|1|", "B||+5", "C|1|2")
    assert found(got) == [(4, "stock_change", "stock-and-change")]
    assert [row.get("stock_change") for row in values(got)] == [None, 5, 2]


# -- keys --


@pytest.mark.parametrize(
    ("resource", "headings", "named"),
    [("shipments", "tracking_number|cost", "which order"), ("shipments", "order|cost", "tracking_number"), ("inventory", "stock|price", "id or code"),
     ("items", "order|quantity", "item_id or code"), ("orders", "email|folder", "which order"), ("items", "code|quantity", "which order")],
)  # fmt: skip
def test_a_missing_key_column_is_one_error_that_names_what_is_needed(resource, headings, named):
    got = checked(resource, headings, *["1|2"] * 3)
    errors = [p for p in got.all_problems() if p.level == "error" and p.code == "no-key-column"]
    assert len(errors) == 1
    assert named in errors[0].reason
    assert errors[0].row is None
    assert "--map" in errors[0].hint
    assert [p for p in got.all_problems() if p.code in ("no-key", "required")] == []
    assert len(got.values_json()["rows"]) == 3


@pytest.mark.parametrize(
    ("resource", "action", "headings", "row", "code"),
    [
        ("shipments", "create", "order|tracking_number", "|1Z999AA10123456784", "no-key"),
        ("shipments", "update", "order|shipment_id|tracking_number", "1||", "no-key"),
        ("shipments", "update", "order|shipment_id|tracking_number", "1|5|", None),
        ("items", "update", "order|code|item_id", "1||", "no-key"),
        ("items", "create", "order|name|code", "1||A", "required"),
        ("items", "create", "order|name|code", "1|Mug|", None),
        ("inventory", "update", "code|id|stock", "||5", "no-key"),
        ("inventory", "create", "code|name", "A|", "required"),
        ("inventory", "upsert", "code|name", "A|", None),
        ("orders", "update", "id|order|source_id|email", "|||a@b", "no-key"),
        ("orders", "create", "email|customer.company|item.name", "a@b||Mug", "required"),
        ("orders", "create", "email|customer.company|item.name", "a@b|Works|Mug", None),
        ("orders", "update", "id|item.code|item.quantity", "1||2", "no-key"),
        ("orders", "create", "id|customer.company|item.code|item.name", "1|Works|A|", "no-key"),
    ],
)
def test_a_row_without_what_its_action_needs_is_an_error(resource, action, headings, row, code):
    got = checked(resource, headings, row, action=action)
    assert [c for n, _, c in found(got) if n == 2] == ([code] if code else [])


def test_a_refused_key_is_not_called_blank_as_well():
    got = checked("shipments", ["order", "tracking_number"], [BadCell("#N/A", "is an error"), "pending"])
    assert found(got) == [(2, "order", "bad-cell"), (2, "tracking_number", "no-tracking-number")]


# -- rows that repeat --


def test_the_same_row_twice_is_skipped_with_a_warning():
    got = checked("shipments", "order|tracking_number|cost|Note", f"1|{UPS}|5|a", f"1|{UPS}|5.00|b")
    assert [row.action for row in got.rows()] == ["create", "skip"]
    assert found(got) == []
    assert (3, "tracking_number", "same-row") in found(got, "warning")
    assert [row.skipped for row in got.rows()] == ["", "it repeats row 2"]


def test_the_same_key_with_other_values_is_an_error_on_both():
    got = checked("shipments", "order|tracking_number|cost", f"1|{UPS}|5", f"2|{USPS}|5", f"1|{UPS}|6")
    assert found(got) == [(2, "tracking_number", "same-key"), (4, "tracking_number", "same-key")]
    assert "row 4" in got.all_problems()[0].reason
    assert found(checked("inventory", "code|stock", "A|1", "A|2")) == [
        (2, "code", "same-key"),
        (3, "code", "same-key"),
    ]
    assert found(checked("items", "order|code|quantity", "1|A|1", "2|A|2")) == []


def test_rows_that_differ_in_their_action_contradict():
    assert len(found(checked("inventory", "code|action", "A|update", "A|delete"))) == 2


def test_items_of_one_code_with_other_variations_are_two():
    assert found(checked("items", "order|code|variation_list.Size|quantity", "1|A|L|1", "1|A|S|2")) == []


def test_one_tracking_number_on_two_orders_is_a_warning():
    got = checked("shipments", "order|tracking_number", f"1|{UPS}", f"2|{UPS}", "3|n/a", "4|n/a")
    assert found(got) == []
    assert found(got, "warning") == [(3, "tracking_number", "two-orders")]


def test_rows_without_a_tracking_number_are_told_apart_by_method_and_date():
    got = checked(
        "shipments",
        "order|tracking_number|date_shipped",
        "1|n/a|2026-11-20",
        "1|N/A|2026-11-21",
        "1|n/a|2026-11-20",
    )
    assert [row.action for row in got.rows()] == ["create", "create", "skip"]


def test_a_bill_with_a_row_for_each_charge_says_so():
    got = checked("shipments", "Cust Ref Num1|Package Identification Code (PIC)|Postage", f"1|{USPS}|5", f"1|{USPS}|0.5")
    assert "row for each charge" in got.all_problems()[-1].hint
    got = checked(
        "shipments",
        "Cust Ref Num1|Package Identification Code (PIC)|Postage",
        f"1|{USPS}|5",
        f"1|{USPS}|0.5",
        mapping={"Postage": ""},
    )
    assert found(got) == []


# -- void labels --


@pytest.mark.parametrize(
    ("heading", "cell", "void"),
    [("Void", "Yes", True), ("Voided", "TRUE", True), ("VoidIndicator", "Y", True), ("VoidIndicator", "N", False), ("Void", "", False),
     ("Label Status", "Voided", True), ("Label Status", "Printed", False), ("Label Status", "Delivered", False), ("Status", "Refunded", True),
     ("Status", "Refund Requested", True), ("Status", "delivered", False), ("Status", "cancelled", False), ("Label Status", "Cancelled", True),
     ("Refund", "0.00", False), ("Refund", "$7.85", True), ("Transaction Type", "Refund", True), ("Void Date", "2026-11-20", True), ("Void Date", "", False)],
)  # fmt: skip
def test_void_and_refunded_labels_are_skipped_with_a_word(heading, cell, void):
    got = checked("shipments", f"order|tracking_number|{heading}", f"1|{UPS}|{cell}", f"2|{USPS}|")
    assert [row.action for row in got.rows()] == ["skip" if void else "create", "create"]
    assert ((2, "tracking_number", "void") in found(got, "warning")) == void
    assert found(got) == []


def test_a_void_column_of_yes_and_no_is_understood_whatever_its_cells_are():
    got = checked(
        "shipments",
        ["order", "tracking_number", "Voided"],
        ["1", UPS, True],
        ["2", USPS, False],
        ["3", "n/a", 0],
    )
    assert [row.action for row in got.rows()] == ["skip", "create", "create"]
    assert found(checked("shipments", "order|tracking_number|Voided", f"1|{UPS}|maybe")) == [(2, "Voided", "void-unclear")]


def test_the_other_rows_of_a_refunded_parcel_are_skipped_too():
    got = checked(
        "shipments",
        "Cust Ref Num1|Package Identification Code (PIC)|Postage|Transaction Type",
        f"1|{USPS}|5|Payment",
        f"1|{USPS}|-5|Refund",
        f"2|{UPS}|5|Payment",
    )
    assert [row.action for row in got.rows()] == ["skip", "skip", "create"]
    assert found(got) == []


# -- orders of several rows --


def test_the_rows_of_an_order_are_one_order():
    got = checked(
        "orders",
        "Order Number|email|Lineitem sku|Lineitem quantity",
        "1|a@b|A|1",
        "1||B|2",
        "2|c@d|A|1",
        "1|a@b|C|3",
    )
    assert found(got) == []
    assert got.groups == [[0, 1, 3], [2]]


def test_rows_of_an_order_that_contradict_each_other_are_errors():
    got = checked("orders", "Order Number|email|folder|item.code", "1|a@b|New|A", "1|x@y||B", "2|c@d||A")
    assert found(got) == [(2, "email", "contradiction"), (3, "email", "contradiction")]


def test_the_same_item_twice_in_an_order():
    got = checked("orders", "source_id|email|item.code|item.quantity", "1|a@b|A|1", "1||A|1", "2||A|1", "2||A|2")
    assert [row.action for row in got.rows()] == ["update", "skip", "update", "update"]
    assert found(got) == [(4, "item.code", "same-key"), (5, "item.code", "same-key")]


def test_the_same_order_row_twice_is_skipped():
    got = checked("orders", "source_id|email", "1|a@b", "1|a@b", "2|c@d", "2|")
    assert [row.action for row in got.rows()] == ["update", "skip", "update", "update"]


def test_two_carts_with_one_order_number_are_two_orders():
    got = checked("orders", "source_name|source_id|email", "Shopify|1|a@b", "Etsy|1|c@d")
    assert found(got) == []
    assert len(got.groups) == 2


def test_the_action_of_an_order_is_that_of_its_rows():
    got = checked(
        "orders",
        "source_id|action|customer.company|item.name|item.code",
        "1|create|Works|Mug|A",
        "1|||Cup|B",
        "2|create|Works|Mug|A",
        "2|delete||Mug|B",
    )
    assert [row.action for row in got.rows()][:2] == ["create", "create"]
    assert found(got) == [(4, "action", "contradiction"), (5, "action", "contradiction")]


def test_what_a_new_order_needs_may_stand_in_any_of_its_rows():
    got = checked("orders", "source_id|customer.company|item.name", "1||Mug", "1|Works|Cup", action="create")
    assert found(got) == []
    got = checked("orders", "source_id|customer.company|item.name", "1||Mug", "1||Cup", action="create")
    assert found(got) == [(2, "customer.company", "required")]


def test_a_zip_of_the_united_states_that_lost_its_zero_is_refused():
    got = checked("orders", ["id", "shipping.country", "shipping.postal_code"], ["1", "US", 2116], ["2", "CH", 2116], ["3", "United States", "02116"], ["4", "usa", "501"])  # fmt: skip
    assert found(got) == [(2, "shipping.postal_code", "zip"), (5, "shipping.postal_code", "zip")]
    assert got.bads[0, "shipping.postal_code"].readings == ("2116",)
    assert values(got)[1]["shipping.postal_code"] == "2116"


def test_a_code_that_looks_like_a_date_is_said():
    got = checked("inventory", "code|stock", "4-Mar|1", "Mar-04|1", "3-4|1", "MARS-12|2")
    assert found(got, "warning") == [(None, "code", "dated")]
    assert "2 cells look" in got.all_problems()[0].reason


def test_two_columns_for_the_key_are_one_error():
    assert found(checked("shipments", "Order Number|Order ID|tracking_number", f"1|2|{UPS}")) == [(None, "order", "two-columns")]


# -- carriers --


def test_a_wrong_check_digit_is_a_warning():
    got = checked(
        "shipments",
        "order|tracking_number|carrier_code",
        f"1|{UPS[:-1]}5|UPS",
        f"2|{UPS}|UPS",
        "3|986578788856|FedEx",
        "4|986578788857|Other",
    )
    assert found(got, "warning") == [
        (2, "tracking_number", "check-digit"),
        (4, "tracking_number", "check-digit"),
    ]


def test_the_carrier_is_filled_in_only_if_that_is_asked_for():
    rows = [f"1|{UPS}|", f"2|{USPS}|Mine", "3|n/a|", "4|ABC123|"]
    assert [row.get("carrier_code") for row in values(checked("shipments", "order|tracking_number|carrier_code", *rows))] == [
        None,
        "Mine",
        None,
        None,
    ]
    got = checked("shipments", "order|tracking_number|carrier_code", *rows, guess_carrier=True)
    assert [row.get("carrier_code") for row in values(got)] == ["UPS", "Mine", None, None]
    got = checked("shipments", "order|tracking_number", f"1|{UPS}", guess_carrier=True)
    assert values(got)[0]["carrier_code"] == "UPS"


def test_a_number_cell_that_lost_its_leading_zero_is_a_warning():
    got = checked("shipments", ["order", "tracking_number"], ["1", 41441760228964], ["2", "41441760228964"], ["3", 477179081230])
    assert found(got, "warning") == [(2, "tracking_number", "lost-zero"), (3, "tracking_number", "two-orders")]


# -- what is printed --


def test_values_as_json():
    got = checked("shipments", ["Order #", "Tracking #", "Cost", "Ship Date", "Mood", "Mood", ""], ["1", UPS, 7.850, dt.date(2026, 11, 20), "a", True, 5.0], ["2", "-", None, None, None, None, None])  # fmt: skip
    assert got.values_json() == {
        "columns": {"Order #": "order", "Tracking #": "tracking_number", "Cost": "cost", "Ship Date": "date_shipped", "Mood": None, "Mood (2)": None, "column G": None},
        "rows": [
            {"row": 2, "values": {"order": "1", "tracking_number": UPS, "cost": "7.85", "date_shipped": "2026-11-20", "Mood": "a", "Mood (2)": "TRUE", "column G": "5"}},
            {"row": 3, "values": {"order": "2", "tracking_number": None, "cost": None, "date_shipped": None, "Mood": None, "Mood (2)": None, "column G": None}},
        ],
    }  # fmt: skip


def test_headings_only_give_no_rows_and_no_error():
    got = checked("shipments", "order|tracking_number")
    assert got.values_json()["rows"] == []
    assert got.all_problems() == []


def test_read_only_columns_are_kept_for_the_plan():
    got = checked("orders", "id|order_total|email", "1|22.80|a@b")
    assert values(got) == [{"id": "1", "order_total": Decimal("22.80"), "email": "a@b"}]


# -- laws --

CELL = st.one_of(
    st.none(), st.text(max_size=6), st.sampled_from(["(clear)", "1,234", "n/a", "A", "1", UPS, "2026-11-20", "skip", "create"]),
    st.integers(-5, 10**17), st.floats(), st.booleans(), st.dates(), st.just(BadCell("#N/A", "is an error")),
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.text(max_size=10).map(trim).filter(bool), min_size=1, max_size=4))
def test_a_trimmed_text_survives_or_is_refused(texts):
    got = checked("inventory", ["code", "location"], *([f"A{n}", text] for n, text in enumerate(texts)))
    for text, row in zip(texts, got.rows(), strict=True):
        if text != "(clear)" and not text.startswith('="'):
            assert "location" in row.bad or row.values["location"] == text


@pytest.mark.parametrize("resource", RESOURCES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_sheet_breaks_the_check(resource, data):
    names = [one.name for one in RESOURCES[resource].fields if not one.is_open] + [
        "Address 1",
        "Void",
        "Weight (oz)",
        "Name",
        "Foo",
        "",
    ]
    headings = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=6))
    rows = data.draw(st.lists(st.lists(CELL, min_size=len(headings), max_size=len(headings)), max_size=5))
    got = checked(resource, headings, *rows, weight_unit=data.draw(st.sampled_from([None, "lb"])), guess_carrier=True)
    got.values_json()
    bad = {row.number for row in got.rows() if row.bad and row.action != "skip"}
    assert bad <= {p.row for p in got.all_problems() if p.level == "error"}


@given(st.sampled_from(["shipments", "inventory", "items"]), st.lists(st.tuples(*[st.sampled_from([None, "1", "2", "3"])] * 3), max_size=5))
def test_where_one_column_tells_that_all_rows_differ_no_two_have_the_same_key(resource: str, rows: list[tuple]) -> None:
    names = {"shipments": ("order", "tracking_number", "shipment_id"), "inventory": ("code", "id", "name"),
             "items": ("order.source_id", "code", "name")}[resource]  # fmt: skip
    for many in (2, 3):
        columns = {name: [row[n] for row in rows] for n, name in enumerate(names[:many])}
        keys = [key for key in row_keys(RESOURCES[resource], columns, len(rows)) if key is not None]
        assert len(set(keys)) == len(keys) or not all_differ(RESOURCES[resource], columns, len(rows))


@pytest.mark.parametrize("texts", [["TRK1", "TRK2"], ["TRK1", "PENDING"], ["0", "TRK1"], ["000", "1"], ["A1", "n/a"], ["1E5", "9E21"], ["A 1", "B"]])
def test_tracking_numbers_that_stand_as_they_are_read_the_same_one_by_one(texts: list[str]) -> None:
    if stand_as_they_are(texts, tracking_numbers=True):
        assert [tracking(text, PLAIN) for text in texts] == texts
    else:
        assert texts[1] != "TRK2"
