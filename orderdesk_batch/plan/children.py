"""This file holds which order a row of an items or shipments sheet belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..fields import Document
from ..packing import Held, Packed, opened
from .change import Change
from .compare import About, order_about, order_number
from .findings import Findings
from .hand import Hand
from .keys import OrderKey, OrderKeys, fits, other_spelling

if TYPE_CHECKING:
    from ..checks import Row

COLUMN = {"id": "order.id", "source_id": "order.source_id", "order": "order"}
KNOWN: Final = 100_000  # orders of earlier rows that are remembered by their keys
DEFAULT_SOURCE = "Order Desk"  # the cart of an order that names none [doc]


class Home:
    """The order that a row's item or shipment lives in: in the store, or created by the same plan.

    Args:
        held: the order, as a change keeps it.
        document: the same.
        creates: the change that makes it.
        gone: the key of an order that is not there, where only a delete asks for it.
    """

    __slots__ = ("_held", "about", "creates", "gone", "number", "record", "unit")

    def __init__(
        self, held: Held | None = None, document: Document | None = None, creates: Change | None = None, gone: str = ""
    ) -> None:
        self._held = held
        self.creates = creates
        self.gone = gone
        self.record = ""  # the order's id, while there is one
        self.about: Mapping[str, str]  # what tells a person which order it is
        self.unit: tuple[str, Any]  # what tells this order from all others of the plan
        if held is not None and document is not None:
            self.record = str(document["id"])
            self.unit, self.about, self.number = ("id", self.record), About(held), order_number(document)
        elif gone:
            self.unit, self.about, self.number = ("gone", gone), {}, ""
        else:
            self.unit, self.about = ("new", id(creates)), creates.about if creates else {}
            self.number = self.about.get("number", "")

    @property
    def is_packed(self) -> bool:
        """Whether the order is made each time it is asked for."""
        return isinstance(self._held, Packed)

    @property
    def document(self) -> Document | None:
        """The order, while there is one."""
        return None if self._held is None else opened(self._held)


@dataclass
class Made:
    """The orders that the orders sheet of the same book creates, by number; None for one that is refused."""

    by_number: dict[str, list[tuple[str, Change | None]]]  # number → (cart, change)

    def of(self, key: OrderKey) -> list[Change | None]:
        """The created orders that a key means."""
        if key.by == "id":
            return []
        spelled = [key.value] + ([other_spelling(key.value)] if key.by == "order" else [])
        asked = key.source_name.strip().casefold()
        return [
            change for number in spelled for cart, change in self.by_number.get(number, ())
            if not asked or (cart or DEFAULT_SOURCE).casefold() == asked
        ]  # fmt: skip


def home_of(
    row: Row, first: OrderKey, keys: OrderKeys, found: Mapping[OrderKey, list[Document]], made: Made, says: Findings, hand: Hand,
    known: dict[OrderKey, Home],
) -> Home | None:  # fmt: skip
    """The order of a row; None if it is not known which (says has the reason).

    Args:
        first: the row's surest key.
        known: the orders of earlier rows.

    Only the surest key is looked up. The others have to agree with what it found, which costs no call.
    """
    others = keys.all(row.cells)[1:] if keys.several else ()
    if not others and (home := known.get(first)):
        return home
    all_fits = found.get(first, [])
    agreed = [doc for doc in all_fits if all(fits(key, doc) for key in others)] if others else all_fits
    if len(agreed) == 1:
        document = agreed[0]
        home = Home(hand.kept(document, str(document["id"])), document)
        if not others:
            if len(known) >= KNOWN:
                known.clear()
            known[first] = home
        return home
    about = COLUMN[first.by]
    if len(all_fits) > 1:
        listed = agreed or all_fits
        says.say(row.number, f"fits {len(listed)} orders: {several(listed)}", which_one(listed, "order."), about=about, code="several")
        return None
    if all_fits:
        wrong = next(key for key in others if not fits(key, all_fits[0]))
        says.say(row.number, f"is another order than {COLUMN[first.by]} says, which is {several(all_fits)}",
                 "Correct the wrong one, or leave it out.", about=COLUMN[wrong.by], code="disagree")  # fmt: skip
        return None
    creates = made.of(first)
    if len(creates) > 1:
        says.say(row.number, f"fits {len(creates)} orders of this book", "Add a column order.source_name.", about=about, code="several")
        return None
    if creates and creates[0] is None:
        says.say(row.number, "belongs to an order that is refused", "Mend the order's own rows first.", about=about, code="parent-refused")
        return None
    if creates:
        return Home(creates=creates[0])
    if row.action == "delete":
        return Home(gone=first.value)  # what was in it is gone as well
    otherwise = "Check Order Desk's own number of the order." if first.by == "id" else "Check the number; leading zeros and the cart's prefix count."
    says.say(row.number, "is no order of the store", hand.hint(first.value, otherwise) if first.by != "id" else otherwise,
             about=about, code="not-found")  # fmt: skip
    return None


def several(documents: Sequence[Mapping[str, Any]]) -> str:
    """The orders that something fits, for people."""
    said = []
    for doc in documents[:5]:
        about = order_about(doc)
        who = ", ".join(part for part in (about["name"], about["city"]) if part)
        said.append(f"{about['number']} of {about['source']} (id {doc.get('id')}{', ' + who if who else ''})")
    more = f" and {len(documents) - 5} more" if len(documents) > 5 else ""
    return "; ".join(said) + more


def which_one(fitting: Sequence[Mapping[str, Any]], prefix: str) -> str:
    """How to say which of several orders is meant, in the columns of a sheet."""
    sources: set[str] = set()
    for doc in fitting:  # thousands may have one number, and as many rows name it
        if (source := str(doc.get("source_name") or "")) in sources:
            break
        sources.add(source)
    else:
        return f"Add a column {prefix}source_name ({' or '.join(sorted(sources))}), or {prefix}id with Order Desk's own number."
    return f"Add a column {prefix}id with Order Desk's own number of the order."


def child_key(row: Row, home: Home | None, keys: OrderKeys, own: Sequence[str]) -> str:
    """The row's record for people: "order 10001, 9400…"."""
    number = home.number if home else ""
    if not number and (key := keys.surest(row.cells)):
        number = key.value
    for name in own:
        if held := row.get(name):
            return f"order {number}, {held}"
    return f"order {number}".rstrip()


def folded_number(number: Any) -> str:
    """A tracking number as it is compared: without spaces, in one case."""
    if type(number) is str and number.isalnum():  # nearly all of them
        return number.casefold()
    return "".join(str(number or "").split()).casefold()
