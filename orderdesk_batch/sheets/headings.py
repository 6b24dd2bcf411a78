"""This file holds how the headings of a sheet find their fields.

A heading is matched by its letters and digits alone, then through aliases; an alias has a rank, and
of several columns for one field the best rank is read. What a heading means only among the others of
an export stands in `known`.
"""

from __future__ import annotations

import difflib
import functools
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from pathlib import Path
from typing import Final

from ..errors import Problem, UsageError
from ..fields import READ_ONLY, RESOURCES, STREET, Field, Resource
from ..kinds import trim
from .known import IN_HEADINGS, JOINS, KNOWN, RETURN_NAME, VOID, Join, Says, unit_named

Place = Callable[[int], str]  # the number of a column → where its heading stands


@dataclass
class Matched:
    """Which field each column is, and what has to be said about the headings."""

    fields: list[Field | None]  # parallel to the headings; None: not used
    units: dict[int, str] = field(default_factory=dict)  # of weight columns whose heading names one
    joins: dict[int, tuple[Join, tuple[int, ...]]] = field(
        default_factory=dict
    )  # main column → its parts, itself first
    void: list[int] = field(default_factory=list)  # columns that tell that a label is void
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def name_of(self, index: int) -> str | None:
        """The field that a column is, or is a part of."""
        if own := self.fields[index]:
            return own.name
        for main, (_, parts) in self.joins.items():
            if index in parts and (whole := self.fields[main]):
                return whole.name
        return None


@dataclass(frozen=True, slots=True)
class _Meaning:
    field: Field
    rank: int
    unit: str = ""


def _words(text: str) -> str:
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
    return "".join(char for char in _words(text) if char.isalnum() or char == "#" or char > "\x7f")


_NUMBER_WORDS: Final = re.compile(
    r"(?<=[a-z])[\s._-]*(?:#|\b(?:no|nr|num|nbr|numb|number|numbers|nos)\b\.?)[\s._-]*$"
)


class _Index:
    """The headings that a table knows."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.words: dict[str, _Meaning] = {}
        self.signed: dict[str, _Meaning] = {}
        self.letters: dict[str, _Meaning] = {}
        self.maps: list[tuple[list[str], str]] = []  # the segments before the key, and the table's name
        self.lists: list[tuple[re.Pattern[str], str]] = []
        late: list[tuple[str, _Meaning]] = []
        for one in resource.fields:
            if one.is_open:
                self._add_open(one)
                continue
            for rank, names in enumerate(one.ranks()):
                for name in names:
                    # What the server sets, and `order.id`, give way: `Order ID` is the cart's number.
                    yields = one.use == READ_ONLY or name.startswith("order.")
                    late.append((name, _Meaning(one, rank))) if yields else self._add(
                        name, _Meaning(one, rank)
                    )
        for name, meaning in late:
            self._add(name, meaning)
        self.known = sorted(self.letters)

    def _add(self, name: str, meaning: _Meaning) -> None:
        self.words.setdefault(_words(name), meaning)
        self.signed.setdefault(_signed(name), meaning)
        if "#" not in name:
            self.letters.setdefault(letters(name), meaning)

    def _add_open(self, one: Field) -> None:
        for name in [one.name, *(alias for rank in one.ranks() for alias in rank)]:
            if name.endswith(".*"):
                self.maps.append(([letters(part) for part in name.split(".")[:-1]], one.name))
            elif ".#." in name:
                stem, leaf = name.split(".#.")
                self.lists.append(
                    (re.compile(rf"{letters(stem)}([1-9]\d{{0,2}}){letters(leaf)}", re.ASCII), one.name)
                )
            else:
                self._add(name, _Meaning(self.resource.field(one.name.replace("#", "1")), 1))

    def find(self, heading: str) -> _Meaning | None:
        """What a heading means by itself."""
        own = self.resource.find(trim(heading))
        if own is not None and not own.name.startswith("order.") and own.use != READ_ONLY:
            return _Meaning(own, 0)
        if meaning := self._open_map(heading):
            return meaning
        base, unit = split_unit(heading)
        if unit and (meaning := self._plain(base)) and meaning.field.kind.name == "weight":
            return replaced(meaning, unit=unit)
        if (money := _CURRENCY.sub("", heading)) != heading and (meaning := self._plain(money)):
            return meaning if meaning.field.kind.name == "money" else None
        return self._plain(heading)

    def _plain(self, heading: str) -> _Meaning | None:
        for table, key in (
            (self.words, _words(heading)),
            (self.signed, _signed(heading)),
            (self.letters, letters(heading)),
        ):
            if key and (meaning := table.get(key)):
                return meaning
        bare = letters(heading)
        for pattern, name in self.lists:
            if match := pattern.fullmatch(bare):
                return _Meaning(self.resource.field(name.replace("#", match.group(1))), 0)
        return self._spelled(heading, bare)

    def _spelled(self, heading: str, bare: str) -> _Meaning | None:
        """Plurals and the many ways to write "number"."""
        words = _words(heading)
        spellings = [bare.removesuffix("s")] if bare.endswith("s") and not bare.endswith("ss") else []
        if _NUMBER_WORDS.search(words):
            stem = letters(_NUMBER_WORDS.sub("", words))
            spellings += [f"{stem}number", f"{stem}no"]
        for spelling in spellings:
            meaning = self.letters.get(spelling)
            if meaning and (meaning.field.place is not None or meaning.field.use == "key"):
                return meaning  # but no instruction: `Order Notes` is hardly a note to append
        return None

    def _open_map(self, heading: str) -> _Meaning | None:
        """`metadata.Gift note`: what follows the dot is the key, as it stands."""
        for segments, name in self.maps:
            parts = trim(heading).split(".", len(segments))
            if (
                len(parts) > len(segments)
                and parts[-1]
                and [letters(part) for part in parts[:-1]] == segments
            ):
                return _Meaning(self.resource.field(name[:-1] + parts[-1]), 0)
        return None


@functools.cache
def _index(name: str) -> _Index:
    return _Index(RESOURCES[name])


_CURRENCY: Final = re.compile(r"\s*[(\[](?:[A-Z]{3}|(?:[A-Z]{2})?[$€£¥])[)\]]\s*$")
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


def _said(resource: Resource, headings: Sequence[str]) -> dict[str, Says]:
    """What the exports say about headings, the more special one last; by their words."""
    present = {_words(heading) for heading in headings}
    found: dict[str, Says] = {}
    for known in KNOWN:
        signs = [_words(sign) for sign in known.signs.split(",")] if known.signs else []
        if not signs or any(sign in present for sign in signs):
            found |= {_words(says.heading): says for says in known.says}
    return found


def _whose() -> dict[str, str]:
    """Headings of an address that don't say whose it is: their letters → the field's last word."""
    found = {letters("Address"): "address1"}
    for one in STREET:
        for rank in one.ranks():
            found |= {letters(name): one.name for name in rank}
    return found


_BARE: Final = _whose()


def match(
    resource: Resource,
    headings: Sequence[str],
    *,
    mapping: Mapping[str, str] | None = None,
    place: Place = lambda index: "",
) -> Matched:
    """Which field each heading means.

    Raises:
        UsageError: the mapping names a heading or a field that there is not.
    """
    return _Matching(resource, headings, mapping or {}, place).matched


class _Matching:
    """One pass over the headings of a sheet."""

    def __init__(
        self, resource: Resource, headings: Sequence[str], mapping: Mapping[str, str], place: Place
    ) -> None:
        self.resource, self.headings, self.place = resource, headings, place
        self.index = _index(resource.name)
        self.matched = Matched([None] * len(headings))
        self.because: dict[int, str] = {}  # why a column is not used
        self.told = self._told(mapping)
        self.meanings: dict[int, _Meaning] = {}
        self._find_meanings()
        self._choose()
        self._join()
        if resource.name == "shipments":
            self.matched.void = [n for n, h in enumerate(headings) if letters(h) in VOID]
        self._say_unused()

    def _told(self, mapping: Mapping[str, str]) -> dict[int, str]:
        """The columns that the user has mapped: their number → the field's name, "" for none."""
        told: dict[int, str] = {}
        for heading, name in mapping.items():
            named = [n for n, one in enumerate(self.headings) if _words(one) == _words(heading)]
            named = named or [
                n for n, one in enumerate(self.headings) if letters(one) and letters(one) == letters(heading)
            ]
            if not named:
                near = difflib.get_close_matches(heading, self.headings, 1)
                raise UsageError(
                    f'The sheet has no column "{heading}"'
                    + (f'; did you mean "{near[0]}"?' if near else f": it has {_listed(self.headings)}.")
                )
            if name and self.resource.find(name) is None:
                near_name = self.near(name)
                raise UsageError(
                    f'"{name}" is no field of {self.resource.name}'
                    + (f"; did you mean {near_name}?" if near_name else ".")
                    + f" `orderdesk-batch fields {self.resource.name}` lists them."
                )
            told |= dict.fromkeys(named, name)
        return told

    def near(self, heading: str) -> str | None:
        """The field whose heading is nearest to a text."""
        found = difflib.get_close_matches(letters(heading), self.index.known, 1, 0.86)
        return self.index.letters[found[0]].field.name if found else None

    def _find_meanings(self) -> None:
        said = _said(self.resource, self.headings)
        for n, heading in enumerate(self.headings):
            if n in self.told:
                name = self.told[n]
                if name:
                    self.meanings[n] = _Meaning(self.resource.field(name), -1, self._unit(n, name))
                else:
                    self.because[n] = "as told"
            elif says := said.get(_words(heading)):
                if name := getattr(says, self.resource.name):
                    self.meanings[n] = _Meaning(self.resource.field(name), says.rank, self._unit(n, name))
                else:
                    self.because[n] = says.because
            elif meaning := self.index.find(heading):
                self.meanings[n] = meaning
            elif self.resource.name == "orders" and (leaf := _BARE.get(letters(heading))):
                self._say_whose(n, leaf)

    def _unit(self, n: int, name: str) -> str:
        return split_unit(self.headings[n])[1] if self.resource.field(name).kind.name == "weight" else ""

    def _say_whose(self, n: int, leaf: str) -> None:
        whose = [f"{group}.{leaf}" for group in ("customer", "shipping", "return_address")]
        whose = [name for name in whose if self.resource.find(name)]
        heading = self.headings[n]
        self._say(
            n,
            f"does not say whose it is: {_or(whose)}",
            f'Rename the heading, or say --map "{heading}={whose[0]}"; --map "{heading}=" leaves the column out.',
            "whose-address",
        )
        self.because[n] = ""

    def _say(
        self, n: int, reason: str, hint: str, code: str, warning: bool = False, name: str | None = None
    ) -> None:
        self.matched.problems.append(
            Problem(
                f"the heading {reason}",
                hint,
                "warning" if warning else "error",
                None,
                self.headings[n],
                None,
                self.place(n),
                name,
                code,
            )
        )

    def _choose(self) -> None:
        """Of the columns of each field, the one to read."""
        by_field: dict[str, list[int]] = {}
        for n, meaning in self.meanings.items():
            by_field.setdefault(meaning.field.name, []).append(n)
        for name, columns in by_field.items():
            best = min(self.meanings[n].rank for n in columns)
            first, *rivals = [n for n in columns if self.meanings[n].rank == best]
            for rival in rivals:
                other = self.headings[first]
                same = _words(other) == _words(self.headings[rival])
                self._say(
                    rival,
                    "stands twice" if same else f'means {name}, as "{other}" does',
                    "Rename or remove one of the two."
                    if same
                    else f'Leave one of them out: --map "{self.headings[rival]}=" or --map "{other}=".',
                    "two-columns",
                    name=name,
                )
                self.because[rival] = self.because[first] = ""
            if rivals:
                continue
            meaning = self.meanings[first]
            self.matched.fields[first] = meaning.field
            if meaning.unit:
                self.matched.units[first] = meaning.unit
            for n in columns:
                if n != first:
                    self.because[n] = f'{name} is read from "{self.headings[first]}"'
            if meaning.field.use == "key" and meaning.rank > 1:
                self.matched.notes.append(f'"{self.headings[first]}" is read as {name}.')

    def _join(self) -> None:
        present = {_words(heading): n for n, heading in reversed(list(enumerate(self.headings)))}
        names = {one.name: n for n, one in enumerate(self.matched.fields) if one}
        for join in JOINS:
            parts = [present.get(_words(heading)) for heading in join.headings]
            if any(n is None or n in self.told for n in parts):
                continue
            columns = tuple(n for n in parts if n is not None)
            main = self.matched.fields[columns[0]]
            if join.alone and (main is None or main.name != join.field):
                continue
            if not join.alone:
                if join.field in names or self.resource.find(join.field) is None:
                    continue
                self.matched.fields[columns[0]] = self.resource.field(join.field)
                self.matched.units[columns[0]] = join.unit
            names[join.field] = columns[0]
            self._take(join, columns)
        self._join_names(names)

    def _take(self, join: Join, columns: tuple[int, ...]) -> None:
        self.matched.joins[columns[0]] = (join, columns)
        for n in columns:
            self.because.pop(n, None)

    def _join_names(self, names: dict[str, int]) -> None:
        """The two names of the return address become one."""
        columns = tuple(names[name] for name in RETURN_NAME.headings if name in names)
        if not columns:
            return
        for n in columns:
            self.matched.fields[n] = None
        if RETURN_NAME.field in names:
            whole = self.headings[names[RETURN_NAME.field]]
            self.because |= dict.fromkeys(columns, f'{RETURN_NAME.field} is read from "{whole}"')
            return
        self.matched.fields[columns[0]] = self.resource.field(RETURN_NAME.field)
        self._take(RETURN_NAME, columns)

    def _say_unused(self) -> None:
        parts = {n for _, columns in self.matched.joins.values() for n in columns}
        unused = [
            n
            for n, one in enumerate(self.matched.fields)
            if one is None and n not in parts and self.because.get(n) != "" and n not in self.matched.void
        ]
        if not unused:
            return
        shown = []
        for n in unused[:40]:
            heading = f'"{self.headings[n]}"' if self.headings[n] else f"the nameless one in {self.place(n)}"
            if because := self.because.get(n):
                shown.append(f"{heading} ({because})")
            elif near := self.near(self.headings[n]) if self.headings[n] else None:
                shown.append(f"{heading} (near {near})")
            else:
                shown.append(heading)
        more = f" and {len(unused) - 40} more" if len(unused) > 40 else ""
        plural = "columns are" if len(unused) > 1 else "column is"
        self.matched.problems.append(
            Problem(
                f"{len(unused)} {plural} not used: {', '.join(shown)}{more}",
                'They stay in the results. --map "Heading=field" uses one.'
                if len(unused) > 1
                else 'It stays in the results. --map "Heading=field" uses it.',
                "warning",
                code="unused-columns",
            )
        )


def _or(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _listed(headings: Sequence[str]) -> str:
    named = [f'"{heading}"' for heading in headings if heading]
    return ", ".join(named[:20]) + (f" and {len(named) - 20} more" if len(named) > 20 else "")


def score(resource: Resource, headings: Sequence[str]) -> int:
    """How much a row looks like the headings of a sheet of this resource; 0: not at all.

    A heading that is known counts, a key counts more, and each field only once, so that a row of
    data that happens to hold a known word stays behind the real headings.
    """
    index = _index(resource.name)
    texts = [heading for heading in headings if isinstance(heading, str) and heading]
    said = _said(resource, texts)
    keys = {name for group in resource.keys for name in group} | set(resource.order_keys)
    points: dict[str, int] = {}
    for text in texts:
        if len(text) > 80:
            continue
        says = said.get(_words(text))
        meaning = None if says else index.find(text)
        name = getattr(says, resource.name) if says else meaning.field.name if meaning else ""
        if name:
            points[name] = max(points.get(name, 0), 4 if name in keys else 2)
        elif says or letters(text) in VOID or (resource.name == "orders" and letters(text) in _BARE):
            points[text] = 1
    return sum(points.values())


MAPPING_ENDING: Final = ".map.csv"


def mapping_beside(sheet: Path) -> Path | None:
    """The mapping file kept beside a sheet: `ups.map.csv` beside `ups.xlsx`; None if there is none."""
    beside = sheet.with_name(sheet.stem + MAPPING_ENDING)
    return beside if beside.is_file() else None


def read_mapping(options: Iterable[str] = (), file: Path | None = None) -> dict[str, str]:
    """What `--map "Heading=field"` and a mapping file say: heading → field, "" for a column not to be used.

    The file is a CSV of two columns, heading and field; an option overrides it.

    Raises:
        UsageError: an option has no "=", or the file can't be read.
    """
    mapping = _from_file(file) if file else {}
    for option in options:
        heading, equals, name = option.rpartition("=")
        if not equals or not heading.strip():
            raise UsageError(f'--map "{option}" is not understood. Write --map "Heading=field".')
        mapping[heading.strip()] = name.strip()
    return mapping


def _from_file(file: Path) -> dict[str, str]:
    import csv

    try:
        raw = file.read_bytes()
        text = (
            raw.decode("utf-8-sig")
            if not raw.startswith((b"\xff\xfe", b"\xfe\xff"))
            else raw.decode("utf-16")
        )
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    except OSError as error:
        raise UsageError(f"The mapping file {file} can't be read: {error.strerror}.") from None
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    mapping: dict[str, str] = {}
    for number, row in enumerate(csv.reader(text.splitlines(), delimiter=delimiter), 1):
        cells = [cell.strip() for cell in row] + ["", ""]
        if not any(cells) or (
            number == 1 and letters(cells[0]) == "heading" and letters(cells[1]) == "field"
        ):
            continue
        if any(cells[2:]) or not cells[0]:
            raise UsageError(f"Line {number} of the mapping file {file} is not a heading and a field.")
        mapping[cells[0]] = cells[1]
    return mapping
