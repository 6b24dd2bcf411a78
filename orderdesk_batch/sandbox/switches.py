"""The switches of the sandbox: one for each thing about the API that nobody states, so that both ways can be tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["TOUCHES", "Switches"]

TOUCHES = frozenset({"items", "shipments", "history", "folder"})
"""Every kind of nested write that may move an order's `date_updated`."""


@dataclass(frozen=True)
class Switches:
    """Which of the possible servers the sandbox is; the defaults are the stricter or the likelier way.

    The docstring under each field says which unstated fact it stands for. `docs/sandbox.md` has the whole list.
    """

    filter_times: Literal["local", "utc"] = "local"
    """How the four date filters of orders are read: in the store's own time zone, or as UTC."""

    missing: Literal["404", "error200"] = "404"
    """What a record that isn't there answers: HTTP 404, or an error body in HTTP 200."""

    error_status: Literal[200, 400] = 200
    """The HTTP status of an error body about the content of a document (nothing says which it is)."""

    batch_results: bool = True
    """Whether the inventory batch answers with a result for each row, or only with one status for all."""

    created_ids: bool = False
    """Whether the answer to a new item, shipment or inventory item carries the record with its id."""

    created_status: Literal[200, 201] = 200
    """The HTTP status of a successful creation; both have been seen."""

    put_items_left_out: Literal["removed", "kept"] = "removed"
    """What becomes of the order items a whole-order PUT doesn't list; the reference says they "may" go."""

    unknown_item_id: Literal["added", "error", "ignored"] = "added"
    """What a whole-order PUT does with an item whose id this order doesn't (or no longer) have."""

    date_shipped: Literal["kept", "server"] = "kept"
    """Whether a shipment's `date_shipped` is kept as sent, or set by the server."""

    list_for_map: Literal["accepted", "refused"] = "accepted"
    """Whether an empty list sent for a map (as the server itself writes one) is an empty map, or an error."""

    total_records: Literal["right", "zero"] = "right"
    """Whether lists count their records rightly, or say 0 beside records."""

    batch_max: int | None = None
    """The most entries a batch call may have; above it the answer is HTTP 413. None: no limit."""

    move_status: bool = False
    """Whether the rows of a move-orders answer carry a `status` of their own."""

    touches: frozenset[str] = TOUCHES
    """Which nested writes move the order's `date_updated`: words of `TOUCHES`."""

    cc_kept: bool = False
    """Whether a whole-order PUT without `cc_number` keeps the stored digits instead of blanking them."""

    order_history_in_get: Literal["asked", "always", "never"] = "asked"
    """Whether GET of one order has `order_history`: when asked for as in lists, always, or never."""

    text_filters: Literal["exact", "nocase", "contains"] = "exact"
    """How text filters compare: whole and exact, whole without regard to case, or as part of the value."""

    def __post_init__(self) -> None:
        unknown = frozenset(self.touches) - TOUCHES
        if unknown:
            raise ValueError(f"touches knows {sorted(TOUCHES)}, not {sorted(unknown)}")
