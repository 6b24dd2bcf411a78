"""This file holds where things are in an archive, and Manifest: which files make up one store's part of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote

from ..errors import RunError, UsageError
from ..export.asking import Listed
from ..export.times import stamp
from ..fields import Document
from ..sheets.write import atomic

FORMAT: Final = 1  # of the layout and the manifest; the columns have a list of their own
UNKNOWN: Final = "unknown"  # the month of records without a date

MADE_OF: Final[Mapping[Listed, tuple[str, ...]]] = {"orders": ("orders", "items", "shipments"), "inventory": ("inventory",)}
RESOURCES: Final = ("orders", "items", "shipments", "inventory")


def month_of(document: Document) -> str:
    """The month (UTC) in which a record was added.

    >>> month_of({"date_added": "2026-11-23 09:30:00"}), month_of({"date_added": "0000-00-00 00:00:00"})
    ('2026-11', 'unknown')
    """
    at = stamp(document.get("date_added"))
    return UNKNOWN if at is None else f"{at.year:04}-{at.month:02}"


def safe(store_id: str) -> str:
    """A store's id as a part of a path."""
    return quote(store_id, safe="").replace(".", "%2E")


@dataclass(frozen=True)
class Place:
    """One store's places in an archive."""

    folder: Path  # the archive
    store: str  # its id

    @property
    def own(self) -> Path:
        """What is this store's alone, and no data set."""
        return self.folder / "stores" / safe(self.store)

    @property
    def manifest(self) -> Path:
        return self.own / "archive.json"

    @property
    def work(self) -> Path:
        return self.own / "work"

    def months(self, resource: str) -> Path:
        """The folder of a resource's months."""
        return self.folder / resource / f"store={safe(self.store)}"

    def file(self, resource: str, month: str) -> Path:
        """A month's file, where it is once it was moved there."""
        return self.months(resource) / f"month={month}" / f"{resource}.parquet"

    def fresh(self, resource: str, month: str, generation: int) -> Path:
        """A month's file as it was written, before it is moved."""
        return self.work / f"{generation}.{resource}.{month}.new"


def private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, so that only you can read them."""
    for one in reversed([folder, *folder.parents]):
        if not one.is_dir():
            one.mkdir(0o700, exist_ok=True)


def places(folder: Path) -> Iterator[Place]:
    """The stores that are in an archive."""
    for manifest in sorted((folder / "stores").glob("*/archive.json")):
        yield Place(folder, unquote(manifest.parent.name))


@dataclass
class Manifest:
    """What one store's part of an archive consists of since its last update."""

    store: str
    host: str  # where the store is: another one with the same id is not the same
    generation: int = 0  # counts the updates
    token: str = ""  # of the last update alone, so that an index of another one is known
    version: str = ""  # of the product that made it
    at: str = ""  # when, UTC
    marks: dict[str, str] = field(default_factory=dict)  # orders, inventory → changes up to then are in (UTC)
    full: dict[str, str] = field(default_factory=dict)  # orders, inventory → when all of them were read last (UTC)
    folders: dict[str, str] = field(default_factory=dict)  # id → name, as written in the column `folder`
    columns: dict[str, list[list[str]]] = field(default_factory=dict)  # resource → names and types
    files: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)  # resource → month → rows, generation

    @classmethod
    def load(cls, place: Place) -> Manifest | None:
        """The manifest of a store; None if it has none yet.

        Raises:
            RunError: it can't be read, or a newer version wrote it.
        """
        path = place.manifest
        try:
            held: Any = json.loads(path.read_text("utf-8"))
            form = held.pop("format")
            if isinstance(form, int) and form > FORMAT:
                raise RunError(
                    f"{path.parent}: a newer version of orderdesk-batch made this archive ({held.get('version')}, format {form}; this "
                    f"one knows {FORMAT}). Install the newer one: pipx upgrade orderdesk-batch."
                )
            if form != FORMAT:
                raise ValueError(f"format {form}")
            made = cls(**held)
            if not (isinstance(made.generation, int) and made.store == place.store):
                raise ValueError("it is of another store")
            if not _is_whole(made):
                raise ValueError("something in it is not as it was written")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise RunError(f"{path}: can't be read ({error.strerror}).") from None
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise RunError(
                f"{path}: it is damaged ({error}). Restore it, or archive to a new folder."
            ) from None
        return made

    def save(self, place: Place) -> None:
        """Put it in the place of the last one, at once.

        Raises:
            RunError: it can't be written.
        """
        try:
            with atomic(place.manifest) as beside:
                beside.write_text(json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False, indent=1), encoding="utf-8")
        except UsageError as error:
            raise RunError(str(error)) from None

    def listing(self, resource: str) -> dict[str, dict[str, int]]:
        """The months of a resource, with the rows of each and the update that wrote it."""
        return self.files.get(resource, {})

    def rows(self, resource: str) -> int:
        """How many rows a resource has in all."""
        return sum(one["rows"] for one in self.listing(resource).values())


def _is_whole(made: Manifest) -> bool:
    """Whether all has the shape that it was written with."""
    if not all(isinstance(one, dict) for one in (made.marks, made.full, made.folders, made.columns, made.files)):
        return False
    entries = [entry for listing in made.files.values() for entry in (listing.values() if isinstance(listing, dict) else [None])]
    return all(isinstance(entry, dict) and all(isinstance(entry.get(name), int) for name in ("rows", "generation")) for entry in entries)
