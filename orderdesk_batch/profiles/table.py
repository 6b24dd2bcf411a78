"""This file holds Table: the TOML file of the stores, read strictly, written beside and renamed, comments kept."""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from ..errors import RunError, UsageError
from ..lock import Lock
from ..private import write_private

ENTRIES: Final = {"store_id": "", "base_url": "", "keep": ""}  # what a store's table may have
KEPT: Final = ("keyring", "file", "environment")
PATIENCE: Final = 10.0  # seconds to wait for another process that is writing
HEAD: Final = """\
# The stores of orderdesk-batch, by name. Their keys are not in this file and must not be.
# Written by `orderdesk-batch login` and `logout`; edit it as you like, comments stay.
"""
# Windows has no files of these names, and a key may be kept in a file.
DEVICES: Final = frozenset(["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))])


def check_name(name: str) -> None:
    """Whether a store may be named so.

    Raises:
        UsageError: it may not; says how names look.
    """
    plain = re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,59}", name) and not name.endswith(".")
    if not plain:
        raise UsageError(
            f'A store can\'t be named "{_shown(name)}". Names are letters (a to z), digits, dots, dashes and underscores, begin '
            "with a letter or a digit, and have at most 60 of them: shop-a."
        )
    if name.partition(".")[0].lower() in DEVICES:
        raise UsageError(f'A store can\'t be named "{name}": Windows keeps that word for a device. Take another.')


class Table:
    """One TOML file, a table for each store."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, dict[str, str]]:
        """What the file says, by name; {} if there is no file.

        Raises:
            UsageError: it can't be read, is not TOML, or says what makes no sense; with the line and the remedy.
        """
        return _checked(self.path, self._text())

    def write(self, name: str, entries: dict[str, str]) -> None:
        """Give a name these entries; other names, comments and order stay. Only inside `locked`.

        Raises:
            UsageError: the file is not as it should be (it is left so), or can't be written.
        """

        def change(document: Any) -> None:
            import tomlkit

            section = document.get(name)
            if section is None:
                section = document[name] = tomlkit.table()
            for entry in ENTRIES:
                if entry in entries:
                    if section.get(entry) != entries[entry]:
                        section[entry] = entries[entry]
                elif entry in section:
                    del section[entry]

        self._change(change)

    def delete(self, name: str) -> None:
        """Take a name away. Only inside `locked`.

        Raises:
            UsageError: the file is not as it should be, or can't be written.
        """

        def change(document: Any) -> None:
            document.pop(name, None)

        self._change(change)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One process at a time changes the file; the others wait.

        Raises:
            UsageError: the folder can't be written, or another process does not let go for ten seconds.
        """
        busy = f"{self.path} is being changed by another orderdesk-batch ({{who}}). Try again when it is done."
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if not os.access(self.path.parent, os.W_OK):
                raise PermissionError(13, "Permission denied")
        except OSError as error:
            raise UsageError(_unwritable(self.path.parent, error)) from None
        lock = Lock(self.path.with_name(f".{self.path.name}.lock"), busy)
        try:
            lock.wait(PATIENCE)
        except RunError as error:
            raise UsageError(str(error)) from None
        try:
            yield
        finally:
            lock.release()

    def _change(self, change: Callable[[Any], None]) -> None:
        import tomlkit

        text = self._text()
        _checked(self.path, text)
        document = tomlkit.parse(text or HEAD)
        change(document)
        changed = tomlkit.dumps(document)
        _checked(self.path, changed)
        put_private(self.path, changed)

    def _text(self) -> str:
        try:
            return self.path.read_text("utf-8-sig")
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise UsageError(f"{self.path} can't be read ({error.strerror}).") from None
        except UnicodeDecodeError:
            raise UsageError(f"{self.path} is not UTF-8 text. Save it as UTF-8 in your editor.") from None


def put_private(path: Path, text: str) -> None:
    """Write a private file, whole or not at all.

    Raises:
        UsageError: it can't be written.
    """
    try:
        write_private(path, text)
    except OSError as error:
        raise UsageError(_unwritable(path, error)) from None


def _unwritable(path: Path, error: OSError) -> str:
    return f"{path} can't be written ({error.strerror}). Nothing was kept."


def _checked(path: Path, text: str) -> dict[str, dict[str, str]]:
    """The stores that a text names, each entry a string; UsageError where it makes no sense."""
    try:
        held = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        end = f"at line {text.count(chr(10)) + 1}, the last"
        words = str(error).replace("at end of document", end)
        raise UsageError(f"{path} is not TOML: {words}. Mend that line; it was left as it is.") from None
    seen: dict[str, str] = {}
    for name, section in held.items():
        where = f"{path}{_line(text, name)}, [{_shown(name)}]"
        if not isinstance(section, dict):
            raise UsageError(f"{where}: stands outside of a store's table. Each store has one, headed by its name: [shop-a].")
        try:
            check_name(name)
        except UsageError as error:
            raise UsageError(f"{where}: {error}") from None
        if (other := seen.setdefault(name.lower(), name)) != name:
            raise UsageError(f'{where}: "{other}" is there too, and names are alike in upper and lower case. Rename one.')
        _check_section(where, name, section)
    return {name: {entry: str(value) for entry, value in section.items()} for name, section in held.items()}


def _check_section(where: str, name: str, section: dict[str, Any]) -> None:
    for entry, value in section.items():
        if isinstance(value, dict):
            raise UsageError(f'{where}: a name with a dot is written in quotes: ["{name}.{_shown(entry)}"].')
        if "key" in entry.lower() and entry != "keep":
            raise UsageError(
                f"{where}: a key has no place in this file ({_shown(entry)}). Take the line out, and give the key to "
                f"`orderdesk-batch login {name}`."
            )
        if entry not in ENTRIES:
            near = difflib.get_close_matches(entry.replace("-", "_"), ENTRIES, n=1)
            hint = f"Write {near[0]}." if near else f"A store has {', '.join(ENTRIES)}."
            raise UsageError(f'{where}: "{_shown(entry)}" means nothing here. {hint}')
        if not isinstance(value, str) and not (entry == "store_id" and isinstance(value, int) and not isinstance(value, bool)):
            raise UsageError(f'{where}: {entry} is not a text. Write it in quotes: {entry} = "{_shown(str(value))}".')
    if not str(section.get("store_id", "")).strip():
        raise UsageError(f'{where}: has no store_id. Write store_id = "12345".')
    if section.get("keep", "keyring") not in KEPT:
        raise UsageError(f'{where}: keep is "{_shown(section["keep"])}". Write keyring, file or environment.')


def _line(text: str, name: str) -> str:
    """The words ", line 7" for where a name's table begins, as far as that can be seen."""
    spelled = rf"(?:{re.escape(name)}|\"{re.escape(name)}\"|'{re.escape(name)}')"
    found = re.search(rf"^\s*(?:\[\s*{spelled}\s*[\].]|{spelled}\s*[=.])", text, re.MULTILINE)
    return f", line {text.count(chr(10), 0, found.end()) + 1}" if found else ""


def _shown(text: str) -> str:
    """A text on one line, short, without what a terminal would act on."""
    plain = "".join(sign if sign.isprintable() else "?" for sign in text)
    return plain if len(plain) <= 60 else f"{plain[:59]}…"
