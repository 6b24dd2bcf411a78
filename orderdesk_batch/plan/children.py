"""This file holds which order a row of an items or shipments sheet belongs to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

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
KEPT: Final = 2_000  # orders that are made when they are asked for, of which is kept what is in them
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

    __slots__ = ("about", "creates", "gone", "held", "inside", "number", "record")

    def __init__(
        self, held: Held | None = None, document: Document | None = None, creates: Change | None = None, gone: str = ""
    ) -> None:
        self.held = held
        self.creates = creates
        self.gone = gone
        self.record = ""  # the order's id, while there is one
        self.about: Mapping[str, str]  # what tells a person which order it is
        self.inside: Any = None  # its items or parcels, once they were gone through
        if held is not None and document is not None:
            self.record, self.about, self.number = str(document["id"]), About(held), order_number(document)
        else:
            self.about = creates.about if creates else {}
            self.number = self.about.get("number", "")

    @property
    def unit(self) -> tuple[str, Any]:
        """What tells this order from all others of the plan."""
        if self.record:
            return ("id", self.record)
        return ("gone", self.gone) if self.gone else ("new", id(self.creates))

    @property
    def document(self) -> Document | None:
        """The order, while there is one."""
        return None if self.held is None else opened(self.held)


T = TypeVar("T")


class Inside(Generic[T]):
    """What is in the orders of a sheet, gone through once an order.

    Args:
        of: makes it of an order; of None where there is none yet, or any more.
    """

    def __init__(self, of: Callable[[Document | None], T]) -> None:
        self._of = of
        self._kept: list[Home] = []  # orders that are made each time they are asked for

    def __call__(self, home: Home) -> T:
        """What is in that order."""
        if home.inside is None:
            held = home.held
            if type(held) is Packed:
                self._keep(home)
                held = held.document
            home.inside = self._of(held)  # type: ignore[arg-type]
        found: T = home.inside
        return found

    def _keep(self, home: Home) -> None:
        if len(self._kept) >= KEPT:
            for other in self._kept:
                other.inside = None
            self._kept.clear()
        self._kept.append(home)


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


class Homes:
    """Finds the order of each row of a sheet.

    Args:
        keys: how its rows say which order they belong to.
        found: the orders of the store.
        made: those that the same plan creates.
    """

    def __init__(self, keys: OrderKeys, found: Callable[[OrderKey], list[Document]], made: Made, says: Findings, hand: Hand) -> None:
        self._keys = keys
        self._found = found
        self._made = made
        self._says = says
        self._hand = hand
        self._known: dict[Any, Home] = {}  # those of earlier rows, by all that a row says

    def of(self, row: Row, first: OrderKey) -> Home | None:
        """The order of a row; None if it is not known which (the findings have the reason).

        Only the surest key is looked up. The others have to agree with what it found, which costs no call.

        Args:
            first: the row's surest key.
        """
        others = self._keys.all(row.cells)[1:] if self._keys.several else []
        said = (first, *others) if others else first
        if home := self._known.get(said):
            return home
        all_fits = self._found(first)
        agreed = [doc for doc in all_fits if all(fits(key, doc) for key in others)] if others else all_fits
        if len(agreed) != 1:
            return self._elsewhere(row, first, others, all_fits, agreed)
        if len(self._known) >= KNOWN:
            self._known.clear()
        home = self._known[said] = Home(self._hand.kept(agreed[0], str(agreed[0]["id"])), agreed[0])
        return home

    def _elsewhere(
        self, row: Row, first: OrderKey, others: Sequence[OrderKey], all_fits: Sequence[Document], agreed: Sequence[Document]
    ) -> Home | None:
        about = COLUMN[first.by]
        if len(all_fits) > 1:
            listed = agreed or all_fits
            self._says.say(row.number, f"fits {len(listed)} orders: {several(listed)}", which_one(listed, "order."), about=about, code="several")
            return None
        if all_fits:
            wrong = next(key for key in others if not fits(key, all_fits[0]))
            self._says.say(row.number, f"is another order than {COLUMN[first.by]} says, which is {several(all_fits)}",
                     "Correct the wrong one, or leave it out.", about=COLUMN[wrong.by], code="disagree")  # fmt: skip
            return None
        creates = self._made.of(first)
        if len(creates) > 1:
            self._says.say(row.number, f"fits {len(creates)} orders of this book", "Add a column order.source_name.", about=about, code="several")
            return None
        if creates and creates[0] is None:
            self._says.say(row.number, "belongs to an order that is refused", "Mend the order's own rows first.", about=about, code="parent-refused")
            return None
        if creates:
            return Home(creates=creates[0])
        if row.action == "delete":
            return Home(gone=first.value)  # what was in it is gone as well
        otherwise = "Check Order Desk's own number of the order." if first.by == "id" else "Check the number; leading zeros and the cart's prefix count."
        self._says.say(row.number, "is no order of the store", self._hand.hint(first.value, otherwise) if first.by != "id" else otherwise,
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
