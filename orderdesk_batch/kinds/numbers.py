"""This file holds how cells become numbers, and what a column tells about its decimal sign."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

from .cells import CellRefused, How, as_decimal, check_digits, check_error, trim, was_a_date, without_hidden

Sign = Literal[".", ","]

_API: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
_PLAIN: Final = re.compile(r"-?\d{1,15}(\.\d{1,2})?", re.ASCII)  # 12, 9.99: most cells; no question of signs
_CODES: Final = "USD|EUR|GBP|CAD|AUD|NZD|JPY|CNY|CHF|SEK|NOK|DKK|PLN|CZK|MXN|BRL|INR|SGD|HKD|ZAR|ILS|TRY|KRW"
_MONEY: Final = rf"(?:(?:US|CA|C|AU|A|NZ|HK|S|R|MX)?\$|[€£¥₹₩₪₺฿]|{_CODES}|kr\.?|zł|Kč)"
_AMOUNT: Final = re.compile(
    rf"(?P<early>{_MONEY})?\s*(?P<open>\()?\s*(?P<sign>[-+\u2212])?\s*(?P<before>{_MONEY})?\s*(?P<sign2>[-+\u2212])?\s*"
    rf"(?P<body>[0-9.,'\u2019 \u00a0\u2009\u202f]*[0-9][.,]?)\s*(?P<after>{_MONEY})?\s*(?P<close>\))?",
    re.IGNORECASE,
)
_SAME: Final = {"US$": "$", "USD": "$", "EUR": "€", "GBP": "£"}
_SPACES: Final = re.compile("[ \u00a0\u2009\u202f'\u2019]")
_GROUPS: Final = re.compile(r"\d{1,3}(?:([ \u00a0\u2009\u202f'\u2019])\d{3})(?:\1\d{3})*", re.ASCII)
_UNIT: Final = re.compile(r"[-+]?[\d.,]+\s*[^\W\d_]+\b.*", re.DOTALL)
_EXPONENT: Final = re.compile(r"[-+]?[\d.,]+[eE][-+]?\d+", re.ASCII)

_WRITE: Final = "Write a number, such as 4.50."


@dataclass(frozen=True, slots=True)
class Amount:
    """What a text says as a number; two readings where a sign could be the decimal one or thousands."""

    readings: tuple[Decimal, ...]  # one, or (with thousands, with decimals)
    decimal: Sign | None = None  # the decimal sign that the text shows or implies; None: it shows none
    mark: Sign | None = None  # of an ambiguous text: the sign in question
    currency: str = ""  # "$", "EUR"


def number(cell: Any, how: How) -> Decimal | None:
    """A number; text such as "1 234,50" and "(3.00)" included, where it can be read in one way only."""
    if cell is None:
        return None
    if isinstance(cell, str):
        if _PLAIN.fullmatch(cell) and (how.decimal != "," or "." not in cell):
            return Decimal(cell)
        return _from_text(cell, how)
    if isinstance(cell, bool):
        raise CellRefused("is not a number", _WRITE, "not-a-number")
    if isinstance(cell, (int, float, Decimal)):
        if not isinstance(cell, int) and not math.isfinite(cell):
            raise CellRefused("is not a number", _WRITE, "not-a-number")
        if not how.api:
            check_digits(cell)
        return as_decimal(cell)
    if isinstance(cell, (dt.date, dt.time)):
        raise was_a_date(cell)
    raise CellRefused("is not a number", _WRITE, "not-a-number")


def whole(cell: Any, how: How) -> int | None:
    """A whole number."""
    value = number(cell, how)
    if value is None:
        return None
    if value != value.to_integral_value():
        raise CellRefused("is not a whole number", "Write a whole number, such as 12.", "not-whole")
    return int(value)


def amount_of(text: str) -> Amount | None:
    """What a text says as a number by itself, not knowing the column; None where it is no number.

    >>> amount_of("$1,234.50").readings, amount_of("1,234").readings
    ((Decimal('1234.50'),), (Decimal('1234'), Decimal('1.234')))
    """
    match = _AMOUNT.fullmatch(text)
    if not match or bool(match["open"]) != bool(match["close"]):
        return None
    signs = [sign for sign in (match["sign"], match["sign2"]) if sign]
    named = [money for money in (match["early"], match["before"], match["after"]) if money]
    if len(signs) > 1 or (signs and match["open"]) or len(named) > 1:
        return None
    body = _body(match["body"].strip())
    if body is None:
        return None
    negative = bool(match["open"]) or bool(signs and signs[0] != "+")
    readings = tuple(-reading if negative else reading for reading in body.readings)
    currency = "".join(named).upper()
    return Amount(readings, body.decimal, body.mark, _SAME.get(currency, currency))


def _body(text: str) -> Amount | None:
    """The digits with their signs, without currency and minus."""
    spaced = bool(_SPACES.search(text))
    if spaced:  # 1 234,50 and 1'234.50: a space or apostrophe can only be thousands
        head = re.split(r"[.,]", text)[0]
        if not _GROUPS.fullmatch(head):
            return None
        rest = text[len(head) :]
        if _SPACES.search(rest) or (len(rest) > 1 and not re.fullmatch(r"[.,]\d+", rest, re.ASCII)):
            return None
        digits = _SPACES.sub("", head)
        if not rest:
            return Amount((Decimal(digits),))
        return Amount((Decimal(f"{digits}.{rest[1:] or 0}"),), _sign(rest[0]))
    points, commas = text.count("."), text.count(",")
    if not points and not commas:
        return Amount((Decimal(text),))
    last = _sign("." if text.rfind(".") > text.rfind(",") else ",")
    other = _other(last)
    if points and commas:  # 1,234.50: the last sign is the decimal one
        whole_part, _, decimals = text.rpartition(last)
        if last in whole_part or not _grouped(whole_part, other) or not decimals:
            return None
        return Amount((Decimal(f"{whole_part.replace(other, '')}.{decimals}"),), last)
    if points + commas > 1:  # 1,234,567: thousands, since a number has one decimal sign
        if not _grouped(text, last):
            return None
        return Amount((Decimal(text.replace(last, "")),), other)
    before, _, after = text.partition(last)
    as_decimals = Decimal(f"{before or 0}.{after or 0}")
    if len(after) == 3 and 1 <= len(before) <= 3 and before[0] != "0":
        return Amount((Decimal(before + after), as_decimals), None, last)
    if not after:  # "12." or "12,": a slip of the hand, but there is one reading only
        return Amount((Decimal(before),)) if before else None
    return Amount((as_decimals,), last)


def _grouped(text: str, mark: str) -> bool:
    """Whether thousands are marked properly; the Indian way (12,34,567) too."""
    return bool(re.fullmatch(rf"\d{{1,3}}(\{mark}\d{{3}})+|\d{{1,2}}(\{mark}\d{{2}})+\{mark}\d{{3}}", text, re.ASCII))


def _sign(mark: str) -> Sign:
    return "." if mark == "." else ","


def _other(sign: Sign) -> Sign:
    return "," if sign == "." else "."


def _from_text(cell: str, how: How) -> Decimal | None:
    text = without_hidden(trim(cell))
    if not text:
        return None
    if how.api and _API.fullmatch(text):
        return Decimal(text)
    check_error(text)
    found = amount_of(text)
    if found is None:
        raise _not_a_number(text)
    if found.mark is None:
        if found.decimal and how.decimal and found.decimal != how.decimal:
            raise CellRefused(
                f'does not fit the decimal sign "{how.decimal}"',
                f'Write it as {_shown(found.readings[0], how.decimal)}, or set --decimal "{found.decimal}".',
                "decimal-sign",
                found.readings,
            )
        return found.readings[0]
    if how.decimal is None:
        thousands, decimals = found.readings
        raise CellRefused(
            f"can be read as {thousands} or as {decimals}",
            f'Set --decimal "." or --decimal ",", or write {thousands} or {decimals}0.',
            "ambiguous-number",
            found.readings,
        )
    return found.readings[1] if found.mark == how.decimal else found.readings[0]


def _shown(value: Decimal, sign: str) -> str:
    return str(value).replace(".", sign)


def _not_a_number(text: str) -> CellRefused:
    if "%" in text:
        return CellRefused("is a percentage", "Write the amount itself, without %.", "percent")
    if any(char.isdigit() and not char.isascii() for char in text):
        return CellRefused("is not written with the digits 0 to 9", "Write it with the digits 0 to 9.", "digits")
    if _EXPONENT.fullmatch(text):
        return CellRefused(
            "is a number with an exponent",
            "Write the number in full, such as 40000, or format the cell as a number.",
            "exponent",
        )
    if _UNIT.fullmatch(text):
        return CellRefused(
            "has a unit or a word beside the number",
            'Write the number alone; a unit of weight belongs to the heading, as in "Weight (oz)".',
            "unit",
        )
    return CellRefused("is not a number", _WRITE, "not-a-number")


def signs(texts: Iterable[str]) -> set[Sign]:
    """The decimal signs that the texts of a column show."""
    seen: set[Sign] = set()
    for text in texts:
        if len(seen) < 2 and ("," in text or "." in text or " " in text or "'" in text):
            found = amount_of(without_hidden(trim(text)))
            if found and found.decimal:
                seen.add(found.decimal)
    return seen


def settle(texts: Iterable[str]) -> Sign | None:
    """The decimal sign that the texts of a column show; None where they show none, or both."""
    seen = signs(texts)
    return seen.pop() if len(seen) == 1 else None


def currencies(texts: Iterable[str]) -> dict[str, list[str]]:
    """The texts of a column by the currency that they name; those that name none are left out."""
    found: dict[str, list[str]] = {}
    for text in texts:
        if not text.isascii() or text.strip("0123456789.,- "):
            amount = amount_of(without_hidden(trim(text)))
            if amount and amount.currency:
                found.setdefault(amount.currency, []).append(text)
    return found
