"""This file holds Change and Plan: what would be done to the store, as values.

A Change is about one document. It is carried out by one or more steps (a PUT, then a move, then a
history entry), each a write with a state of its own; the change's state follows from its steps'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Literal

from ..errors import STORE_FAILED, OrderDeskBatchError, Problem
from ..fields import Document
from ..kinds import CLEAR, CLEAR_WORD, Value
from ..packing import Held, opened
from ..states import counted, of_steps

Action = Literal["create", "update", "delete", "none", "skip"]
State = Literal["waiting", "begun", "done", "failed", "stale", "unknown"]
Verb = Literal["post", "put", "delete", "batch", "move", "history", "item-delete", "order-put", "with-order"]

STATES: Final[tuple[State, ...]] = ("waiting", "begun", "done", "failed", "stale", "unknown")
COUNTED: Final = ("create", "update", "delete", "none", "skip", "refused")


@dataclass(slots=True)
class Step:
    """One write of a change."""

    verb: Verb
    state: State = "waiting"
    message: str = ""
    begun_at: float = 0.0  # when it last left, seconds since 1970
    tries: int = 0
    passing: bool = False  # failed for a reason that may pass: resume tries it again
    refused: bool = False  # failed because the store said no: resume --retry-failed tries it again
    learnt: dict[str, Any] | None = None  # ids, original folder; None: nothing yet

    @property
    def answer(self) -> dict[str, Any]:
        """What we learnt, to be read and to be added to."""
        if self.learnt is None:
            self.learnt = {}
        return self.learnt

    @property
    def is_open(self) -> bool:
        """Whether `resume` would do something about it: it waits, is in doubt, or failed for a passing reason."""
        return self.state in ("waiting", "begun", "unknown") or (self.state == "failed" and self.passing)


@dataclass(slots=True)
class ItemChange:
    """What happens to one item within a change of its order."""

    action: Literal["create", "update", "delete"]
    id: str  # "" for a new one
    code: str
    rows: list[int]
    fields: Mapping[str, list[Value]]  # name → [old, new]
    before: Document | None = None
    restore: Document | None = None  # undo: the item as it was


@dataclass(slots=True)
class Change:
    """What would be done to one document, and how far that has come."""

    number: int  # its place in the plan, from 1
    resource: str
    action: Action
    rows: list[int]  # as Excel shows them
    key: str  # for people: "order 10001, 9400…"
    id: str = ""  # the record's own id; "" until it is known
    order_id: str = ""  # items and shipments: the order's id; "" until it is known
    fields: Mapping[str, list[Value]] = field(default_factory=dict)  # name → [old, new]
    items: Sequence[ItemChange] = ()  # orders: what happens to their items
    kept: Held | None = None  # the document as it was when planned, as it is kept
    read_at: float = 0.0  # when it was read, seconds since 1970
    page: int = -1  # the page of 500 it was seen on; -1: not seen on a page
    about: Mapping[str, str] = field(default_factory=dict)  # order number, name, city: for people
    after: Sequence[int] = ()  # changes that must be done first
    steps: list[Step] = field(default_factory=list)
    note: str = ""  # said in the plan and in the results: "the number is on the order already"
    relative: int | None = None  # stock_change: counted against the stock as read before it is sent
    mark: str = ""  # ours, put into what we create so that an unclear outcome can be settled
    undoes: int = 0  # the number of the change of another run that this one takes back
    tab: str = ""  # the worksheet its rows are in, where a book has several
    restore: Document | None = None  # undo: the document as it was, to put its values back as they were
    store: str = ""  # the name of its store here, where a plan is about several
    among: str = ""  # the filters of the list whose page that is, as a query; "": the list of all

    @property
    def before(self) -> Document | None:
        """The document as it was when planned."""
        return None if self.kept is None else opened(self.kept)

    @property
    def state(self) -> State:
        """How far it has come: the gravest state of its steps."""
        return of_steps([step.state for step in self.steps])

    @property
    def message(self) -> str:
        """What there is to say about it: its steps' messages, else the plan's note."""
        said = [step.message for step in self.steps if step.message]
        return "; ".join(dict.fromkeys(said)) or self.note

    @property
    def writes(self) -> bool:
        """Whether anything is sent for it."""
        return bool(self.steps)

    def all_fields(self) -> dict[str, list[Value]]:
        """Its fields, and its items' under `item.<code or id>.<name>`."""
        merged = dict(self.fields)
        for item in self.items:
            who = item.code or item.id
            if item.action == "delete":
                merged[f"item.{who}"] = ["", CLEAR_WORD]
            for name, pair in item.fields.items():
                merged[f"item.{who}.{name}"] = pair
        return merged

    def shown(self, name: str, value: Value) -> Value:
        """A field's value as people know it: a folder by its name."""
        return self.about.get(f"folder {value}", value) if name == "folder" else value

    def as_json(self) -> dict[str, Any]:
        """The change as the command line's `--json` prints it."""
        return {
            "rows": self.rows,
            "resource": self.resource,
            "action": self.action,
            "key": self.key,
            "id": self.id or None,
            "order_id": self.order_id or None,
            "fields": {name: [plain(self.shown(name, old)), plain(self.shown(name, new))] for name, (old, new) in self.all_fields().items()},
            "state": self.state,
            "message": self.message,
            **({"store": self.store} if self.store else {}),
        }


def plain(value: Value) -> Any:
    """A value as JSON: text, number, JSON, or null."""
    from ..kinds import TEXT  # one place knows how values are shown

    if value is None or isinstance(value, (bool, int, str, dict, list)):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else value
    if value is CLEAR:
        return CLEAR_WORD
    return TEXT.show(value)


@dataclass(slots=True, repr=False)
class Plan:
    """All changes that a sheet asks for, with the problems found on the way."""

    resource: str
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    refused: int = 0  # documents that stay out because a row of theirs is bad
    refused_rows: set[tuple[str, int]] = field(default_factory=set)  # (tab, row)
    store_id: str = ""
    store_name: str = ""
    sheet_name: str = ""
    undoes: str = ""  # the run that this plan takes back
    sets_off: list[str] = field(default_factory=list)  # what sending it sets off: mails, rules, fees
    unsafe: str = ""  # the safety limit it passes, as a sentence; "" when it is safe
    calls: int = 0  # how many requests sending it takes
    seconds: float = 0.0  # how long that takes at the allowed rate
    run: str | None = None  # where it is saved
    requests: dict[str, int] = field(default_factory=lambda: {"read": 0, "written": 0, "rate_limited": 0})
    took: float = 0.0  # seconds that planning and sending it took
    results_file: str | None = None  # the results workbook
    problems_file: str | None = None  # the fix-and-retry workbook
    halted: OrderDeskBatchError | None = None  # what ended the sending before its end
    sent: bool = False  # whether sending was begun
    dates_kept: bool | None = None  # what the shipments taught about `date_shipped` [open]
    parts: Any = ()  # the sheets that it was made from
    once: dict[str, list[str]] = field(default_factory=dict)  # number of a change → fingerprints of what can't be repeated harmlessly
    lookup: Any = None  # the documents in hand
    stores: list[dict[str, str]] = field(default_factory=list)  # of a plan about several: name here, id, the store's own name
    members: dict[str, Any] = field(default_factory=dict)  # the plans of the single stores that this one was joined from, by name
    left_out: dict[tuple[str, int], str] = field(default_factory=dict)  # (tab, row) → why: its store failed
    taken_back: dict[int, str] = field(default_factory=dict)  # of a run: numbers of changes, and the undo that took each back
    journal: str = ""  # a digest of how far the saved run had come when it was read

    def __repr__(self) -> str:
        counts = ", ".join(f"{count:,} {action}" for action, count in self.counts.items() if count)
        results = ", ".join(f"{count:,} {state}" for state, count in self.results.items() if count) if self.sent else ""
        problems = f"; {len(self.problems):,} problems" if self.problems else ""
        return f"<Plan: {self.resource}, {counts or 'nothing to do'}{f'; {results}' if results else ''}{problems}>"

    @property
    def errors(self) -> list[Problem]:
        """The problems that keep rows from being sent."""
        return [problem for problem in self.problems if problem.level == "error"]

    @property
    def hopeless(self) -> bool:
        """Whether something is wrong with the sheet as a whole, so that no row of it can be sent."""
        return any(problem.row is None for problem in self.errors)

    @property
    def warnings(self) -> list[Problem]:
        """The problems that are only said."""
        return [problem for problem in self.problems if problem.level == "warning"]

    @property
    def counts(self) -> dict[str, int]:
        """How many documents are created, updated, deleted, left, skipped and refused."""
        counted = dict.fromkeys(COUNTED, 0)
        for change in self.changes:
            counted[change.action] += 1
        counted["refused"] = self.refused
        return counted

    @property
    def results(self) -> dict[str, int]:
        """How many documents are done, failed, stale, unknown and waiting."""
        return counted((change.state, 1) for change in self.writing())

    @property
    def exit_code(self) -> int:
        """What the command line ends with: 0, 1, 3, 4, 5 or 130; see the docs."""
        if self.halted is not None:
            return self.halted.exit_code
        if not self.sent and self.errors and self.run is None:
            return 3
        if not self.sent and self.unsafe:
            return 4
        left = {name: count for name, count in self.results.items() if name != "done"}
        if not self.sent:
            left.pop("waiting", None)
        store_failed = any(problem.code == STORE_FAILED for problem in self.problems)  # of several
        return 1 if self.refused or store_failed or any(left.values()) else 0

    def as_json(self, lists: Callable[[Iterator[Any]], Any] = list) -> dict[str, Any]:
        """The plan as the command line's `--json` prints it, the same shape at every end.

        Args:
            lists: what becomes of the long lists: `list`, or `iter` where their entries are to be made one by one.
        """
        return {
            "run": self.run,
            "store": {"id": self.store_id or None, "name": self.store_name},
            **({"stores": self.stores} if self.stores else {}),
            "resource": self.resource,
            "counts": self.counts,
            "results": self.results,
            "requests": self.requests,
            "seconds": round(self.took, 3),
            "problems": lists(problem.as_json() for problem in self.problems),
            "changes": lists(change.as_json() for change in self.changes),
            "results_file": self.results_file,
            "problems_file": self.problems_file,
            "sets_off": self.sets_off,
            "error": str(self.halted) if self.halted else (self.unsafe or None),
        }

    def name_folders(self, folders: Mapping[str, str]) -> None:
        """Let each change that moves an order know what its folders are called."""
        for change in self.changes:
            if "folder" in change.fields:
                named = {f"folder {one}": folders[str(one)] for one in change.fields["folder"] if str(one) in folders}
                change.about = {**change.about, **named}

    def writing(self) -> Iterator[Change]:
        """The changes for which something is sent."""
        return (change for change in self.changes if change.steps)

    def is_empty(self) -> bool:
        """Whether nothing would be sent."""
        return not any(change.steps for change in self.changes)


def by_number(changes: Iterable[Change]) -> dict[int, Change]:
    """The changes by their number."""
    return {change.number: change for change in changes}
