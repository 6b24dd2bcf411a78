"""Tests of the kinds: what a cell is read as, or why it is refused."""

from __future__ import annotations

import datetime as dt
import json
import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderdesk_batch.kinds import (
    CHANGE,
    CLEAR,
    DATE,
    JSON,
    KINDS,
    MONEY,
    ORDER,
    PLAIN,
    TEXT,
    TIME,
    TRACKING,
    WHOLE,
    CellRefused,
    How,
    plain_number,
    trim,
)  # fmt: skip
from orderdesk_batch.kinds.numbers import settle
from orderdesk_batch.kinds.texts import stand_as_they_are
from orderdesk_batch.sheets.sheet import Literal

UNKNOWN = How()


def read(kind, cell, how=UNKNOWN):
    """The value, or the code of the refusal behind a "!"."""
    try:
        return kind.parse(cell, how)
    except CellRefused as refused:
        told = refused
    assert told.reason
    assert told.reason[-1] not in ".!"
    assert told.hint.endswith((".", "?"))
    assert told.code
    return f"!{told.code}"


# fmt: off
TEXTS = [
    ("abc", "abc"), ("  abc\t", "abc"), ("\u00a0abc\u200b", "abc"), ("\ufeff00123", "00123"), ("a\r\nb\rc", "a\nb\nc"),
    ("", None), ("  ", None), ("\u200b\u00a0", None), (None, None),
    ("00123", "00123"), ("NA", "NA"), ("Null", "Null"), ("None", "None"), ("nan", "nan"), ("TRUE", "TRUE"), ("N/A", "N/A"),
    ("1E5", "1E5"), ("3E5", "3E5"), ("3-4", "3-4"), ("-", "-"), ("+44 20", "+44 20"), ("@home", "@home"), ("=1+1", "=1+1"), ("#1001", "#1001"),
    ("3.14", "3.14"), ("3/14/15", "3/14/15"), ("#NULL?", "#NULL?"), ("1e21", "1e21"), ("12E+3", "12E+3"), ("1.5E+05", "1.5E+05"),
    ("9.40011E+21", "!digits-lost"), ("9,40011E+21", "!digits-lost"), ("9.400111899223e+21", "!digits-lost"), ("1E+12", "!digits-lost"),
    ("7.94612E+11", "!digits-lost"),
    ('="00123"', "00123"), ('="a" & "b"', '="a" & "b"'),
    ("#N/A", "!error-cell"), ("#REF!", "!error-cell"), ("#DIV/0!", "!error-cell"), ("########", "!error-cell"), ("##", "##"),
    ("a\0b", "!nul"),
    (123, "123"), (123.0, "123"), (0.1, "0.1"), (68.66499999999999, "68.665"), (-0.0, "0"), (1e14, "100000000000000"),
    (999_999_999_999_999, "999999999999999"), (10**15, "!digits-lost"), (9.40011e21, "!digits-lost"), (-1e15, "!digits-lost"),
    (math.nan, "!not-a-number"), (math.inf, "!not-a-number"),
    (True, "TRUE"), (False, "FALSE"),
    (dt.date(2026, 3, 4), "!date-in-text"), (dt.datetime(2026, 3, 4, 5), "!date-in-text"), (dt.time(3, 4), "!date-in-text"),
    (Literal("9.40011E+21"), "9.40011E+21"), (Literal("#N/A"), "#N/A"), (Literal("(clear)"), "(clear)"),
]
NUMBERS = [
    ("12", "12"), ("12.", "12"), ("007", "7"), (".5", "0.5"), ("9.99", "9.99"), ("9,99", "9.99"), ("1,7", "1.7"), ("-3", "-3"), ("\u22123", "-3"),
    ("+5", "5"), ("$1,234.50", "1234.50"), ("1.234,50 €", "1234.50"), ("€ 5", "5"), ("5 EUR", "5"), ("USD 5", "5"), ("£3", "3"), ("CA$5", "5"),
    ("(3.00)", "-3.00"), ("($3.00)", "-3.00"), ("$(3)", "-3"), ("-$5", "-5"), ("$-5", "-5"),
    ("1 234,50", "1234.50"), ("1\u00a0234", "1234"), ("1\u202f234\u202f567,5", "1234567.5"), ("1'234.50", "1234.50"), ("1 234,500", "1234.500"),
    ("1,234,567", "1234567"), ("200.000.000", "200000000"), ("12,34,567.5", "1234567.5"),
    ("0.375", "0.375"), ("0,375", "0.375"), ("1234.567", "1234.567"), ("12.3456", "12.3456"), (".375", "0.375"),
    ("\u200b12\u200b", "12"), (" 12 ", "12"),
    ("1,234", "!ambiguous-number"), ("1.234", "!ambiguous-number"), ("$1,234", "!ambiguous-number"), ("(12,345)", "!ambiguous-number"), ("123,456", "!ambiguous-number"),
    ("12 %", "!percent"), ("95%", "!percent"), ("\u0661\u0662", "!digits"), ("\uff11\uff12", "!digits"),
    ("2 lb 3 oz", "!unit"), ("59793 MT", "!unit"), ("12oz", "!unit"), ("3 pcs", "!unit"),
    ("4e4", "!exponent"), ("-2.00E-02", "!exponent"), ("NaN", "!not-a-number"), ("INF", "!not-a-number"), ("abc", "!not-a-number"), ("-", "!not-a-number"),
    ("--", "!not-a-number"), ("3-", "!not-a-number"), ("1.2.3", "!not-a-number"), ("1,23", "1.23"), ("12,34,5", "!not-a-number"), ("1 23", "!not-a-number"),
    ("1,2345,678", "!not-a-number"), ("$5 USD", "!not-a-number"), ("(3", "!not-a-number"), ("(-3)", "!not-a-number"), ("1,234.5.6", "!not-a-number"),
    ("TRUE", "!not-a-number"), (True, "!not-a-number"), ("#N/A", "!error-cell"), ("n/a", "!not-a-number"), ("1/2", "!not-a-number"),
    ("", None), (None, None), ("\u00a0", None),
    (5, "5"), (4.5, "4.5"), (274.65999999999997, "274.66"), (4.27335427525861e-07, "4.27335427525861E-7"), (Decimal("1.10"), "1.10"),
    (math.nan, "!not-a-number"), (math.inf, "!not-a-number"), (1e15, "!digits-lost"), (dt.date(2026, 1, 1), "!date-in-text"), (dt.time(1), "!date-in-text"),
]
WHOLES = [
    ("12", 12), ("12.0", 12), ("12,00", 12), (12.0, 12), ("-3", -3), ("1,234,567", 1234567), ("", None),
    ("1.5", "!not-whole"), (1.5, "!not-whole"), ("+5", "!plus-sign"), (" +5", "!plus-sign"), ("1,234", "!ambiguous-number"), ("12 pcs", "!unit"),
]
DATES = [
    ("2026-11-20", "2026-11-20"), ("2026/11/20", "2026-11-20"), ("2026.11.20", "2026-11-20"), ("2026-1-3", "2026-01-03"), ("20261120", "2026-11-20"),
    (20261120, "2026-11-20"), (20261120.0, "2026-11-20"), ("2026-11-20T10:15:00Z", "2026-11-20"), ("2026-11-20 23:30:00 -0500", "2026-11-20"),
    ("2026-11-20 10:15", "2026-11-20"), ("11/20/2026", "2026-11-20"), ("20/11/2026", "2026-11-20"), ("20.11.2026", "2026-11-20"), ("13-01-2026", "2026-01-13"),
    ("11/20/2026 10:15:00 AM", "2026-11-20"), ("11/20/2026, 10:15 pm", "2026-11-20"), ("11/11/2026", "2026-11-11"),
    ("Nov 3, 2026", "2026-11-03"), ("3 Nov 2026", "2026-11-03"), ("November 3rd, 2026", "2026-11-03"), ("03-Nov-2026", "2026-11-03"), ("Sept. 3, 2026", "2026-09-03"),
    ("Friday, November 20, 2026", "2026-11-20"), ("Fri Nov 20 2026", "2026-11-20"),
    (dt.date(2026, 11, 20), "2026-11-20"), (dt.datetime(2026, 11, 20, 10, 15), "2026-11-20"), (dt.datetime(2026, 11, 19, 23, 59, 59, 999_999), "2026-11-20"),
    ("0000-00-00", None), ("", None), (None, None),
    ("11/12/2026", "!ambiguous-date"), ("11-04-2019", "!ambiguous-date"), ("3.4.2026", "!ambiguous-date"), ("11/12/2026 10:15 AM", "!ambiguous-date"),
    ("11/20/26", "!two-digit-year"), ("20-Nov-26", "!two-digit-year"), ("11/12/26", "!two-digit-year"),
    ("2026-13-01", "!not-a-date"), ("2026-02-30", "!not-a-date"), ("31/11/2026", "!not-a-date"), ("13/13/2026", "!not-a-date"), ("2026-11", "!not-a-date"),
    ("2026-W47-5", "!not-a-date"), ("pending", "!not-a-date"), ("Mon Nov 20 2026", "!not-a-date"), ("2026-11-20 25:00", "!not-a-date"), ("2026-11-20 PST", "!not-a-date"),
    ("46346", "!not-a-date"), (46346, "!not-a-date"), (46346.5, "!not-a-date"), ("20112026", "!not-a-date"), (20112026, "!not-a-date"),
    ("1234-5thisisnotadate", "!not-a-date"), (True, "!not-a-date"), (dt.time(10), "!not-a-date"), (math.nan, "!not-a-date"),
    (dt.date(1900, 1, 1), "!implausible-date"), ("1900-01-01", "!implausible-date"), (dt.datetime(9999, 12, 31), "!implausible-date"), ("#VALUE!", "!error-cell"),
]
TIMES = [
    ("2026-11-20 10:15:00", "2026-11-20 10:15:00"), ("2026-11-20T10:15:00.000Z", "2026-11-20 10:15:00"), ("2026-11-20 23:30:00 -0500", "2026-11-21 04:30:00"),
    ("2026-11-20T10:15+02:00", "2026-11-20 08:15:00"), ("2026-11-20", "2026-11-20 00:00:00"), ("11/20/2026 12:05 AM", "2026-11-20 00:05:00"),
    ("11/20/2026 12:05 PM", "2026-11-20 12:05:00"), ("11/20/2026 13:05 PM", "!not-a-date"),
    (dt.datetime(2026, 11, 20, 10, 14, 59, 999_998), "2026-11-20 10:15:00"),
    (dt.datetime(2026, 11, 20, 10, tzinfo=dt.timezone(dt.timedelta(hours=2))), "2026-11-20 08:00:00"),
]
TRACKINGS = [
    ("1Z999AA10123456784", "1Z999AA10123456784"), ("9400 1118 9922 3100 0000 01", "9400111899223100000001"), ("RB 123 456 785 GB", "RB123456785GB"),
    ("9400\u00a01118", "94001118"), ("\u200b940\u200b01118", "94001118"), ("1Z-999", "1Z-999"), ("n/a", "n/a"), ("N/A", "n/a"), (" n/A ", "n/a"),
    ("'9400111899223100000001", "9400111899223100000001"), (794612345678, "794612345678"), (794612345678.0, "794612345678"), ("", None),
    ("-", "!no-tracking-number"), ("pending", "!no-tracking-number"), ("NA", "!no-tracking-number"), ("none", "!no-tracking-number"), ("?", "!no-tracking-number"),
    ("0", "!no-tracking-number"), ("000", "!no-tracking-number"), (0, "!no-tracking-number"), ("USPS 9400111899223100000001", "!no-tracking-number"),
    ("tracking: 94001118", "!no-tracking-number"), ("９４００１１１８", "!no-tracking-number"),
    ("9400111899223100000001 9400111899223100000002", "!several-numbers"), ("1Z999AA10123456784,1Z999AA10123456785", "!several-numbers"),
    ("1Z999AA10123456784\n1Z999AA10123456785", "!several-numbers"), ("1Z999AA10123456784/1Z999AA10123456785", "!several-numbers"),
    ("https://example.com/t/94001118", "!link"), ("=A2", "!formula"), ("794612345678.0", "!decimals"),
    ("9.40011E+21", "!digits-lost"), (9.40011e21, "!digits-lost"), ("#N/A", "!error-cell"), (dt.date(2026, 1, 1), "!date-in-text"),
]
# fmt: on


@pytest.mark.parametrize(("cell", "value"), TEXTS, ids=repr)
def test_a_cell_as_text(cell, value):
    assert read(TEXT, cell) == value


@pytest.mark.parametrize(("cell", "value"), NUMBERS, ids=repr)
def test_a_cell_as_a_number(cell, value):
    found = read(MONEY, cell)
    assert (str(found) if isinstance(found, Decimal) else found) == value


@pytest.mark.parametrize(("cell", "value"), WHOLES, ids=repr)
def test_a_cell_as_a_whole_number(cell, value):
    assert read(WHOLE, cell) == value


@pytest.mark.parametrize(("cell", "value"), DATES, ids=repr)
def test_a_cell_as_a_date(cell, value):
    found = read(DATE, cell)
    assert (DATE.show(found) if isinstance(found, dt.date) else found) == value


@pytest.mark.parametrize(("cell", "value"), TIMES, ids=repr)
def test_a_cell_as_a_time(cell, value):
    found = read(TIME, cell)
    assert (TIME.show(found) if isinstance(found, dt.datetime) else found) == value


@pytest.mark.parametrize(("cell", "value"), TRACKINGS, ids=repr)
def test_a_cell_as_a_tracking_number(cell, value):
    assert read(TRACKING, cell) == value


def test_a_change_may_have_its_sign():
    assert [read(CHANGE, cell) for cell in ("+5", "-3", 2)] == [5, -3, 2]


@pytest.mark.parametrize(
    ("cell", "point", "comma"),
    [("1,234", "1234", "1.234"), ("1.234", "1.234", "1234"), ("9.99", "9.99", "!decimal-sign"), ("9,99", "!decimal-sign", "9.99"),
     ("1,234.50", "1234.50", "!decimal-sign"), ("1.234,50", "!decimal-sign", "1234.50"), ("12", "12", "12"), ("(1,234)", "-1234", "-1.234")],
)  # fmt: skip
def test_the_decimal_sign_settles_what_a_number_is(cell, point, comma):
    assert [str(read(MONEY, cell, How(decimal=sign))) for sign in ".,"] == [point, comma]


def test_the_readings_of_an_ambiguous_cell_are_told():
    with pytest.raises(CellRefused) as number:
        MONEY.parse("1,234", UNKNOWN)
    assert number.value.readings == (1234, Decimal("1.234"))
    with pytest.raises(CellRefused) as date:
        DATE.parse("11/12/2026", UNKNOWN)
    assert date.value.readings == (dt.date(2026, 11, 12), dt.date(2026, 12, 11))


@pytest.mark.parametrize(
    ("texts", "sign"),
    [(["1,234", "9.99"], "."), (["1.234", "9,99"], ","), (["1,234", "1,234.50"], "."), (["1,234", "0,375"], ","), (["1,234", "1,234,567"], "."),
     (["1,234", "5"], None), (["9,99", "9.99", "1,234"], None), (["1 234,50"], ","), (["abc", "1.2.3"], None), ([], None)],
)  # fmt: skip
def test_the_cells_of_a_column_show_its_decimal_sign(texts, sign):
    assert settle(texts) == sign


@pytest.mark.parametrize(
    ("cell", "mdy", "dmy"),
    [("11/12/2026", "2026-11-12", "2026-12-11"), ("11-12-2026 10:00", "2026-11-12", "2026-12-11"), ("13/01/2026", "!date-order", "2026-01-13"),
     ("01/13/2026", "2026-01-13", "!date-order"), ("2026-11-12", "2026-11-12", "2026-11-12")],
)  # fmt: skip
def test_the_option_settles_the_order_of_a_date(cell, mdy, dmy):
    found = [read(DATE, cell, How(dates=order)) for order in ("mdy", "dmy")]
    assert [DATE.show(value) for value in found] == [mdy, dmy]


# -- values of the API --


@pytest.mark.parametrize(
    ("kind", "value", "read_as"),
    [
        (TEXT, "9.40011E+21", "9.40011E+21"), (TEXT, 10**20, "100000000000000000000"), (TEXT, " a ", "a"), (TEXT, "", None), (TEXT, None, None),
        (TEXT, True, "TRUE"), (TEXT, 26211, "26211"), (TEXT, 21654.0, "21654"), (MONEY, "4.50", Decimal("4.50")), (MONEY, 4.5, Decimal("4.5")),
        (MONEY, "1,234", 1234), (MONEY, "1e3", 1000), (MONEY, "free", "free"), (WHOLE, "12", 12), (WHOLE, "many", "many"), (WHOLE, "+5", "+5"),
        (DATE, "2026-11-23", dt.date(2026, 11, 23)), (DATE, "1970-01-01", dt.date(1970, 1, 1)), (DATE, "soon", "soon"),
        (TIME, "2026-11-23 09:30:00", dt.datetime(2026, 11, 23, 9, 30)), (TIME, "0000-00-00 00:00:00", None),
        (TRACKING, "N/A", "n/a"), (TRACKING, "9400 1118", "94001118"), (TRACKING, "pending", "pending"), (ORDER, "#1001", "#1001"),
        (JSON, [{"a": 0.1}], [{"a": Decimal("0.1")}]),
    ],
)  # fmt: skip
def test_a_value_of_the_api(kind, value, read_as):
    assert kind.read(value) == read_as


@pytest.mark.parametrize("kind", KINDS, ids=repr)
@settings(max_examples=60)
@given(value=st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.lists(st.integers(), max_size=2)))
def test_every_value_of_the_api_is_read(kind, value):
    kind.show(kind.read(value))


# -- JSON --


def test_json_is_a_list_or_a_map():
    assert read(JSON, '[{"id": "5", "quantity": 1.5}]') == [{"id": "5", "quantity": Decimal("1.5")}]
    assert [read(JSON, cell) for cell in ("5", "[1", "NaN", "[NaN]", "")] == ["!not-json"] * 4 + [None]
    assert json.loads(JSON.show([{"q": Decimal("1.5")}])) == [{"q": 1.5}]


# -- laws --

CELLS = st.one_of(
    st.none(), st.text(max_size=12), st.text("0123456789.,-+ $€%()eE'/:", max_size=14), st.integers(), st.floats(), st.booleans(),
    st.dates(), st.datetimes(), st.times(), st.datetimes(timezones=st.just(dt.UTC)),
)  # fmt: skip
HOWS = st.builds(How, decimal=st.sampled_from([None, ".", ","]), dates=st.sampled_from([None, "mdy", "dmy"]))


@pytest.mark.parametrize("kind", KINDS, ids=repr)
@settings(max_examples=60)
@given(cell=CELLS, how=HOWS)
def test_a_cell_is_read_or_refused_and_never_breaks(kind, cell, how):
    value = read(kind, cell, how)
    if value is not None and not (isinstance(value, str) and value.startswith("!")):
        assert kind.parse(kind.show(value), PLAIN) == value or kind is JSON


@given(st.text())
def test_a_text_that_is_trimmed_survives(text):
    text = trim(text)
    if not text or read(TEXT, text) in ("!nul", "!error-cell", "!digits-lost") or text.startswith('="'):
        return
    assert read(TEXT, text) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=4))
def test_a_number_is_shown_as_it_is_read(number):
    shown = MONEY.show(number)
    assert read(MONEY, shown, How(decimal=".")) == number


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e14, max_value=1e14))
def test_a_number_is_shown_without_an_exponent(number):
    shown = plain_number(number)
    assert "e" not in shown.lower()
    assert float(shown) == pytest.approx(number, rel=1e-14)


@given(st.datetimes(min_value=dt.datetime(1990, 1, 1), max_value=dt.datetime(2099, 12, 31)))
def test_a_time_is_shown_as_it_is_read(moment):
    moment = moment.replace(microsecond=0)
    assert read(TIME, TIME.show(moment)) == moment
    assert read(DATE, DATE.show(moment.date())) == moment.date()


def test_clear_shows_itself():
    assert repr(CLEAR) == "(clear)"


@given(st.lists(st.text("0123456789Ee+.,#= |'\u00a0abZ(clear)", max_size=8) | st.text(max_size=5), max_size=4))
def test_columns_that_are_judged_in_one_go_are_judged_right(texts):
    if stand_as_they_are(texts):
        assert [read(TEXT, text) for text in texts] == texts
    if stand_as_they_are(texts, tracking_numbers=True):
        assert [read(TRACKING, text) for text in texts] == texts


def test_sound_columns_are_judged_in_one_go():
    assert stand_as_they_are(["10001", "#1001"]) is False
    assert stand_as_they_are(["10001", "A-1", "Blue mug", "1E5", "3-4", "NA"])
    assert stand_as_they_are(["9400111201080805483016", "123"], tracking_numbers=True)
    assert not stand_as_they_are(["9400111201080805483016", "000"], tracking_numbers=True)
