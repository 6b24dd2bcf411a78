"""The facts about orders."""

from __future__ import annotations

from .fact import Fact

__all__ = ["ORDERS"]

ORDERS: tuple[Fact, ...] = (
    Fact("orders-get", "Orders", "doc", "`GET /orders/{id}` gives the order with Order Desk's own id."),
    Fact("orders-list", "Orders", "doc", "A list tells the count of all, of this page, its offset and its limit."),
    Fact("orders-folder-filter", "Orders", "doc", "Orders are found by one or several folder ids, or by a folder's exact "
         "name."),
    Fact("orders-filters", "Orders", "doc", "Orders are found by number, cart, e-mail, customer id, and by name, company, "
         "first address line and phone of customer or recipient.",
         note="A filter the server doesn't know, or without a value, is not looked at."),
    Fact("orders-text-match", "Orders", "open", "A filter finds the whole, exact value, or, switched, regardless of case, "
         "or any value it is part of.", switch="text_filters"),
    Fact("orders-sort", "Orders", "doc", "The newest order is first; `order_by` and `order` say otherwise.",
         note="What can't be sorted by is sorted by the date added; orders of one moment by their id."),
    Fact("orders-times", "Orders", "open", "The four date filters are read in the store's own time, or, switched, in UTC.",
         switch="filter_times", note="Both ends belong to the range; a bare date is its midnight."),
    Fact("orders-times-local", "Orders", "seen", "Two more date filters, ending in `_local`, are always in the store's "
         "own time."),
    Fact("orders-history-asked", "Orders", "doc", "With `get_order_history=1` a list's orders carry their history."),
    Fact("orders-history-one", "Orders", "open", "One order carries its history when asked, or, switched, always or never.",
         switch="order_history_in_get"),
    Fact("orders-read-only", "Orders", "doc", "Totals, counts, ids, the update's date and shipments that are sent with an "
         "order are not looked at.",
         note="That they are passed over, and not refused, is not told."),
    Fact("orders-totals", "Orders", "doc", "The server reckons quantity, weight, products, discounts and the order's total."),
    Fact("orders-dates", "Orders", "doc", "Dates on records are UTC, `YYYY-MM-DD HH:MM:SS`.",
         note="A date with an offset is turned into UTC; what is no date is refused."),
    Fact("orders-defaults", "Orders", "doc", "A new order comes from \"Order Desk\", is captured, and has its own id for a "
         "number, unless it says otherwise.", note="It lies in the first folder and was added now. The number, folder and date are not told."),
    Fact("orders-payment-status", "Orders", "doc", "`payment_status` is one of eight words.",
         note="That another one is refused is not told."),
    Fact("orders-address", "Orders", "doc", "Addresses have their known fields; the customer's has no third and fourth "
         "line."),
    Fact("orders-return-address", "Orders", "doc", "The return address has a title and one name."),
    Fact("orders-discounts", "Orders", "doc", "Discounts have a name, a code and a positive amount, which is taken off."),
    Fact("orders-notes", "Orders", "doc", "Notes have a date, a user's name and a text."),
    Fact("orders-create-needs", "Orders", "doc", "A new order needs items, and a first name, last name or company of "
         "customer or recipient."),
    Fact("orders-create-copies", "Orders", "doc", "When a new order has only one of customer and recipient it is copied to "
         "the other."),
    Fact("orders-put-blanks", "Orders", "doc", "A PUT is the whole order: what it leaves out is blanked.",
         note="Text becomes blank, numbers 0, maps and lists empty, without the defaults of a new order."),
    Fact("orders-put-items", "Orders", "doc", "In a PUT an item with an id is updated, one without is added."),
    Fact("orders-put-items-left-out", "Orders", "open", "An item a PUT doesn't list is removed, or, switched, kept.",
         switch="put_items_left_out"),
    Fact("orders-put-unknown-item", "Orders", "open", "An item in a PUT whose id the order hasn't got is added with a new "
         "id, or, switched, makes an error, or is not looked at.", switch="unknown_item_id"),
    Fact("orders-put-shipments", "Orders", "doc", "A PUT doesn't change the shipments."),
    Fact("orders-unknown-fields", "Orders", "open", "A field or an address key the server doesn't know is kept when it is "
         "sent, and gone when a PUT leaves it out.", note="No switch: it follows from the rule of the whole document, and is the harder way for a client."),
    Fact("orders-cc-number", "Orders", "doc", "Of a card's number only the last four digits are kept; they are read as "
         "`cc_number_masked`."),
    Fact("orders-cc-left-out", "Orders", "open", "A PUT without the number blanks it, or, switched, keeps it.",
         switch="cc_kept"),
    Fact("orders-delete", "Orders", "doc", "A deleted order is gone, with its items and shipments."),
    Fact("orders-history", "Orders", "doc", "History can only be added to: a note and where it comes from.",
         note="A note without text is refused; the server adds no entries of its own."),
    Fact("orders-move", "Orders", "doc", "Many orders are moved in one call; each row tells the folder it came from."),
    Fact("orders-move-one-of", "Orders", "doc", "The folder to move to is given by id or by name, one of the two, and must "
         "be there."),
    Fact("orders-move-rows", "Orders", "open", "A row of a move that failed has a message but no former folder; switched, "
         "rows have a status too.", switch="move_status"),
    Fact("orders-unknown-folder", "Orders", "open", "An order that names a folder the store hasn't got is refused.",
         note="No switch: the product only sends folders it read from the store."),
    Fact("orders-touches", "Orders", "open", "Changes of items, shipments, history and folder move the order's "
         "`date_updated`; the switch names those that do.", switch="touches"),
    Fact("orders-number-not-unique", "Orders", "doc", "An order's number is not unique: two carts can have the same."),
    Fact("orders-rules", "Orders", "help", "Orders made through the API are billed; imports, moves and shipments fire the "
         "store's rules, which can e-mail buyers.", imitated=False, note="The sandbox has no rules, bills or mail."),
    Fact("orders-other-descriptions", "Orders", "seen", "Names that other public descriptions use (`order_ids`, "
         "`folder_id` for a move, a document inside an object of its own) are refused."),
)  # fmt: skip
