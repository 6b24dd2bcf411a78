"""This file holds `settle`: the files of the last update are moved to their places, and what belongs to no update is taken away."""

from __future__ import annotations

import contextlib
from pathlib import Path

from ..errors import RunError
from .places import RESOURCES, Manifest, Place, private


def settle(place: Place, manifest: Manifest) -> None:
    """Do what an update that is done still had to do; all of it may have been done already, or a part.

    Raises:
        RunError: a file is held open by another program, or the folder can't be written.
    """
    path = place.work
    try:
        written = set(path.glob("*.new"))
        moves, emptied = [], []
        for resource in RESOURCES:
            listing = manifest.listing(resource)
            for month, entry in listing.items():
                path = place.fresh(resource, month, entry["generation"])
                if path in written:
                    target = place.file(resource, month)
                    private(target.parent)
                    moves.append((path, target))
            months = place.months(resource).glob("month=*")
            emptied += [folder / f"{resource}.parquet" for folder in months if folder.name.partition("=")[2] not in listing]
        # One right after the other: who reads by a pattern meanwhile may see months of both updates.
        for path, target in moves:
            path.replace(target)
        for path in emptied:
            path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # somebody put something else there
                path.parent.rmdir()
        for path in place.work.glob("*.new"):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise RunError(
            f"{path}: can't be moved or deleted ({error.strerror}). Is it open in another program? The update itself is kept: "
            "close that program and run it again."
        ) from None


def strays(place: Place) -> list[Path]:
    """The data files of a store, whatever the manifest says."""
    return [path for resource in RESOURCES for path in place.months(resource).glob(f"month=*/{resource}.parquet")]
