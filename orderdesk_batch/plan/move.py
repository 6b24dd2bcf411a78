"""This file holds `--then-move-to`: the orders whose rows are all done are moved to a folder."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping
from typing import Any

from ..fields import Document
from .change import Change, Plan, Step
from .children import Home

NOTE = "moved once its rows are done"


def then_move(plan: Plan, homes: Mapping[str, Mapping[int, Home]], deleting: Container[str], folder: str) -> None:
    """Move each order of the plan of which no row is refused, unless it is in the folder already.

    An order that is changed by this one change alone is moved with it; else the move is a change of its
    own, which waits for all others of the order.
    """
    places: dict[Any, list[tuple[str, int]]] = defaultdict(list)
    waits: dict[Any, list[Change]] = defaultdict(list)
    documents: dict[Any, Document | None] = {}
    for tab, here in homes.items():
        for row, home in here.items():
            places[home.unit].append((tab, row))
            documents[home.unit] = home.document
    for change in plan.changes:
        if change.resource == "orders" and change.action in ("create", "update", "none") and (change.id or change.steps):
            unit = ("id", change.id) if change.id else ("new", id(change))
            documents.setdefault(unit, change.before)
            places[unit] += [(change.tab, row) for row in change.rows]
            waits[unit].append(change)
        elif change.resource in ("items", "shipments") and (home_ := homes.get(change.tab, {}).get(change.rows[0])):
            waits[home_.unit].append(change)
    for unit, changes in waits.items():
        document = documents.get(unit)
        if not plan.refused_rows.isdisjoint(places[unit]) or (document is not None and str(document["id"]) in deleting):
            continue
        own = next((change for change in changes if change.resource == "orders"), None)
        old = str(document.get("folder_id") or "") if document else None
        if own is not None and "folder" in own.fields:
            old = str(own.fields["folder"][1])
        if old == folder:
            continue
        alone = own is not None and own.action != "create" and len(changes) == 1
        if own is not None and alone:
            before = own.fields.get("folder", [old])[0]
            own.fields = {**own.fields, "folder": [before, folder]}
            own.steps = [step for step in own.steps if step.verb != "move"] + [Step("move")]
            own.action, own.note = "update", own.note or NOTE
            continue
        first = changes[0]
        rows = sorted({row for tab, row in places[unit] if tab == first.tab})
        number = first.about.get("number") or first.key.split(",")[0].removeprefix("order ")
        plan.changes.append(
            Change(
                len(plan.changes) + 1, "orders", "update", rows, f"order {number}", str(document["id"]) if document else "",
                fields={"folder": [old, folder]}, kept=document, read_at=first.read_at, page=first.page, among=first.among, about=first.about,
                after=[change.number for change in changes if change.steps], steps=[Step("move")], note=NOTE, tab=first.tab,
            )
        )  # fmt: skip
