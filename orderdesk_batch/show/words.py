"""This file holds how numbers, times, values and places are put into words, the same in every renderer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from ..fields import RESOURCES
from ..kinds import CLEAR, CLEAR_WORD, TEXT, Value

SIGNS: Final = {"create": "+", "update": "~", "delete": "-", "none": "=", "skip": "."}
BLANK: Final = "(blank)"

# Turned round or hidden text could show something else than is sent; U+200E/F and joiners are ordinary in names.
_TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")


def clean(text: str) -> str:
    """The text without what a terminal or a browser would act on: control characters are spelled out.

    >>> clean("a\\x1b[31mb\\nc\\td")
    'a\\\\x1b[31mb\\nc d'
    """
    if text.isprintable():
        return _TURNING.sub(lambda match: _clean_character(match[0]), text)
    return "".join(_clean_character(character) for character in text)


def _clean_character(character: str) -> str:
    sort = unicodedata.category(character)
    if character == "\n":
        return character
    if character == "\t" or sort == "Zs":
        return " "
    if not _TURNING.match(character) and (character.isprintable() or sort == "Cf"):
        return character  # joiners and direction marks (Cf) are part of how words are written
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def shown(value: Value) -> str:
    """A field's value as people see it; blank for none."""
    if value is CLEAR:
        return CLEAR_WORD
    return clean(TEXT.show(value))


def many(number: int, one: str, more: str = "") -> str:
    """A count with its noun.

    >>> many(1, "order"), many(1200, "inventory item"), many(2, "entry", "entries")
    ('1 order', '1,200 inventory items', '2 entries')
    """
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def noun(resource: str) -> str:
    """What one record of a resource is called; a book holds several sorts."""
    return RESOURCES[resource].one if resource in RESOURCES else "record"


def about(seconds: float) -> str:
    """A length of time, as exact as is of use.

    >>> about(0.4), about(14.2), about(95), about(600), about(7300)
    ('under a second', 'about 14 s', 'about 1 min 35 s', 'about 10 min', 'about 2 h 2 min')
    """
    if seconds < 1:
        return "under a second"
    if seconds < 60:
        return f"about {seconds:.0f} s"
    if seconds < 300:
        minutes, rest = divmod(round(seconds), 60)
        return f"about {minutes} min {rest} s" if rest else f"about {minutes} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return f"about {minutes} min"
    return f"about {hours} h {minutes} min" if minutes else f"about {hours} h"


def spans(rows: Iterable[int], most: int = 6) -> str:
    """Row numbers, neighbours drawn together.

    >>> spans([2, 3, 4, 9]), spans([7, 9, 11], most=2)
    ('2-4, 9', '7, 9, ...')
    """
    parts: list[list[int]] = []
    for row in sorted(set(rows)):
        if parts and parts[-1][1] == row - 1:
            parts[-1][1] = row
        else:
            parts.append([row, row])
    said = [f"{a}" if a == b else f"{a}-{b}" if b - a > 1 else f"{a}, {b}" for a, b in parts]
    return ", ".join([*said[:most], *(["..."] if len(said) > most else [])])


def listed(parts: Sequence[str]) -> str:
    """Words drawn together as a sentence does.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def cut(text: str, width: int, dots: str = "…") -> str:
    """The text on one line and no longer than `width`."""
    text = " / ".join(part.strip() for part in text.split("\n") if part.strip()) if "\n" in text else text
    return text if len(text) <= width else text[: max(width - len(dots), 1)].rstrip() + dots


def contrast(old: str, new: str, width: int, dots: str = "…") -> tuple[str, str]:
    """Two values cut to `width` so that the place where they part stays in sight.

    >>> contrast("Leave it with the neighbour at 12", "Leave it with the neighbour at 14", 16)
    ('…ighbour at 12', '…ighbour at 14')
    """
    if max(len(old), len(new)) > width and old and new:
        same = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
        start = same - width // 2 - 4
        if start > len(dots):
            old, new = dots + old[start:], dots + new[start:]
    return cut(old, width, dots), cut(new, width, dots)


def quoted(path: object) -> str:
    """A path as it can be pasted into a console."""
    text = clean(str(path))
    return f'"{text}"' if re.search(r"[^\w./\\:@%+,~-]", text) else text
