"""Tests of the carriers: numbers of public examples, and what a slip does to them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderdesk_batch.carriers import RULES, carrier_of, wrong_check_digit

NUMBERS = {
    "UPS": ["1Z5R89390357567127", "1Z879E930346834440", "1Z410E7W0392751591", "1Z8V92A70367203024", "1Z999AA10123456784"],
    "USPS": ["9400111201080805483016", "9361289878700317633795", "9405511899223197428490", "92748931507708513018050063",
             "420221539101026837331000039521", "4209021192748931507708513018050063", "03071790000523483741", "71123456789123456787", "RB123456785US"],
    "FedEx": ["986578788855", "477179081230", "041441760228964", "568283610012000", "568283610012734", "9611020987654312345672", "9261292700768711948021"],
    "DHL": ["3318810025", "8487135506"],
    "Royal Mail": ["RB123456785GB"],
    "Amazon": ["TBA000000000000"],
}  # fmt: skip
EVERY = [(carrier, number) for carrier, numbers in NUMBERS.items() for number in numbers]


@pytest.mark.parametrize(("carrier", "number"), EVERY)
def test_the_carrier_of_a_number(carrier, number):
    assert carrier_of(number) == carrier
    assert carrier_of(number.lower()) == carrier
    assert wrong_check_digit(number, carrier) is None


@pytest.mark.parametrize(("carrier", "number"), [(c, n) for c, n in EVERY if c not in ("Amazon",) and n[-1].isdigit()])
def test_a_slip_in_the_last_digit_is_found(carrier, number):
    slip = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert carrier_of(slip) != carrier
    assert wrong_check_digit(slip, carrier) == carrier


@pytest.mark.parametrize("number", ["", "n/a", "ABC", "12345", "1Z", "986578788856", "3318810026"])
def test_a_number_that_could_be_anyones_is_no_slip(number):
    assert carrier_of(number) is None
    assert wrong_check_digit(number) is None


def test_the_carrier_that_the_sheet_names_tells_where_the_form_does_not():
    assert wrong_check_digit("986578788856", "FedEx Ground") == "FedEx"
    assert wrong_check_digit("986578788856", "UPS") is None


@given(st.text(max_size=40) | st.from_regex(r"[0-9A-Z]{8,36}", fullmatch=True))
def test_no_text_breaks_it(text):
    carrier_of(text)
    wrong_check_digit(text, text)


def test_every_rule_has_an_example():
    examples = [number for _, number in EVERY] + ["JD014600003828392837", "7023210039414604"]
    for rule in RULES:
        assert any(rule.form.fullmatch(number) and rule.check(number) for number in examples), rule
