"""This file holds what a heading means by itself: the headings that a field table knows, and how spellings are folded."""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass
from dataclasses import replace as replaced
from typing import Final, Literal

from ..fields import READ_ONLY, RESOURCES, Field, Resource
from ..kinds import trim
from .known import IN_HEADINGS, unit_named


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a heading means: a field, how surely, and in which unit."""

    field: Field
    rank: int  # 0: the field's own name; the higher, the less sure
    unit: str = ""  # of a weight
    dates: Literal["mdy", "dmy"] | None = None  # of a date, where the heading says how it is written


def words(text: str) -> str:
    """Case, width and runs of blanks folded; signs kept."""
    return " ".join(unicodedata.normalize("NFKC", trim(text)).casefold().split())


def letters(text: str) -> str:
    """The letters and digits of a heading, case folded.

    >>> letters("TRACKING No."), letters("お荷物 伝票番号"), letters("Order #")
    ('trackingno', 'お荷物伝票番号', 'order')
    """
    if text.isascii():
        return "".join(char for char in text.lower() if char.isalnum())
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum() or unicodedata.category(char)[0] == "M")


def _signed(text: str) -> str:
    """The letters, and `#`: `Order #` is not `Order`."""
    return "".join(char for char in words(text) if char.isalnum() or char == "#" or char > "\x7f")


_NUMBER_WORDS: Final = re.compile(r"(?<=[a-z])[\s._-]*(?:#|\b(?:no|nr|num|nbr|numb|number|numbers|nos)\b\.?)[\s._-]*$")


class Index:
    """The headings that a table knows."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.by_words: dict[str, Meaning] = {}
        self.by_signs: dict[str, Meaning] = {}
        self.by_letters: dict[str, Meaning] = {}
        self.maps: list[tuple[list[str], str]] = []  # the segments before the key, and the table's name
        self.lists: list[tuple[re.Pattern[str], str]] = []
        late: list[tuple[str, Meaning]] = []
        for one in resource.fields:
            if one.is_open:
                self._add_open(one)
                continue
            for rank, names in enumerate(one.ranks()):
                for name in names:
                    # What the server sets, and `order.id`, give way: `Order ID` is the cart's number.
                    yields = one.use == READ_ONLY or name.startswith("order.")
                    late.append((name, Meaning(one, rank))) if yields else self._add(name, Meaning(one, rank))
        for name, meaning in late:
            self._add(name, meaning)
        self.known = sorted(self.by_letters)

    def _add(self, name: str, meaning: Meaning) -> None:
        self.by_words.setdefault(words(name), meaning)
        self.by_signs.setdefault(_signed(name), meaning)
        if "#" not in name:
            self.by_letters.setdefault(letters(name), meaning)

    def _add_open(self, one: Field) -> None:
        for name in [one.name, *(alias for rank in one.ranks() for alias in rank)]:
            if name.endswith(".*"):
                self.maps.append(([letters(part) for part in name.split(".")[:-1]], one.name))
            elif ".#." in name:
                stem, leaf = name.split(".#.")
                self.lists.append((re.compile(rf"{letters(stem)}([1-9]\d{{0,2}}){letters(leaf)}", re.ASCII), one.name))
            else:
                self._add(name, Meaning(self.resource.field(one.name.replace("#", "1")), 1))

    def find(self, heading: str) -> Meaning | None:
        """What a heading means by itself."""
        own = self.resource.find(trim(heading))
        if own is not None and not own.name.startswith("order.") and own.use != READ_ONLY:
            return Meaning(own, 0)
        if meaning := self._open_map(heading):
            return meaning
        base, unit = split_unit(heading)
        if unit and (meaning := self._plain(base)) and meaning.field.kind.name == "weight":
            return replaced(meaning, unit=unit)
        if (form := _DATE_FORM.search(heading)) and (meaning := self._plain(heading[: form.start()])):
            if meaning.field.kind.name not in ("date", "time"):
                return None
            order = "".join(dict.fromkeys(letters(form["form"])))
            return replaced(meaning, dates="mdy" if order == "mdy" else "dmy" if order == "dmy" else None)
        if (money := _CURRENCY.sub("", heading)) != heading and (meaning := self._plain(money)):
            return meaning if meaning.field.kind.name == "money" else None
        return self._plain(heading)

    def _plain(self, heading: str) -> Meaning | None:
        for table, key in (
            (self.by_words, words(heading)),
            (self.by_signs, _signed(heading)),
            (self.by_letters, letters(heading)),
        ):
            if key and (meaning := table.get(key)):
                return meaning
        bare = letters(heading)
        for pattern, name in self.lists:
            if match := pattern.fullmatch(bare):
                return Meaning(self.resource.field(name.replace("#", match.group(1))), 0)
        return self._spelled(heading, bare)

    def _spelled(self, heading: str, bare: str) -> Meaning | None:
        """Plurals and the many ways to write "number"."""
        spaced = words(heading)
        spellings = [bare.removesuffix("s")] if bare.endswith("s") and not bare.endswith("ss") else []
        if _NUMBER_WORDS.search(spaced):
            stem = letters(_NUMBER_WORDS.sub("", spaced))
            spellings += [f"{stem}number", f"{stem}no"]
        for spelling in spellings:
            meaning = self.by_letters.get(spelling)
            if meaning and (meaning.field.place is not None or meaning.field.use == "key"):
                return meaning  # but no instruction: `Order Notes` is hardly a note to append
        return None

    def _open_map(self, heading: str) -> Meaning | None:
        """`metadata.Gift note`: what follows the dot is the key, as it stands."""
        for segments, name in self.maps:
            parts = trim(heading).split(".", len(segments))
            if len(parts) > len(segments) and parts[-1] and [letters(part) for part in parts[:-1]] == segments:
                return Meaning(self.resource.field(name[:-1] + parts[-1]), 0)
        return None


@functools.cache
def index_of(name: str) -> Index:
    return Index(RESOURCES[name])


_CURRENCY: Final = re.compile(r"\s*[(\[](?:[A-Z]{3}|(?:[A-Z]{2})?[$€£¥])[)\]]\s*$")
_DATE_FORM: Final = re.compile(r"\s*[(\[]\s*(?P<form>[mdy]{1,4}[-/. ][mdy]{1,4}[-/. ][mdy]{2,4})\s*[)\]]\s*$", re.IGNORECASE)
_UNIT: Final = re.compile(
    rf"(?:[\s(\[_/,-]+|(?<=[a-z])(?=[A-Z]))(?i:in\s+)?(?P<unit>(?i:{'|'.join(IN_HEADINGS)}))\.?\s*[)\]]?\s*$"
)


def split_unit(heading: str) -> tuple[str, str]:
    """A heading without the unit of weight at its end, and the unit; "" where it names none.

    >>> split_unit("Weight (oz)"), split_unit("Weight - TotalOz"), split_unit("Gewicht in kg")
    (('Weight', 'oz'), ('Weight - Total', 'oz'), ('Gewicht', 'kg'))
    """
    match = _UNIT.search(heading)
    if not match:
        bare = letters(heading)
        for ending in ("oz", "lbs", "lb", "kg"):
            if bare.endswith(ending) and len(bare) > len(ending):
                return bare.removesuffix(ending), unit_named(ending) or ""
        return heading, ""
    return heading[: match.start()], unit_named(match["unit"]) or ""
