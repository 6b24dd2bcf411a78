"""This file holds `need`: libraries that come with an extra of the package, and the sentence for whoever has not got them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .errors import UsageError


def need(module: str, extra: str = "notebook") -> Any:
    """A library of an extra, imported.

    Raises:
        UsageError: it is not installed; says how to.
    """
    try:
        return import_module(module)
    except ImportError as missing:
        name = (missing.name or module).partition(".")[0]
        raise UsageError(
            f'This needs {name}, which is not installed: pip install "orderdesk-batch[{extra}]". '
            f"Where orderdesk-batch was installed with pipx: pipx inject orderdesk-batch {name}"
        ) from missing
