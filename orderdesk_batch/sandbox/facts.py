"""What the sandbox takes to be true of the API: every fact with how sure it is, where it is told, and its switch.

`python -m orderdesk_batch.sandbox.facts docs/sandbox.md` writes the table into the page.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from .fact import Fact, Grade
from .facts_orders import ORDERS
from .facts_records import RECORDS
from .facts_store import STORE

__all__ = ["BEGIN", "END", "FACTS", "GRADES", "Fact", "table", "written"]

FACTS: tuple[Fact, ...] = (*STORE, *ORDERS, *RECORDS)
GRADES: Mapping[Grade, str] = {
    "doc": "the published reference says so",
    "help": "the help centre says so",
    "seen": "public clients in use rely on it",
    "open": "nobody says: there is a switch, or the note says why there is none",
}
BEGIN = "<!-- facts: made from orderdesk_batch/sandbox/facts.py, don't edit here -->"
END = "<!-- end of facts -->"


def table() -> str:
    """The facts as Markdown, section by section."""
    lines = [f"- **{grade}**: {meaning}" for grade, meaning in GRADES.items()]
    section = ""
    for fact in FACTS:
        if fact.section != section:
            section = fact.section
            lines += [
                "",
                f"### {section}",
                "",
                "| Fact | Grade | What the sandbox does | Switch |",
                "|---|---|---|---|",
            ]
        sentence = fact.sentence + (f" *{fact.note}*" if fact.note else "")
        switch = f"`{fact.switch}`" if fact.switch else ""
        lines.append(f"| `{fact.id}` | {fact.grade} | {sentence.replace('|', chr(92) + '|')} | {switch} |")
    return "\n".join(lines)


def written(page: str) -> str:
    """A page with the table between its marks brought up to date."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{table()}\n\n{END}{tail}"


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(written(target.read_text(encoding="utf-8")), encoding="utf-8")
