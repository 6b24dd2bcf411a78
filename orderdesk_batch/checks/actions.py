"""This file holds what a row is to do: its action, and the rows that are skipped because their label is void."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

from ..fields import ACTIONS
from ..kinds import CLEAR, CellRefused, Value
from ..sheets.headings import letters
from ..sheets.known import VOID, VOID_NO, VOID_SIMPLE, VOID_YES
from .columns import cell_text

if TYPE_CHECKING:
    from .checking import Checking

MATRIXIFY: Final = {
    "new": "create",
    "merge": "upsert",
    "ignore": "skip",
}  # UPDATE and DELETE are our words too


def read_action(text: str) -> str:
    """Our word for an action.

    Raises:
        CellRefused: it is none.
    """
    word = letters(text)
    word = MATRIXIFY.get(word, word)
    if word in ACTIONS:
        return word
    if word == "replace":
        raise CellRefused(
            "would delete the record and make it anew, which is not done here",
            "Write update, which sets the columns of the sheet, or delete and create in two sheets.",
            "replace",
        )
    near = difflib.get_close_matches(word, ACTIONS, 1)
    raise CellRefused(
        "is no action",
        f"{f'Did you mean {near[0]}? ' if near else ''}Write one of {', '.join(ACTIONS)}.",
        "action",
    )


def read_actions(to: Checking) -> None:
    """The action of every row: its cell, else the option, else the resource's."""
    checked = to.checked
    default = checked.options.action or checked.resource.default_action
    length = len(checked.sheet.rows)
    for name in ("action", "item.action"):
        column = checked.columns.get(name)
        if column is None:
            continue
        known: dict[Value, Value] = {None: None}
        for n, value in enumerate(column):
            if value not in known:
                try:
                    known[value] = read_action(value)
                except CellRefused as refused:
                    known[value] = refused
            found = known[value]
            if isinstance(found, CellRefused):
                to.refuse(n, name, found)
            else:
                column[n] = found
    column = checked.columns.get("action")
    checked.actions = [default] * length if column is None else [value or default for value in column]
    for n, action in enumerate(checked.actions) if "skip" in checked.actions else ():
        if action == "skip":
            checked.skipped[n] = "its action is skip"


def skip_void(to: Checking) -> None:
    """Skip the rows whose label was voided or refunded, and the other rows of that parcel."""
    checked = to.checked
    void: dict[int, str] = {}
    for index in checked.matched.void:
        heading = checked.sheet.headings[index]
        word = letters(heading)
        if word == "status" and "shipment_id" in checked.columns:
            continue  # our own export: there it is a state of the parcel that the store holds
        cells = checked.sheet.columns[index]
        texts = [" ".join(cell_text(cell).split()) if cell is not None else "" for cell in cells]
        verdicts = {text: _is_void(word, text.casefold()) for text in set(texts)}
        if not any(verdict is not False for verdict in verdicts.values()):
            continue
        for n, text in enumerate(texts):
            verdict = verdicts[text]
            if verdict:
                void[n] = f'its label is void: "{heading}" says {text}'
            elif verdict is None and n not in checked.skipped:
                to.say(
                    n,
                    "does not tell whether the label is void",
                    "Write yes or no, or leave the cell blank.",
                    "void-unclear",
                    index=index,
                )
    if not void:
        return
    numbers = checked.columns.get("tracking_number")
    given_back = {numbers[n]: n for n in void if numbers[n] is not None} if numbers else {}
    for n, number in enumerate(numbers or ()):
        if number in given_back and n not in void and number is not CLEAR:
            void[n] = f"its label is void, as row {checked.sheet.rows[given_back[number]]} says"
    for n in sorted(void):
        if n not in checked.skipped:
            checked.skipped[n] = void[n]
            to.say(n, f"is skipped: {void[n]}", code="void", about="tracking_number", warning=True)


def _is_void(word: str, text: str) -> bool | None:
    """Whether a cell of such a column says that the label is void; None: it is not to be told."""
    if not text or text in VOID_NO:
        return False
    if VOID[word]:  # a date: filled is void
        return not text.startswith("0000-00-00")
    if word == "status" and text in ("cancelled", "canceled"):  # a parcel's state, too
        return False
    if word in VOID_SIMPLE or (word.startswith(("is", "label")) and "status" not in word):
        if text in VOID_YES:
            return True
        amount = text.strip("$€£ ()-").replace(",", ".")
        if amount.replace(".", "").isdigit():
            return bool(amount.strip("0."))
        return None
    return text in VOID_YES and text not in ("yes", "y", "true", "t", "1", "x")
