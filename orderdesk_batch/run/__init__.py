"""This folder holds the run file: plan, journal and documents as they were, in one SQLite file."""

from __future__ import annotations

from .file import VERSION, Run
from .folder import SUFFIX, listing, new_name, prune_runs

__all__ = ["SUFFIX", "VERSION", "Run", "listing", "new_name", "prune_runs"]
