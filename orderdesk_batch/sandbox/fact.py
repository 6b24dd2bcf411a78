"""What a fact about the API is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Fact", "Grade"]

Grade = Literal["doc", "help", "seen", "open"]


@dataclass(frozen=True)
class Fact:
    """One thing taken to be true of the API."""

    id: str
    section: str
    """The part of the API's description it is told in."""
    grade: Grade
    sentence: str
    switch: str = ""
    """The field of `Switches` that tries the other way."""
    note: str = ""
    """Why an open fact has no switch, or what was decided."""
    imitated: bool = True
    """False: the sandbox knows it but has nothing that shows it."""
