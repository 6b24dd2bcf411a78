"""This folder holds Profiles: several stores by name, in a TOML file, and the way to each one's key.

The file is `stores.toml` in the folder for runs, a table for each store, to be read and edited by people:

    [shop-a]
    store_id = "42"
    keep = "keyring"

A key is never in it. It is in the system's keyring, in a private file, or nowhere but in the environment.
"""

from __future__ import annotations

import contextlib
import difflib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from .. import address, memory
from ..errors import UsageError
from .keys import KeyMissing, KeyPlace, NoKeyring, keyring_name, place_of, variable
from .table import Table, check_name

__all__ = ["KEEPS", "Keep", "KeyMissing", "NoKeyring", "Profile", "Profiles", "check_name", "keyring_name", "variable"]

Keep = Literal["keyring", "file", "environment"]
KEEPS: Final[tuple[Keep, ...]] = ("keyring", "file", "environment")


@dataclass(frozen=True)
class Profile:
    """A store by name; never its key."""

    name: str
    store_id: str
    base_url: str = ""  # "": the address of the real API
    keep: Keep = "keyring"  # where the key is

    @property
    def variable(self) -> str:
        """The environment's variable whose key wins over the one that is kept: ORDERDESK_API_KEY_<NAME>."""
        return variable(self.name)

    @property
    def address(self) -> str:
        """The address of its API, also where that is the real one."""
        return address.whole(self.base_url)

    @property
    def whose(self) -> tuple[str, str]:
        """The store's id and address: two names for which they are the same are names of one store."""
        return self.store_id.strip(), self.address

    @property
    def refusal(self) -> str:
        """What to say where Order Desk refuses this store's key: which key it was, and what to do."""
        words = f"{self.name}: Order Desk refused the key"
        if os.environ.get(self.variable, "").strip():
            return f"{words} in {self.variable} for store {self.store_id}. Set it to a key of that store, or unset it."
        return f"{words} for store {self.store_id}. Make or copy a key in Order Desk, then `orderdesk-batch login {self.name}`."


class Profiles:
    """The stores that this user has named. Each method reads the file anew."""

    def __init__(self, folder: Path | None = None) -> None:
        """Nothing is read yet.

        Args:
            folder: where stores.toml and the private key files are; by default the folder for runs.
        """
        self.folder = memory.home() if folder is None else folder
        self._table = Table(self.folder / "stores.toml")

    @property
    def path(self) -> Path:
        """The file of the names."""
        return self._table.path

    def all(self) -> list[Profile]:
        """Every store, by name.

        Raises:
            UsageError: the file is not as it should be; says the line and the remedy.
        """
        return [_profile(name, section) for name, section in sorted(self._table.read().items(), key=_by_name)]

    def names(self) -> list[str]:
        """The names as they are written, sorted.

        Raises:
            UsageError: the file is not as it should be.
        """
        return [profile.name for profile in self.all()]

    def find(self, name: str) -> Profile | None:
        """The store of that name, upper and lower case alike; None if there is none.

        Raises:
            UsageError: the file is not as it should be.
        """
        return next((profile for profile in self.all() if profile.name.lower() == name.lower()), None)

    def get(self, name: str) -> Profile:
        """The store of that name, upper and lower case alike.

        Raises:
            UsageError: there is none, or the file is not as it should be.
        """
        found = self.find(name)
        if found is None:
            raise UsageError(self._unknown(name))
        return found

    def key(self, profile: Profile) -> str:
        """The store's key: from ORDERDESK_API_KEY_<NAME> if that is set, else from where it is kept.

        Raises:
            KeyMissing: it is not there or can't be had; says for which store, why, and what to do. A UsageError.
        """
        return os.environ.get(profile.variable, "").strip() or self._place(profile).read()

    def put(self, profile: Profile, key: str | None) -> str:
        """Keep a store under its name, in place of the one that had it.

        Args:
            profile: the store. Where its name is there in other letters (Shop, shop), that spelling stays.
            key: the key to keep; None leaves what is kept alone.

        Returns:
            What could not be taken away of a key kept elsewhere before, in a sentence; "" if nothing was left.

        Raises:
            NoKeyring: the keyring can't keep the key; nothing was kept. A UsageError.
            UsageError: the name can't be one or is too like another, or a file can't be written; nothing was kept.
        """
        check_name(profile.name)
        if profile.keep not in KEEPS:
            raise UsageError(f'A key is kept in {", ".join(KEEPS[:-1])} or {KEEPS[-1]}, not in "{profile.keep}".')
        with self._table.locked():
            before = self.find(profile.name)
            profile = profile if before is None else _renamed(profile, before.name)
            self._refuse_likeness(profile.name)
            was = None if before is None else self._place(before)
            place = self._place(profile)
            if key is not None:
                place.write(key.strip())
            try:
                self._write(profile)
            except UsageError:
                if key is not None and was != place:
                    place.forget()
                raise
            return was.forget() if was is not None and was != place else ""

    def remove(self, name: str) -> str:
        """Forget a store and its key; its runs stay.

        Returns:
            What could not be taken away, in a sentence; "" if all is gone.

        Raises:
            UsageError: there is no such store, or the file can't be read or written.
        """
        with self._table.locked():
            profile = self.get(name)
            self._table.delete(profile.name)
            return self._place(profile).forget()

    def twin(self, profile: Profile) -> str | None:
        """Another name of the same store, if it has one.

        Raises:
            UsageError: the file is not as it should be.
        """
        others = (one for one in self.all() if one.name.lower() != profile.name.lower())
        return next((one.name for one in others if one.whose == profile.whose), None)

    # -- inside -------------------------------------------------------------------------------------

    def _place(self, profile: Profile) -> KeyPlace:
        return place_of(self.folder, profile.name, profile.store_id, profile.base_url, profile.keep)

    def _write(self, profile: Profile) -> None:
        entries = {"store_id": profile.store_id, "base_url": profile.base_url, "keep": profile.keep}
        self._table.write(profile.name, {name: value for name, value in entries.items() if value})

    def _refuse_likeness(self, name: str) -> None:
        """Two names with one variable in the environment would be given one key."""
        for other in self.names():
            if other != name and variable(other) == variable(name):
                raise UsageError(
                    f'The name "{name}" is too like "{other}": both have their key in {variable(name)}. Take another.'
                )

    def _unknown(self, name: str) -> str:
        names = self.names()
        if not names:
            known = "No stores have been named yet."
        else:
            lower = {one.lower(): one for one in names}
            near = difflib.get_close_matches(name.lower(), lower, n=3, cutoff=0.5)
            known = f"Near it: {', '.join(lower[one] for one in near)}." if near else f"There are: {', '.join(names[:20])}."
        remedy = "`orderdesk-batch stores` lists them"
        with contextlib.suppress(UsageError):
            check_name(name)
            remedy += f"; to add it: `orderdesk-batch login {name}`"
        return f'There is no store named "{name}". {known} {remedy}.'


def _profile(name: str, section: dict[str, str]) -> Profile:
    keep: Keep = next((one for one in KEEPS if one == section.get("keep")), "keyring")
    return Profile(name, section["store_id"], section.get("base_url", ""), keep)


def _renamed(profile: Profile, name: str) -> Profile:
    return Profile(name, profile.store_id, profile.base_url, profile.keep)


def _by_name(item: tuple[str, object]) -> tuple[str, str]:
    return item[0].lower(), item[0]
