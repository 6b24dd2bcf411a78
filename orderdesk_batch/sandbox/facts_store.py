"""The facts about access, limits and answers."""

from __future__ import annotations

from .fact import Fact

__all__ = ["STORE"]

_ACCESS = (
    Fact("access-keys", "Access", "doc", "Every request carries the store's id and its key in two headers; without them, "
         "or with wrong ones, the answer is 401 and an error body, and no token is used up.",
         note="The statuses here and in the next rows are not told; these are the usual ones."),
    Fact("access-get-bare", "Access", "doc", "A GET with a body, a `Content-Type` or a `Content-Length` is an invalid "
         "request (400)."),
    Fact("access-body-json", "Access", "doc", "A body is JSON and says so; any other type, and JSON that can't be read, "
         "is an invalid request (400).",
         note="How a wrong one is answered is not told."),
    Fact("access-methods", "Access", "doc", "PATCH, CONNECT and TRACE (and HEAD, OPTIONS) answer 405."),
    Fact("access-override", "Access", "doc", "A POST with `X-HTTP-Method-Override: PUT` is that PUT."),
    Fact("access-unknown-path", "Access", "open", "A path that is no endpoint answers 404 with an error body.",
         note="No switch: a client that asks only for endpoints never sees it."),
    Fact("access-test", "Access", "doc", "`GET /test` tells that the connection works, and the time in UTC."),
    Fact("access-store", "Access", "doc", "`GET /store` tells the store's id, name, settings and folders; the settings "
         "hold the time zone, and secrets: the key and the user and password for mail."),
    Fact("access-stores", "Access", "seen", "A key opens one store only; stores have their own data and their own bucket."),
)  # fmt: skip

_LIMITS = (
    Fact("limits-bucket", "Limits", "doc", "Each store has a bucket of 20 tokens, refilled at 3 a second; a request takes "
         "one."),
    Fact("limits-header", "Limits", "doc", "Every answer tells the tokens left in `X-Tokens-Remaining`.",
         note="Where no store is known the number is a full bucket."),
    Fact("limits-429", "Limits", "doc", "With an empty bucket the answer is 429, with `X-Retry-After` in whole seconds, "
         "and nothing is done."),
    Fact("limits-shared", "Limits", "doc", "Whoever else uses the key empties the same bucket."),
    Fact("limits-page", "Limits", "doc", "A list gives 50 records, or `limit` of them but never more than 500, from "
         "`offset` on.", note="Asked for more than 500 it gives 500 and says so; asked for none it gives 50."),
    Fact("limits-batch-max", "Limits", "open", "A batch may be of any size, or, switched, of so many entries; above "
         "that the answer is 413 with a page that is no JSON.", switch="batch_max"),
    Fact("limits-notes", "Limits", "doc", "All notes of an order together, with their dates and names, are at most 2000 "
         "characters; more is refused.",
         note="That more is refused, and not cut off, is not told."),
    Fact("limits-advice", "Limits", "help", "Clients are asked to give date ranges and not to poll in a hurry.",
         imitated=False, note="Advice, nothing a server does."),
)  # fmt: skip

_ANSWERS = (
    Fact("answers-body-status", "Answers", "doc", "Every body tells success or error in `status`, and how long it took."),
    Fact("answers-error-status", "Answers", "open", "A document with something wrong in it is answered with an error in "
         "HTTP 200, or, switched, in HTTP 400.", switch="error_status"),
    Fact("answers-batch-rows", "Answers", "seen", "A batch with rows that failed is a success in HTTP 200; its results, in "
         "the order sent, tell which rows."),
    Fact("answers-empty-map", "Answers", "doc", "An empty map is written as an empty list, a full one as an object."),
    Fact("answers-list-for-map", "Answers", "open", "An empty list sent for a map is an empty map, or, switched, "
         "refused; any other thing is refused.", switch="list_for_map"),
    Fact("answers-total-type", "Answers", "doc", "The count of a list is a number for orders and text for inventory."),
    Fact("answers-total-zero", "Answers", "seen", "Switched, the count is 0 beside the records that are there.",
         switch="total_records"),
    Fact("answers-ids", "Answers", "doc", "The ids of orders, items and shipments are text, those of inventory numbers."),
    Fact("answers-item-numbers", "Answers", "doc", "Price, quantity and weight of an item are numbers, without a needless "
         "fraction."),
    Fact("answers-shipment-numbers", "Answers", "doc", "Weight and cost of a shipment are text with two decimals or more."),
    Fact("answers-discount-amounts", "Answers", "doc", "The amount of a discount is text with two decimals or more."),
    Fact("answers-null-sku", "Answers", "doc", "`manufacturer_sku` may be null, and is when it was left out."),
    Fact("answers-created-status", "Answers", "seen", "A creation answers 200, or, switched, 201.",
         switch="created_status"),
    Fact("answers-created-order", "Answers", "doc", "The answer to a new or changed order carries the order.",
         note="For a changed order this is not told."),
    Fact("answers-created-ids", "Answers", "doc", "The answer to a new item, shipment or inventory item is a message "
         "only, or, switched, carries the record.", switch="created_ids"),
    Fact("answers-unclear-write", "Answers", "seen", "An error of the server, silence or a dropped connection doesn't "
         "tell whether a write was done.", note="Tried with the server of faults in the tests."),
    Fact("answers-missing", "Answers", "open", "A record that isn't there answers 404, or, switched, an error in HTTP 200; "
         "so does what belongs to it.", switch="missing"),
    Fact("answers-weight-unit", "Answers", "open", "Weights are numbers without a unit; the store's own is told nowhere.",
         note="No switch: there is nothing on the wire that could differ."),
)  # fmt: skip

STORE: tuple[Fact, ...] = (*_ACCESS, *_LIMITS, *_ANSWERS)
