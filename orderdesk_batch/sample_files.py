"""This file holds where the sample sheets are: in the installed package, or in a checkout."""

from __future__ import annotations

from pathlib import Path

from .errors import UsageError


def sample(name: str) -> Path:
    """The path of a sample sheet.

    Raises:
        UsageError: there is none of that name.
    """
    here = Path(__file__).parent
    for folder in (here / "_samples", here.parent / "samples"):
        if (folder / name).is_file():
            return folder / name
    raise UsageError(f"There is no sample {name}.")
