"""Spreadsheets to Order Desk, and back: checked, previewed, sent once, undoable.

>>> import orderdesk_batch as od, pandas as pd
>>> with od.sandbox(orders=20, inventory=5) as desk:
...     plan = desk.plan("inventory", pd.DataFrame({"code": ["00123"], "stock": [7]}))
...     plan.counts["update"]
1

`connect()` gives a `Desk` for your store; `sandbox()` one for a local imitation. The names here are
loaded when they are first used, so that `import orderdesk_batch` costs nothing.
"""

from __future__ import annotations

import sys
import types

TYPE_CHECKING = False  # `typing` takes half as long to load as Python itself
if TYPE_CHECKING:
    from typing import Any

    from . import archive as archive
    from . import plot as plot
    from . import report as report
    from .checks import schemas as schemas
    from .desk import Desk as Desk
    from .desk import check as check
    from .desk import connect as connect
    from .desks import Desks as Desks
    from .desks import connect_all as connect_all
    from .errors import NotAllowed as NotAllowed
    from .errors import NotFound as NotFound
    from .errors import OrderDeskBatchError as OrderDeskBatchError
    from .errors import Problem as Problem
    from .errors import Refused as Refused
    from .errors import RunError as RunError
    from .errors import SheetRefused as SheetRefused
    from .errors import StoreError as StoreError
    from .errors import Unclear as Unclear
    from .errors import Unreachable as Unreachable
    from .errors import Unsafe as Unsafe
    from .errors import UsageError as UsageError
    from .fields import INVENTORY as INVENTORY
    from .fields import ITEMS as ITEMS
    from .fields import ORDERS as ORDERS
    from .fields import RESOURCES as RESOURCES
    from .fields import SHIPMENTS as SHIPMENTS
    from .plan import Change as Change
    from .plan import Plan as Plan
    from .tryout import sandbox as sandbox

__version__ = "0.1.0"

_WHERE = {
    "schemas": "checks", "Desk": "desk", "check": "desk", "connect": "desk", "sandbox": "tryout", "Desks": "desks", "connect_all": "desks", "Change": "plan", "Plan": "plan",
    **dict.fromkeys(("ORDERS", "ITEMS", "SHIPMENTS", "INVENTORY", "RESOURCES"), "fields"),
    **dict.fromkeys(("NotAllowed", "NotFound", "OrderDeskBatchError", "Problem", "Refused", "RunError", "SheetRefused",
                     "StoreError", "Unclear", "Unreachable", "Unsafe", "UsageError"), "errors"),
}  # fmt: skip
_MODULES = ("archive", "plot", "report")

__all__ = ["__version__", *sorted([*_WHERE, *_MODULES])]


def __getattr__(name: str) -> Any:
    if name not in _WHERE and name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return __all__


class _CallableModule(types.ModuleType):
    """The module `orderdesk_batch.sandbox`, which may be called as well: `sandbox()` is `tryout.sandbox()`."""

    def __call__(self, **options: Any) -> Any:
        from .tryout import sandbox

        return sandbox(**options)


class _Package(types.ModuleType):
    """This package; importing the module `sandbox` must not hide the function of that name."""

    @property
    def sandbox(self) -> types.ModuleType:
        """A Desk for a local Order Desk: see `orderdesk_batch.tryout.sandbox`."""
        from importlib import import_module

        module = import_module(f"{__name__}.sandbox")
        module.__class__ = _CallableModule
        return module

    @sandbox.setter
    def sandbox(self, module: types.ModuleType) -> None:
        """The import system sets it when the module is imported; the property finds it anyway."""


sys.modules[__name__].__class__ = _Package
