"""This file holds how the headings of a sheet find their fields.

A heading is matched by its letters and digits alone, then through aliases; an alias has a rank, and
of several columns for one field the best rank is read. What a heading means only among the others of
an export stands in `known`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from ..errors import Problem, UsageError
from ..fields import STREET, Field, Resource
from .known import JOINS, KNOWN, RETURN_NAME, VOID, Join, Says
from .mapping import mapping_beside as mapping_beside
from .mapping import read_mapping as read_mapping
from .meanings import Meaning, index_of, words
from .meanings import letters as letters
from .meanings import split_unit as split_unit

Place = Callable[[int], str]  # the number of a column → where its heading stands


@dataclass
class Matched:
    """Which field each column is, and what has to be said about the headings."""

    fields: list[Field | None]  # parallel to the headings; None: not used
    units: dict[int, str] = field(default_factory=dict)  # of weight columns whose heading names one
    dates: dict[int, Literal["mdy", "dmy"]] = field(default_factory=dict)  # of date columns whose heading says how
    joins: dict[int, tuple[Join, tuple[int, ...]]] = field(default_factory=dict)  # main column → its parts, itself first
    quoted: set[int] = field(default_factory=set)  # columns whose texts an export begins with an apostrophe
    void: list[int] = field(default_factory=list)  # columns that tell that a label is void
    problems: list[Problem] = field(default_factory=list)
    contested: set[str] = field(default_factory=set)  # fields that two columns of the same rank mean: neither is read

    def name_of(self, index: int) -> str | None:
        """The field that a column is, or is a part of."""
        if own := self.fields[index]:
            return own.name
        for main, (_, parts) in self.joins.items():
            if index in parts and (whole := self.fields[main]):
                return whole.name
        return None


def _said(resource: Resource, headings: Sequence[str]) -> dict[str, Says]:
    """What the exports say about headings, the more special one last; by their words."""
    present = {words(heading) for heading in headings}
    found: dict[str, Says] = {}
    for known in KNOWN:
        signs = [words(sign) for sign in known.signs.split(",")] if known.signs else []
        if not signs or any(sign in present for sign in signs):
            found |= {words(says.heading): says for says in known.says}
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

    def __init__(self, resource: Resource, headings: Sequence[str], mapping: Mapping[str, str], place: Place) -> None:
        self.resource, self.headings, self.place = resource, headings, place
        self.index = index_of(resource.name)
        self.matched = Matched([None] * len(headings))
        self.because: dict[int, str] = {}  # why a column is not used
        self.told = self._told(mapping)
        self.meanings: dict[int, Meaning] = {}
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
            named = [n for n, one in enumerate(self.headings) if words(one) == words(heading)]
            named = named or [n for n, one in enumerate(self.headings) if letters(one) and letters(one) == letters(heading)]
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
        return self.index.by_letters[found[0]].field.name if found else None

    def _find_meanings(self) -> None:
        said = _said(self.resource, self.headings)
        for n, heading in enumerate(self.headings):
            if n in self.told:
                name = self.told[n]
                if name:
                    self.meanings[n] = Meaning(self.resource.field(name), -1, self._unit(n, name))
                else:
                    self.because[n] = "as told"
            elif says := said.get(words(heading)):
                if name := getattr(says, self.resource.name):
                    if says.quoted:
                        self.matched.quoted.add(n)
                    self.meanings[n] = Meaning(self.resource.field(name), says.rank, self._unit(n, name))
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

    def _say(self, n: int, reason: str, hint: str, code: str, warning: bool = False, name: str | None = None) -> None:
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
                same = words(other) == words(self.headings[rival])
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
                self.matched.contested.add(name)
                continue
            meaning = self.meanings[first]
            self.matched.fields[first] = meaning.field
            if meaning.unit:
                self.matched.units[first] = meaning.unit
            if meaning.dates:
                self.matched.dates[first] = meaning.dates
            for n in columns:
                if n != first:
                    self.because[n] = f'{name} is read from "{self.headings[first]}"'
            if meaning.field.use == "key" and meaning.rank > 1:
                self._say(
                    first,
                    "is taken for the order's number" if name == "order" else f"is taken for {name}",
                    f'If it is not, leave it out: --map "{self.headings[first]}=".',
                    "inferred-key",
                    warning=True,
                    name=name,
                )

    def _join(self) -> None:
        present = {words(heading): n for n, heading in reversed(list(enumerate(self.headings)))}
        names = {one.name: n for n, one in enumerate(self.matched.fields) if one}
        for join in JOINS:
            parts = [present.get(words(heading)) for heading in join.headings]
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


def score(resource: Resource, headings: Sequence[str], mapping: Mapping[str, str] | None = None) -> int:
    """How much a row looks like the headings of a sheet of this resource; 0: not at all.

    A heading that is known counts, a key (or one that the user maps) counts more, and each field
    only once, so that a row of data that happens to hold a known word stays behind the real headings.
    """
    told = {words(heading): name for heading, name in (mapping or {}).items()}
    index = index_of(resource.name)
    texts = [heading for heading in headings if isinstance(heading, str) and heading]
    said = _said(resource, texts)
    keys = {name for group in resource.keys for name in group} | set(resource.order_keys)
    points: dict[str, int] = {}
    for text in texts:
        if len(text) > 80:
            continue
        if words(text) in told:
            points[told[words(text)] or text] = 4
            continue
        says = said.get(words(text))
        meaning = None if says else index.find(text)
        name = getattr(says, resource.name) if says else meaning.field.name if meaning else ""
        if name:
            points[name] = max(points.get(name, 0), 4 if name in keys else 2)
        elif says or letters(text) in VOID or (resource.name == "orders" and letters(text) in _BARE):
            points[text] = 1
    return sum(points.values())
