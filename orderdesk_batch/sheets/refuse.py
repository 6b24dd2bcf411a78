"""This file holds the two ways of saying that a file can't be used: Unreadable inside, SheetRefused outside."""

from __future__ import annotations

from orderdesk_batch.errors import Problem, SheetRefused

from .sheet import short


class Unreadable(Exception):
    """Why a file can't be read, before it is known how the user named it."""

    def __init__(self, reason: str, hint: str = "", code: str = "unreadable", row: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.hint, self.code, self.row = reason, hint, code, row

    def refused(self, name: str) -> SheetRefused:
        """The same as the error that ends the run: place, what is wrong, what to do."""
        problem = Problem(self.reason, self.hint, row=self.row, place=short(name), code=self.code)
        return SheetRefused(str(problem), [problem])
