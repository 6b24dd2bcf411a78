"""The facts about order items, shipments, inventory and webhooks."""

from __future__ import annotations

from .fact import Fact

__all__ = ["RECORDS"]

RECORDS: tuple[Fact, ...] = (
    Fact("items-endpoints", "Order items", "doc", "The items of an order can be listed, read, added, changed and deleted."),
    Fact("items-defaults", "Order items", "doc", "A new item costs nothing, is there once, and is to be shipped, unless "
         "it says otherwise; how it is delivered is one of four words."),
    Fact("items-put-blanks", "Order items", "doc", "A PUT is the whole item: what it leaves out is blanked.",
         note="The quantity too, which becomes 0."),
    Fact("items-totals", "Order items", "doc", "After every change of an item the order's totals are reckoned anew."),
    Fact("shipments-endpoints", "Shipments", "doc", "The shipments of an order can be listed, read, added, changed and "
         "deleted; an order's own document has them as `order_shipments`."),
    Fact("shipments-put-blanks", "Shipments", "seen", "A PUT is the whole shipment: what it leaves out is blanked."),
    Fact("shipments-duplicate", "Shipments", "doc", "A tracking number that is on the order already answers an error in "
         "HTTP 200, and nothing is added.", note="Spaces at the ends and case make no difference."),
    Fact("shipments-na", "Shipments", "doc", "`n/a` stands for no tracking number, as often as one likes.",
         note="A shipment without any tracking number is refused."),
    Fact("shipments-tracking-url", "Shipments", "doc", "Without a link the server guesses one from number and carrier."),
    Fact("shipments-date-shipped", "Shipments", "open", "`date_shipped` is kept as sent, or, switched, set by the server.",
         switch="date_shipped", note="Left out of a new shipment it is today."),
    Fact("shipments-several", "Shipments", "help", "An order can have several shipments."),
    Fact("shipments-batch", "Shipments", "seen", "A batch is a bare list of shipments, each with an order's id; the "
         "results are in the same order."),
    Fact("shipments-batch-wrapped", "Shipments", "seen", "A batch inside an object is refused."),
    Fact("shipments-own-id", "Shipments", "seen", "`order_id` in a batch is Order Desk's own, not the cart's number."),
    Fact("inventory-endpoints", "Inventory", "doc", "Inventory items can be listed, read, added, changed and deleted."),
    Fact("inventory-required", "Inventory", "doc", "An inventory item needs a name and a code, in a PUT too."),
    Fact("inventory-unique", "Inventory", "doc", "A code is there once; a second item with it is refused.",
         note="That it is refused, and doesn't replace the first, is not told."),
    Fact("inventory-put-blanks", "Inventory", "doc", "A PUT is the whole item: what it leaves out is blanked."),
    Fact("inventory-dates", "Inventory", "doc", "The dates of an inventory item can't be written."),
    Fact("inventory-filters", "Inventory", "seen", "Inventory is found by name, code, location, metadata, a text in any "
         "of name, code and metadata, by not having a source, and by the date of its last change (UTC)."),
    Fact("inventory-batch", "Inventory", "seen", "A batch is a bare list of whole items with id, name and code; what a row "
         "leaves out is blanked, and rows that fail don't stop the others."),
    Fact("inventory-batch-results", "Inventory", "open", "The batch answers with a result for each row, or, switched, "
         "with one status only.", switch="batch_results"),
    Fact("webhooks", "Webhooks", "help", "Rules of the store post orders, signed with the key, to an address of one's own.",
         note="It posts nothing by itself; `orderdesk_batch.sandbox.hooks.send_hook` posts one."),
)  # fmt: skip
