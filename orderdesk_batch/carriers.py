"""This file holds how a carrier is known by its tracking numbers, after the public rules of their check digits."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


def _mod10(digits: str) -> bool:
    """The check digit of GS1, USPS and FedEx Ground: weights 3, 1, 3, … from the right."""
    codes = digits.encode("ascii")
    total = 3 * (sum(codes[-2::-2]) - 48 * len(codes[-2::-2])) + sum(codes[-3::-2]) - 48 * len(codes[-3::-2])
    return -total % 10 == codes[-1] - 48


def _ups(number: str) -> bool:
    """After `1Z`: letters count as (code - 63) mod 10, every second character twice."""
    values = [int(char) if char.isdigit() else (ord(char) - 63) % 10 for char in number[2:-1]]
    total = sum(values[::2]) + 2 * sum(values[1::2])
    return number[-1].isdigit() and -total % 10 == int(number[-1])


def _fedex_express(number: str) -> bool:
    total = sum(int(char) * weight for char, weight in zip(number[:-1], (3, 1, 7) * 4, strict=False))
    return total % 11 % 10 == int(number[-1])


def _dhl(number: str) -> bool:
    return int(number[:-1]) % 7 == int(number[-1])


def _s10(number: str) -> bool:
    """The Universal Postal Union's S10: weights 8 6 4 2 3 5 9 7, modulo 11."""
    total = sum(int(char) * weight for char, weight in zip(number[2:10], (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
    rest = 11 - total % 11
    return {10: 0, 11: 5}.get(rest, rest) == int(number[10])


def _after_zip(number: str) -> bool:
    """USPS with the destination before it: 420, then a ZIP of five or nine digits."""
    return any(len(number) - cut in (20, 22, 26) and number[cut] == "9" and _mod10(number[cut:]) for cut in (8, 12))


def _ground(number: str) -> bool:
    return _mod10(number[-15:])


def _no_check(number: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Rule:
    """The form of a carrier's numbers."""

    carrier: str  # as Order Desk writes it; "" where the last two letters tell (S10)
    lengths: tuple[int, ...]
    form: re.Pattern[str]
    check: Callable[[str], bool]
    sure: bool  # whether no one else has numbers of this form, so that a wrong check digit is a slip


def _rule(carrier: str, lengths: tuple[int, ...], form: str, check: Callable[[str], bool], sure: bool) -> Rule:
    return Rule(carrier, lengths, re.compile(form, re.ASCII), check, sure)


# fmt: off
RULES: Final = (
    _rule("UPS",         (18,),     r"1Z[0-9A-Z]{16}",             _ups,           True),
    _rule("FedEx",       (22,),     r"926129\d{16}",              _mod10,         True),   # handed to USPS for the last mile
    _rule("USPS",        (22,),     r"(?!926129)9[1-5]\d{20}",    _mod10,         True),
    _rule("USPS",        (26,),     r"9[1-5]\d{24}",               _mod10,         True),
    _rule("USPS",        (30, 34),  r"420\d{27}|420\d{31}",        _after_zip,     True),
    _rule("USPS",        (20,),     r"(?:03|7[0-9]|81|23)\d{18}",  _mod10,         False),
    _rule("FedEx",       (22,),     r"96\d{20}",                   _ground,        True),
    _rule("FedEx",       (12,),     r"\d{12}",                     _fedex_express, False),
    _rule("FedEx",       (15,),     r"\d{15}",                     _mod10,         False),
    _rule("DHL",         (10,),     r"\d{10}",                     _dhl,           False),
    _rule("DHL",         tuple(range(18, 24)), r"JJ?D\d{16,20}",   _no_check,      True),
    _rule("Amazon",      (15,),     r"TB[ACM]\d{12}",              _no_check,      True),
    _rule("Canada Post", (16,),     r"\d{16}",                     _mod10,         False),
    _rule("",            (13,),     r"[A-Z]{2}\d{9}[A-Z]{2}",      _s10,           True),
)
_BY_LENGTH: Final = {
    length: tuple(rule for rule in RULES if length in rule.lengths) for length in {n for rule in RULES for n in rule.lengths}
}
POSTS: Final = {  # the country at the end of an S10 number → who carries it
    "US": "USPS", "CA": "Canada Post", "GB": "Royal Mail", "DE": "Deutsche Post", "FR": "La Poste", "NL": "PostNL",
    "BE": "bpost", "CH": "Swiss Post", "AT": "Austrian Post", "IT": "Poste Italiane", "ES": "Correos", "SE": "PostNord",
    "DK": "PostNord", "NO": "Posten", "IE": "An Post", "AU": "Australia Post", "NZ": "NZ Post", "JP": "Japan Post",
    "CN": "China Post", "HK": "Hongkong Post", "SG": "SingPost", "IN": "India Post", "KR": "Korea Post", "BR": "Correios",
}
# fmt: on


_IMPB: Final = ("91", "92", "93", "94", "95")


def _whose(rule: Rule, number: str) -> str:
    return rule.carrier or POSTS.get(number[-2:], "")


def carrier_of(number: str) -> str | None:
    """The carrier of a tracking number, where its form and check digit fit one carrier only.

    >>> carrier_of("1Z999AA10123456784"), carrier_of("9400111201080805483016"), carrier_of("ABC")
    ('UPS', 'USPS', None)
    """
    number = number.upper()
    found = {
        _whose(rule, number) for rule in _BY_LENGTH.get(len(number), ()) if rule.form.fullmatch(number) and rule.check(number)
    } - {""}
    return found.pop() if len(found) == 1 else None


def wrong_check_digit(number: str, carrier: str | None = None) -> str | None:
    """The carrier whose number this must be, though its check digit is wrong; None where all is well.

    Where the form alone does not tell, the carrier that the sheet names does.
    """
    if len(number) == 22 and number[:2] in _IMPB and number.isdigit() and number.isascii() and _mod10(number):
        return None  # nearly every parcel in the United States
    number = number.upper()
    if not (rules := _BY_LENGTH.get(len(number))):
        return None
    named = (carrier or "").casefold()
    suspect = None
    for rule in rules:
        if rule.form.fullmatch(number):
            whose = _whose(rule, number)
            if rule.check(number):
                return None
            if whose and (rule.sure or (named and whose.casefold() in named)):
                suspect = whose
    return suspect
