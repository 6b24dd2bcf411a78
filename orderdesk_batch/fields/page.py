"""This file holds the reference of a field table: what a person may write in which column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .field import Field, Resource

_SHOWN = 12  # other headings of a field that are named
_SHOWN_NESTED = 4  # of an address: there are dozens, which follow one pattern
_USES = {"required": "to create", "read-only": "read-only", "key": "finds the record", "optional": ""}


def other_headings(one: Field) -> list[str]:
    """The headings that mean a field beside its own name, the likeliest first."""
    found: dict[str, str] = {_bare(one.name): ""}  # a spelling that differs in its signs alone says nothing new
    for rank in one.ranks()[1:]:
        for alias in rank:
            found.setdefault(_bare(alias), alias)
    return [alias for alias in found.values() if alias]


def _bare(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum() or char == "#")


def _in_address(one: Field) -> bool:
    return one.name.split(".")[0] in ("shipping", "customer", "return_address")


def rows_of(of: Resource) -> Iterator[dict[str, str]]:
    """The table as rows of text: name, meaning, kind, required, other headings."""
    for one in of.fields:
        says = one.kind.says if not one.choices else f"one of {', '.join(one.choices)}"
        if one.least is not None:
            says += f", {one.least} or more"
        if one.most is not None:
            says += f", at most {one.most} characters"
        yield {
            "name": one.name,
            "meaning": one.sentence,
            "kind": says,
            "required": _USES[one.use],
            "other headings": ", ".join(other_headings(one)[: _SHOWN_NESTED if _in_address(one) else _SHOWN]),
            "example": one.example,
        }


def fields_markdown(of: Resource) -> str:
    """The table of a resource as Markdown."""
    lines = [
        f"## {of.name}",
        "",
        of.sentence,
        "",
        "| column | meaning | what to write | required | other headings |",
        "|---|---|---|---|---|",
    ]
    for row in rows_of(of):
        cells = (f"`{row['name']}`", row["meaning"], row["kind"], row["required"], row["other headings"])
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines) + "\n"


_HEAD = """# The columns of a sheet

Made from the field tables; `orderdesk-batch fields RESOURCE` prints the same.

A heading is matched by its letters and digits alone: `Tracking #`, `TRACKING NUMBER` and `tracking_number`
are one. `metadata.colour` sets the key `colour` of a map, `discount_list.2.code` the second entry of a list.
A blank cell leaves the stored value alone, `(clear)` empties it. "To create" marks what a new record needs;
read-only columns are recognised and never sent.

A mapping that is used again and again can be kept beside the sheet: `ups.map.csv` beside `ups.xlsx`, a CSV with
the columns `heading` and `field`, where a blank field leaves the column out. `--map "Heading=field"` overrides it.

"""


def page(resources: Mapping[str, Resource]) -> str:
    """The reference page of all four tables: docs/fields.md."""
    return _HEAD + "\n".join(fields_markdown(one) for one in resources.values())
