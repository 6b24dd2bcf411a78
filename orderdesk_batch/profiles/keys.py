"""This file holds the places where a store's key can be: the keyring, a private file, nothing but the environment.

A place reads, writes and forgets one key. No error carries the key, not even where a keyring's own would.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from ..errors import UsageError
from .table import put_private

SERVICE: Final = "orderdesk-batch"
INSTALL: Final = (
    "`pipx inject orderdesk-batch keyring` installs it (`pip install keyring` where orderdesk-batch was installed with pip)"
)


class KeyMissing(UsageError):
    """A store's key is not to be had; the store is named."""


class NoKeyring(UsageError):
    """There is no keyring here that works; says why."""


class KeyPlace(Protocol):
    """Where one store's key is."""

    def read(self) -> str:
        """The key. Raises KeyMissing."""

    def write(self, key: str) -> None:
        """Keep the key. Raises NoKeyring or another UsageError."""

    def forget(self) -> str:
        """Take the key away; what is in the way of that, in a sentence, or ""."""


def variable(name: str) -> str:
    """The environment's variable for a store's key.

    >>> variable("shop-a.eu")
    'ORDERDESK_API_KEY_SHOP_A_EU'
    """
    return "ORDERDESK_API_KEY_" + re.sub(r"[^A-Z0-9]", "_", name.upper())


def place_of(folder: Path, name: str, store_id: str, base_url: str, keep: str) -> KeyPlace:
    """Where a store's key is, by what its table says."""
    if keep == "keyring":
        return InKeyring(name, store_id, base_url.rstrip("/"))
    if keep == "file":
        return InFile(name, store_id, folder / "keys" / name)
    return InEnvironment(name, store_id)


def keyring_name() -> str:
    """What the keyring of this machine calls itself.

    Raises:
        NoKeyring: there is none that works; says why and what would help.
    """
    return str(getattr(_keyring().get_keyring(), "name", "keyring"))


def _keyring() -> Any:
    """The keyring library, with something behind it."""
    try:
        import keyring
    except ImportError:
        raise NoKeyring(f"The system's keyring can't be used: the package keyring is not installed. {INSTALL}.") from None
    try:
        backend = keyring.get_keyring()
    except Exception as error:  # a backend that is set up wrongly raises what it likes
        raise NoKeyring(f"The system's keyring can't be used ({_words(error)}).") from None
    if type(backend).__module__ in ("keyring.backends.fail", "keyring.backends.null"):
        raise NoKeyring(
            "This machine has no keyring that can be used: none is running, as on most servers and in containers, or it was switched off."
        )
    return keyring


def _words(error: BaseException, key: str = "") -> str:
    """An error's sort and words on one line, without the key."""
    words = " ".join(str(error).split())[:200]
    if key:
        words = words.replace(key, "(hidden)")
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


@dataclass(frozen=True)
class InKeyring:
    """The system's keyring: Windows' Credential Manager, macOS' Keychain, the Secret Service on Linux.

    The entry is of the name, the store and the address together: a file edited by hand can't send a key elsewhere.
    """

    name: str
    store_id: str
    base_url: str

    @property
    def user(self) -> str:
        """The entry's user."""
        return f"{self.name}: store {self.store_id}" + (f" at {self.base_url}" if self.base_url else "")

    def read(self) -> str:
        remedy = f"`orderdesk-batch login {self.name}` keeps it anew; or set {variable(self.name)}."
        try:
            key = _keyring().get_password(SERVICE, self.user)
        except NoKeyring as error:
            raise KeyMissing(f"{self.name}: the key of store {self.store_id} is in the keyring. {error} {remedy}") from None
        except Exception as error:  # locked, dismissed, gone: each backend has its own errors
            raise KeyMissing(
                f"{self.name}: the keyring did not give the key of store {self.store_id} ({_words(error)}). Unlock it, or set "
                f"{variable(self.name)}."
            ) from None
        if not key:
            raise KeyMissing(f"{self.name}: the keyring has no key for store {self.store_id}. {remedy}")
        return str(key).strip()

    def write(self, key: str) -> None:
        try:
            _keyring().set_password(SERVICE, self.user, key)
        except NoKeyring:
            raise
        except Exception as error:  # locked, dismissed, full
            raise NoKeyring(f"The keyring did not take the key ({_words(error, key)}).") from None

    def forget(self) -> str:
        try:
            keyring = _keyring()
            if keyring.get_password(SERVICE, self.user) is not None:
                keyring.delete_password(SERVICE, self.user)
        except Exception as error:
            words = str(error) if isinstance(error, NoKeyring) else f"The keyring did not let go of it ({_words(error)})."
            return f'{self.name}: its key may still be in the keyring, as "{SERVICE}", "{self.user}". {words}'
        return ""


@dataclass(frozen=True)
class InFile:
    """A file that only this user can read: `keys/NAME` in the folder for runs."""

    name: str
    store_id: str = field(compare=False)  # of whichever store: it is the same file
    path: Path

    def read(self) -> str:
        again = f"`orderdesk-batch login {self.name}` keeps it anew; or set {variable(self.name)}."
        lead = f"{self.name}: the key of store {self.store_id} is kept in {self.path}"
        try:
            with self.path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                key = b"" if _others_can_read(mode) else file.read(10_000)
        except FileNotFoundError:
            raise KeyMissing(f"{lead}, which is not there. {again}") from None
        except OSError as error:
            raise KeyMissing(f"{lead}, which can't be read ({error.strerror}). {again}") from None
        if _others_can_read(mode):
            raise KeyMissing(
                f"{lead}, which others can read (mode {stat.S_IMODE(mode):o}); it was not used. If nobody has: chmod 600 "
                f'"{self.path}". If somebody may have, make a new key in Order Desk.'
            )
        text = key.decode("utf-8-sig", errors="replace").strip()
        if not text:
            raise KeyMissing(f"{lead}, which is empty. {again}")
        return text

    def write(self, key: str) -> None:
        folder = self.path.parent
        with contextlib.suppress(OSError):  # if it can't be made, the next line says so
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        put_private(self.path, f"{key}\n")

    def forget(self) -> str:
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            return f"{self.name}: its key is still in {self.path}, which can't be deleted ({error.strerror})."
        return ""


def _others_can_read(mode: int) -> bool:
    """Whether the group or everybody may read or write; Windows keeps a user's folder to the user."""
    return os.name == "posix" and bool(mode & 0o077)


@dataclass(frozen=True)
class InEnvironment:
    """Nowhere: whoever starts the program sets the variable."""

    name: str
    store_id: str

    def read(self) -> str:
        raise KeyMissing(
            f"{self.name}: {variable(self.name)} is not set, and the key of store {self.store_id} is kept nowhere else. Set it."
        )

    def write(self, key: str) -> None:
        """Nothing is kept."""

    def forget(self) -> str:
        return ""
