"""This file holds what a workbook of the Office Open XML kind says about itself: tabs, formats, shared texts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .archive import Element, Package, feed, local, parser
from .formats import BUILT_IN, Format, meaning

_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab of a workbook."""

    name: str
    visible: bool
    is_sheet: bool  # not a chart, a dialog or macros
    part: str  # "" where the part is missing


@dataclass(frozen=True, slots=True)
class Workbook:
    """What the parts around the worksheets say."""

    tabs: list[Tab]
    codes: list[str] = field(default_factory=list)  # style number of a cell -> its format's code
    built_in: list[int] = field(default_factory=list)  # style number of a cell -> number of its format
    epoch_1904: bool = False
    uncalculated: str = ""  # "sure", "maybe": whether zeros of formulas are placeholders of a program that can't count
    strings: str = ""  # the part of the shared texts

    def format(self, style: int) -> Format:
        """The number format of a cell's style."""
        return meaning(self.codes[style]) if 0 <= style < len(self.codes) else meaning("General")


def workbook(package: Package) -> Workbook:
    """Reads the small parts; the worksheets and texts are left alone."""
    roots = package.targets("").values()
    part = next((path for sort, path in roots if sort == "officeDocument" and path in package), "xl/workbook.xml")
    root = package.xml(part)
    targets = package.targets(part)
    tabs = []
    for element in [sheet for sheets in root.all("sheets") for sheet in sheets.all("sheet")]:
        sort, path = targets.get(element.get("id"), ("", ""))
        is_sheet = sort in ("worksheet", "")
        tabs.append(Tab(element.get("name"), element.get("state", "visible") == "visible", is_sheet, path))
    by_sort = {sort: path for sort, path in targets.values() if path in package}
    codes, built_in = _codes(package.xml(by_sort["styles"])) if "styles" in by_sort else ([], [])
    properties, calc = root.first("workbookPr"), root.first("calcPr")
    uncalculated = ""
    if calc is not None and calc.flag("fullCalcOnLoad"):
        uncalculated = "sure"
    elif calc is not None and calc.get("calcId") == "124519":  # what writing libraries give, and Excel 2007 gave
        uncalculated = "maybe"
    epoch = properties is not None and properties.flag("date1904")
    return Workbook(tabs, codes, built_in, epoch, uncalculated, by_sort.get("sharedStrings", ""))


def _codes(styles: Element) -> tuple[list[str], list[int]]:
    custom = {int(fmt.get("numFmtId")): fmt.get("formatCode") for fmt in styles.all("numFmt") if fmt.get("numFmtId").isdigit()}
    block = styles.first("cellXfs")
    numbers = [int(xf.get("numFmtId", "0") or 0) for xf in (block.all("xf") if block else [])]
    return [custom.get(number, BUILT_IN.get(number, "General")) for number in numbers], numbers


def unescape(text: str) -> str:
    """A text with the characters that XML can't hold: _x000D_ is a carriage return.

    >>> unescape("a_x000D_b"), unescape("_x005F_x000D_")
    ('a\\rb', '_x000D_')
    """
    if "_x" not in text:
        return text
    text = _ESCAPE.sub(lambda found: chr(int(found.group(1), 16)), text)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def strings(data: bytes) -> list[str]:
    """The shared texts; readings for pronunciation are no part of a text."""
    found: list[str] = []
    parts: list[str] = []
    inside = phonetic = 0

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal inside, phonetic, parts
        name = local(name)
        if name == "si":
            parts = []
        elif name == "rPh":
            phonetic += 1
        elif name == "t":
            inside += 1

    def end(name: str) -> None:
        nonlocal inside, phonetic
        name = local(name)
        if name == "si":
            found.append(unescape("".join(parts)))
        elif name == "rPh":
            phonetic -= 1
        elif name == "t":
            inside -= 1

    def characters(text: str) -> None:
        if inside and not phonetic:
            parts.append(text)

    feed(parser(StartElementHandler=start, EndElementHandler=end, CharacterDataHandler=characters), data)
    return found
