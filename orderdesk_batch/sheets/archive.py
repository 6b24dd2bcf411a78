"""This file holds how the parts of a zipped workbook are unpacked without being led astray by it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any
from xml.parsers import expat

from .content import AGAIN
from .refuse import Unreadable

_PARTS = 20_000


class Package:
    """The parts of a workbook by name, whatever case or slashes the writing program used."""

    def __init__(self, data: bytes, unpacked: int) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise damaged() from error
        infos = self._zip.infolist()
        size = sum(info.file_size for info in infos)
        if size > unpacked or len(infos) > _PARTS:
            reason = f"the file unpacks to {size / 2**20:,.0f} MB; {unpacked / 2**20:,.0f} MB are read at most"
            raise Unreadable(reason, "Copy its cells into a new workbook.", "too-large")
        self._infos: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            self._infos.setdefault(_plain(info.filename), info)

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self._infos

    def size(self, name: str) -> int:
        """How many bytes the part unpacks to."""
        return self._infos[_plain(name)].file_size

    def read(self, name: str) -> bytes:
        """The part's bytes; its checksum is checked."""
        info = self._infos.get(_plain(name))
        if info is None:
            raise damaged(f"the part {name} is missing")
        if info.flag_bits & 1:
            raise Unreadable("the file needs a password", "Save it without a password first.", "password")
        try:
            return self._zip.read(info)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise damaged() from error

    def xml(self, name: str) -> Element:
        """A small part as a tree."""
        return parse(self.read(name))

    def targets(self, part: str) -> dict[str, tuple[str, str]]:
        """A part's relations: id -> (sort, name of the part it points at); links to outside are left out."""
        folder, base = PurePosixPath(part).parent, PurePosixPath(part).name
        rels = str(folder / "_rels" / f"{base}.rels")
        found: dict[str, tuple[str, str]] = {}
        if rels not in self:
            return found
        for element in self.xml(rels).all("Relationship"):
            target = element.get("Target").replace("\\", "/")
            if element.get("TargetMode") != "External" and target:
                path = target.lstrip("/") if target.startswith("/") else _resolve(folder, target)
                found[element.get("Id")] = (element.get("Type").rpartition("/")[2], path)
        return found


def damaged(detail: str = "") -> Unreadable:
    """The refusal of a file that doesn't hold together."""
    return Unreadable(f"the file is damaged{f': {detail}' if detail else ''}", AGAIN, "damaged")


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _resolve(folder: PurePosixPath, target: str) -> str:
    parts: list[str] = []
    for part in (*folder.parts, *target.split("/")):
        if part == "..":
            parts = parts[:-1]
        elif part not in (".", ""):
            parts.append(part)
    return "/".join(parts)


class Element:
    """An XML element with local names only: strict and transitional workbooks differ in namespaces alone."""

    __slots__ = ("attributes", "children", "name", "text")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name, self.attributes, self.text = name, attributes, ""
        self.children: list[Element] = []

    def get(self, name: str, default: str = "") -> str:
        """An attribute by its local name."""
        return self.attributes.get(name, default)

    def flag(self, name: str) -> bool:
        """Whether an attribute says yes."""
        return self.get(name) in ("1", "true", "on")

    def all(self, name: str) -> list[Element]:
        """All elements of this name, at any depth."""
        found = []
        for child in self.children:
            if child.name == name:
                found.append(child)
            found += child.all(name)
        return found

    def first(self, name: str) -> Element | None:
        """The first element of this name."""
        return next(iter(self.all(name)), None)


def refuse_entities(*_: object) -> None:
    """Refuses a file that defines XML entities."""
    raise Unreadable(
        "the file defines XML entities, which no spreadsheet program does and attacks do",
        "Open it in a spreadsheet program and save it anew.",
        "hostile",
    )


def parser(**handlers: Callable[..., Any]) -> expat.XMLParserType:
    """An XML parser with these handlers that refuses definitions of entities: no workbook needs them."""
    made = expat.ParserCreate()
    made.buffer_text = True
    made.buffer_size = 1 << 16

    made.StartDoctypeDeclHandler = refuse_entities
    made.EntityDeclHandler = refuse_entities
    for name, handler in handlers.items():
        setattr(made, name, handler)
    return made


def feed(made: expat.XMLParserType, data: bytes) -> None:
    """Runs a parser over all the data."""
    try:
        made.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the latter two for encodings that don't exist
        raise damaged(re.sub(r": line.*", "", str(error))) from error


def parse(data: bytes) -> Element:
    """A small XML part as a tree."""
    root = Element("", {})
    stack = [root]

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(stack) > 200:
            raise damaged("its XML is nested too deep")
        element = Element(local(name), {local(key): value for key, value in attributes.items()})
        stack[-1].children.append(element)
        stack.append(element)

    def end(_: str) -> None:
        stack.pop()

    def characters(text: str) -> None:
        stack[-1].text += text

    feed(parser(StartElementHandler=start, EndElementHandler=end, CharacterDataHandler=characters), data)
    return root


def local(name: str) -> str:
    """A name without its namespace's prefix."""
    return name.rpartition(":")[2]
