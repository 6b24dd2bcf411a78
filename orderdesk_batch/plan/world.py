"""This file holds World: what a plan needs to know beside the sheet and the documents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..kinds import CellRefused


@dataclass
class World:
    """What a plan needs to know beside the sheet and the documents."""

    now: dt.datetime  # UTC, naive
    folders: Mapping[str, str] = field(default_factory=dict)  # id → name
    mark: str = ""  # what our mark in created records begins with; "" for none
    again: bool = False  # rows that can't be repeated harmlessly may be uploaded a second time
    uploaded: Mapping[str, str] = field(default_factory=dict)  # fingerprint → the run that did it
    dates_kept: bool | None = None  # whether the store keeps `date_shipped` as sent [open]; None: not known
    dates_sent: Mapping[str, str] = field(default_factory=dict)  # order and tracking number → the date that we sent

    def knows(self, folder: str) -> bool:
        """Whether there is such a folder, by id or name."""
        return folder in self.folders or bool(self._named(folder))

    def _named(self, name: str) -> list[str]:
        asked = name.strip().casefold()
        return [key for key, held in self.folders.items() if held.strip().casefold() == asked]

    def folder_id(self, text: str) -> str:
        """The id of the folder that is called so, or has that id.

        Raises:
            CellRefused: there is none, or several have that name.
        """
        fitting = list(dict.fromkeys([*([text] if text in self.folders else []), *self._named(text)]))
        if len(fitting) == 1:
            return fitting[0]
        if fitting and text in fitting:
            other = next(one for one in fitting if one != text)
            raise CellRefused(f"is the id of one folder and the name of another, {other}", "Rename the folder in Order Desk.", "folder")
        if fitting:
            raise CellRefused("is the name of several folders", f"Write the id: {' or '.join(fitting)}.", "folder")
        names = ", ".join(sorted(set(self.folders.values())))
        raise CellRefused("is no folder of the store", f"Write one of: {names}.", "folder")
