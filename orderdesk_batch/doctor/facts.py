"""This file holds what is assumed of the API and can be found out on a store: one row for each fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

UNTOLD: Final = "not to be told"  # the store has nothing to find it out with


@dataclass(frozen=True)
class Fact:
    """Something that the product takes to be so, or makes no difference between."""

    name: str  # as it is remembered: filter_times
    says: str  # what it is about, in half a sentence
    grade: str  # doc, help, seen, open: how sure the public sources are
    assumed: str  # what the product does while it is not known
    fine: str = ""  # the findings that change nothing, after commas; others are pointed out; "" for any
    writes: bool = False  # found out by writing


# fmt: off
READ: Final = (
    Fact("connection",      "The key opens the store",                              "doc",  "it does",                                   "works"),
    Fact("clock",           "The server tells its time, UTC",                       "doc",  "about ours",                                "as ours"),
    Fact("zone",            "The store's time zone",                                "doc",  "one that this machine knows"),
    Fact("folders",         "Folders have names of their own",                      "open", "either: ids where they don't",              "different"),
    Fact("tokens",          "Answers tell the tokens that are left",                "doc",  "they do; else our own count is kept",       "told"),
    Fact("total_records",   "Lists count their records",                            "seen", "rightly, unless fewer than came",           "right"),
    Fact("order_by",        "Orders are sorted as asked",                           "doc",  "they are",                                  "sorted"),
    Fact("filter_times",    "The date filters of orders are read as",               "open", "either: 14 hours more at each end",         "local, utc"),
    Fact("inventory_times", "The date filter of inventory is read as",              "seen", "either: 14 hours more",                     "local, utc"),
    Fact("text_filters",    "Text filters find",                                    "open", "what the store says"),
    Fact("folder_lists",    "Several folders are found in one call",                "doc",  "they are",                                  "yes"),
    Fact("missing",         "A record that isn't there answers",                    "open", "either",                                    "404, error200"),
    Fact("order_history_in_get", "One order carries its history",                   "open", "when asked",                                "asked, always"),
    Fact("weight_unit",     "The store's unit of weight",                           "open", "not known: --weight-unit says it once"),
)
WRITE: Final = (
    Fact("created_status",     "A creation answers",                                "seen", "either",                                    "200, 201", True),
    Fact("created_order",      "The answer to a new order carries the order",       "doc",  "it does; else it is looked up",             "yes", True),
    Fact("created_ids",        "The answer to other creations carries the record",  "doc",  "either: the parent is read back",           "yes, no", True),
    Fact("error_status",       "A document with something wrong answers",           "open", "either",                                    "200, 400", True),
    Fact("code_unique",        "A second item with the same code is",               "doc",  "refused",                                   "refused", True),
    Fact("put_blanks",         "A field that a PUT leaves out is",                  "doc",  "blanked, so the whole document is sent",    "blanked", True),
    Fact("batch_results",      "A batch of inventory answers row by row",           "open", "either: without, items are read back",      "yes, no", True),
    Fact("batch_size",         "A batch takes so many records",                     "seen", "100; halved where that is refused",         "100", True),
    Fact("put_items_left_out", "An item that a PUT of its order leaves out is",     "open", "either: all items are sent",                "removed, kept", True),
    Fact("unknown_item_id",    "An item in a PUT with an id of no item",            "open", "never sent",                                "added, error, ignored", True),
    Fact("cc_kept",            "A PUT without the card's number",                   "open", "blanks it: the last four digits are sent",  "blanked, kept", True),
    Fact("batch_shipments",    "A batch of shipments is a bare list, answered row by row", "seen", "it is",                              "yes", True),
    Fact("duplicate",          "A shipment whose number is on the order is",        "doc",  "refused",                                   "refused", True),
    Fact("date_shipped",       "A shipment's date is",                              "open", "compared only where it was seen to be kept", "kept, server", True),
    Fact("move_status",        "The rows of a move have a status",                  "open", "either",                                    "yes, no", True),
    Fact("touches",            "The order's date_updated is moved by",              "open", "any or none of them",                       "", True),
    Fact("deleted",            "What was made for this is deleted",                 "doc",  "it is",                                     "yes", True),
)
# fmt: on
FACTS: Final[Mapping[str, Fact]] = {fact.name: fact for fact in (*READ, *WRITE)}


@dataclass(frozen=True)
class Finding:
    """One fact, as it was found on the store."""

    fact: str
    says: str
    assumed: str
    found: str
    grade: str
    note: str = ""

    @property
    def is_fine(self) -> bool | None:
        """Whether the product works as it is with what was found; None where it was not to be told."""
        if self.found.startswith(UNTOLD):
            return None
        fine = FACTS[self.fact].fine
        return not fine or self.found in fine.split(", ")

    def as_json(self) -> dict[str, Any]:
        """The finding for `--json`."""
        return {
            "fact": self.fact, "says": self.says, "assumed": self.assumed, "found": self.found, "grade": self.grade,
            "fine": self.is_fine, "note": self.note,
        }  # fmt: skip


def finding(name: str, found: str, note: str = "") -> Finding:
    """What was found about a fact of the table."""
    fact = FACTS[name]
    return Finding(name, fact.says, fact.assumed, found, fact.grade, note)
