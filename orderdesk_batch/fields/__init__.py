"""The field tables: what each column of a sheet is, and where it lives in a document.

Everything else is derived from the four tables: how headings are matched and cells are read, the
pandera schemas, the plans' old and new, templates, exports and the reference page.

A field's `name` is the API's own, dotted where it is nested. Three sorts of names stand for many:
`metadata.*` (an open map; the part after the dot is the key, verbatim), `discount_list.#.code`
(a list; `#` is 1, 2, …), and, in orders sheets, `item.…` (the fields of an order's items, whose
place is counted from the item's own document).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..errors import UsageError
from .documents import Document as Document
from .documents import columns_of as columns_of
from .documents import drop as drop
from .documents import get as get
from .documents import in_open_map as in_open_map
from .documents import put as put
from .documents import read as read
from .documents import write as write
from .field import ACTIONS as ACTIONS
from .field import KEY as KEY
from .field import NOWHERE as NOWHERE
from .field import OPTIONAL as OPTIONAL
from .field import READ_ONLY as READ_ONLY
from .field import REQUIRED as REQUIRED
from .field import Field as Field
from .field import Resource as Resource
from .field import Steps as Steps
from .field import Use as Use
from .field import numbered as numbered
from .field import under as under
from .groups import DELIVERY_TYPES as DELIVERY_TYPES
from .groups import DISCOUNT as DISCOUNT
from .groups import ITEM as ITEM
from .groups import NOTE as NOTE
from .groups import PAYMENT_STATUS as PAYMENT_STATUS
from .groups import STREET as STREET
from .groups import WHICH_ORDER as WHICH_ORDER
from .orders import ORDERS as ORDERS
from .records import INVENTORY as INVENTORY
from .records import ITEMS as ITEMS
from .records import SHIPMENTS as SHIPMENTS

RESOURCES: Final[Mapping[str, Resource]] = {r.name: r for r in (ORDERS, ITEMS, SHIPMENTS, INVENTORY)}


def resource(name: str) -> Resource:
    """The resource of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in RESOURCES:
        raise UsageError(f'"{name}" is no resource. Write one of {", ".join(RESOURCES)}.')
    return RESOURCES[name]
